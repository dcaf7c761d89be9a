"""`list_orders`: a page of orders, newest first, that says where it stops."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orders_tools.arguments import ListArguments, read_arguments
from orders_tools.faults import ArgumentFault, FaultCode, InvalidArguments, ToolFault
from orders_tools.orders import FILTERS, OrderPage, OrderQuery, UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.presenting import order_row
from orders_tools.reconciling import orders_of_purchase
from orders_tools.results import OrderList


async def list_orders(purchasing: Purchasing, given: Mapping[str, Any]) -> OrderList:
    """One page of the orders that fit, and the cursor of the next.

    Raises:
        ToolFault: INVALID_ARGUMENT, UPSTREAM_REJECTED or UPSTREAM_UNAVAILABLE.
    """
    arguments = read_arguments(ListArguments, given)
    try:
        if arguments.purchase_ref:
            return _shown(purchasing, *await _of_purchase(purchasing, arguments))
        return _shown(purchasing, *await _page(purchasing, arguments))
    except UpstreamUnavailable as error:
        raise ToolFault(FaultCode.UPSTREAM_UNAVAILABLE, why=error.why) from error
    except UpstreamRefused as error:
        raise ToolFault(FaultCode.UPSTREAM_REJECTED, upstream_code=error.code, message=error.message) from error


async def _page(purchasing: Purchasing, arguments: ListArguments) -> tuple[OrderQuery, OrderPage, OrderQuery | None]:
    """One page of all orders, and the query of the next."""
    query = _resumed(arguments) if arguments.cursor else _first(arguments)
    page = await purchasing.upstream.orders(query.model_copy(update={"status": FILTERS.get(query.status or "")}))
    seen = query.page * query.page_size
    more = bool(page.orders) and (len(page.orders) >= query.page_size if page.total is None else seen < page.total)
    return query, page, _next(query, page) if more else None


async def _of_purchase(purchasing: Purchasing, arguments: ListArguments) -> tuple[OrderQuery, OrderPage, None]:
    """Every order of one purchase, newest first: of each of its parts, found by reference or known by its id."""
    if arguments.cursor:
        raise InvalidArguments([ArgumentFault("purchase_ref", "differs_from_cursor")])
    orders = await orders_of_purchase(purchasing, arguments.purchase_ref)
    orders.sort(key=lambda order: (order.created_at is not None, order.created_at, order.order_id), reverse=True)
    query = _first(arguments)
    fitting = tuple(order for order in orders if _fits(order, query))
    return query, OrderPage(orders=fitting, total=len(fitting)), None


def _fits(order: UpstreamOrder, query: OrderQuery) -> bool:
    """Whether an order is within the bounds asked for, whatever the upstream made of them."""
    made = order.created_at
    return (
        (not query.status or order.status == query.status)
        and (made is None or query.created_from is None or made >= query.created_from)
        and (made is None or query.created_to is None or made <= query.created_to)
    )


def _shown(purchasing: Purchasing, query: OrderQuery, page: OrderPage, following: OrderQuery | None) -> OrderList:
    result = OrderList(
        orders=[order_row(order) for order in page.orders if _fits(order, query)],
        next_cursor=_cursor(following) if following else None,
        has_more=following is not None,
        total=page.total if not query.status or query.status in FILTERS else None,
        sandbox=purchasing.sandbox,
        summary="",
    )
    result.summary = purchasing.texts.render("list", page=result.model_dump(), number=query.page)
    return result


def _first(arguments: ListArguments) -> OrderQuery:
    return OrderQuery(
        page_size=arguments.page_size,
        status=arguments.status or None,
        created_from=arguments.created_from,
        created_to=arguments.created_to,
        out_order_id=arguments.purchase_ref or None,
    )


def _next(query: OrderQuery, page: OrderPage) -> OrderQuery:
    """The query of the page after: bounded by the newest order seen, in the upstream's own time, so that orders made
    meanwhile do not push rows from one page to the next."""
    bound = query.created_to or page.orders[0].created_at
    return query.model_copy(update={"page": query.page + 1, "created_to": bound})


def _cursor(query: OrderQuery) -> str:
    return base64.urlsafe_b64encode(query.model_dump_json(exclude_none=True).encode()).decode().rstrip("=")


def _resumed(arguments: ListArguments) -> OrderQuery:
    try:
        text = base64.urlsafe_b64decode(arguments.cursor + "=" * (-len(arguments.cursor) % 4))
        query = OrderQuery.model_validate_json(text)
        # Read once more as arguments: a cursor is the caller's text and gets no rights that arguments do not have.
        read_arguments(ListArguments, _as_arguments(json.loads(text)))
    except (binascii.Error, ValueError, InvalidArguments):
        raise InvalidArguments([ArgumentFault("cursor", "not_a_cursor")]) from None
    faults = [ArgumentFault(name, "differs_from_cursor") for name in _contradictions(arguments, query)]
    if faults:
        raise InvalidArguments(faults)
    return query


def _as_arguments(stored: dict[str, Any]) -> dict[str, Any]:
    names = {"page_size", "status", "created_from", "created_to"}
    return {
        **{name: value for name, value in stored.items() if name in names},
        "purchase_ref": stored.get("out_order_id"),
    }


def _contradictions(arguments: ListArguments, query: OrderQuery) -> list[str]:
    own: dict[str, tuple[str | int | datetime | None, str | int | datetime | None]] = {
        "status": (arguments.status or None, query.status),
        "purchase_ref": (arguments.purchase_ref or None, query.out_order_id),
        "created_from": (arguments.created_from, query.created_from),
        "created_to": (arguments.created_to, query.created_to),
        "page_size": (arguments.page_size if "page_size" in arguments.model_fields_set else None, query.page_size),
    }
    return [name for name, (given, stored) in own.items() if given is not None and given != stored]
