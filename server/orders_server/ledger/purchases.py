"""Purchases in the ledger: queries by token, and the guarded updates of a token's state."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Insert,
    String,
    Update,
    and_,
    bindparam,
    insert,
    literal,
    null,
    select,
    update,
)

from orders_server.ledger.events import EVENT_COLUMNS, event, note
from orders_server.ledger.rows import purchase_row, read_purchase
from orders_server.ledger.schema import consignees, events, purchases
from orders_server.ledger.seals import Seals
from orders_server.ledger.stamps import stamp
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.purchase.states import TOKEN_SOURCES, TokenState
from orders_tools.vocabulary import Channel

_ADD_PURCHASE, _ADD_CONSIGNEE = insert(purchases), insert(consignees)
_WITH_CONSIGNEE = select(purchases, consignees.c.address).outerjoin(consignees, consignees.c.token == purchases.c.token)
_DIALOG_OPEN = purchases.c.dialog_closed_at.is_(None)
_THIS_YES = purchases.c.approval_seal == bindparam("given")
_NOTE_DIALOG = (
    update(purchases)
    .where(
        purchases.c.owner == bindparam("of"),
        purchases.c.token == bindparam("which"),
        purchases.c.state == TokenState.OPEN.value,
    )
    .values(dialog_unanswered_at=bindparam("moment"))
)
_NO_APPROVAL = {
    "approved_through": None,
    "approved_at": None,
    "approved_by": None,
    "shown_at": None,
    "approval_seal": None,
}


def find_one(connection: Connection, seals: Seals, *conditions: Any) -> Purchase | None:
    """The purchase that meets `conditions`; None if there is none."""
    row = connection.execute(_WITH_CONSIGNEE.where(*conditions)).mappings().first()
    return read_purchase(dict(row), seals) if row else None


def waiting(connection: Connection, seals: Seals, owner: str, now: datetime) -> tuple[list[Purchase], int]:
    """Orderable purchases, open or approved, that have not expired, oldest first; and the number of rows left out
    because they lack our seal or were edited."""
    query = _WITH_CONSIGNEE.where(
        purchases.c.owner == owner,
        purchases.c.state.in_([TokenState.OPEN.value, TokenState.APPROVED.value]),
        purchases.c.expires_at > stamp(now),
    ).order_by(purchases.c.created_at)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    read = [purchase for row in rows if (purchase := read_purchase(row, seals)) is not None]
    genuine = [purchase for purchase in read if purchase.genuine]
    return [purchase for purchase in genuine if purchase.orderable], len(rows) - len(genuine)


def add_preview(connection: Connection, seals: Seals, purchase: Purchase) -> None:
    """Store an open purchase, its seal and its consignee."""
    assert purchase.address is not None
    connection.execute(_ADD_PURCHASE, purchase_row(purchase) | {"seal": seals.of_preview(purchase)})
    address = {"token": purchase.token, "address": purchase.address.model_dump_json()}
    connection.execute(_ADD_CONSIGNEE, address)
    note(connection, event(purchase.token, None, None, TokenState.OPEN, purchase.created_at, "preview"))


def approve(connection: Connection, seals: Seals, purchase: Purchase, approval: Approval) -> bool:
    """Record a yes with its seal. A yes in a dialog does not count after a no in a dialog of the same token."""
    given: dict[str, Any] = {
        "approved_through": approval.channel,
        "approved_at": stamp(approval.at),
        "approved_by": approval.by,
        "shown_at": stamp(approval.shown_at) if approval.shown_at else None,
        "approval_seal": seals.of_approval(purchase, approval),
    }
    guard = _DIALOG_OPEN if approval.channel == Channel.DIALOG else None
    return move(connection, purchase, TokenState.APPROVED, approval.at, approval.channel, guard, **given)


def close_dialog(connection: Connection, purchase: Purchase, now: datetime) -> bool:
    """Record a no in the client's dialog: it withdraws a yes given elsewhere, and the token is open again."""
    closed: dict[str, Any] = {**_NO_APPROVAL, "dialog_closed_at": stamp(now)}
    return move(connection, purchase, TokenState.OPEN, now, f"no: {Channel.DIALOG}", **closed)


def withdraw(connection: Connection, purchase: Purchase, now: datetime) -> bool:
    """Take back a yes that is not enough for the purchase; the token is open again."""
    return move(connection, purchase, TokenState.OPEN, now, "yes not enough", **_NO_APPROVAL)


def decline(connection: Connection, purchase: Purchase, channel: str, now: datetime, by: str | None) -> bool:
    """Record a final no; its event names the channel and, if known, the person."""
    return move(connection, purchase, TokenState.DECLINED, now, f"{channel}: {by}" if by else channel)


def note_dialog(connection: Connection, purchase: Purchase, unanswered_at: datetime | None) -> None:
    """Store since when the dialog of an open token has had no answer. No state changes, so no event is written."""
    moment = stamp(unanswered_at) if unanswered_at else None
    connection.execute(_NOTE_DIALOG, {"of": purchase.owner, "which": purchase.token, "moment": moment})


def expire(connection: Connection, purchase: Purchase, now: datetime) -> bool:
    """Close a token found after its expiry, so that setting the clock back does not revive it."""
    return move(connection, purchase, TokenState.EXPIRED, now, "expired")


def supersede(connection: Connection, seals: Seals, purchase: Purchase, fresh: Purchase, now: datetime) -> bool:
    """Close an approved token as `price_changed` and store the fresh preview, in one transaction."""
    moved = move(connection, purchase, TokenState.PRICE_CHANGED, now, "re-preview", fresh_token=fresh.token)
    if moved:
        add_preview(connection, seals, fresh)
    return moved


def use_up(connection: Connection, seals: Seals, purchase: Purchase, now: datetime) -> bool:
    """Use up a token with exactly the yes of `purchase`; False if it has no yes, or a different one by now.

    The caller writes the event, together with those of the create calls to come.
    """
    if purchase.approval is None:
        return False
    row = _row(purchase, now) | {"given": seals.of_approval(purchase, purchase.approval)}
    changed: CursorResult[Any] = connection.execute(_update(TokenState.CLAIMED, _THIS_YES), row)
    return changed.rowcount == 1


def move(
    connection: Connection,
    purchase: Purchase,
    state: TokenState,
    now: datetime,
    why: str,
    guard: ColumnElement[bool] | None = None,
    **values: Any,
) -> bool:
    """One transition of a token, with its event, which is inserted from the row before the row changes."""
    if state is not TokenState.APPROVED:
        values["approval_seal"] = None  # an old yes proves nothing in another state
    row = _row(purchase, now)
    noted: CursorResult[Any] = connection.execute(_event(state, guard), row | {"because": why})
    if noted.rowcount != 1:
        return False
    connection.execute(_update(state, guard, *sorted(values)), row | values)
    return True


def _row(purchase: Purchase, now: datetime) -> dict[str, Any]:
    return {"of": purchase.owner, "which": purchase.token, "as_shown": purchase.digest, "now": stamp(now)}


def _may_enter(state: TokenState, guard: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """The condition for entering `state`: an allowed source state, unchanged since it was shown, and not expired."""
    in_time = purchases.c.expires_at > bindparam("now")
    conditions = [
        purchases.c.owner == bindparam("of"),
        purchases.c.token == bindparam("which"),
        purchases.c.state.in_([source.value for source in TOKEN_SOURCES[state]]),
        purchases.c.digest == bindparam("as_shown"),
    ]
    # A no and an expiry count at any time.
    conditions += [] if state in {TokenState.EXPIRED, TokenState.OPEN} else [in_time]
    return and_(*conditions, *([] if guard is None else [guard]))


@cache
def _update(state: TokenState, guard: ColumnElement[bool] | None, *names: str) -> Update:
    """The guarded update by which a token enters `state`, which also sets the columns `names`."""
    return (
        update(purchases)
        .where(_may_enter(state, guard))
        .values(state=state.value, **{name: bindparam(name) for name in names})
    )


@cache
def _event(state: TokenState, guard: ColumnElement[bool] | None) -> Insert:
    """The event of a token that enters `state`."""
    row = select(
        bindparam("now", type_=String),
        purchases.c.token,
        null(),
        purchases.c.state,
        literal(state.value),
        bindparam("because", type_=String),
    ).where(_may_enter(state, guard))
    return insert(events).from_select(list(EVENT_COLUMNS), row)
