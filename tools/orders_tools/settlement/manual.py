"""Settling an unknown outcome by a person's word: an order is this placement's, or none was made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders_prompts.inert import identifier
from orders_tools.orders.lookup import orders_by_reference
from orders_tools.orders.model import UpstreamOrder
from orders_tools.ports import Purchasing
from orders_tools.purchase.model import FailedLine
from orders_tools.purchase.records import Placement, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.approved_vs_made import has_exactly_lines, lines_made, order_differences
from orders_tools.rules.create_evidence import fold
from orders_tools.settlement.reconciliation import record_verdict, settle
from orders_tools.vocabulary import EvidenceName


class CannotSettle(Exception):
    """Why the person cannot decide: a code of the text `terminal`, and the variables of its sentence."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True)
class Doubt:
    """An unknown placement after a fresh look, and the time from which a person may release it."""

    placement: Placement
    releasable_from: datetime


def matching_placements(rows: Sequence[Placement], reference: str) -> list[Placement]:
    """The placements with this reference, or otherwise the parts of the purchase with this reference."""
    part = re.compile(rf"{re.escape(reference)}-[0-9]+")
    return [row for row in rows if row.part_ref == reference] or [row for row in rows if part.fullmatch(row.part_ref)]


async def find_doubt(purchasing: Purchasing, reference: str, order_id: str | None = None) -> Doubt:
    """The unknown placement with this reference, freshly looked up; of several parts, the one that matches the order.

    Raises:
        CannotSettle: there is none, several parts are in doubt, or the look settled it.
    """
    rows = matching_placements(await purchasing.ledger.in_doubt(purchasing.owner), reference)
    if not rows:
        raise CannotSettle("NOT_IN_DOUBT", ref=reference)
    if len(rows) > 1 and order_id is not None:
        order = await purchasing.upstream.order(order_id)
        rows = [row for row in rows if order is None or _may_match(row, order)] or rows
    if len(rows) > 1:
        raise CannotSettle("SEVERAL_PARTS", refs=[row.part_ref for row in rows])
    placement = await settle(purchasing, rows[0])
    if placement.state is not PlacementState.UNKNOWN:
        raise CannotSettle("SETTLED_MEANWHILE", ref=placement.part_ref, state=placement.state)
    return Doubt(placement, placement.deadline + purchasing.policy.release_after)


def _may_match(row: Placement, order: UpstreamOrder) -> bool:
    return order.out_order_id in {None, "", row.part_ref} and has_exactly_lines(row.part, [order])


async def check_order(purchasing: Purchasing, doubt: Doubt, order_id: str) -> UpstreamOrder:
    """The order that the person means.

    Raises:
        CannotSettle: there is no such order, it carries another reference, or it holds other lines.
    """
    order = await purchasing.upstream.order(order_id)
    if order is None:
        raise CannotSettle("NO_SUCH_ORDER", order_id=identifier(order_id))
    ours = fold(order.out_order_id or "") == fold(doubt.placement.part_ref)
    if order.out_order_id and not ours:
        raise CannotSettle("OTHER_REFERENCE", order_id=identifier(order_id))
    if await purchasing.ledger.taken(purchasing.owner, doubt.placement.part_ref, [order_id]):
        raise CannotSettle("OTHERS_ORDER", order_id=identifier(order_id))
    made = lines_made(doubt.placement.part, [order]) if ours else None
    if made is None and not has_exactly_lines(doubt.placement.part, [order]):
        raise CannotSettle("OTHER_LINES", order_id=identifier(order_id))
    return order


async def accept(purchasing: Purchasing, doubt: Doubt, order: UpstreamOrder) -> Placement:
    """Record the person's word that `order` is this placement's; lines that it lacks were not ordered."""
    orders = (order.to_placed_order(),)
    part = doubt.placement.part
    made = lines_made(part, [order]) or ()
    left = [line for line in part.lines if line not in made]
    failed = tuple(FailedLine(offer_id=line.offer_id, spec_id=line.spec_id, code=None, message=None) for line in left)
    verdict = Verdict(
        state=PlacementState.PARTLY_PLACED if failed else PlacementState.PLACED,
        evidence=EvidenceName.ACCEPTED_BY_A_PERSON,
        orders=orders,
        failed_lines=failed,
        differences=tuple(order_differences(part, orders, [order], failed)),
        compared=True,
    )
    return await record_verdict(purchasing, doubt.placement, verdict)


async def release(purchasing: Purchasing, doubt: Doubt) -> Placement:
    """Record the person's word that no order was made. If one was, ordering again buys twice.

    Raises:
        CannotSettle: it is too early, or an order carries the reference.
        UpstreamUnavailable, UpstreamRefused: the upstream could not be asked.
    """
    reference = doubt.placement.part_ref
    if carrying := await orders_by_reference(purchasing, reference, doubt.placement.dispatched_at):
        raise CannotSettle("ORDER_EXISTS", order_id=identifier(carrying[0].order_id), ref=reference)
    if purchasing.clock() < doubt.releasable_from:
        raise CannotSettle("TOO_EARLY", moment=doubt.releasable_from)
    verdict = Verdict(state=PlacementState.REJECTED, evidence=EvidenceName.RELEASED_BY_A_PERSON)
    return await record_verdict(purchasing, doubt.placement, verdict)
