"""Create calls in the ledger: claim, dispatch, settle and find them."""

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

from orders_server.ledger import purchases as tokens
from orders_server.ledger.events import ADD_EVENT, EVENT_COLUMNS, event, note
from orders_server.ledger.repeats import made_digest_of, similar
from orders_server.ledger.rows import placement_row, read_placements
from orders_server.ledger.schema import events, placed_orders, placements, purchases
from orders_server.ledger.seals import Seals
from orders_server.ledger.stamps import stamp
from orders_tools.ports import RepeatedMeanwhile
from orders_tools.purchase.model import Part
from orders_tools.purchase.records import Placement, Purchase, Verdict
from orders_tools.purchase.states import IN_DOUBT, PLACEMENT_SOURCES, PlacementState, TokenState
from orders_tools.rules.create_evidence import fold

_ADD_PLACEMENT, _ADD_PLACED_ORDER = insert(placements), insert(placed_orders)
_AS_IT_IS = and_(
    placements.c.owner == bindparam("of"),
    placements.c.part_ref == bindparam("which"),
    placements.c.state == bindparam("as_it_is"),
)
_ENRICH = update(placements).where(_AS_IT_IS).values(verdict=bindparam("verdict"))


def placements_by(connection: Connection, query: Select[Any]) -> list[Placement]:
    """The create calls that `query` finds."""
    return read_placements([dict(row) for row in connection.execute(query).mappings()])


def taken(connection: Connection, owner: str, part_ref: str, order_ids: Sequence[str]) -> set[str]:
    """The ids in `order_ids` that are recorded for another placement."""
    query = select(placed_orders.c.order_id).where(
        placed_orders.c.owner == owner,
        placed_orders.c.order_id.in_(order_ids),
        placed_orders.c.part_ref != part_ref,
    )
    return set(connection.scalars(query))


def references(connection: Connection, owner: str, among: Sequence[str]) -> set[str]:
    """The texts in `among` that are references of this owner's purchases, in any spelling."""
    known: set[str] = set()
    for column, of in ((placements.c.part_ref, placements.c.owner), (purchases.c.purchase_ref, purchases.c.owner)):
        query = select(column).where(of == owner)
        # Digits have one spelling, so the index finds them; an id with letters is seldom an order's.
        query = query.where(column.in_(among)) if all(each.isdecimal() for each in among) else query
        known |= {fold(reference) for reference in connection.scalars(query)}
    return {each for each in among if fold(each) in known}


def placement_of(connection: Connection, owner: str, order_id: str, part_ref: str | None) -> Placement | None:
    """The create call that an order is recorded for, or else the one with this reference."""
    recorded = select(placed_orders.c.part_ref).where(
        placed_orders.c.owner == owner, placed_orders.c.order_id == order_id
    )
    reference = connection.scalar(recorded) or part_ref
    query = select(placements).where(placements.c.owner == owner, placements.c.part_ref == reference)
    return next(iter(placements_by(connection, query)), None)


def claim(
    connection: Connection,
    seals: Seals,
    purchase: Purchase,
    parts: Sequence[Part],
    previewed_at: datetime,
    now: datetime,
    deadline: datetime,
) -> bool:
    """Use up the token and insert every create call to come, the first one as dispatched.

    Raises:
        RepeatedMeanwhile: the same goods are in doubt, or were placed after the text of the yes was rendered.
    """
    if not tokens.use_up(connection, seals, purchase, now):
        return False
    # This runs under the write lock, so that two tokens for the same goods cannot both pass.
    since = (purchase.approval and purchase.approval.shown_at) or purchase.created_at
    found = similar(connection, purchase, since)
    # The text already mentioned a merely similar purchase, unless it came into doubt since then.
    alike = [row for row in found if not row.same and row.state is PlacementState.UNKNOWN and row.at >= since]
    if repeated := [row for row in found if row.same] or alike:
        first = repeated[0]
        raise RepeatedMeanwhile(first.purchase_ref, in_doubt=first.state in IN_DOUBT, same=first.same)
    _write_down(connection, purchase, parts, previewed_at, now, deadline)
    return True


def record(connection: Connection, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> bool:
    """Record the outcome of a create call; False if it is already settled."""
    settled: dict[str, str | None] = {"verdict": verdict.model_dump_json(), "settled_at": stamp(now)}
    if verdict.orders:
        settled["made_digest"] = made_digest_of(connection, owner, part_ref, verdict)
    if not move(connection, owner, part_ref, verdict.state, now, verdict.evidence, **settled):
        return False
    if ids := {order.order_id for order in verdict.orders}:
        rows = [{"owner": owner, "order_id": order_id, "part_ref": part_ref} for order_id in sorted(ids)]
        connection.execute(_ADD_PLACED_ORDER, rows)
    _note_differences(connection, owner, part_ref, verdict, now)
    return True


def enrich(connection: Connection, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> None:
    """Add what a later read found about orders already recorded."""
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
    """Insert every create call as claimed, and the first one as dispatched, because it is sent at once."""
    # The calls are sent one after another, so each one's time begins after the one before.
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


def move(
    connection: Connection,
    owner: str,
    part_ref: str,
    state: PlacementState,
    now: datetime,
    why: str,
    **values: Any,
) -> bool:
    """One transition of a placement, if its state allows it."""
    moved, move = _placement_to(state, *sorted(values))
    # The event is inserted from the row, under the lock, before the row changes.
    noted: CursorResult[Any] = connection.execute(
        moved, {"of": owner, "which": part_ref, "now": stamp(now), "because": why}
    )
    if noted.rowcount != 1:
        return False
    connection.execute(move, {"of": owner, "which": part_ref, **values})
    return True


@cache
def _placement_to(state: PlacementState, *names: str) -> tuple[Insert, Update]:
    """The event of a placement that enters `state`, and the guarded update, which also sets `names`."""
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
