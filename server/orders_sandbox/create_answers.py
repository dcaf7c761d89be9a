"""The possible forms of the answer to create (CONTRACT 4.2); amounts in fen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orders_sandbox.json_text import Json, JsonObject
from orders_sandbox.order_state import state_at
from orders_sandbox.orders import OrderRecord
from orders_sandbox.refusals import RefusedLine
from orders_sandbox.tradeinfo import trade_info


@dataclass(frozen=True)
class Created:
    """The orders of one call, and the lines whose order failed; `split` if the call was to become several orders."""

    orders: Sequence[OrderRecord]
    failed: Sequence[RefusedLine]
    split: bool


def _result(created: Created) -> JsonObject:
    """1688's result. For several orders, id and sums are empty and the orders are in orderList."""
    first = created.orders[0]
    failed: list[Json] = [failed_line(line) for line in created.failed]
    if not created.split:
        return {
            "success": True,
            "orderId": first.order_id,
            "totalSuccessAmount": first.total,
            "postFee": first.carriage,
            "failedOfferList": failed,
        }
    return {
        "success": True,
        "orderId": "",
        "totalSuccessAmount": None,
        "postFee": None,
        "orderList": [
            {
                "success": True,
                "orderId": order.order_id,
                "orderAmmount": order.total,
                "postFee": order.carriage,
                "resultCode": "200",
                "message": None,
            }
            for order in created.orders
        ],
        "failedOfferList": failed,
    }


def failed_line(line: RefusedLine) -> JsonObject:
    """One entry of failedOfferList."""
    return {
        "offerId": line.offer_id,
        "specId": line.spec_id,
        "errorCode": line.reason.code or None,
        "errorMessage": line.reason.message,
    }


def _in_result(created: Created) -> Json:
    return {"result": _result(created), "success": True}


def _orders(created: Created) -> Json:
    return [
        trade_info(order, state_at(order, order.created_at), with_note=True, with_logistics=True)
        for order in created.orders
    ]


def _own(created: Created) -> Json:
    orders: list[Json] = [
        {"orderId": order.order_id, "orderNo": f"PO{order.created_at:%Y%m%d}{order.sequence:04d}"}
        for order in created.orders
    ]
    return orders if created.split else orders[0]


ANSWERS: Mapping[str, Callable[[Created], Json]] = {
    "wrapped": _in_result,
    "flat": _result,
    "orders": _orders,
    "own": _own,
}
"""By the value of the switch create_answer."""
