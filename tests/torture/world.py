"""A world: one ledger file, one scripted upstream, one virtual clock, predictable random bytes, crashes on order."""

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx

from orders_prompts.renderer import Texts
from orders_server.app.shutdown_guard import ShutdownGuard
from orders_server.approval_demands import parse_demands
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store
from orders_server.xportcn.auth import SignedHeaders
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_tools.consent.answer import Answer
from orders_tools.consent.patience import Patience
from orders_tools.create_order import create_order, order_with_approval
from orders_tools.errors import StoreUnavailable, ToolFault
from orders_tools.ports import Ledger, Policy, Purchasing, Upstream
from orders_tools.preview_order import preview_order
from orders_tools.purchase.records import Approval
from orders_tools.purchase.states import TokenState
from orders_tools.results.create import CreateResult
from orders_tools.results.preview import PreviewResult
from orders_tools.vocabulary import Channel
from support.scene import ADDRESS, Clock
from torture.scripted import (
    ACCESS_KEY,
    ACCESS_SECRET,
    DETAIL,
    LIST,
    USER_ID,
    ScriptedTransport,
    ScriptedUpstream,
)

BASE_URL = "http://127.0.0.1:1/api"
WRITES = (
    "save_preview",
    "approve",
    "decline",
    "close_dialog",
    "expire",
    "supersede",
    "claim",
    "dispatch",
    "record",
    "enrich",
)
CALLS = ("preview", "create", "orders", "order")
POINTS = tuple(f"{side} {name}" for name in (*WRITES, *CALLS) for side in ("before", "after"))
"""Where a purchase can be cut off: around each write of the ledger and each call to the upstream."""
BASKETS: dict[str, list[dict[str, Any]]] = {
    "one": [{"offer_id": "610000000001", "quantity": 2}],
    "split": [{"offer_id": "610000000001", "quantity": 1}, {"offer_id": "610000000005", "quantity": 3}],
    "two_sellers": [
        {"offer_id": "610000000001", "quantity": 1, "seller_open_id": "one"},
        {"offer_id": "610000000002", "quantity": 2, "seller_open_id": "two"},
    ],
}


class Crash(BaseException):
    """The process ends here; nothing may catch this."""


def crash(point: str) -> None:
    """End the process as far as it can be seen from inside it."""
    raise Crash(point)


Wait = Callable[[], Awaitable[object]]


@dataclass
class EffectPoints:
    """Counts the points that are passed, acts at those that were ordered, and strikes at the next one of `plan`."""

    plan: list[str] = field(default_factory=list[str])
    strike: Callable[[str], None] = crash
    acts: dict[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    passed: list[str] = field(default_factory=list[str])
    waits: dict[str, Wait] = field(default_factory=dict[str, Wait])
    """What a caller waits for at a point, after it was passed."""

    def at(self, point: str) -> None:
        self.passed.append(point)
        if act := self.acts.get(point):
            act()
        if self.plan and self.plan[0] == point:
            self.plan.pop(0)
            self.strike(point)


class Watched:
    """A port whose methods named in `names` pass an effect point before and after."""

    def __init__(self, inner: object, names: tuple[str, ...], points: EffectPoints) -> None:
        self._inner, self._names, self._points = inner, names, points

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._inner, name)
        if name not in self._names:
            return real

        async def passing(*given: Any, **named: Any) -> Any:
            await self._passed(f"before {name}")
            result = await real(*given, **named)
            await self._passed(f"after {name}")
            return result

        return passing

    async def _passed(self, point: str) -> None:
        self._points.at(point)
        if wait := self._points.waits.get(point):
            await wait()


@dataclass(frozen=True)
class Said:
    """What a call came to: an outcome or the code of a refusal, and the result where there is one."""

    what: str
    result: CreateResult | None = None

    @property
    def orders(self) -> frozenset[str]:
        return frozenset(order.order_id for order in self.result.orders) if self.result else frozenset()

    @property
    def lasting(self) -> dict[str, Any]:
        """What may not differ when it is said again."""
        return self.result.model_dump(mode="json", exclude={"replayed"}) if self.result else {"refused": self.what}


@dataclass(frozen=True)
class Shown:
    """A preview as its caller saw it, with the digest that the ledger had then."""

    total: str
    lines: tuple[tuple[str, str | None, int], ...]
    purchase_ref: str
    digest: str


@dataclass(frozen=True)
class Yes:
    """A person's yes, as given from outside."""

    total: str
    at: datetime


@dataclass
class World:
    """Everything around a purchase. `restart` forgets all but the file and the upstream."""

    folder: Path
    seed: int
    clock: Clock = field(default_factory=Clock)
    points: EffectPoints = field(default_factory=EffectPoints)
    upstream: ScriptedUpstream = field(init=False)
    transport: httpx.AsyncBaseTransport | None = None
    base_url: str = BASE_URL
    approval: str = "ask"
    create_timeout: float = 30
    shown: dict[str, Shown] = field(default_factory=dict[str, Shown])
    yeses: dict[str, Yes] = field(default_factory=dict[str, Yes])
    declined: set[str] = field(default_factory=set[str])
    undurable: list[str] = field(default_factory=list[str])
    trace: list[str] = field(default_factory=list[str])
    restarts: int = 0

    def __post_init__(self) -> None:
        self.upstream = ScriptedUpstream(self.clock, self.seed, on_create=self._look_for_the_row)
        if self.transport is None and self.base_url == BASE_URL:
            self.transport = ScriptedTransport(self.upstream, self.clock.forward)
        self._random = random.Random(self.seed)
        self._store: Store | None = None
        self._http: httpx.AsyncClient | None = None
        self._purchasing: Purchasing | None = None
        self.placing: ShutdownGuard | None = None

    @property
    def file(self) -> Path:
        return self.folder / "ledger.sqlite3"

    @property
    def purchasing(self) -> Purchasing:
        """What the tools work with, since the last start."""
        if self._purchasing is None:
            self._purchasing = self._started()
        return self._purchasing

    @property
    def store(self) -> Store:
        """The open store of this start."""
        assert self.purchasing
        assert self._store
        return self._store

    async def restart(self) -> None:
        """A new process as far as the product can tell."""
        await self.close()
        self.restarts += 1
        self.trace.append("restart")

    async def close(self) -> None:
        """Give everything back."""
        if self._http is not None:
            await self._http.aclose()
        if self._store is not None:
            await self._store.close()
        self._http = self._store = self._purchasing = None

    async def preview(self, lines: list[dict[str, Any]], address: Mapping[str, str] = ADDRESS, **named: Any) -> Said:
        """Preview a basket; what was shown is remembered. `what` is the token, or the code of a refusal."""
        self.clock.forward(1)
        try:
            result = await preview_order(self.purchasing, {"lines": lines, "address": dict(address), **named})
        except ToolFault as fault:
            return self.traced(Said(fault.code.value), "preview")
        self.remember(result)
        return self.traced(Said(result.preview_token), "preview")

    async def create(
        self, token: str, total: str | None = None, answer: Answer = Answer.YES, shown_at: datetime | None = None
    ) -> Said:
        """Create what a token stands for, with the answer to a text shown at `shown_at`, or just now."""
        self.clock.forward(1)
        if total is None:
            total = self.shown[token].total
        self.answered(token, total, answer)
        given = {"preview_token": token, "expected_total": total}
        return self.noted(
            token, await self.heard(create_order(self.purchasing, given, answer, shown_at or self.clock()))
        )

    async def approve_in_terminal(self, token: str) -> None:
        """A person's yes in a terminal to what a token stands for."""
        self.clock.forward(1)
        purchase = await self.purchasing.ledger.purchase(self.purchasing.owner, token)
        assert purchase
        self.answered(token, self.shown[token].total, Answer.YES)
        approval = Approval(channel=Channel.TERMINAL, at=self.clock(), shown_at=self.clock())
        assert await self.purchasing.ledger.approve(purchase, approval)

    async def approve_on_page(self, token: str) -> Said:
        """A person's yes on the approval page, which orders at once; a no in a dialog before it does not count then."""
        self.clock.forward(1)
        purchase = await self.purchasing.ledger.purchase(self.purchasing.owner, token)
        assert purchase
        if purchase.state is TokenState.OPEN:
            self.declined.discard(token)
        self.answered(token, self.shown[token].total, Answer.YES)
        yes = Approval(channel=Channel.PAGE, at=self.clock(), shown_at=self.clock(), by="王芳")
        return self.noted(token, await self.heard(order_with_approval(self.purchasing, purchase, yes)))

    def answered(self, token: str, total: str, answer: Answer) -> None:
        """Remember a yes that is about to be given; one to another total is none."""
        shown = self.shown.get(token)
        if answer is Answer.YES and shown and Decimal(shown.total) == Decimal(total):
            self.yeses.setdefault(token, Yes(total, self.clock()))

    def noted(self, token: str, said: Said) -> Said:
        """Keep which token must never be ordered."""
        if said.what == "declined":
            self.declined.add(token)
        return said

    async def heard(self, call: Awaitable[CreateResult]) -> Said:
        """What a create call came to."""
        try:
            result = await call
        except ToolFault as fault:
            return self.traced(Said(fault.code.value), "create")
        except StoreUnavailable as error:
            return self.traced(Said(f"STORE {error}"), "create")
        if result.fresh_preview is not None:
            self.remember(result.fresh_preview)
        return self.traced(Said(result.outcome, result), "create")

    def remember(self, result: PreviewResult) -> None:
        """Keep what a caller was shown."""
        if result.preview_token in self.shown or result.totals.payable is None:
            return
        lines = [(line.offer_id, line.spec_id, line.quantity) for order in result.orders for line in order.lines]
        digest = self.rows("SELECT digest FROM purchases WHERE token = ?", result.preview_token)[0]["digest"]
        self.shown[result.preview_token] = Shown(
            result.totals.payable,
            tuple(sorted((offer or "", spec, quantity or 0) for offer, spec, quantity in lines)),
            result.purchase_ref,
            digest,
        )

    def hold(self, arrived: asyncio.Event, answered: asyncio.Event) -> None:
        """Keep back the answers of create calls until `answered`; `arrived` is set by the first one."""

        async def held() -> None:
            arrived.set()
            await answered.wait()

        assert isinstance(self.transport, ScriptedTransport)
        self.transport.held = held

    def release(self) -> None:
        """Answer create calls at once again."""
        assert isinstance(self.transport, ScriptedTransport)
        self.transport.held = None

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the ledger's file, read past the product."""
        if not self.file.exists():
            return []
        with closing(sqlite3.connect(self.file, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def state_of(self, reference: str) -> str | None:
        """Where the ledger has one create call."""
        rows = self.rows("SELECT state FROM placements WHERE part_ref = ?", reference)
        return rows[0]["state"] if rows else None

    def _look_for_the_row(self, reference: str) -> None:
        if self.state_of(reference) != "dispatched":
            self.undurable.append(reference)

    def traced(self, said: Said, call: str) -> Said:
        """Write down what a call came to."""
        self.trace.append(f"{self.clock():%j %H:%M:%S.%f} {call} {said.what} {sorted(said.orders)}")
        return said

    def seed_anew(self, seed: str) -> None:
        """Draw from another sequence from now on."""
        self._random.seed(seed)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def _started(self) -> Purchasing:
        self._store = Store(self.file, clock=self.clock)
        self.placing = ShutdownGuard()
        auth = SignedHeaders(
            ACCESS_KEY, ACCESS_SECRET, USER_ID, unit="ms", clock=self.clock, random_bytes=self.random_bytes
        )
        self._http = httpx.AsyncClient(
            base_url=self.base_url, auth=auth, transport=self.transport, timeout=30, trust_env=False
        )
        endpoints = Endpoints(
            list_path=LIST,
            detail_path=DETAIL,
            read_timeout=15,
            create_timeout=self.create_timeout,
        )
        return Purchasing(
            upstream=cast(Upstream, Watched(XportcnClient(self._http, endpoints), CALLS, self.points)),
            ledger=cast(Ledger, Watched(SqlLedger(self._store, Seals(b"torture")), WRITES, self.points)),
            texts=Texts("en"),
            clock=self.clock,
            random_bytes=self.random_bytes,
            owner=f"{self.base_url} {USER_ID}",
            sandbox=False,
            policy=Policy(approval=parse_demands(self.approval), flow="fenxiaonew", send_window=timedelta(seconds=40)),
            patience=Patience(0),
            uninterrupted=self.placing.uninterrupted,
        )
