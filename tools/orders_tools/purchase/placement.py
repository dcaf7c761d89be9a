"""The create calls of a purchase: claimed together, sent one after another, each recorded with its outcome."""

import logging
from collections.abc import Sequence
from datetime import datetime

from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault
from orders_tools.ports import Purchasing, ReferenceTaken, RepeatedMeanwhile
from orders_tools.purchase.model import Part
from orders_tools.purchase.records import Finding, Placement, Purchase, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.results.builders import issue, issue_details
from orders_tools.results.redaction import NO_REDACTIONS
from orders_tools.settlement.read_back import judge_reply
from orders_tools.settlement.reconciliation import conclude_call
from orders_tools.vocabulary import EvidenceName, IssueCode

_log = logging.getLogger(__name__)


async def place(
    purchasing: Purchasing, purchase: Purchase, parts: Sequence[Part], previewed_at: datetime
) -> list[Placement] | None:
    """The outcome of each create call; None if the yes was used up or withdrawn meanwhile, and nothing was sent.

    Raises:
        ToolFault: NOT_ORDERABLE: the same goods or the reference were ordered, or came into doubt, since the yes.
    """
    now = purchasing.clock()
    try:
        is_claimed = await purchasing.ledger.claim(
            purchase, parts, previewed_at, now, now + purchasing.policy.send_window
        )
    except RepeatedMeanwhile as repeated:
        code = IssueCode.POSSIBLE_DUPLICATE if repeated.in_doubt else IssueCode.BOUGHT_MEANWHILE
        code = code if repeated.same else IssueCode.ALIKE_IN_DOUBT
        finding = Finding(severity="blocks", code=code, details={"purchase_ref": repeated.purchase_ref})
        issues = [issue(finding, purchasing.texts, NO_REDACTIONS)]  # only our own reference is in it
        raise ToolFault(FaultCode.NOT_ORDERABLE, issues=issue_details(issues)) from None
    except ReferenceTaken:
        raise ToolFault(FaultCode.NOT_ORDERABLE, "reference_used", issues=[]) from None
    if not is_claimed:
        return None
    return [await _send_part(purchasing, purchase, number, part) for number, part in enumerate(parts)]


async def _send_part(purchasing: Purchasing, purchase: Purchase, number: int, part: Part) -> Placement:
    """Send one create call. Returns what its answer proves. The first call was dispatched together with the claim."""
    now = purchasing.clock()
    deadline = now + purchasing.policy.send_window
    placement = Placement(
        part_ref=part.part_ref,
        token=purchase.token,
        state=PlacementState.DISPATCHED,
        part=part,
        deadline=deadline,
        dispatched_at=now,
        verdict=None,
    )
    try:
        if number and not await purchasing.ledger.dispatch(purchasing.owner, part.part_ref, now, deadline):
            return await _stored_placement(purchasing, placement)
        verdict = await _call_create(purchasing, purchase, part)
        return await conclude_call(purchasing, placement, verdict)
    except StoreUnavailable:
        # The order may exist: return what is known; the dispatched row is settled by a later look.
        _log.exception("purchase %s: the ledger failed around a create call", part.part_ref)
    return placement


async def _stored_placement(purchasing: Purchasing, placement: Placement) -> Placement:
    rows = await purchasing.ledger.placements(purchasing.owner, placement.token)
    return next((row for row in rows if row.part_ref == placement.part_ref), placement)


async def _call_create(purchasing: Purchasing, purchase: Purchase, part: Part) -> Verdict:
    assert purchase.address is not None
    try:
        return await judge_reply(purchasing, part, await purchasing.upstream.create(part, purchase.address))
    except Exception:  # a fault of our own after the send must not look like "not ordered"
        _log.exception("purchase %s: our own fault around a create call", part.part_ref)
        return Verdict(state=PlacementState.UNKNOWN, evidence=EvidenceName.OWN_FAULT)
