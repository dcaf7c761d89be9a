"""Settles unknown outcomes by reading: a found order makes a placement placed; finding none proves nothing."""

from dataclasses import dataclass

from orders_tools.errors import StoreUnavailable
from orders_tools.orders.lookup import has_reference, orders_by_reference, orders_of_send_window, search_by_reference
from orders_tools.orders.model import UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.records import Placement, Verdict, sum_or_none
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.approved_vs_made import has_exactly_lines
from orders_tools.settlement.read_back import (
    compare_orders,
    conclude,
    is_of_send_time,
    placement_differences,
    uncompared_orders,
)
from orders_tools.vocabulary import EvidenceName

_REFUSALS = frozenset({EvidenceName.DOCUMENTED_REFUSAL, EvidenceName.OPERATORS_REFUSAL})
_MOST_IDS = 10
"""The most ids of an answer that are read one by one, and the most candidates returned."""


@dataclass(frozen=True)
class PurchaseOrders:
    """The orders of a purchase, and its placements in the ledger.

    `recorded_here` is None if the ledger could not be read.
    """

    orders: list[UpstreamOrder]
    placements: list[Placement]
    recorded_here: bool | None
    unread: int = 0
    """The number of further orders that may belong to it but have no readable id."""


async def orders_of_purchase(purchasing: Purchasing, purchase_ref: str) -> PurchaseOrders:
    """Every order of a purchase, by the reference of each part or a recorded id; the same look settles doubts.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
        StoreUnavailable: the upstream has no order with this reference, and the ledger cannot be asked.
    """
    try:
        purchase = await purchasing.ledger.claimed(purchasing.owner, purchase_ref)
        rows = await purchasing.ledger.placements(purchasing.owner, purchase.token) if purchase else []
    except StoreUnavailable:
        if orders := await orders_by_reference(purchasing, purchase_ref):
            return PurchaseOrders(orders, [], None)
        raise
    if not rows:
        orders, unread = await search_by_reference(purchasing, purchase_ref, None)
        return PurchaseOrders(orders, [], purchase is not None, unread)
    settled = [await try_to_settle(purchasing, row) for row in rows]
    found: dict[str, UpstreamOrder] = {}
    unread = 0
    for row in settled:
        orders, more = await search_by_reference(purchasing, row.part_ref, row.dispatched_at)
        found |= {order.order_id: order for order in orders}
        unread += more
    for order_id in (order.order_id for row in settled if row.verdict for order in row.verdict.orders):
        if order_id not in found and (order := await purchasing.upstream.order(order_id)):
            found[order_id] = order
            unread = max(unread - 1, 0)
    return PurchaseOrders(list(found.values()), settled, True, unread)


async def try_to_settle(purchasing: Purchasing, placement: Placement) -> Placement:
    """The placement after one look, or unchanged if the ledger cannot be written."""
    try:
        return await settle(purchasing, placement)
    except StoreUnavailable:
        return placement


async def conclude_call(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    """The placement after the answer to its create call, and after one look at ids in doubt."""
    if verdict.state is PlacementState.REJECTED and verdict.evidence in _REFUSALS:
        verdict = await _doubt_if_found(purchasing, placement, verdict)
    placement = await conclude(purchasing, placement, verdict)
    if placement.state is PlacementState.UNKNOWN and placement.verdict and placement.verdict.named:
        return await try_to_settle(purchasing, placement)
    return placement


async def _doubt_if_found(purchasing: Purchasing, placement: Placement, refusal: Verdict) -> Verdict:
    """The refusal, unless the upstream still lists an order with our reference: then the outcome is unknown.

    An order without a readable id that may carry the reference counts too. If the list cannot be read, the documented
    refusal stands.
    """
    try:
        found, unread = await search_by_reference(purchasing, placement.part_ref, placement.dispatched_at)
    except (UpstreamUnavailable, UpstreamRefused):
        return refusal
    ids = tuple(order.order_id for order in found if is_of_send_time(placement, order))
    if not ids and not unread:
        return refusal
    return Verdict(
        state=PlacementState.UNKNOWN,
        evidence=EvidenceName.REFUSED_AND_FOUND,
        code=refusal.code,
        message=refusal.message,
        named=ids,
    )


async def settle(purchasing: Purchasing, placement: Placement) -> Placement:
    """`placement` after one look at the upstream: placed if its order is found, else by its deadline.

    After the deadline, a call never dispatched is rejected and a dispatched one becomes unknown. Nothing is sent.
    """
    now = purchasing.clock()
    if placement.state is PlacementState.CLAIMED:
        if now < placement.deadline:
            return placement
        return await record_verdict(
            purchasing, placement, Verdict(state=PlacementState.REJECTED, evidence=EvidenceName.NEVER_DISPATCHED)
        )
    if placement.state not in {PlacementState.DISPATCHED, PlacementState.UNKNOWN}:
        return await compare_orders(purchasing, placement)
    if placement.state is PlacementState.DISPATCHED and placement.verdict and placement.verdict.orders:
        return await conclude(purchasing, placement, placement.verdict)  # ended before the record
    try:
        found, alike = await _search(purchasing, placement)
    except (UpstreamUnavailable, UpstreamRefused):
        found, alike = [], []
    if found and _is_complete(placement, found):
        orders = tuple(order.to_placed_order() for order in found)
        unclear = uncompared_orders(found)
        verdict = Verdict(
            state=PlacementState.PLACED,
            evidence=EvidenceName.FOUND_BY_READING,
            orders=orders,
            differences=(*placement_differences(placement.part, orders, found), *unclear),
            compared=not unclear,
        )
        return await record_verdict(purchasing, placement, verdict)
    alike = [*found, *alike]
    if placement.state is PlacementState.DISPATCHED and now >= placement.deadline:
        verdict = Verdict(state=PlacementState.UNKNOWN, evidence=EvidenceName.NO_ANSWER_IN_TIME)
        placement = await record_verdict(purchasing, placement, verdict)
    return placement.model_copy(update={"candidates": tuple(order.to_placed_order() for order in alike[:_MOST_IDS])})


async def _search(purchasing: Purchasing, placement: Placement) -> tuple[list[UpstreamOrder], list[UpstreamOrder]]:
    """The orders that certainly belong to the placement; if there is none, those that may."""
    by_number, _ = await search_by_reference(purchasing, placement.part_ref, placement.dispatched_at)
    found = {order.order_id: order for order in by_number if is_of_send_time(placement, order)}
    alike: dict[str, UpstreamOrder] = {}
    if not found or not all(order.out_order_id for order in found.values()):
        async for order in orders_of_send_window(purchasing, placement):
            if not is_of_send_time(placement, order):
                continue
            if has_reference(order, placement.part_ref):
                found[order.order_id] = order
            elif not order.out_order_id and _resembles(placement, order):
                alike[order.order_id] = order
    found = {order_id: await _with_lines(purchasing, order) for order_id, order in found.items()}
    named = await _read_named_orders(purchasing, placement)
    taken = await purchasing.ledger.taken(purchasing.owner, placement.part_ref, [*found, *alike, *named])
    free_found, free_alike, free_named = (
        [order for order_id, order in some.items() if order_id not in taken] for some in (found, alike, named)
    )
    if certain := _certain_orders(placement, free_found) or _certain_named_orders(placement, free_named):
        return certain, []
    doubtful = {order.order_id: order for order in (*free_named, *free_found, *free_alike)}
    return [], [order for order in doubtful.values() if _may_have_lines(placement, order)]


async def _with_lines(purchasing: Purchasing, order: UpstreamOrder) -> UpstreamOrder:
    """An order of the list, read in full if its lines are unknown; it keeps its external number."""
    if order.lines_known:
        return order
    try:
        whole = await purchasing.upstream.order(order.order_id)
    except (UpstreamUnavailable, UpstreamRefused):
        return order
    if whole is None or whole.order_id != order.order_id:
        return order
    return whole.model_copy(update={"out_order_id": order.out_order_id})


async def _read_named_orders(purchasing: Purchasing, placement: Placement) -> dict[str, UpstreamOrder]:
    """The orders with the answer's ids in doubt, as read, without those that carry another reference."""
    ids = placement.verdict.named if placement.verdict else ()
    looks: list[UpstreamOrder | None] = []
    for order_id in ids if len(ids) <= _MOST_IDS else ():
        try:
            looks.append(await purchasing.upstream.order(order_id))
        except UpstreamUnavailable as error:
            if not error.answered:
                raise
    return {
        look.order_id: look
        for look in looks
        if look and look.out_order_id in {None, "", placement.part_ref} and is_of_send_time(placement, look)
    }


def _certain_orders(placement: Placement, found: list[UpstreamOrder]) -> list[UpstreamOrder]:
    """The orders that are certainly this placement's: by external number, or by note and exactly the lines sent.

    More orders than were previewed are in doubt, unless together they have exactly the lines sent.
    """
    by_number = [order for order in found if order.out_order_id]
    if by_number and len(by_number) <= max(1, len(placement.part.answer.orders)):
        return by_number
    some = by_number or [order for order in found if _has_only_our_offers(placement, order)]
    return some if some and has_exactly_lines(placement.part, some) else []


def _has_only_our_offers(placement: Placement, order: UpstreamOrder) -> bool:
    """Whether an order has only offers of the placement, as anybody can copy a note."""
    return {line.offer_id for line in order.lines} <= {line.offer_id for line in placement.part.lines}


def _certain_named_orders(placement: Placement, named: list[UpstreamOrder]) -> list[UpstreamOrder]:
    """The orders with ids in doubt that have exactly the lines sent, all together or just one."""
    if named and has_exactly_lines(placement.part, named):
        return named
    matching = [order for order in named if has_exactly_lines(placement.part, [order])]
    return matching if len(matching) == 1 else []


def _resembles(placement: Placement, order: UpstreamOrder) -> bool:
    expected = sum_or_none(each.sum_payment for each in placement.part.answer.orders)
    if order.payable != expected:
        return "payable" in order.unread and has_exactly_lines(placement.part, [order])
    return "lines" in order.unread or has_exactly_lines(placement.part, [order])


def _may_have_lines(placement: Placement, order: UpstreamOrder) -> bool:
    return not order.lines_known or has_exactly_lines(placement.part, [order])


def _is_complete(placement: Placement, found: list[UpstreamOrder]) -> bool:
    """Whether the orders found have every offer that was sent, as a split order may become visible bit by bit.

    If lines are unknown, as many orders as were previewed are all of them.
    """
    offers = {line.offer_id for order in found for line in order.lines}
    if {line.offer_id for line in placement.part.lines} <= offers:
        return True
    unknown = not all(order.lines_known for order in found)
    return unknown and len(found) >= max(1, len(placement.part.answer.orders))


async def record_verdict(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    """Records `verdict` and returns the placement as stored; an earlier verdict is kept."""
    await purchasing.ledger.record(purchasing.owner, placement.part_ref, verdict, purchasing.clock())
    placements = await purchasing.ledger.placements(purchasing.owner, placement.token)
    return next(row for row in placements if row.part_ref == placement.part_ref)


async def reconcile(purchasing: Purchasing) -> list[Placement]:
    """Every placement in doubt after one look at the upstream, oldest first."""
    return [await settle(purchasing, placement) for placement in await purchasing.ledger.in_doubt(purchasing.owner)]
