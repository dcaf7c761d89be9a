"""What was told of a purchase that waits, and which signed decisions were used: each of them once, by the row's key."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, CursorResult, Table, delete, exists, select
from sqlalchemy.dialects.sqlite import insert

from orders_server.ledger.schema import hook_decisions, notices
from orders_server.ledger.stamps import stamp

Moment = Literal["waits", "over"]
_KEPT = timedelta(days=1)
"""How long a used decision is kept; it is too old to be used long before."""


def claim_notice(connection: Connection, token: str, moment: Moment, now: datetime) -> bool:
    """Take the one turn to tell this of a purchase; False if it was taken, by whatever process."""
    return _inserted(connection, notices, {"token": token, "kind": moment, "at": stamp(now)})


def was_told(connection: Connection, token: str) -> bool:
    """Whether it was told that this purchase waits."""
    return (
        connection.scalar(select(notices.c.at).where(notices.c.token == token, notices.c.kind == "waits")) is not None
    )


def unfinished(connection: Connection, since: datetime) -> list[str]:
    """The tokens of purchases of which it was told after `since` that they wait, and not yet that they no longer do."""
    over = notices.alias()
    finished = exists().where(over.c.token == notices.c.token, over.c.kind == "over")
    query = select(notices.c.token).where(notices.c.kind == "waits", notices.c.at > stamp(since), ~finished)
    return list(connection.scalars(query))


def use_decision(connection: Connection, signature_digest: str, now: datetime) -> bool:
    """Use up a signed decision; False if it was used before."""
    connection.execute(delete(hook_decisions).where(hook_decisions.c.at < stamp(now - _KEPT)))
    return _inserted(connection, hook_decisions, {"signature_digest": signature_digest, "at": stamp(now)})


def _inserted(connection: Connection, table: Table, row: dict[str, str]) -> bool:
    added: CursorResult[Any] = connection.execute(insert(table).values(row).on_conflict_do_nothing())
    return added.rowcount == 1
