"""The events of the ledger: one row for each change of state, written in the transaction that changes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from orders_server.ledger.schema import events
from orders_server.ledger.stamps import stamp
from orders_tools.purchase.states import PlacementState, TokenState

ADD_EVENT = insert(events)
EVENT_COLUMNS = ("at", "token", "part_ref", "from_state", "to_state", "why")


def note(connection: Connection, event: dict[str, Any]) -> None:
    """Insert one event."""
    connection.execute(ADD_EVENT, event)


def event(
    token: str,
    part_ref: str | None,
    before: TokenState | PlacementState | None,
    after: TokenState | PlacementState,
    now: datetime,
    why: str,
) -> dict[str, Any]:
    """The row of one change of state."""
    return {
        "at": stamp(now),
        "token": token,
        "part_ref": part_ref,
        "from_state": before.value if before else None,
        "to_state": after.value,
        "why": why,
    }
