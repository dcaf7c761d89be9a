"""An upstream that only lists orders, as many as a test writes into it, with the habits that a test gives it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders_server.xportcn.orders import order_page
from orders_server.xportcn.requests import list_body
from orders_server.xportcn.wire import read_json
from orders_tools.orders.model import OrderPage, OrderQuery
from orders_tools.ports import UpstreamRefused

CHINA = timezone(timedelta(hours=8))


@dataclass
class Booked:
    """One order: `place` is where it stands in the list, `created` what it says of that."""

    order_id: str
    place: datetime
    created: datetime | None
    status: str = "waitbuyerpay"
    old: bool = False
    characters: int = 0
    """How long the name of its goods is, of three bytes each."""


@dataclass
class OrderBook:
    """Orders, newest first, and how the upstream goes about them."""

    orders: list[Booked] = field(default_factory=list[Booked])
    largest_page: int = 50
    history: Literal["apart", "ignored", "everything", "refused"] = "apart"
    bound: Literal["millisecond", "second", "exclusive", "ignored"] = "millisecond"
    paged: bool = True
    counts: bool = True
    newest_first: bool = True
    calls: int = 0

    def add(self, created: datetime, **changed: Any) -> Booked:
        """One more order, made then."""
        booked = Booked(f"{2_000_000_000_000_000_001 + len(self.orders)}", created, created)
        for name, value in changed.items():
            setattr(booked, name, value)
        self.orders.append(booked)
        return booked

    def listed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The `data` of a list call; raises UpstreamRefused where it refuses to look at old orders."""
        self.calls += 1
        size = min(body["pageSize"], self.largest_page)
        start = (body["page"] - 1) * size if self.paged else 0
        within = _moment(body.get("createStartTime")), _moment(body.get("createEndTime"))
        rows = enumerate(self.orders)
        numbered = [(row.place, number, row) for number, row in rows if self._wanted(row, body, *within)]
        if self.newest_first:
            numbered.sort(key=lambda each: each[:2], reverse=True)
        found = [row for _, _, row in numbered]
        data: dict[str, Any] = {"result": [_trade(row) for row in found[start : start + size]]}
        return data | ({"totalRecord": len(found)} if self.counts else {})

    def _wanted(self, row: Booked, body: Mapping[str, Any], start: datetime | None, end: datetime | None) -> bool:
        if body.get("isHis") and self.history == "refused":
            raise UpstreamRefused("400", "no such parameter")
        if self.history in {"apart", "refused"} and row.old != body.get("isHis", False):
            return False
        if self.history == "everything" and row.old and not body.get("isHis", False):
            return False
        if body.get("orderStatus", row.status) != row.status or "outOrderId" in body:
            return False
        return row.created is None or self.bound == "ignored" or self._in_time(row.created, start, end)

    def _in_time(self, created: datetime, start: datetime | None, end: datetime | None) -> bool:
        if self.bound != "millisecond":
            created = created.replace(microsecond=0)
            start, end = (each and each.replace(microsecond=0) for each in (start, end))
        late = end is not None and (created >= end if self.bound == "exclusive" else created > end)
        return not (late or (start is not None and created < start))

    def app(self) -> Starlette:
        """The book as an API that answers at the usual path."""

        async def endpoint(request: Request) -> JSONResponse:
            try:
                answer = {"code": 200, "msg": "成功", "data": self.listed(await request.json())}
            except UpstreamRefused as refused:
                answer = {"code": int(refused.code), "msg": refused.message, "data": None}
            return JSONResponse(answer)

        return Starlette(routes=[Route("/api/alibaba/ka/order/list", endpoint, methods=["POST"])])

    async def page(self, query: OrderQuery) -> OrderPage:
        """What the client makes of the book's answer, without a network between."""
        return order_page(read_json(json.dumps(self.listed(list_body(query))).encode()))


def _moment(text: str | None) -> datetime | None:
    return datetime.strptime(f"{text[:17]}000{text[17:]}", "%Y%m%d%H%M%S%f%z").astimezone(UTC) if text else None


def _trade(row: Booked) -> dict[str, Any]:
    info = {"idOfStr": row.order_id, "status": row.status, "totalAmount": 64}
    if row.created:
        local = row.created.astimezone(CHINA)
        info["createTime"] = f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}+0800"
    items = [{"productID": 1, "quantity": 1, "name": "长" * row.characters}] if row.characters else []
    return {"baseInfo": info, "productItems": items}
