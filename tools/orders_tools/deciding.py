"""What only a person may decide about an unknown outcome: that an order is this one, or that none was made."""

from dataclasses import dataclass
from datetime import datetime

from orders_tools.comparing import holds_the_lines, made_differently, part_made
from orders_tools.evidence import folded
from orders_tools.orders import UpstreamOrder
from orders_tools.ports import Purchasing
from orders_tools.purchase import FailedLine
from orders_tools.reconciling import orders_of, recorded, settle
from orders_tools.records import Placement, Verdict
from orders_tools.states import PlacementState
from orders_tools.vocabulary import EvidenceName


class CannotDecide(Exception):
    """Why there is nothing for the person to decide, in a sentence."""


@dataclass(frozen=True)
class Doubt:
    """An unknown placement after a fresh look, and from when a person may release it."""

    placement: Placement
    releasable_from: datetime


async def doubt_about(purchasing: Purchasing, part_ref: str) -> Doubt:
    """The unknown placement with this reference, freshly looked up.

    Raises:
        CannotDecide: there is none, or the look settled it.
    """
    rows = [row for row in await purchasing.ledger.in_doubt(purchasing.owner) if row.part_ref == part_ref]
    if not rows:
        raise CannotDecide(f"nothing with the reference {part_ref} is in doubt")
    placement = await settle(purchasing, rows[0])
    if placement.state is not PlacementState.UNKNOWN:
        raise CannotDecide(f"{part_ref} is {placement.state} now; there is nothing to decide")
    return Doubt(placement, placement.deadline + purchasing.policy.release_after)


async def order_for(purchasing: Purchasing, doubt: Doubt, order_id: str) -> UpstreamOrder:
    """The order that the person means.

    Raises:
        CannotDecide: there is no such order, it carries another reference, or it holds other lines.
    """
    order = await purchasing.upstream.order(order_id)
    if order is None:
        raise CannotDecide(f"the upstream has no order {order_id}")
    ours = folded(order.out_order_id or "") == folded(doubt.placement.part_ref)
    if order.out_order_id and not ours:
        raise CannotDecide(f"order {order_id} carries the reference of another purchase")
    if await purchasing.ledger.taken(purchasing.owner, doubt.placement.part_ref, [order_id]):
        raise CannotDecide(f"order {order_id} is recorded as another purchase's")
    made = part_made(doubt.placement.part, [order]) if ours else None
    if made is None and not holds_the_lines(doubt.placement.part, [order]):
        raise CannotDecide(f"order {order_id} holds other lines than this purchase")
    return order


async def accept(purchasing: Purchasing, doubt: Doubt, order: UpstreamOrder) -> Placement:
    """Record the person's word that `order` is this placement's; what it does not hold was not ordered."""
    orders = (order.placed(),)
    part = doubt.placement.part
    whole = holds_the_lines(part, [order])
    left = [] if whole else [line for line in part.lines if line not in (part_made(part, [order]) or ())]
    failed = tuple(FailedLine(offer_id=line.offer_id, spec_id=line.spec_id, code=None, message=None) for line in left)
    verdict = Verdict(
        state=PlacementState.PARTLY_PLACED if failed else PlacementState.PLACED,
        evidence=EvidenceName.ACCEPTED_BY_A_PERSON,
        orders=orders,
        failed_lines=failed,
        differences=tuple(made_differently(part, orders, [order], failed)),
        compared=True,
    )
    return await recorded(purchasing, doubt.placement, verdict)


async def release(purchasing: Purchasing, doubt: Doubt) -> Placement:
    """Record the person's word that no order was made. If one was, ordering again buys twice.

    Raises:
        CannotDecide: it is too early, or an order carries the reference.
        UpstreamUnavailable, UpstreamRefused: nobody can tell.
    """
    reference = doubt.placement.part_ref
    if carrying := await orders_of(purchasing, reference, doubt.placement.dispatched_at):
        raise CannotDecide(f"order {carrying[0].order_id} carries the reference {reference}: settle it with that order")
    if purchasing.clock() < doubt.releasable_from:
        raise CannotDecide(
            f"an order may still become visible; it can be released from {doubt.releasable_from:%F %R %Z}"
        )
    verdict = Verdict(state=PlacementState.REJECTED, evidence=EvidenceName.RELEASED_BY_A_PERSON)
    return await recorded(purchasing, doubt.placement, verdict)
