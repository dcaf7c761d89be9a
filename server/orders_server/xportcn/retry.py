"""Reads of the API: few at a time, each tried at most three times within its deadline. No create call is retried."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from orders_server.xportcn.clock_skew import http_date
from orders_tools.ports import UpstreamUnavailable
from orders_tools.vocabulary import Unavailability

TRIES = 3
LONGEST_WAIT = 5.0
"""Seconds between two tries at the most, whatever the API asks for."""
_FIRST_WAIT = 0.5
_SHARE_OF_ONE_TRY = 2 / 3
"""The part of the deadline after which one try is given up, so that a lost packet leaves time for another."""

_Read = TypeVar("_Read")


class ReadFailed(Exception):
    """One try gave nothing to work with. `again`: another may fare better, `wait` seconds later if the API asked so.

    `unwieldy`: the same question will get the same answer, and one that asks for less may get one that can be read.
    """

    def __init__(
        self,
        why: str,
        kind: Unavailability = Unavailability.UNREADABLE,
        *,
        again: bool,
        wait: float = 0,
        reason: str = "",
        unwieldy: bool = False,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind
        self.again = again
        self.wait = wait
        self.reason = reason
        self.unwieldy = unwieldy
        self.number = 1
        """Which try it was."""


class _Line:
    """So many places. One that gets free goes to whoever waits, those that give way after all others."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._first: deque[asyncio.Future[None]] = deque()
        self._last: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self, *, gives_way: bool = False) -> AsyncGenerator[None]:
        await self._take(self._last if gives_way else self._first)
        try:
            yield
        finally:
            self._hand_on()

    async def _take(self, waiting: deque[asyncio.Future[None]]) -> None:
        if self._free and not self._first:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                waiting.remove(turn)
            else:  # it was handed a place at the very moment
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        for waiting in (self._first, self._last):
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1


class Reads:
    """At most `most` at once and `seconds` for each, with all its tries; `chance` gives a number from 0 up to 1.

    Previews leave a third of the places free, so that looking for an order never waits for them. Glances take places of
    previews, never the last one, and give way to previews that wait.
    """

    def __init__(self, seconds: float, most: int, chance: Callable[[], float]) -> None:
        self._seconds = seconds
        self._chance = chance
        self._slots = asyncio.Semaphore(most)
        places_of_previews = most - max(1, most // 3)
        self._preview_slots = _Line(places_of_previews)
        self._places_of_glances = asyncio.Semaphore(max(1, places_of_previews - 1))

    async def preview(self, one_try: Callable[[], Awaitable[_Read]]) -> _Read:
        """What `one_try` gives. Raises UpstreamUnavailable."""

        async def queued() -> _Read:
            async with self._preview_slots.place():
                return await self._in_slot(one_try)

        return await self._run(queued)

    async def look(self, one_try: Callable[[], Awaitable[_Read]], ends: float | None = None) -> _Read:
        """As `preview`, for a look at what was ordered; until `ends` of the loop's time, where a look has several."""

        async def queued() -> _Read:
            return await self._in_slot(one_try)

        return await self._run(queued, ends)

    async def glance(self, one_try: Callable[[], Awaitable[_Read]], seconds: float) -> _Read:
        """What `one_try` gives in one try within `seconds`, waiting for its place included.

        Raises TimeoutError, and what the try raises.
        """
        async with (
            asyncio.timeout(seconds),
            self._places_of_glances,
            self._preview_slots.place(gives_way=True),
            self._slots,
        ):
            return await one_try()

    def deadline(self) -> float:
        """The loop's time at which a read that begins now is over."""
        return asyncio.get_running_loop().time() + self._seconds

    async def _in_slot(self, one_try: Callable[[], Awaitable[_Read]]) -> _Read:
        async with self._slots:
            try:
                async with asyncio.timeout(self._seconds * _SHARE_OF_ONE_TRY):
                    return await one_try()
            except TimeoutError:
                raise ReadFailed("it did not answer", Unavailability.NO_ANSWER, again=True) from None
            except ReadFailed as error:
                # The frames of what went wrong hold what was read, and another try needs the room.
                error.__cause__ = error.__context__ = None
                raise error.with_traceback(None) from None

    async def _run(self, one_try: Callable[[], Awaitable[_Read]], ends: float | None = None) -> _Read:
        ends = self.deadline() if ends is None else ends
        try:
            async with asyncio.timeout_at(ends):
                try:
                    return await one_try()
                except ReadFailed as error:
                    if not error.again:
                        raise
                    failed = error
                return await self._retry(one_try, failed, ends)
        except TimeoutError as error:
            raise UpstreamUnavailable(
                f"it did not answer within {self._seconds:g} s", Unavailability.NO_ANSWER
            ) from error
        except ReadFailed as error:
            raise UpstreamUnavailable(
                error.why + (f", {error.number} times in a row" if error.number > 1 else ""),
                error.kind,
                reason=error.reason,
                too_large=error.unwieldy,
            ) from error

    async def _retry(self, one_try: Callable[[], Awaitable[_Read]], failed: ReadFailed, ends: float) -> _Read:
        """The tries after the one that `failed`; the retry machinery is skipped if the first try succeeds."""
        failures = [failed]

        async def first_failure_then_try() -> _Read:
            if failures:
                raise failures.pop()
            return await one_try()

        def is_over(state: RetryCallState) -> bool:
            if (error := _failure(state)) is not None:
                error.number = state.attempt_number
            late = asyncio.get_running_loop().time() + state.upcoming_sleep >= ends
            return late or state.attempt_number >= TRIES

        retrying = AsyncRetrying(
            sleep=asyncio.sleep,
            stop=is_over,
            wait=self._wait,
            retry=retry_if_exception(_is_worth_another),
            reraise=True,
        )
        return await retrying(first_failure_then_try)

    def _wait(self, state: RetryCallState) -> float:
        """Full jitter, on top of what the API asked for."""
        error = _failure(state)
        asked = error.wait if error else 0
        return min(asked + self._chance() * _FIRST_WAIT * 2 ** (state.attempt_number - 1), LONGEST_WAIT)


def _failure(state: RetryCallState) -> ReadFailed | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, ReadFailed) else None


def _is_worth_another(error: BaseException) -> bool:
    return isinstance(error, ReadFailed) and error.again


def wait_from_header(headers: httpx.Headers, now: datetime) -> float:
    """The seconds that Retry-After names, from 0 to `LONGEST_WAIT`; a date counts from the answer's own."""
    if not (text := headers.get("retry-after", "").strip()):
        return 0
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT)
    moment = http_date(text)
    if moment is None:
        return 0
    return min(max((moment - (http_date(headers.get("date", "")) or now)).total_seconds(), 0), LONGEST_WAIT)
