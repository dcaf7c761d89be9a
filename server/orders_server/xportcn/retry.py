"""Runs reads of the API: a few at a time, each tried at most three times within its deadline."""

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
"""The most seconds between two tries, whatever the API asks for."""
_FIRST_WAIT = 0.5
_SHARE_OF_ONE_TRY = 2 / 3
"""The share of the deadline that one try may take, so that a lost packet leaves time for another try."""

_Read = TypeVar("_Read")


class ReadFailed(Exception):
    """One try failed. `again`: another try may succeed, after `wait` seconds if the API asked for a wait.

    `unwieldy`: the same question would get the same answer, but a question for less may get a readable one.
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
        """The number of the try."""


class _Line:
    """A queue for a fixed number of places. A free place goes to the first in line; those that give way come last."""

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
            else:  # it got a place at the same moment
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
    """Runs at most `most` reads at once, each with all tries within `seconds`; `chance` returns numbers from 0 up to 1.

    Previews leave a third of the places free, so that searches for an order never wait for them. Glances use places of
    previews, never the last one, and let waiting previews go first.
    """

    def __init__(self, seconds: float, most: int, chance: Callable[[], float]) -> None:
        self._seconds = seconds
        self._chance = chance
        self._slots = asyncio.Semaphore(most)
        places_of_previews = most - max(1, most // 3)
        self._preview_slots = _Line(places_of_previews)
        self._places_of_glances = asyncio.Semaphore(max(1, places_of_previews - 1))

    async def preview(self, one_try: Callable[[], Awaitable[_Read]]) -> _Read:
        """The result of `one_try`, with retries. Raises UpstreamUnavailable."""

        async def queued() -> _Read:
            async with self._preview_slots.place():
                return await self._in_slot(one_try)

        return await self._run(queued)

    async def look(self, one_try: Callable[[], Awaitable[_Read]], ends: float | None = None) -> _Read:
        """Like `preview`, for a search for orders; `ends` is the deadline of several reads, in the loop's time."""

        async def queued() -> _Read:
            return await self._in_slot(one_try)

        return await self._run(queued, ends)

    async def glance(self, one_try: Callable[[], Awaitable[_Read]], seconds: float) -> _Read:
        """The result of a single try of `one_try` within `seconds`, including the wait for a place.

        Raises TimeoutError, and anything that the try raises.
        """
        async with (
            asyncio.timeout(seconds),
            self._places_of_glances,
            self._preview_slots.place(gives_way=True),
            self._slots,
        ):
            return await one_try()

    def deadline(self) -> float:
        """The deadline of a read that begins now, in the loop's time."""
        return asyncio.get_running_loop().time() + self._seconds

    async def _in_slot(self, one_try: Callable[[], Awaitable[_Read]]) -> _Read:
        async with self._slots:
            try:
                async with asyncio.timeout(self._seconds * _SHARE_OF_ONE_TRY):
                    return await one_try()
            except TimeoutError:
                raise ReadFailed("it did not answer", Unavailability.NO_ANSWER, again=True) from None
            except ReadFailed as error:
                # The frames of the failure keep what was read in memory, and the next try needs that memory.
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
        """Full jitter, added to the wait that the API asked for."""
        error = _failure(state)
        asked = error.wait if error else 0
        return min(asked + self._chance() * _FIRST_WAIT * 2 ** (state.attempt_number - 1), LONGEST_WAIT)


def _failure(state: RetryCallState) -> ReadFailed | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, ReadFailed) else None


def _is_worth_another(error: BaseException) -> bool:
    return isinstance(error, ReadFailed) and error.again


def wait_from_header(headers: httpx.Headers, now: datetime) -> float:
    """The seconds in Retry-After, limited to 0 to `LONGEST_WAIT`; a date is compared with the answer's own date."""
    if not (text := headers.get("retry-after", "").strip()):
        return 0
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT)
    moment = http_date(text)
    if moment is None:
        return 0
    return min(max((moment - (http_date(headers.get("date", "")) or now)).total_seconds(), 0), LONGEST_WAIT)
