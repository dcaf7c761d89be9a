"""The ledger port over SQL: every change of state is one guarded update and its event, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Insert,
    Select,
    String,
    Update,
    and_,
    bindparam,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from orders_server.ledger import purchases as tokens
from orders_server.ledger.continuity import GapKind
from orders_server.ledger.events import ADD_EVENT, EVENT_COLUMNS, event, note
from orders_server.ledger.repeats import made_digest_of, similar
from orders_server.ledger.rows import placement_row, read_placements
from orders_server.ledger.schema import events, placed_orders, placements, purchases
from orders_server.ledger.seals import Seals
from orders_server.ledger.stamps import stamp
from orders_server.ledger.store import Store
from orders_tools.ports import ReferenceTaken, RepeatedMeanwhile
from orders_tools.purchase.model import Part
from orders_tools.purchase.records import Approval, Placement, Purchase, Similar, Verdict
from orders_tools.purchase.states import IN_DOUBT, PLACEMENT_SOURCES, PlacementState, TokenState
from orders_tools.rules.create_evidence import folded

_ADD_PLACEMENT, _ADD_PLACED_ORDER = insert(placements), insert(placed_orders)
_OWNERS = select(purchases.c.owner).distinct().order_by(purchases.c.owner)
_AS_IT_IS = and_(
    placements.c.owner == bindparam("of"),
    placements.c.part_ref == bindparam("which"),
    placements.c.state == bindparam("as_it_is"),
)
_ENRICH = update(placements).where(_AS_IT_IS).values(verdict=bindparam("verdict"))


class SqlLedger:
    """Durable memory of purchases in `store`, sealed by `seals`. Every method may raise StoreUnavailable."""

    def __init__(self, store: Store, seals: Seals) -> None:
        self._store = store
        self._seals = seals
        self._noes: set[str] = set()
        """Tokens whose no could not be written yet."""

    async def save_preview(self, purchase: Purchase) -> None:
        """Store an open purchase and who receives it."""
        await self._store.writing(tokens.add_preview, self._seals, purchase)

    async def purchase(self, owner: str, token: str) -> Purchase | None:
        """The purchase that `owner`'s token stands for."""
        of_the_owner = purchases.c.owner == owner, purchases.c.token == token
        return await self._store.reading(tokens.one, self._seals, *of_the_owner)

    async def claimed(self, owner: str, purchase_ref: str) -> Purchase | None:
        """The claimed purchase with this reference."""
        return await self._store.reading(
            tokens.one,
            self._seals,
            purchases.c.owner == owner,
            purchases.c.purchase_ref == purchase_ref,
            purchases.c.state == TokenState.CLAIMED.value,
        )

    async def approve(self, purchase: Purchase, approval: Approval) -> bool:
        """Record a yes to exactly what is stored, sealed; False where the token is no longer open to it."""
        return await self._store.writing(tokens.approve, self._seals, purchase, approval)

    async def decline(self, purchase: Purchase, channel: str, now: datetime) -> bool:
        """Record a no that is final; False where the token is neither open nor approved."""
        return await self._store.writing(tokens.move, purchase, TokenState.DECLINED, now, channel)

    async def close_dialog(self, purchase: Purchase, now: datetime) -> bool:
        """Record a no in the client's dialog: a yes given elsewhere is taken back, the token is open."""
        self._noes.add(purchase.token)
        closed = await self._store.writing(tokens.close_dialog, purchase, now)
        self._noes.discard(purchase.token)
        return closed

    async def note_dialog(self, purchase: Purchase, unanswered_at: datetime | None) -> None:
        """Keep since when a dialog of an open token has no answer; None where the client came back from it."""
        await self._store.writing(tokens.note_dialog, purchase, unanswered_at)

    async def expire(self, purchase: Purchase, now: datetime) -> bool:
        """Close a token that was met after its time, for good."""
        return await self._store.writing(tokens.expire, purchase, now)

    async def supersede(self, purchase: Purchase, fresh: Purchase, now: datetime) -> bool:
        """Close an approved token as `price_changed` and store the fresh preview, both or neither."""
        return await self._store.writing(tokens.supersede, self._seals, purchase, fresh, now)

    async def claim(
        self, purchase: Purchase, parts: Sequence[Part], previewed_at: datetime, now: datetime, deadline: datetime
    ) -> bool:
        """Use up the token and write down every create call to come, the first one as dispatched.

        False where the token does not carry exactly this yes, expired or changed. Raises ReferenceTaken, or
        RepeatedMeanwhile where the same thing is in doubt, or was placed after the text of the yes was rendered.
        """
        if purchase.token in self._noes:
            await self.close_dialog(purchase, now)
            return False
        try:
            return await self._store.writing(_claim, self._seals, purchase, parts, previewed_at, now, deadline)
        except IntegrityError as error:
            raise ReferenceTaken(purchase.basket.purchase_ref) from error

    async def dispatch(self, owner: str, part_ref: str, now: datetime, deadline: datetime) -> bool:
        """Mark one create call as about to be sent; False where it is not waiting for that."""
        sent = {"deadline": stamp(deadline), "dispatched_at": stamp(now)}
        return await self._store.writing(_place, owner, part_ref, PlacementState.DISPATCHED, now, "dispatch", **sent)

    async def placements(self, owner: str, token: str) -> list[Placement]:
        """The create calls of a purchase, in their order."""
        query = select(placements).where(placements.c.owner == owner, placements.c.token == token)
        return await self._store.reading(_placements, query.order_by(placements.c.position))

    async def record(self, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> bool:
        """Record what became of a create call; False where that is settled already."""
        return await self._store.writing(_record, owner, part_ref, verdict, now)

    async def enrich(self, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> None:
        """Add what a later read told about orders that are already recorded; a difference leaves an event."""
        await self._store.writing(_enrich, owner, part_ref, verdict, now)

    async def owners(self) -> list[str]:
        """Everybody whose purchases are in it."""
        return await self._store.reading(lambda connection: list(connection.scalars(_OWNERS)))

    async def in_doubt(self, owner: str) -> list[Placement]:
        """Every placement whose outcome is not settled, oldest first."""
        query = select(placements).where(
            placements.c.owner == owner, placements.c.state.in_([state.value for state in IN_DOUBT])
        )
        return await self._store.reading(_placements, query.order_by(placements.c.deadline))

    async def taken(self, owner: str, part_ref: str, order_ids: Sequence[str]) -> set[str]:
        """Those of `order_ids` that are recorded as another placement's."""
        return await self._store.reading(_taken, owner, part_ref, order_ids) if order_ids else set()

    async def references(self, owner: str, among: Sequence[str]) -> set[str]:
        """Those of `among` that are references of this owner's purchases, however they are written."""
        return await self._store.reading(_references, owner, among)

    async def placement_of(self, owner: str, order_id: str, part_ref: str | None) -> Placement | None:
        """The create call that `order_id` is recorded for, or else the one with this reference."""
        return await self._store.reading(_placement_of, owner, order_id, part_ref)

    async def similar(self, purchase: Purchase, since: datetime) -> list[Similar]:
        """Other purchases like this one, or with the same reference, in doubt or placed after `since`.

        Placed ones are known by the digest of what was made; those of this preview's own time are compared as those
        in doubt are, however their consignee was written.
        """
        return await self._store.reading(similar, purchase, since)

    async def waiting(self, owner: str, now: datetime) -> list[Purchase]:
        """Orderable purchases, open or approved, that have not expired, oldest first."""
        return (await self._store.reading(tokens.waiting, self._seals, owner, now))[0]

    async def unsealed(self, owner: str, now: datetime) -> int:
        """How many rows that would wait are left out, because another key sealed them or they were edited."""
        return (await self._store.reading(tokens.waiting, self._seals, owner, now))[1]

    async def gap(self, since: datetime) -> GapKind | None:
        """How the ledger is not the one of before, where that was noticed after `since`: "replaced" or "older"."""
        if not self._store.is_open:
            await self._store.open()
        gap = self._store.gap
        return gap.kind if gap and gap.at > since else None


def _placements(connection: Connection, query: Select[Any]) -> list[Placement]:
    return read_placements([dict(row) for row in connection.execute(query).mappings()])


def _taken(connection: Connection, owner: str, part_ref: str, order_ids: Sequence[str]) -> set[str]:
    query = select(placed_orders.c.order_id).where(
        placed_orders.c.owner == owner,
        placed_orders.c.order_id.in_(order_ids),
        placed_orders.c.part_ref != part_ref,
    )
    return set(connection.scalars(query))


def _references(connection: Connection, owner: str, among: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for column, of in ((placements.c.part_ref, placements.c.owner), (purchases.c.purchase_ref, purchases.c.owner)):
        query = select(column).where(of == owner)
        # Digits are written in one way only, and an index finds them; an id with letters is seldom an order's.
        query = query.where(column.in_(among)) if all(each.isdecimal() for each in among) else query
        known |= {folded(reference) for reference in connection.scalars(query)}
    return {each for each in among if folded(each) in known}


def _placement_of(connection: Connection, owner: str, order_id: str, part_ref: str | None) -> Placement | None:
    recorded = select(placed_orders.c.part_ref).where(
        placed_orders.c.owner == owner, placed_orders.c.order_id == order_id
    )
    reference = connection.scalar(recorded) or part_ref
    query = select(placements).where(placements.c.owner == owner, placements.c.part_ref == reference)
    return next(iter(_placements(connection, query)), None)


def _claim(
    connection: Connection,
    seals: Seals,
    purchase: Purchase,
    parts: Sequence[Part],
    previewed_at: datetime,
    now: datetime,
    deadline: datetime,
) -> bool:
    if not tokens.claimed(connection, seals, purchase, now):
        return False
    # Under the write lock, so that two tokens for the same thing cannot both pass.
    since = (purchase.approval and purchase.approval.shown_at) or purchase.created_at
    found = similar(connection, purchase, since)
    # What is only alike was in the text, unless it came into doubt since then.
    alike = [row for row in found if not row.same and row.state is PlacementState.UNKNOWN and row.at >= since]
    if repeated := [row for row in found if row.same] or alike:
        first = repeated[0]
        raise RepeatedMeanwhile(first.purchase_ref, in_doubt=first.state in IN_DOUBT, same=first.same)
    _write_down(connection, purchase, parts, previewed_at, now, deadline)
    return True


def _record(connection: Connection, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> bool:
    settled: dict[str, str | None] = {"verdict": verdict.model_dump_json(), "settled_at": stamp(now)}
    if verdict.orders:
        settled["made_digest"] = made_digest_of(connection, owner, part_ref, verdict)
    if not _place(connection, owner, part_ref, verdict.state, now, verdict.evidence, **settled):
        return False
    if ids := {order.order_id for order in verdict.orders}:
        rows = [{"owner": owner, "order_id": order_id, "part_ref": part_ref} for order_id in sorted(ids)]
        connection.execute(_ADD_PLACED_ORDER, rows)
    _note_differences(connection, owner, part_ref, verdict, now)
    return True


def _enrich(connection: Connection, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> None:
    row = {"of": owner, "which": part_ref, "as_it_is": verdict.state.value}
    connection.execute(_ENRICH, {**row, "verdict": verdict.model_dump_json()})
    _note_differences(connection, owner, part_ref, verdict, now)


def _note_differences(connection: Connection, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> None:
    """An event for each way in which what was made differs from what was approved."""
    if not verdict.differences:
        return
    row = {"of": owner, "which": part_ref, "as_it_is": verdict.state.value}
    token: str | None = connection.scalar(select(placements.c.token).where(_AS_IT_IS), row)
    for found in verdict.differences if token else ():
        why = f"{found.code} {found.details.get('expected', '')} {found.details.get('charged', '')}".strip()
        note(connection, event(str(token), part_ref, verdict.state, verdict.state, now, why))


def _write_down(
    connection: Connection,
    purchase: Purchase,
    parts: Sequence[Part],
    previewed_at: datetime,
    now: datetime,
    deadline: datetime,
) -> None:
    """Every create call to come as claimed, and the first one as dispatched, because it is sent at once."""
    # The calls go out one after another, so each has its time after the one before it.
    rows = [
        placement_row(purchase, number, part, previewed_at, deadline + (deadline - now) * number)
        for number, part in enumerate(parts)
    ]
    noted = [event(purchase.token, None, purchase.state, TokenState.CLAIMED, now, "claim")]
    noted += [event(purchase.token, row["part_ref"], None, PlacementState.CLAIMED, now, "claim") for row in rows]
    rows[0] |= {"state": PlacementState.DISPATCHED.value, "dispatched_at": stamp(now)}
    first = rows[0]["part_ref"]
    noted.append(event(purchase.token, first, PlacementState.CLAIMED, PlacementState.DISPATCHED, now, "dispatch"))
    connection.execute(_ADD_PLACEMENT, rows)
    connection.execute(ADD_EVENT, noted)


def _place(
    connection: Connection,
    owner: str,
    part_ref: str,
    state: PlacementState,
    now: datetime,
    why: str,
    **values: Any,
) -> bool:
    """One transition of a placement, if it stands where it may be entered from."""
    moved, move = _placement_to(state, *sorted(values))
    # The event is taken from the row itself, under the lock, before the row moves on.
    noted: CursorResult[Any] = connection.execute(
        moved, {"of": owner, "which": part_ref, "now": stamp(now), "because": why}
    )
    if noted.rowcount != 1:
        return False
    connection.execute(move, {"of": owner, "which": part_ref, **values})
    return True


@cache
def _placement_to(state: PlacementState, *names: str) -> tuple[Insert, Update]:
    """The event of a placement that enters `state`, and the guarded update by which it does, setting `names` too."""
    row = and_(
        placements.c.owner == bindparam("of"),
        placements.c.part_ref == bindparam("which"),
        placements.c.state.in_([source.value for source in PLACEMENT_SOURCES[state]]),
    )
    moved = select(
        bindparam("now", type_=String),
        placements.c.token,
        placements.c.part_ref,
        placements.c.state,
        literal(state.value),
        bindparam("because", type_=String),
    ).where(row)
    move = update(placements).where(row).values(state=state.value, **{name: bindparam(name) for name in names})
    return insert(events).from_select(list(EVENT_COLUMNS), moved), move
