"""The sweep: crash, fault, second crash, visibility and profile, each schedule played in a world of its own."""

import asyncio
import hashlib
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, TypeVar

from orders_tools.purchase.states import TokenState
from torture.joining import Violation, references_of, refusals_not_said, violations
from torture.neighbours import buy_nearly_the_same
from torture.places import fast_folder
from torture.scripted import FAULTS, LAGS, PROFILES, Executed, Profile
from torture.served import ServedWorld
from torture.world import BASKETS, POINTS, Crash, Said, World

_Told = TypeVar("_Told")
NO_CRASH = "none"
_PASSES_AFTER_VISIBLE = 3
_ANSWER_LOST = frozenset({"after create", "before record"})
"""Where a crash takes the answer with it, whatever it proved."""
_READ_BACK = frozenset({"ORDER_NOT_FOUND_YET", "ORDER_UNREAD", "ORDER_NOT_COMPARED"})
_REFUSALS_WITHOUT_ORDER = frozenset({"NOT_ORDERABLE", "TOKEN_EXPIRED", "UPSTREAM_UNAVAILABLE"})


@dataclass(frozen=True)
class Schedule:
    """One way for a purchase to go wrong."""

    number: int
    seed: int
    crash: str
    fault: str
    second: str
    lag: float
    profile: Profile
    basket: str
    form: Literal["2025", "2026"]
    buys_again: bool
    """Whether the caller, seeing no order, previews and orders the same once more."""
    served: bool = False
    """Whether the tools are called through a real MCP client."""


@dataclass
class Played:
    """What became of a schedule."""

    schedule: Schedule
    broken: list[Violation] = field(default_factory=list[Violation])
    trace: str = ""
    executed: int = 0
    sends: int = 0
    unknown: int = 0
    """How many executed create calls our ledger still has as unknown at the end."""
    strangers: str = ""
    """Whether an order that only an answer of another's call named was taken for ours, and whether that was said."""
    not_read_back: bool = False
    """Whether an id that no order has was called placed, with the warning that it could not be read back."""
    seconds_unknown: float | None = None
    """Virtual seconds from the execution to the answer `placed`, where it was not placed at once."""

    @property
    def in_silence(self) -> bool:
        """Whether such an order was still not warned of when its token was called for the last time."""
        return self.strangers == "in silence"


def schedules(seed: int, count: int) -> Iterator[Schedule]:
    """`count` schedules: every pair of crash and fault in turn, the rest drawn."""
    drawn = random.Random(seed)
    pairs = list(itertools.product((NO_CRASH, *POINTS), FAULTS))
    drawn.shuffle(pairs)
    for number, (crash, fault) in zip(range(count), itertools.cycle(pairs), strict=False):
        yield Schedule(
            number=number,
            seed=drawn.randrange(2**32),
            crash=crash,
            fault=fault,
            second=drawn.choice((NO_CRASH, *POINTS)),
            lag=drawn.choice(LAGS),
            profile=drawn.choice(PROFILES),
            basket=drawn.choice(tuple(BASKETS)),
            form=drawn.choice(("2025", "2026")),
            buys_again=drawn.random() < 0.4,
            served=number % 10 == 9,
        )


class Play:
    """One schedule, played through the plain functions of the tools or through a client."""

    def __init__(self, schedule: Schedule, folder: Path) -> None:
        self.schedule = schedule
        self.world = (ServedWorld if schedule.served else World)(folder, schedule.seed)
        self.world.points.plan = [each for each in (schedule.crash, schedule.second) if each != NO_CRASH]
        upstream = self.world.upstream
        upstream.profile, upstream.lag, upstream.form = schedule.profile, schedule.lag, schedule.form
        upstream.faults = [schedule.fault]
        self.tokens: list[str] = []
        self.said: dict[str, list[tuple[datetime, Said]]] = {}
        self.played = Played(schedule)

    async def run(self) -> Played:
        """Play it to the end and hold both ledgers against each other."""
        try:
            self._stranger_buys_the_same()
            await self._buy()
            self._stranger_buys_the_same()
            ours = [reference for token in self.tokens for reference in references_of(self.world, token)]
            buy_nearly_the_same(self.world.upstream, self._lines(), ours)
            if self.schedule.buys_again:
                await self._buy()
            await self._reconcile()
            await self._ask_for_ever()
        finally:
            await self.world.close()
        self._finish()
        return self.played

    async def _buy(self) -> None:
        lines = BASKETS[self.schedule.basket]
        token = (await self._through_crashes(lambda: self.world.preview(lines))).what
        if token in self.world.shown:
            self.tokens.append(token)
            await self._ask(token)

    async def _through_crashes(self, call: Callable[[], Awaitable[_Told]]) -> _Told:
        for _ in range(len(self.world.points.plan) + 1):
            try:
                return await call()
            except Crash as crash:
                self.world.trace.append(f"crash {crash}")
                await self.world.restart()
        raise AssertionError("more crashes than planned")

    async def _ask(self, token: str) -> Said:
        said = await self._through_crashes(lambda: self.world.create(token))
        if said.what == "awaiting_approval" and "before approve" in {self.schedule.crash, self.schedule.second}:
            # The yes was lost with the process, and a dialog is put once: the person goes to the terminal or the page.
            elsewhere = self._approve_on_page if self.schedule.lag % 2 else self._approve_in_terminal
            await self._through_crashes(lambda: elsewhere(token))
            said = await self._through_crashes(lambda: self.world.create(token))
        self.said.setdefault(token, []).append((self.world.clock(), said))
        self._hold_against_truth(token, said)
        self.played.broken += violations(self.world)
        return said

    async def _approve_in_terminal(self, token: str) -> None:
        purchase = await self.world.purchasing.ledger.purchase(self.world.purchasing.owner, token)
        if purchase and purchase.state is TokenState.OPEN:
            await self.world.approve_in_terminal(token)

    async def _approve_on_page(self, token: str) -> None:
        purchase = await self.world.purchasing.ledger.purchase(self.world.purchasing.owner, token)
        if purchase and purchase.state is TokenState.OPEN:
            await self.world.approve_on_page(token)

    async def _reconcile(self) -> None:
        """Ask until every order has been visible for three passes and every deadline is over."""
        visible = self.schedule.lag * 2 + 1
        start = 0.0
        for moment in (8, 45, 95, visible + 100, visible + 110, visible + 120):
            self.world.clock.forward(max(moment - start, 1))
            start = moment
            for token in self.tokens:
                await self._ask(token)
        for executed in self.world.upstream.executed:
            self._found_or_still_unknown(executed)
        if not _ANSWER_LOST & {self.schedule.crash, self.schedule.second}:
            last = {token: self.said[token][-1][1].what for token in self.tokens}
            self.played.broken += refusals_not_said(self.world, last)

    async def _ask_for_ever(self) -> None:
        """The answer at the end, then after a restart, after the preview ran out, and a day later."""
        last = {token: self.said[token][-1][1] for token in self.tokens}
        sends, events = self.world.upstream.calls.copy(), self._events()
        for seconds in (0, 1_000, 86_400):
            self.world.clock.forward(seconds)
            await self.world.restart()
            for token, before in last.items():
                again = await self._ask(token)
                if before.result is not None and again.lasting != before.lasting:
                    self._break("O7", f"{token} first said {before.lasting}, later {again.lasting}")
        if self.world.upstream.calls["/alibaba/ka/order/create"] != sends["/alibaba/ka/order/create"]:
            self._break("O6", "a replay sent something")
        if self._events() != events:
            self._break("O7", "a replay wrote something")

    def _events(self) -> int:
        return self.world.rows("SELECT count(*) AS many FROM events WHERE to_state <> 'expired'")[0]["many"]

    def _hold_against_truth(self, token: str, said: Said) -> None:
        """Whether what was just said is true of what the upstream executed for this token."""
        executed = self._executed(token)
        ids = frozenset(order_id for each in executed for order_id in each.order_ids)
        if said.result and len(said.result.orders) != len(said.orders):
            self._break("O9", f"an order is named more than once: {[each.order_id for each in said.result.orders]}")
        match said.what:
            case "placed" | "partly_placed" if said.orders & self._strangers():
                self.played.strangers = "warned of" if _warns_of_lines(said) else "in silence"
            case "placed" | "partly_placed" if _codes(said) & _READ_BACK and not said.orders <= ids:
                self.played.not_read_back = True
            case "placed" if said.orders != ids or not executed:
                self._break("O3", f"called placed with {sorted(said.orders)}, executed {sorted(ids)}")
            case "partly_placed" if not executed or not said.orders <= ids:
                self._break("O3", f"called partly placed with {sorted(said.orders)}, executed {sorted(ids)}")
            case "rejected" if executed:
                self._break("O5", f"called rejected, executed {sorted(ids)}")
            case "unknown":
                self._said_aloud(said)
            case "placed" | "partly_placed" | "rejected" | "price_changed":
                pass
            case "IN_PROGRESS":
                self._may_be_in_progress(token)
            case other if other not in _REFUSALS_WITHOUT_ORDER or executed:
                self._break("O3", f"answered {other} with {len(executed)} executed")
            case _:
                pass

    def _said_aloud(self, said: Said) -> None:
        assert said.result is not None
        if "may exist" not in said.result.summary or "not sent again" not in said.result.summary:
            self._break("O3", f"unknown is not said aloud: {said.result.summary}")

    def _may_be_in_progress(self, token: str) -> None:
        rows = self.world.rows("SELECT state, deadline FROM placements WHERE token = ?", token)
        now = self.world.clock().isoformat(timespec="microseconds")
        if not any(row["state"] in {"claimed", "dispatched"} and row["deadline"] > now for row in rows):
            self._break("O3", f"in progress with {rows} at {now}")

    def _strangers(self) -> frozenset[str]:
        own = {order_id for each in self.world.upstream.executed for order_id in each.order_ids}
        return frozenset(order.order_id for order in self.world.upstream.orders) - own

    def _executed(self, token: str) -> list[Executed]:
        references = references_of(self.world, token)
        return [each for each in self.world.upstream.executed if each.reference in references]

    def _found_or_still_unknown(self, executed: Executed) -> None:
        state = self.world.state_of(executed.reference)
        allowed = {"placed"} if self.schedule.profile != "ignored" else {"placed", "unknown"}
        if state not in allowed:
            self._break("O3", f"{executed.reference} was executed and is {state} three passes after it was visible")

    def _break(self, promise: str, what: str) -> None:
        self.played.broken.append(Violation(promise, what))

    def _stranger_buys_the_same(self) -> None:
        self.world.upstream.foreign_order(self._lines())

    def _lines(self) -> tuple[tuple[str, str | None, int], ...]:
        return tuple((line["offer_id"], None, line["quantity"]) for line in BASKETS[self.schedule.basket])

    def _finish(self) -> None:
        played, upstream = self.played, self.world.upstream
        played.broken = list(dict.fromkeys([*played.broken, *violations(self.world)]))
        if played.in_silence:
            self._break("O13", "a stranger's order is called ours in silence")
        played.executed = len(upstream.executed)
        played.sends = sum(upstream.sends.values())
        played.unknown = sum(self.world.state_of(each.reference) == "unknown" for each in upstream.executed)
        played.seconds_unknown = self._seconds_unknown()
        lines = [*self.world.trace, *self.world.points.passed, *map(str, upstream.executed)]
        played.trace = hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _seconds_unknown(self) -> float | None:
        for token in self.tokens:
            answers = self.said.get(token, [])
            if self._executed(token) and answers and answers[0][1].what != "placed":
                settled = next((at for at, said in answers if said.what == "placed"), None)
                if settled is not None:
                    return (settled - self._executed(token)[0].at).total_seconds()
        return None


def _codes(said: Said) -> set[str]:
    return {issue.code for issue in said.result.issues} if said.result else set()


def _warns_of_lines(said: Said) -> bool:
    return bool(_codes(said) & {"LINES_DIFFER", "ORDER_OLDER"})


def play(schedule: Schedule) -> Played:
    """One schedule in a folder of its own, in memory where there is one."""
    with fast_folder() as folder:
        return asyncio.run(Play(schedule, folder).run())


def run(seed: int, count: int) -> list[Played]:
    """`count` schedules in this process."""
    return [play(schedule) for schedule in schedules(seed, count)]


def run_on(processes: int, seed: int, count: int) -> Iterator[Played]:
    """The same schedules on several processes, in the same order."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(play, schedules(seed, count), chunksize=8)


def trace_of(played: Sequence[Played]) -> str:
    """One hash of all that happened."""
    return hashlib.sha256("".join(each.trace for each in played).encode()).hexdigest()
