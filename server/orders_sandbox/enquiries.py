"""Order list and order details (CONTRACT 5 and 6)."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from orders_sandbox.dialect import WORDS
from orders_sandbox.fields import Fields
from orders_sandbox.json_text import JsonObject
from orders_sandbox.options import SandboxOptions
from orders_sandbox.order_state import HISTORICAL_AFTER, state_at, status_at
from orders_sandbox.orders import OrderRecord
from orders_sandbox.refusals import Reason, cannot_be_done, wrong_parameter
from orders_sandbox.tradeinfo import trade_info

_USUAL_PAGE = 20
_LARGEST_INT = 2**31 - 1
_MOMENT = re.compile(r"\d{17}[+-]\d{4}", re.ASCII)
_Test = Callable[[OrderRecord], bool]


def list_orders(body: Fields, orders: list[OrderRecord], options: SandboxOptions) -> JsonObject:
    """One page of the orders that match, newest first; times compare to the millisecond, both ends included."""
    now = options.clock()
    page = body.whole("page", 1, _LARGEST_INT) or 1
    size = min(body.whole("pageSize", 1, _LARGEST_INT) or _USUAL_PAGE, options.switches.page_limit)
    asked = body.flag("needMemoInfo")
    with_note = {"asked": asked, "always": True, "never": False}[options.switches.note]
    found = _matching(orders, list(_tests(body, now, options)))
    shown = found[(page - 1) * size : page * size]
    return {
        "result": [trade_info(order, state_at(order, now), with_note, with_logistics=False) for order in shown],
        "totalRecord": len(found),
        "page": page,
        "pageSize": size,
    }


def _matching(orders: list[OrderRecord], tests: list[_Test]) -> list[OrderRecord]:
    return [order for order in reversed(orders) if all(test(order) for test in tests)]


def _tests(body: Fields, now: datetime, options: SandboxOptions) -> Iterable[_Test]:
    """The filters of the body, the cheap ones first."""
    start, end = _moment(body, "createStartTime"), _moment(body, "createEndTime")
    modified_from, modified_to = _moment(body, "modifyStartTime"), _moment(body, "modifyEndTime")
    historical = body.flag("isHis")
    order_ids, out_order_id = body.identifiers("orderIds"), body.text("outOrderId")
    status, refund_status = body.text("orderStatus"), body.text("refundStatus")
    words = WORDS[options.switches.statuses]
    if start is not None:
        yield lambda order: order.created_at >= start
    if end is not None:
        yield lambda order: order.created_at <= end
    if options.history_separate:
        oldest = now - HISTORICAL_AFTER
        yield lambda order: (order.created_at < oldest) == historical
    if order_ids is not None:
        yield lambda order: order.order_id in order_ids
    if out_order_id is not None:
        yield lambda order: order.out_order_id == out_order_id
    if status is not None:
        yield lambda order: words[status_at(order, now)] == status
    if refund_status is not None:
        yield lambda order: state_at(order, now).refund_status == refund_status
    if modified_from is not None:
        yield lambda order: state_at(order, now).modified_at >= modified_from
    if modified_to is not None:
        yield lambda order: state_at(order, now).modified_at <= modified_to


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


def order_detail(body: Fields, orders: list[OrderRecord], options: SandboxOptions) -> JsonObject:
    """The one order of that id, or the newest of that outOrderId, since 1688 lets several share it."""
    if body.required_text("webSite") != "1688":
        raise wrong_parameter("webSite")
    order_id, out_order_id = body.identifier("orderId"), body.text("outOrderId")
    if order_id is None and out_order_id is None:
        raise wrong_parameter("orderId")
    for order in reversed(orders):
        wanted = order.order_id == order_id if order_id is not None else order.out_order_id == out_order_id
        if wanted:
            return trade_info(order, state_at(order, options.clock()), with_note=True, with_logistics=True)
    raise cannot_be_done(Reason("ORDER_NOT_EXIST", ""))
