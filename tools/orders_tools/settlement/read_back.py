"""Concludes a create call: judges its answer, reads the named orders back, and records the outcome."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from orders_tools.errors import StoreUnavailable
from orders_tools.orders.model import UpstreamOrder
from orders_tools.ports import CreateReply, Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.model import Part, PlacedOrder
from orders_tools.purchase.records import Finding, Placement, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.approved_vs_made import merge_order, order_differences
from orders_tools.rules.create_evidence import judge, without_references
from orders_tools.vocabulary import EvidenceName, IssueCode

_log = logging.getLogger(__name__)
CLOCK_SLACK = timedelta(minutes=10)
"""How far two clocks may differ: the upstream accepts no call with a larger deviation (CONTRACT 2.2)."""


async def judge_reply(purchasing: Purchasing, part: Part, reply: CreateReply) -> Verdict:
    """What `reply` proves. An id that is the reference of a purchase in this ledger is not an order id."""
    ids = [*(order.order_id for order in reply.orders), *reply.named]
    if ids:
        try:
            references = await purchasing.ledger.references(purchasing.owner, ids)
        except StoreUnavailable:
            _log.exception("purchase %s: the ids of its answer could not be compared with references", part.part_ref)
            references = set[str]()
        reply = without_references(reply, references)
    return with_ids_in_doubt(judge(reply, purchasing.policy.more_refusals, len(part.answer.orders)))


def with_ids_in_doubt(verdict: Verdict) -> Verdict:
    """`verdict` with a finding about the ids in doubt."""
    if not verdict.named:
        return verdict
    return verdict.model_copy(update={"differences": (_order_finding(IssueCode.ORDER_NAMED, verdict.named),)})


async def conclude(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    """The placement after the answer to its create call, or as another caller settled it first.

    Orders that the answer names are read back before they count. Their ids are stored first, so that a crash in between
    loses none of them.
    """
    if verdict.orders:
        state = PlacementState.PARTLY_PLACED if verdict.failed_lines else PlacementState.PLACED
        await _keep(purchasing, placement, verdict.model_copy(update={"state": PlacementState.DISPATCHED}))
        verdict = verdict.model_copy(update={"state": state})
        try:
            verdict = await _read_back(purchasing, placement, verdict)
        except Exception:  # a fault of our own in reading must not hide an order
            _log.exception("purchase %s: our own fault in reading its order back", placement.part_ref)
            unread = _order_finding(IssueCode.ORDER_UNREAD, [order.order_id for order in verdict.orders])
            verdict = verdict.model_copy(update={"differences": (unread,)})
    settled = placement.model_copy(update={"state": verdict.state, "verdict": verdict})
    try:
        if await purchasing.ledger.record(purchasing.owner, placement.part_ref, verdict, purchasing.clock()):
            return settled
        rows = await purchasing.ledger.placements(purchasing.owner, placement.token)
    except StoreUnavailable:
        # Return what is known; the row stays dispatched and is settled by a later look.
        _log.exception("purchase %s: the ledger failed after a create call", placement.part_ref)
        return settled
    return next((row for row in rows if row.part_ref == placement.part_ref), settled)


async def _keep(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> None:
    try:
        await purchasing.ledger.enrich(purchasing.owner, placement.part_ref, verdict, purchasing.clock())
    except StoreUnavailable:
        _log.exception("purchase %s: its order ids could not be kept yet", placement.part_ref)


async def compare_orders(purchasing: Purchasing, placement: Placement) -> Placement:
    """`placement` completed by reading its orders: fields that the answer left out, such as the time to pay by, and
    differences from what was approved. They are read until the comparison was recorded once, even after a crash."""
    verdict = placement.verdict
    if verdict is None or not verdict.orders or verdict.compared:
        return placement
    after_look = await _read_back(purchasing, placement, verdict)
    if after_look != verdict:
        await _keep(purchasing, placement, after_look)
    return placement.model_copy(update={"verdict": after_look})


async def _read_back(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Verdict:
    """`verdict` after a look at each of its orders.

    An order made before this call was sent is not of this call. Then the outcome is unknown; if it is already recorded
    as placed, there is only a finding.
    """
    looks = await _read_orders(purchasing, placement, verdict.orders)
    ids = [order.order_id for order in verdict.orders]
    seen = [look for look in looks.values() if look]
    older = [order_id for order_id in ids if (look := looks.get(order_id)) and not is_of_send_time(placement, look)]
    if older and placement.state is PlacementState.DISPATCHED:
        return _as_unknown(verdict, EvidenceName.ORDER_OF_BEFORE_THE_SEND, _order_finding(IssueCode.ORDER_OLDER, older))
    taken = await purchasing.ledger.taken(purchasing.owner, placement.part_ref, ids)
    if taken and placement.state is PlacementState.DISPATCHED:
        return _as_unknown(verdict, EvidenceName.ORDER_OF_ANOTHER_PURCHASE, _order_finding(IssueCode.ORDER_NAMED, ids))
    orders = [merge_order(order, looks.get(order.order_id)) for order in verdict.orders]
    differences = placement_differences(placement.part, orders, seen, verdict)
    missing = [order_id for order_id in ids if looks.get(order_id, ...) is None]
    unread = [order_id for order_id in ids if order_id not in looks]
    for code, some in (
        (IssueCode.ORDER_OLDER, older),
        (IssueCode.ORDER_NOT_FOUND_YET, missing),
        (IssueCode.ORDER_UNREAD, unread),
    ):
        differences += [_order_finding(code, some)] if some else []
    unclear = uncompared_orders(seen)
    is_compared = not (unread or missing or unclear)
    update = {"orders": tuple(orders), "differences": (*differences, *unclear), "compared": is_compared}
    return verdict.model_copy(update=update)


def _as_unknown(verdict: Verdict, evidence: EvidenceName, why: Finding) -> Verdict:
    """`verdict` as unknown, because its orders may not be of this call."""
    return Verdict(
        state=PlacementState.UNKNOWN,
        evidence=evidence,
        differences=(why,),
        code=verdict.code,
        message=verdict.message,
        named=tuple(order.order_id for order in verdict.orders),
    )


async def _read_orders(
    purchasing: Purchasing, placement: Placement, orders: Sequence[PlacedOrder]
) -> dict[str, UpstreamOrder | None]:
    """Each order as read back; None if the upstream has no such order. An unreadable order is left out."""
    looks: dict[str, UpstreamOrder | None] = {}
    for order in orders:
        try:
            looks[order.order_id] = await purchasing.upstream.order(order.order_id)
        except (UpstreamUnavailable, UpstreamRefused) as error:
            _log.info("purchase %s: its order could not be read yet", placement.part_ref)
            if not getattr(error, "answered", False):
                break
    return looks


def placement_differences(
    part: Part, orders: Sequence[PlacedOrder], looks: Sequence[UpstreamOrder], verdict: Verdict | None = None
) -> list[Finding]:
    """How the orders of a create call differ from what was approved, including their number."""
    found = order_differences(part, orders, looks, verdict.failed_lines if verdict else ())
    previewed = len(part.answer.orders)
    if 0 < previewed < len(orders):
        details = {"count": len(orders), "previewed": previewed}
        found.append(Finding(severity="warns", code=IssueCode.MORE_ORDERS, details=details))
    return found


def uncompared_orders(looks: Sequence[UpstreamOrder]) -> list[Finding]:
    """A finding with the orders whose lines or total are unknown, so that they could not be compared; else nothing."""
    ids = [look.order_id for look in looks if not look.lines_known or "payable" in look.unread]
    return [_order_finding(IssueCode.ORDER_NOT_COMPARED, ids)] if ids else []


def is_of_send_time(placement: Placement, order: UpstreamOrder) -> bool:
    """Whether an order can be of this call by its time: False if it was clearly made before the call was sent."""
    if placement.dispatched_at is None or order.created_at is None:
        return True
    return order.created_at >= placement.dispatched_at - CLOCK_SLACK


def _order_finding(code: IssueCode, order_ids: Sequence[str]) -> Finding:
    return Finding(severity="warns", code=code, details={"order_ids": list(order_ids)})
