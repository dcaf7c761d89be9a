"""Lists of purchases for the approval page: those with one reference, and those that were decided lately."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from orders_server.ledger.rows import read_purchase
from orders_server.ledger.schema import consignees, purchases
from orders_server.ledger.seals import Seals
from orders_server.ledger.stamps import stamp
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import TokenState

_MOST = 50
_WITH_CONSIGNEE = select(purchases, consignees.c.address).outerjoin(consignees, consignees.c.token == purchases.c.token)
_WAITING = (TokenState.OPEN.value, TokenState.APPROVED.value)


def named(connection: Connection, seals: Seals, owner: str, purchase_ref: str) -> list[Purchase]:
    """The purchases with this reference that our key sealed, the newest first."""
    query = _WITH_CONSIGNEE.where(purchases.c.owner == owner, purchases.c.purchase_ref == purchase_ref)
    return _read(connection, seals, query)


def ended(connection: Connection, seals: Seals, owner: str, since: datetime, now: datetime) -> list[Purchase]:
    """The purchases that were decided or expired, of those that could still be answered at `since`; newest first."""
    over = purchases.c.state.not_in(_WAITING) | (purchases.c.expires_at <= stamp(now))
    query = _WITH_CONSIGNEE.where(purchases.c.owner == owner, over, purchases.c.expires_at > stamp(since))
    return _read(connection, seals, query)


def _read(connection: Connection, seals: Seals, query: Any) -> list[Purchase]:
    rows: Sequence[Any] = (
        connection.execute(query.order_by(purchases.c.created_at.desc()).limit(_MOST)).mappings().all()
    )
    read = (read_purchase(dict(row), seals) for row in rows)
    return [purchase for purchase in read if purchase is not None and purchase.sealed]
