"""Order list and order details (CONTRACT 5 and 6)."""

import re
from collections.abc import Iterable
from datetime import datetime

from orders_server.sandbox.fields import Fields
from orders_server.sandbox.orders import OrderRecord
from orders_server.sandbox.refusals import cannot_be_done, wrong_parameter
from orders_server.sandbox.tradeinfo import AWAITING_PAYMENT, trade_info
from orders_server.sandbox.wire import JsonObject

_USUAL_PAGE = 20
_LARGEST_PAGE = 50
_LARGEST_INT = 2**31 - 1
_MOMENT = re.compile(r"\d{17}[+-]\d{4}", re.ASCII)


def list_orders(body: Fields, orders: list[OrderRecord]) -> JsonObject:
    """One page of the orders that match, newest first; times compare to the millisecond, both ends included."""
    page = body.whole("page", 1, _LARGEST_INT) or 1
    size = min(body.whole("pageSize", 1, _LARGEST_INT) or _USUAL_PAGE, _LARGEST_PAGE)
    with_note = body.flag("needMemoInfo")
    found = sorted(_matching(body, orders), key=lambda order: order.sequence, reverse=True)
    shown = found[(page - 1) * size : page * size]
    return {
        "result": [trade_info(order, with_note=with_note, with_logistics=False) for order in shown],
        "totalRecord": len(found),
        "page": page,
        "pageSize": size,
    }


def _matching(body: Fields, orders: Iterable[OrderRecord]) -> list[OrderRecord]:
    start, end = _moment(body, "createStartTime"), _moment(body, "createEndTime")
    status, out_order_id = body.text("orderStatus"), body.text("outOrderId")
    order_ids = body.identifiers("orderIds")
    return [
        order
        for order in orders
        if (start is None or order.created_at >= start)
        and (end is None or order.created_at <= end)
        and (status is None or status == AWAITING_PAYMENT)
        and (out_order_id is None or order.out_order_id == out_order_id)
        and (order_ids is None or order.order_id in order_ids)
    ]


def _moment(body: Fields, name: str) -> datetime | None:
    text = body.text(name)
    if text is None:
        return None
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        return datetime.strptime(f"{text[:17]}000{text[17:]}", "%Y%m%d%H%M%S%f%z")
    except ValueError:
        raise wrong_parameter(name) from None


def order_detail(body: Fields, orders: list[OrderRecord]) -> JsonObject:
    """The one order of that id, or the newest of that outOrderId, since 1688 lets several share it."""
    if body.filled("webSite") != "1688":
        raise wrong_parameter("webSite")
    order_id, out_order_id = body.identifier("orderId"), body.text("outOrderId")
    if order_id is None and out_order_id is None:
        raise wrong_parameter("orderId")
    for order in reversed(orders):
        wanted = order.order_id == order_id if order_id is not None else order.out_order_id == out_order_id
        if wanted:
            return trade_info(order, with_note=True, with_logistics=True)
    raise cannot_be_done("ORDER_NOT_EXIST")
