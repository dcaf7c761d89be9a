"""Settling what is unknown, by reading: an order found makes a placement placed; nothing found proves nothing."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from orders_tools.comparing import holds_the_lines, made_differently, merged
from orders_tools.faults import StoreUnavailable
from orders_tools.orders import OrderQuery, UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.records import Placement, Verdict, sum_or_none
from orders_tools.states import PlacementState

_log = logging.getLogger(__name__)
_CLOCK_SLACK = timedelta(minutes=10)
_PAGES = 5
"""How many pages of orders one search reads at the most (the reference filter may be ignored by the upstream)."""


CURRENT_FOR = timedelta(days=80)
"""How long an order is in the current table for certain (CONTRACT 5: about three months)."""


@dataclass(frozen=True)
class Found:
    """The orders of a purchase, and what the ledger has of it.

    `recorded_here` is None where the ledger could not be asked.
    """

    orders: list[UpstreamOrder]
    placements: list[Placement]
    recorded_here: bool | None


async def orders_of(
    purchasing: Purchasing, part_ref: str, dispatched_at: datetime | None = None
) -> list[UpstreamOrder]:
    """The upstream's orders that carry `part_ref`, asked for by that number; old ones too, unless it is too recent.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
    """
    query = OrderQuery(out_order_id=part_ref, page_size=50)
    found = [order for order in (await purchasing.upstream.orders(query)).orders if _carries(order, part_ref)]
    recent = dispatched_at is not None and purchasing.clock() - dispatched_at < CURRENT_FOR
    if found or recent or not purchasing.policy.order_history:
        return found
    try:
        old = await purchasing.upstream.orders(query.model_copy(update={"history": True}))
    except (UpstreamUnavailable, UpstreamRefused):
        return []  # the current table did answer, and has none
    return [order for order in old.orders if _carries(order, part_ref)]


async def orders_of_purchase(purchasing: Purchasing, purchase_ref: str) -> Found:
    """Every order of a purchase, its doubts settled by the same look: by the reference of each part, or by known id.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
        StoreUnavailable: the upstream has no order with this reference, and the ledger cannot be asked.
    """
    try:
        purchase = await purchasing.ledger.claimed(purchasing.owner, purchase_ref)
        rows = await purchasing.ledger.placements(purchasing.owner, purchase.token) if purchase else []
    except StoreUnavailable:
        if orders := await orders_of(purchasing, purchase_ref):
            return Found(orders, [], None)
        raise
    if not rows:
        return Found(await orders_of(purchasing, purchase_ref), [], purchase is not None)
    settled = [await _settled_if_possible(purchasing, row) for row in rows]
    found: dict[str, UpstreamOrder] = {}
    for row in settled:
        orders = await orders_of(purchasing, row.part_ref, row.dispatched_at)
        found |= {order.order_id: order for order in orders}
    for order_id in (order.order_id for row in settled if row.verdict for order in row.verdict.orders):
        if order_id not in found and (order := await purchasing.upstream.order(order_id)):
            found[order_id] = order
    return Found(list(found.values()), settled, True)


async def _settled_if_possible(purchasing: Purchasing, placement: Placement) -> Placement:
    """The placement after one look, or as it stands where the ledger can be read and not written."""
    try:
        return await settle(purchasing, placement)
    except StoreUnavailable:
        return placement


async def _made_about_then(purchasing: Purchasing, placement: Placement) -> AsyncIterator[UpstreamOrder]:
    """The upstream's orders from the time in which this one can have been made."""
    if placement.dispatched_at is None:
        return
    window = OrderQuery(
        page_size=50,
        created_from=placement.dispatched_at - _CLOCK_SLACK,
        created_to=placement.deadline + _CLOCK_SLACK,
    )
    for page in range(1, _PAGES + 1):
        answer = await purchasing.upstream.orders(window.model_copy(update={"page": page}))
        for order in answer.orders:
            yield order
        if len(answer.orders) < window.page_size:
            return


def _carries(order: UpstreamOrder, part_ref: str) -> bool:
    """Whether an order has our reference, as external number or at the end of the buyer's note."""
    if order.out_order_id:
        return order.out_order_id == part_ref
    return (order.note or "").rstrip().endswith(f"[{part_ref}]")


async def settle(purchasing: Purchasing, placement: Placement) -> Placement:
    """`placement` after one look at the upstream: placed where its order is found, else as the clock has it.

    What was never dispatched is rejected once its time is over; what was dispatched becomes unknown. Nothing is sent.
    """
    now = purchasing.clock()
    if placement.state is PlacementState.CLAIMED:
        if now < placement.deadline:
            return placement
        return await recorded(
            purchasing, placement, Verdict(state=PlacementState.REJECTED, evidence="never_dispatched")
        )
    if placement.state not in {PlacementState.DISPATCHED, PlacementState.UNKNOWN}:
        return await compared(purchasing, placement)
    try:
        found, alike = await _search(purchasing, placement)
    except (UpstreamUnavailable, UpstreamRefused):
        found, alike = [], []
    if found and _whole(placement, found):
        orders = tuple(order.placed() for order in found)
        verdict = Verdict(
            state=PlacementState.PLACED,
            evidence="found_by_reading",
            orders=orders,
            differences=tuple(made_differently(placement.part, orders, found)),
            compared=True,
        )
        return await recorded(purchasing, placement, verdict)
    if placement.state is PlacementState.DISPATCHED and now >= placement.deadline:
        verdict = Verdict(state=PlacementState.UNKNOWN, evidence="no_answer_in_time")
        placement = await recorded(purchasing, placement, verdict)
    return placement.model_copy(update={"candidates": tuple(order.placed() for order in alike)})


async def _search(purchasing: Purchasing, placement: Placement) -> tuple[list[UpstreamOrder], list[UpstreamOrder]]:
    """The orders that carry the placement's reference, and where there is none those that only look like it."""
    by_number = await orders_of(purchasing, placement.part_ref, placement.dispatched_at)
    found = {order.order_id: order for order in by_number}
    alike: dict[str, UpstreamOrder] = {}
    if not found or not all(order.out_order_id for order in found.values()):
        async for order in _made_about_then(purchasing, placement):
            if _carries(order, placement.part_ref):
                found[order.order_id] = order
            elif not order.out_order_id and _looks_like(placement, order):
                alike[order.order_id] = order
    taken = await purchasing.ledger.taken(purchasing.owner, placement.part_ref, [*found, *alike])
    sure = _sure(placement, [order for order_id, order in found.items() if order_id not in taken])
    return sure, [] if sure else [order for order_id, order in alike.items() if order_id not in taken]


def _sure(placement: Placement, found: list[UpstreamOrder]) -> list[UpstreamOrder]:
    """The orders that are this placement's: by external number, or by the note and together exactly the lines sent."""
    by_number = [order for order in found if order.out_order_id]
    if by_number:
        return by_number
    return found if found and holds_the_lines(placement.part, found) else []


def _looks_like(placement: Placement, order: UpstreamOrder) -> bool:
    expected = sum_or_none(each.sum_payment for each in placement.part.answer.orders)
    return order.payable == expected and holds_the_lines(placement.part, [order])


def _whole(placement: Placement, found: list[UpstreamOrder]) -> bool:
    """Whether the orders found hold every offer that was sent; a split order may become visible bit by bit."""
    offers = {line.offer_id for order in found for line in order.lines}
    return {line.offer_id for line in placement.part.lines} <= offers


async def compared(purchasing: Purchasing, placement: Placement) -> Placement:
    """`placement` with what a look at its orders adds: what the answer left out, such as the time to pay by, and how
    they differ from what was approved. It is looked at until that was told once, also after a crash in between."""
    verdict = placement.verdict
    if verdict is None or not verdict.orders or verdict.compared:
        return placement
    seen: list[UpstreamOrder | None] = []
    try:
        for order in verdict.orders:
            seen.append(await purchasing.upstream.order(order.order_id))
    except (UpstreamUnavailable, UpstreamRefused):
        _log.info("purchase %s: placed; its order could not be read yet", placement.part_ref)
    told = [merged(order, look) for order, look in zip_longest(verdict.orders, seen)]
    looks = [look for look in seen if look]
    whole = verdict.model_copy(
        update={
            "orders": tuple(told),
            "differences": tuple(made_differently(placement.part, told, looks, verdict.failed_lines)),
            "compared": len(looks) == len(told),
        }
    )
    if whole != verdict:
        try:
            await purchasing.ledger.enrich(purchasing.owner, placement.part_ref, whole, purchasing.clock())
        except StoreUnavailable:
            _log.exception("purchase %s: what its order adds could not be recorded", placement.part_ref)
    return placement.model_copy(update={"verdict": whole})


async def recorded(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    """The placement as the ledger has it after `verdict` was offered; somebody else's, where theirs came first."""
    await purchasing.ledger.record(purchasing.owner, placement.part_ref, verdict, purchasing.clock())
    placements = await purchasing.ledger.placements(purchasing.owner, placement.token)
    return next(row for row in placements if row.part_ref == placement.part_ref)


async def reconcile(purchasing: Purchasing) -> list[Placement]:
    """Every placement in doubt after one look at the upstream, oldest first."""
    return [await settle(purchasing, placement) for placement in await purchasing.ledger.in_doubt(purchasing.owner)]
