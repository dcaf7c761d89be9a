"""`get_order`: one order in full, by its id or by the reference of its purchase."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.orders import GetArguments
from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault
from orders_tools.money import CURRENCY
from orders_tools.orders.lookup import UNREADABLE_ORDER
from orders_tools.orders.model import UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.records import Placement
from orders_tools.results.builders import refusal_fault, unavailable_fault
from orders_tools.results.order_views import order_view, price_change_of
from orders_tools.results.orders import OrderDetail, OrderView
from orders_tools.results.redaction import Redactions, redactions_for
from orders_tools.settlement.reconciliation import PurchaseOrders, orders_of_purchase


async def get_order(purchasing: Purchasing, given: Mapping[str, Any]) -> OrderDetail:
    """The order, and the other orders of the same purchase where it was asked for by its reference.

    Raises:
        ToolFault: INVALID_ARGUMENT, NOT_FOUND, UPSTREAM_REJECTED or UPSTREAM_UNAVAILABLE.
        StoreUnavailable: a purchase was asked for, the upstream has no order of it, and the ledger cannot be asked.
    """
    arguments = read_arguments(GetArguments, given)
    redactions = redactions_for(purchasing.policy.consignees)
    try:
        if arguments.order_id:
            found = await _by_id(purchasing, arguments.order_id)
        else:
            found = await _by_reference(purchasing, arguments.purchase_ref)
    except UpstreamUnavailable as error:
        raise unavailable_fault(error, redactions) from error
    except UpstreamRefused as error:
        raise refusal_fault(error, redactions) from error
    if not found.orders and found.unread:
        raise unavailable_fault(UpstreamUnavailable(UNREADABLE_ORDER), redactions)
    if not found.orders:
        raise ToolFault(FaultCode.NOT_FOUND)
    views = _views(purchasing, found, redactions)
    for view in views if arguments.purchase_ref else ():
        view.purchase_ref = arguments.purchase_ref  # an order itself names its part of the purchase
    result = OrderDetail(
        **dict(views[0]),
        currency=CURRENCY,
        further_orders=views[1:],
        recorded_here=found.recorded_here,
        sandbox=purchasing.sandbox,
        summary="",
    )
    result.summary = purchasing.texts.render("detail", order=result.model_dump())
    return result


async def _by_id(purchasing: Purchasing, order_id: str) -> PurchaseOrders:
    """One order, and the create call that made it if the ledger has it."""
    order = await purchasing.upstream.order(order_id)
    return await _with_record(purchasing, [order]) if order else PurchaseOrders([], [], None)


async def _by_reference(purchasing: Purchasing, purchase_ref: str) -> PurchaseOrders:
    """The orders of a purchase, each read in full, because a list holds less (CONTRACT 5)."""
    found = await orders_of_purchase(purchasing, purchase_ref)
    orders = [await _with_details(purchasing, order) for order in found.orders]
    if orders and found.recorded_here is False:  # the reference may be that of one part
        return await _with_record(purchasing, orders)
    return replace(found, orders=orders)


async def _with_details(purchasing: Purchasing, order: UpstreamOrder) -> UpstreamOrder:
    """An order of the list with its details; unchanged if they cannot be read."""
    try:
        return await purchasing.upstream.order(order.order_id) or order
    except UpstreamUnavailable as error:
        if not error.answered:
            raise
        return order.model_copy(update={"unread": (*order.unread, "details")})


async def _with_record(purchasing: Purchasing, orders: list[UpstreamOrder]) -> PurchaseOrders:
    """The orders of one create call, and what the ledger has of it."""
    first = orders[0]
    try:
        placement = await purchasing.ledger.placement_of(purchasing.owner, first.order_id, first.reference)
    except StoreUnavailable:
        return PurchaseOrders(orders, [], None)
    return PurchaseOrders(orders, [placement] if placement else [], placement is not None)


def _views(purchasing: Purchasing, found: PurchaseOrders, redactions: Redactions) -> list[OrderView]:
    """Each order with what was approved; a call's orders are compared together if single amounts are unknown."""
    placements = {
        order.order_id: _placement_for(found.placements, order.order_id, order.reference) for order in found.orders
    }
    views: list[OrderView] = []
    for order in found.orders:
        placement = placements[order.order_id]
        view = order_view(order, purchasing.texts, redactions, placement)
        siblings = [
            other for other in found.orders if placement is not None and placements[other.order_id] is placement
        ]
        if placement is not None and len(siblings) > 1 and _lacks_amounts(placement):
            view.price_change = price_change_of(siblings, placement)
        views.append(view)
    return views


def _placement_for(placements: list[Placement], order_id: str, reference: str | None) -> Placement | None:
    """The create call that made an order: the one it is recorded for, or the one whose reference it carries."""
    for placement in placements:
        if placement.verdict and order_id in {order.order_id for order in placement.verdict.orders}:
            return placement
    return next((placement for placement in placements if placement.part_ref == reference), None)


def _lacks_amounts(placement: Placement) -> bool:
    orders = placement.verdict.orders if placement.verdict else ()
    return not orders or any(order.payable is None for order in orders)
