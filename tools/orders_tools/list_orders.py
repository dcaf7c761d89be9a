"""`list_orders`: one page of orders, newest first, which says whether more follow."""

from collections.abc import Mapping
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.orders import ListArguments
from orders_tools.errors import ArgumentFault, ArgumentProblem, InvalidArguments
from orders_tools.orders.cursor import encode, resume_cursor, start_cursor
from orders_tools.orders.lookup import CURRENT_FOR
from orders_tools.orders.model import OrderPage, OrderQuery, UpstreamOrder
from orders_tools.orders.pagination import Batch, PageCursor, milliseconds, newest_first, read_batch, skips_orders
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.results.builders import refusal_fault, unavailable_fault
from orders_tools.results.order_views import order_row
from orders_tools.results.orders import OrderList
from orders_tools.results.redaction import redactions_for
from orders_tools.settlement.reconciliation import orders_of_purchase
from orders_tools.vocabulary import CutShort

_CALLS = 10
"""The most calls to the upstream for one page."""


async def list_orders(purchasing: Purchasing, given: Mapping[str, Any]) -> OrderList:
    """One page of the orders that fit, and the cursor of the next.

    Raises:
        ToolFault: INVALID_ARGUMENT, UPSTREAM_REJECTED or UPSTREAM_UNAVAILABLE.
        StoreUnavailable: a purchase was asked for, the upstream has no order of it, and the ledger cannot be asked.
    """
    arguments = read_arguments(ListArguments, given)
    try:
        if arguments.purchase_ref:
            return await _list_purchase(purchasing, arguments)
        return await _PageReader(purchasing, arguments).read()
    except UpstreamUnavailable as error:
        reason = "page" if error.too_large and not arguments.purchase_ref else ""
        raise unavailable_fault(error, redactions_for(purchasing.policy.consignees), reason) from error
    except UpstreamRefused as error:
        raise refusal_fault(error, redactions_for(purchasing.policy.consignees)) from error


async def _list_purchase(purchasing: Purchasing, arguments: ListArguments) -> OrderList:
    """Every order of one purchase, newest first, found by reference or recorded by id."""
    if arguments.cursor:
        raise InvalidArguments([ArgumentFault("purchase_ref", ArgumentProblem.DIFFERS_FROM_CURSOR)])
    found = await orders_of_purchase(purchasing, arguments.purchase_ref)
    orders = sorted(found.orders, key=lambda order: (milliseconds(order.created_at) or 0, order.order_id), reverse=True)
    cursor = start_cursor(arguments)
    matching = [order for order in orders if cursor.matches(order)]
    return _order_list(
        purchasing,
        matching,
        cursor=cursor,
        total=len(matching),
        looked_at=len(orders) + found.unread,
        unread_orders=found.unread,
        recorded_here=found.recorded_here,
        record_unread=found.recorded_here is None,
        purchase_ref=arguments.purchase_ref,
    )


class _PageReader:
    """Reads one page: as many upstream answers as it takes to fill it and to know whether more follows."""

    def __init__(self, purchasing: Purchasing, arguments: ListArguments) -> None:
        self._purchasing = purchasing
        self._cursor = resume_cursor(arguments) if arguments.cursor else start_cursor(arguments)
        self._is_first = not arguments.cursor
        self._answers: dict[OrderQuery, OrderPage] = {}
        self._calls = 0
        self._orders: list[UpstreamOrder] = []
        self._unread: set[str] = set()
        self._cut: CutShort | None = None

    async def read(self) -> OrderList:
        """The page as the tool returns it."""
        start = self._cursor
        total = await self._probe_tables() if self._is_first else start.total
        self._cursor = self._cursor.model_copy(update={"total": total})
        try:
            ended = await self._fill()
        except (UpstreamUnavailable, UpstreamRefused):
            if not self._orders:
                raise
            ended = False
        if ended and self._cursor.tables == "unread":
            self._cut = self._cut or "history_unread"
        matching = [order for order in self._orders if start.matches(order)]
        if self._is_first and ended and not self._cut and not self._unread:
            total = len(matching)
        return _order_list(
            self._purchasing,
            matching,
            cursor=start,
            total=total,
            looked_at=len(self._orders) + len(self._unread),
            unread_orders=len(self._unread),
            cut_short=self._cut,
            next_page=None if ended else self._cursor.model_copy(update={"number": start.number + 1}),
        )

    async def _probe_tables(self) -> int | None:
        """The number of orders, if both tables tell it; comparing the tables shows whether the upstream keeps two."""
        cursor = self._cursor
        current = await self._ask(cursor.query)
        recent = milliseconds(self._purchasing.clock() - CURRENT_FOR) or 0
        if not self._purchasing.policy.order_history or (cursor.created_from or 0) > recent:
            return _credible_total(cursor, current)
        try:
            old = await self._ask(cursor.to_history().query)
        except (UpstreamUnavailable, UpstreamRefused):
            self._cursor = cursor.model_copy(update={"tables": "unread"})
            return None
        if {order.order_id for order in current.orders} & {order.order_id for order in old.orders}:
            # The upstream ignores isHis or returns all orders for it: there is one table either way.
            self._cursor = cursor.to_history()
            return _credible_total(cursor, old)
        if not old.rows:
            return _credible_total(cursor, current)
        self._cursor = cursor.model_copy(update={"tables": "both"})
        counts = (_credible_total(cursor, current), _credible_total(cursor, old))
        return None if None in counts else sum(filter(None, counts))

    async def _fill(self) -> bool:
        """Reads until the page is full and it is known whether more follows; True at the end of the list."""
        page_size = self._cursor.page_size
        while self._calls < _CALLS or self._cursor.query in self._answers:
            cursor = self._cursor
            answer = await self._ask(cursor.query)
            before = self._answers.get(cursor.query.model_copy(update={"page": cursor.page - 1}))
            if before is None and skips_orders(cursor, answer):
                self._cursor = cursor.model_copy(update={"page": cursor.page - 1})
                continue
            batch = read_batch(cursor, answer, page_size - sum(map(cursor.matches, self._orders)))
            self._orders += batch.orders
            cut = _why_cut_short(batch, before, answer)
            self._cut = self._cut or cut
            if batch.has_more and not cut:
                self._cursor = batch.cursor
                return False
            if not batch.is_end and not cut:
                self._cursor = batch.cursor
            elif cursor.tables == "both" and not cursor.history:
                self._cursor = cursor.to_history()
            else:
                return True
        return False

    async def _ask(self, query: OrderQuery) -> OrderPage:
        if query not in self._answers:
            self._calls += 1
            self._answers[query] = answer = await self._purchasing.upstream.orders(query)
            self._unread |= {row.mark for row in answer.unread}
        return self._answers[query]


def _why_cut_short(batch: Batch, before: OrderPage | None, answer: OrderPage) -> CutShort | None:
    """Why the list cannot go on after this answer, which follows `before`."""
    if before and answer.rows and not batch.orders and _is_repeated(before, answer):
        return "pages_repeat"
    if answer.partial and not batch.has_more and batch.cursor.page > 1:
        return "page_too_large"
    follows = before is None or newest_first((*before.orders[-1:], *answer.orders[:1]))
    return None if follows and not batch.unsorted else "not_newest_first"


def _is_repeated(one: OrderPage, other: OrderPage) -> bool:
    return (one.orders, one.unread) == (other.orders, other.unread)


def _credible_total(cursor: PageCursor, answer: OrderPage) -> int | None:
    """The upstream's total, if it can only be that of the orders asked for."""
    narrowed = cursor.status is not None or cursor.created_from is not None
    if narrowed or answer.total is None or not all(map(cursor.matches, answer.orders)):
        return None
    credible = answer.total == 0 if not answer.rows else answer.total >= answer.rows
    return answer.total if credible else None


def _order_list(
    purchasing: Purchasing,
    orders: list[UpstreamOrder],
    *,
    cursor: PageCursor,
    total: int | None,
    looked_at: int,
    unread_orders: int,
    cut_short: CutShort | None = None,
    next_page: PageCursor | None = None,
    recorded_here: bool | None = None,
    record_unread: bool = False,
    purchase_ref: str | None = None,
) -> OrderList:
    redactions = redactions_for(purchasing.policy.consignees)
    result = OrderList(
        orders=[order_row(order, redactions, purchase_ref) for order in orders],
        next_cursor=encode(next_page) if next_page else None,
        has_more=next_page is not None,
        total=total,
        looked_at=looked_at,
        unread_orders=unread_orders,
        cut_short=cut_short,
        recorded_here=recorded_here,
        sandbox=purchasing.sandbox,
        summary="",
    )
    result.summary = purchasing.texts.render(
        "list", page=result.model_dump(), number=cursor.number, record_unread=record_unread
    )
    return result
