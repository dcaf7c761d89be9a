"""An upstream that tells just what a test gives it, in records, and keeps what it was asked."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from orders_prompts.renderer import Texts
from orders_tools.orders.model import OrderPage, OrderQuery, UnreadRow, UpstreamLine, UpstreamOrder
from orders_tools.ports import Ledger, Policy, Purchasing, Upstream, UpstreamRefused, UpstreamUnavailable

Failure = UpstreamRefused | UpstreamUnavailable
NOW = datetime.fromisoformat("2026-05-20T07:40:00+00:00")


@dataclass
class Told:
    """Lists give the next of `pages`, then empty ones; an order is read from `wholes`."""

    pages: Sequence[OrderPage | Failure] = ()
    wholes: Mapping[str, UpstreamOrder | Failure | None] = field(default_factory=dict[str, UpstreamOrder | None])
    asked: list[OrderQuery] = field(default_factory=list[OrderQuery])
    looked: list[str] = field(default_factory=list[str])

    async def orders(self, query: OrderQuery) -> OrderPage:
        self.asked.append(query)
        return _given(self.pages[len(self.asked) - 1]) if len(self.asked) <= len(self.pages) else page()

    async def order(self, order_id: str) -> UpstreamOrder | None:
        self.looked.append(order_id)
        return _given(self.wholes.get(order_id))


def _given(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def page(*orders: UpstreamOrder, unread: Sequence[UnreadRow] = (), **named: Any) -> OrderPage:
    fields: dict[str, Any] = {"orders": orders, "total": None, "unread": tuple(unread)}
    return OrderPage(**{**fields, **named})


def order(order_id: str, **named: Any) -> UpstreamOrder:
    fields: dict[str, Any] = {"order_id": order_id, "status": "other", "upstream_status": ""}
    return UpstreamOrder(**{**fields, **named})


def goods(offer_id: str, pieces: int | None, spec_id: str | None = None) -> UpstreamLine:
    """A line of an order."""
    words: dict[str, Any] = dict.fromkeys(("product", "variant", "quantity", "status"), "")
    rest: dict[str, Any] = dict.fromkeys(("sku_id", "unit_price", "amount"))
    return UpstreamLine(offer_id=offer_id, spec_id=spec_id, pieces=pieces, **words, **rest)


def asking(told: Told, clock: Callable[[], datetime] = lambda: NOW, **policy: Any) -> Purchasing:
    """What the tools work with, without a ledger."""
    return Purchasing(
        upstream=cast(Upstream, told),
        ledger=cast(Ledger, None),
        texts=Texts("en"),
        clock=clock,
        random_bytes=bytes,
        owner="owner",
        sandbox=False,
        policy=Policy(**policy),
        uninterrupted=nullcontext,
    )
