"""Settling what is unknown, by reading: an order found makes a placement placed; nothing found proves nothing."""

from datetime import timedelta

from orders_tools.orders import OrderQuery, UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.records import Placement, Verdict
from orders_tools.states import PlacementState

_CLOCK_SLACK = timedelta(minutes=10)
_PAGES = 5
"""How many pages of orders one search reads at the most (the reference filter may be ignored by the upstream)."""


async def orders_of(purchasing: Purchasing, part_ref: str, placement: Placement | None) -> list[UpstreamOrder]:
    """The upstream's orders that carry `part_ref`, as external number or at the end of the buyer's note.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
    """
    by_number = await purchasing.upstream.orders(OrderQuery(out_order_id=part_ref, page_size=50))
    found = [order for order in by_number.orders if _carries(order, part_ref)]
    if found or placement is None or placement.dispatched_at is None:
        return found
    window = OrderQuery(
        page_size=50,
        created_from=placement.dispatched_at - _CLOCK_SLACK,
        created_to=placement.deadline + _CLOCK_SLACK,
    )
    for page in range(1, _PAGES + 1):
        answer = await purchasing.upstream.orders(window.model_copy(update={"page": page}))
        found += [order for order in answer.orders if _carries(order, part_ref)]
        if len(answer.orders) < window.page_size:
            break
    return found


def _carries(order: UpstreamOrder, part_ref: str) -> bool:
    return order.out_order_id == part_ref or (order.note or "").rstrip().endswith(f"[{part_ref}]")


async def settle(purchasing: Purchasing, placement: Placement) -> Placement:
    """`placement` after one look at the upstream: placed where its order is found, else as the clock has it.

    What was never dispatched is rejected once its time is over; what was dispatched becomes unknown. Nothing is sent.
    """
    now = purchasing.clock()
    if placement.state is PlacementState.CLAIMED:
        if now < placement.deadline:
            return placement
        return await _recorded(
            purchasing, placement, Verdict(state=PlacementState.REJECTED, evidence="never_dispatched")
        )
    if placement.state not in {PlacementState.DISPATCHED, PlacementState.UNKNOWN}:
        return placement
    try:
        found = await orders_of(purchasing, placement.part_ref, placement)
    except (UpstreamUnavailable, UpstreamRefused):
        found = []
    if found and _whole(placement, found):
        orders = tuple(order.placed() for order in found)
        verdict = Verdict(state=PlacementState.PLACED, evidence="found_by_reading", orders=orders)
        return await _recorded(purchasing, placement, verdict)
    if placement.state is PlacementState.DISPATCHED and now >= placement.deadline:
        return await _recorded(
            purchasing, placement, Verdict(state=PlacementState.UNKNOWN, evidence="no_answer_in_time")
        )
    return placement


def _whole(placement: Placement, found: list[UpstreamOrder]) -> bool:
    """Whether the orders found hold every line that was sent; a split order may become visible bit by bit."""
    offers = {line.offer_id for order in found for line in order.lines}
    return {line.offer_id for line in placement.part.lines} <= offers


async def _recorded(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    await purchasing.ledger.record(purchasing.owner, placement.part_ref, verdict, purchasing.clock())
    placements = await purchasing.ledger.placements(purchasing.owner, placement.token)
    return next(row for row in placements if row.part_ref == placement.part_ref)
