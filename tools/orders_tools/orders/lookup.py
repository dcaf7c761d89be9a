"""Searches the order list for one purchase: by reference, and by the time at which its orders may have been made."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from orders_tools.orders.model import OrderPage, OrderQuery, UnreadRow, UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.records import Placement, Purchase
from orders_tools.rules.create_evidence import fold
from orders_tools.settlement.read_back import CLOCK_SLACK

_PAGES = 5
"""The most pages that one search reads (the upstream may ignore the reference filter)."""
_PAGE_SIZE = 50
_MOST_PARTS = 5
"""The most parts of another division whose references are searched."""
UNREADABLE_ORDER = "it has an order under this reference that could not be read"
_TOO_LARGE = "the orders that it lists for this reference are too large to be read whole"
CURRENT_FOR = timedelta(days=80)
"""How long an order is certainly in the current table (CONTRACT 5: about three months)."""


async def orders_by_reference(
    purchasing: Purchasing, part_ref: str, dispatched_at: datetime | None = None
) -> list[UpstreamOrder]:
    """The upstream's orders that carry `part_ref`, asked for by that number; old ones too, unless it is too recent.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read, or not what the upstream found under this number.
    """
    found, unread = await search_by_reference(purchasing, part_ref, dispatched_at)
    if unread and not found:
        raise UpstreamUnavailable(UNREADABLE_ORDER, answered=True)
    return found


async def search_by_reference(
    purchasing: Purchasing, part_ref: str, dispatched_at: datetime | None
) -> tuple[list[UpstreamOrder], int]:
    """Like `orders_by_reference`, with the number of unreadable orders that may carry `part_ref`."""
    query = OrderQuery(out_order_id=part_ref, page_size=_PAGE_SIZE)
    found, unread = _with_reference(await purchasing.upstream.orders(query), part_ref)
    recent = dispatched_at is not None and purchasing.clock() - dispatched_at < CURRENT_FOR
    if found or recent or not purchasing.policy.order_history:
        return found, unread
    try:
        old = await purchasing.upstream.orders(query.model_copy(update={"history": True}))
    except (UpstreamUnavailable, UpstreamRefused):
        return [], unread  # the current table answered and has none
    found, more = _with_reference(old, part_ref)
    return found, unread + more


def _with_reference(page: OrderPage, part_ref: str) -> tuple[list[UpstreamOrder], int]:
    """The orders of an answer that carry `part_ref`, and the number of those without an id that may carry it.

    An order whose reference is also unreadable counts only if the upstream returned nothing but what was asked for.
    """
    found = [order for order in page.orders if has_reference(order, part_ref)]
    alone = len(found) == len(page.orders)
    unread = [row for row in page.unread if has_reference(row, part_ref) or (alone and not row.out_order_id)]
    return found, len(unread)


def possible_references(purchase: Purchase) -> list[str]:
    """The references that an order of this purchase may carry: those of its parts, and of other divisions of its lines.

    Whether lines are divided by seller depends on what the catalogue said; another ledger may have seen it differently.
    """
    basket, part_refs = purchase.basket, [part.part_ref for part in purchase.parts]
    if basket.purchase_ref not in part_refs:
        return [*part_refs, basket.purchase_ref]
    offers = {line.offer_id for line in basket.lines}
    sellers = {card.seller_open_id for card in purchase.cards}
    of_one = len(sellers) == 1 and None not in sellers and {card.offer_id for card in purchase.cards} == offers
    if of_one or any(line.seller_open_id for line in basket.lines):
        return part_refs
    most = min(len(offers), _MOST_PARTS) if len(offers) > 1 else 0
    return [*part_refs, *(f"{basket.purchase_ref}-{number}" for number in range(1, most + 1))]


async def ids_by_reference(purchasing: Purchasing, purchase_ref: str, part_refs: Sequence[str]) -> list[str]:
    """The ids of orders that carry the reference of a purchase or of a part of it, in any spelling.

    If the upstream ignores the filter, several pages are read. Old orders are not asked for.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read, or not everything that may belong to this purchase.
    """
    wanted = {fold(each) for each in (purchase_ref, *part_refs, f"{purchase_ref}-1")}
    found: list[str] = []
    for part_ref in part_refs:
        found += await _order_ids_of_part(purchasing, part_ref, wanted)
    return list(dict.fromkeys(found))


async def _order_ids_of_part(purchasing: Purchasing, part_ref: str, wanted: set[str]) -> list[str]:
    alone, partial = True, False
    async for page in _pages(purchasing, OrderQuery(out_order_id=part_ref, page_size=_PAGE_SIZE)):
        if order_ids := [order.order_id for order in page.orders if wanted & _references(order)]:
            return order_ids
        alone, partial = alone and not page.orders, page.partial
        if any(wanted & _references(row) or (alone and not row.out_order_id) for row in page.unread):
            raise UpstreamUnavailable(UNREADABLE_ORDER, answered=True)
    if partial:
        raise UpstreamUnavailable(_TOO_LARGE, too_large=True)
    return []


def _references(order: UpstreamOrder | UnreadRow) -> set[str]:
    """The references of an order: its external number and the end of the buyer's note, normalised."""
    noted = (order.note or "").rstrip()
    written = noted[noted.rfind("[") + 1 : -1] if noted.endswith("]") else ""
    return {fold(each) for each in (order.out_order_id, written) if each}


async def orders_of_send_window(purchasing: Purchasing, placement: Placement) -> AsyncIterator[UpstreamOrder]:
    """The upstream's orders from the time in which this placement's order can have been made."""
    if placement.dispatched_at is None:
        return
    window = OrderQuery(
        page_size=_PAGE_SIZE,
        created_from=placement.dispatched_at - CLOCK_SLACK,
        created_to=placement.deadline + CLOCK_SLACK,
    )
    async for page in _pages(purchasing, window):
        for order in page.orders:
            yield order


async def _pages(purchasing: Purchasing, query: OrderQuery) -> AsyncIterator[OrderPage]:
    """The first pages of the orders asked for; after a partial page the rest is asked for by time.

    An upstream that returns more than a page, or the same again, has no pages: then that was all.
    """
    seen: set[str] = set()
    for _ in range(_PAGES):
        answer = await purchasing.upstream.orders(query)
        yield answer
        before, seen = len(seen), seen | {order.order_id for order in answer.orders}
        if answer.rows > query.page_size or (answer.orders and len(seen) == before):
            return
        if answer.partial:
            # Include the second of the last order again, because other orders may share it.
            last = min((order.created_at for order in answer.orders if order.created_at), default=None)
            end = last.replace(microsecond=0) + timedelta(seconds=1) if last else None
            if end is None or (query.created_to and end >= query.created_to):
                return
            query = query.model_copy(update={"page": 1, "created_to": end})
        elif answer.rows < query.page_size:
            return
        else:
            query = query.model_copy(update={"page": query.page + 1})


def has_reference(order: UpstreamOrder | UnreadRow, part_ref: str) -> bool:
    """Whether an order has our reference, as external number or at the end of the buyer's note."""
    if order.out_order_id:
        return order.out_order_id == part_ref
    return (order.note or "").rstrip().endswith(f"[{part_ref}]")
