"""Tells people elsewhere that a purchase waits, and again when it no longer does; each of it once, by any process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

from orders_server.consent.notice_content import About, Kind, Notice, Writer
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.notices import Moment, claim_notice, unfinished, was_told
from orders_server.ledger.store import Store
from orders_tools.consent.demand import Way
from orders_tools.errors import StoreUnavailable
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import TokenState

ATTEMPTS = 2
LOOK_SECONDS = 5
"""How often the ledger is looked at for an answer that another process recorded."""
_DEADLINE_SECONDS = 20
PAUSE_SECONDS = 3
"""How long a failing address is left alone before it is tried again."""
_LEAVING_SECONDS = 5
"""How long the end of the process waits for messages."""
_MOST_TASKS = 200
_LATELY = timedelta(days=1, hours=1)
"""Longer than any preview is valid."""
_STALE = timedelta(hours=1)
"""A purchase that ended longer ago is not told of any more."""
_KINDS: dict[TokenState, Kind] = {
    TokenState.APPROVED: "approved",
    TokenState.CLAIMED: "approved",
    TokenState.PRICE_CHANGED: "approved",
    TokenState.DECLINED: "declined",
    TokenState.EXPIRED: "expired",
}
_log = logging.getLogger(__name__)
Sleep = Callable[[float], Awaitable[object]]


class Sender(Protocol):
    """Somewhere that takes messages. `name` may be logged."""

    @property
    def name(self) -> str: ...

    async def send(self, notice: Notice) -> bool: ...


class SentNotices:
    """Sends messages in the background. Nothing here delays or fails a call."""

    def __init__(
        self,
        store: Store,
        ledger: SqlLedger,
        owner: str,
        writer: Writer,
        open_senders: Callable[[], Sequence[Sender]],
        clock: Callable[[], datetime],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._owner = owner
        self._writer = writer
        self._open_senders = open_senders
        self._clock = clock
        self._sleep = sleep
        self._senders: asyncio.Future[Sequence[Sender]] | None = None
        self._tasks: dict[asyncio.Task[None], str] = {}
        """What is under way, with the token that it is about."""
        self._watched: set[str] = set()
        self._watching: asyncio.Task[None] | None = None

    def waits(self, purchase: Purchase, ways: Sequence[Way], client: str) -> None:
        """Tell that the purchase waits, and watch it until it no longer does."""
        if purchase.token not in self._watched:
            self._watch(purchase.token)
            self._start(self._tell(purchase, "waits", "waits", About(ways=ways, client=client)), purchase.token)

    def answered(self, purchase: Purchase, state: TokenState, channel: str = "", by: str | None = None) -> None:
        """Tell what became of the purchase, if it was told that it waits."""
        self._watched.discard(purchase.token)
        before = [task for task, token in self._tasks.items() if token == purchase.token]
        about = About(channel=channel, by=by or "")
        self._start(self._tell_after(before, purchase, _KINDS[state], about), purchase.token)

    def resume(self) -> None:
        """Watch what an earlier process left to be watched."""
        self._start(self._resume())

    async def close(self) -> None:
        """Give messages that are on their way a moment, and stop."""
        if self._watching:
            self._watching.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LEAVING_SECONDS)
        left = [task for task in (*self._tasks, self._watching) if task and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def _start(self, work: Coroutine[Any, Any, None], token: str = "") -> None:
        if len(self._tasks) >= _MOST_TASKS:
            work.close()
            _log.warning("too many messages about purchases are on their way; one is left out")
            return
        task = asyncio.create_task(work)
        self._tasks[task] = token
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()):
            _log.error("a message about a purchase failed (%s)", type(error).__name__)

    def _watch(self, token: str) -> None:
        self._watched.add(token)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._look_for_answers())

    async def _look_for_answers(self) -> None:
        """Find what other processes recorded, and what expired with nobody there."""
        while self._watched:
            await self._sleep(LOOK_SECONDS)
            for token in list(self._watched):
                await self._look(token)

    async def _look(self, token: str) -> None:
        try:
            purchase = await self._ledger.purchase(self._owner, token)
        except StoreUnavailable:
            return  # the next look may find it
        if purchase is None:
            self._watched.discard(token)
            return
        now = self._clock()
        over = now >= purchase.expires_at
        state = TokenState.EXPIRED if over and purchase.state is TokenState.OPEN else purchase.state
        if state is TokenState.OPEN:
            return
        if now < purchase.expires_at + _STALE:
            given = purchase.approval if state is not TokenState.DECLINED else None
            self.answered(purchase, state, given.channel if given else "", given.by if given else None)
        self._watched.discard(token)

    async def _resume(self) -> None:
        try:
            tokens = await self._store.reading(unfinished, self._clock() - _LATELY)
        except StoreUnavailable as error:
            _log.warning("purchases that wait are not watched: %s", error)
            return
        for token in tokens:
            self._watch(token)

    async def _tell_after(
        self, before: Sequence[asyncio.Task[None]], purchase: Purchase, kind: Kind, about: About
    ) -> None:
        """Tell that the purchase no longer waits, if it was told that it does, and after that."""
        if before:
            await asyncio.wait(before)
        with suppress(StoreUnavailable):
            if await self._store.reading(was_told, purchase.token):
                await self._tell(purchase, "over", kind, about)

    async def _tell(self, purchase: Purchase, moment: Moment, kind: Kind, about: About) -> None:
        reference = purchase.basket.purchase_ref
        # First what takes a while, so that a process that ends meanwhile leaves the turn to another one.
        senders = await self._opened_senders()
        notice = self._writer.notice(kind, purchase, about)
        try:
            if not await self._store.writing(claim_notice, purchase.token, moment, self._clock()):
                return
        except StoreUnavailable as error:
            _log.warning("purchase %s: nobody is told (%s): %s", reference, kind, error)
            return
        await asyncio.gather(*(self._send(sender, notice, reference) for sender in senders))

    async def _opened_senders(self) -> Sequence[Sender]:
        """Where messages go, opened once and in a thread, as it loads libraries."""
        if self._senders is None:
            self._senders = asyncio.ensure_future(asyncio.to_thread(self._open_senders))
        return await asyncio.shield(self._senders)

    async def _send(self, sender: Sender, notice: Notice, reference: str) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._sleep(PAUSE_SECONDS)
            try:
                async with asyncio.timeout(_DEADLINE_SECONDS):
                    sent = await sender.send(notice)
            except TimeoutError:
                # It may have arrived, so it is not sent again.
                _log.warning(
                    "purchase %s: %s did not take the message (%s) in time", reference, sender.name, notice.kind
                )
                return
            if sent:
                return
            _log.warning("purchase %s: %s did not take the message (%s)", reference, sender.name, notice.kind)
