"""`get_order`: one order whole, by its id or by the reference of its purchase."""

from collections.abc import Mapping
from typing import Any

from orders_tools.arguments import GetArguments, read_arguments
from orders_tools.faults import FaultCode, ToolFault
from orders_tools.money import CURRENCY
from orders_tools.orders import UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.presenting import order_view
from orders_tools.reconciling import orders_of_purchase
from orders_tools.results import OrderDetail


async def get_order(purchasing: Purchasing, given: Mapping[str, Any]) -> OrderDetail:
    """The order, and the other orders of the same purchase where 1688 split it.

    Raises:
        ToolFault: INVALID_ARGUMENT, NOT_FOUND, UPSTREAM_REJECTED or UPSTREAM_UNAVAILABLE.
    """
    arguments = read_arguments(GetArguments, given)
    try:
        order_ids = [arguments.order_id] if arguments.order_id else await _ids_of(purchasing, arguments.purchase_ref)
        found = [await purchasing.upstream.order(order_id) for order_id in order_ids]
    except UpstreamUnavailable as error:
        raise ToolFault(FaultCode.UPSTREAM_UNAVAILABLE, why=error.why) from error
    except UpstreamRefused as error:
        raise ToolFault(FaultCode.UPSTREAM_REJECTED, upstream_code=error.code, message=error.message) from error
    orders: list[UpstreamOrder] = [order for order in found if order is not None]
    if not orders:
        raise ToolFault(FaultCode.NOT_FOUND)
    views = [order_view(order) for order in orders]
    result = OrderDetail(
        **dict(views[0]), currency=CURRENCY, further_orders=views[1:], sandbox=purchasing.sandbox, summary=""
    )
    result.summary = purchasing.texts.render("detail", order=result.model_dump())
    return result


async def _ids_of(purchasing: Purchasing, purchase_ref: str) -> list[str]:
    """The ids of a purchase's orders: what the ledger knows, and what the upstream finds by the reference."""
    return [order.order_id for order in await orders_of_purchase(purchasing, purchase_ref)]
