"""`create_order`: what a preview token stands for is ordered once, after a person's yes, or not at all."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from orders_tools.arguments import CreateArguments, read_arguments
from orders_tools.drift import differences
from orders_tools.evidence import judge
from orders_tools.faults import FaultCode, StoreUnavailable, ToolFault
from orders_tools.money import fen_from_text, yuan_or_none
from orders_tools.outcomes import declined, outcome_of, price_changed, waiting_for_a_person
from orders_tools.ports import Purchasing, ReferenceTaken, RepeatedMeanwhile
from orders_tools.presenting import details_of, dialog, issue
from orders_tools.preview_order import bound, priced, repeats, unpriced
from orders_tools.purchase import Part
from orders_tools.reconciling import compared, settle
from orders_tools.records import Approval, Finding, Placement, Purchase, Verdict
from orders_tools.results import CreateResult
from orders_tools.states import PlacementState, TokenState
from orders_tools.tokens import is_token

_log = logging.getLogger(__name__)


class Answer(StrEnum):
    """What the person said in the client's dialog."""

    YES = "yes"
    NO = "no"
    SILENT = "silent"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Question:
    """A dialog, and for how many seconds its answer counts."""

    text: str
    seconds: float


async def question(purchasing: Purchasing, given: Mapping[str, Any]) -> Question | None:
    """The dialog that has to be answered before `create_order` sends anything; None where none is due.

    It only reads the ledger: the text is a function of the stored preview and of what was bought since.
    """
    if purchasing.policy.approval != "ask":
        return None
    try:
        arguments = read_arguments(CreateArguments, given)
        purchase = await _purchase(purchasing, arguments.preview_token)
        if purchase.state is not TokenState.OPEN:
            return None
        await _refuse_unless_ready(purchasing, purchase, arguments.expected_total, Answer.NOT_ASKED)
    except ToolFault:
        return None
    left = purchase.expires_at - purchasing.clock()
    return Question(dialog(purchase, await repeats(purchasing, purchase), purchasing.texts), left.total_seconds())


async def create_order(purchasing: Purchasing, given: Mapping[str, Any], answer: Answer) -> CreateResult:
    """What became of the purchase that the token stands for.

    Raises:
        ToolFault: the token was not accepted; nothing was sent.
        StoreUnavailable: the ledger failed before anything was sent.
    """
    arguments = read_arguments(CreateArguments, given)
    purchase = await _purchase(purchasing, arguments.preview_token)
    if (final := await _final(purchasing, purchase)) is not None:
        return final
    await _refuse_unless_ready(purchasing, purchase, arguments.expected_total, answer)
    if purchase.state is TokenState.OPEN:
        approved = await _approve(purchasing, purchase, answer)
        if isinstance(approved, CreateResult):
            return approved
        purchase = approved
    return await _order(purchasing, purchase)


async def _purchase(purchasing: Purchasing, token: str) -> Purchase:
    purchase = await purchasing.ledger.purchase(purchasing.owner, token) if is_token(token) else None
    if purchase is None:
        raise ToolFault(FaultCode.TOKEN_INVALID)
    if purchase.address is not None and not purchase.intact:
        _log.error("purchase %s: the stored row is not what was shown; refused", purchase.basket.purchase_ref)
        raise ToolFault(FaultCode.TOKEN_INVALID)
    return purchase


async def _final(purchasing: Purchasing, purchase: Purchase) -> CreateResult | None:
    """The stored answer of a token that was used before, freshly settled by reading; None for one still to be used."""
    match purchase.state:
        case TokenState.CLAIMED:
            placements = await purchasing.ledger.placements(purchasing.owner, purchase.token)
            settled = [await settle(purchasing, placement) for placement in placements]
            return outcome_of(purchasing, purchase, settled, replayed=True)
        case TokenState.DECLINED:
            return declined(purchasing, purchase, replayed=True)
        case TokenState.PRICE_CHANGED:
            fresh = await purchasing.ledger.purchase(purchasing.owner, purchase.fresh_token or "")
            if fresh is None:
                raise ToolFault(FaultCode.TOKEN_INVALID)
            return price_changed(purchasing, purchase, fresh, differences(purchase, fresh), replayed=True)
        case _:
            return None


async def _refuse_unless_ready(purchasing: Purchasing, purchase: Purchase, expected_total: str, answer: Answer) -> None:
    if purchase.state is TokenState.EXPIRED or purchasing.clock() >= purchase.expires_at or purchase.address is None:
        raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=purchase.expires_at)
    # With a yes in hand the claim looks for repeats itself, under its lock; before it, a person should not be asked.
    repeated = [] if answer is Answer.YES else await repeats(purchasing, purchase)
    newer = [finding for finding in repeated if finding not in purchase.findings]
    blockers = [finding for finding in (*purchase.findings, *newer) if finding.severity == "blocks"]
    if blockers:
        told = [issue(finding, purchasing.texts) for finding in blockers]
        raise ToolFault(FaultCode.NOT_ORDERABLE, issues=details_of(told))
    if purchase.payable is None or fen_from_text(expected_total) != purchase.payable:
        raise ToolFault(
            FaultCode.TOTAL_MISMATCH, payable=yuan_or_none(purchase.payable), purchase_ref=purchase.basket.purchase_ref
        )


async def _approve(purchasing: Purchasing, purchase: Purchase, answer: Answer) -> Purchase | CreateResult:
    """The purchase with the person's yes on it; a result where there was none, or where somebody was faster."""
    now = purchasing.clock()
    if answer is Answer.NO and purchasing.policy.approval == "ask":
        if await purchasing.ledger.decline(purchase, "elicitation", now):
            return declined(purchasing, purchase, replayed=False)
        return await _again(purchasing, purchase)
    if answer is not Answer.YES and purchasing.policy.approval == "ask":
        return waiting_for_a_person(purchasing, purchase, asked=answer is Answer.SILENT)
    channel = "host" if purchasing.policy.approval == "host" else "elicitation"
    if await purchasing.ledger.approve(purchase, channel, now):
        approval = Approval(channel=channel, at=now)
        return purchase.model_copy(update={"state": TokenState.APPROVED, "approval": approval})
    current = await _purchase(purchasing, purchase.token)
    return current if current.state is TokenState.APPROVED else await _again(purchasing, current)


async def _order(purchasing: Purchasing, purchase: Purchase) -> CreateResult:
    """Re-preview, claim, send, record: everything after the yes."""
    if purchase.address is None or purchase.state is not TokenState.APPROVED:
        raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=purchase.expires_at)
    fresh = await priced(purchasing, unpriced(purchasing, purchase.basket, purchase.address))
    if changed := differences(purchase, fresh):
        fresh = bound(fresh, await repeats(purchasing, fresh))
        if await purchasing.ledger.supersede(purchase, fresh, purchasing.clock()):
            return price_changed(purchasing, purchase, fresh, changed, replayed=False)
        return await _again(purchasing, purchase)
    # From the claim on nothing may stop half-way: a cancelled caller must find a recorded outcome.
    with purchasing.uninterrupted():
        return await _place(purchasing, purchase, _as_approved(purchase, fresh), fresh.created_at)


def _as_approved(purchase: Purchase, fresh: Purchase) -> list[Part]:
    """The fresh parts with the note that the person saw: a setting may have changed since."""
    return [
        part.model_copy(update={"note": approved.note})
        for approved, part in zip(purchase.parts, fresh.parts, strict=True)
    ]


async def _again(purchasing: Purchasing, purchase: Purchase) -> CreateResult:
    """What the token says after somebody else changed it under our hands."""
    current = await _purchase(purchasing, purchase.token)
    if (final := await _final(purchasing, current)) is not None:
        return final
    raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=current.expires_at)


async def _place(
    purchasing: Purchasing, purchase: Purchase, parts: Sequence[Part], previewed_at: datetime
) -> CreateResult:
    now = purchasing.clock()
    try:
        won = await purchasing.ledger.claim(purchase, parts, previewed_at, now, now + purchasing.policy.send_window)
    except RepeatedMeanwhile as repeated:
        code = "POSSIBLE_DUPLICATE" if repeated.in_doubt else "BOUGHT_MEANWHILE"
        finding = Finding(severity="blocks", code=code, details={"purchase_ref": repeated.purchase_ref})
        told = [issue(finding, purchasing.texts)]
        raise ToolFault(FaultCode.NOT_ORDERABLE, issues=details_of(told)) from None
    except ReferenceTaken:
        raise ToolFault(FaultCode.NOT_ORDERABLE, "reference_used", issues=[]) from None
    if not won:
        return await _again(purchasing, purchase)
    placements = [await _sent(purchasing, purchase, number, part) for number, part in enumerate(parts)]
    return outcome_of(purchasing, purchase, placements, replayed=False, in_flight="unknown")


async def _sent(purchasing: Purchasing, purchase: Purchase, number: int, part: Part) -> Placement:
    """One create call, and what it proved; the first one was dispatched together with the claim."""
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
            return await _stored(purchasing, placement)
        verdict = await _send(purchasing, purchase, part)
        placement = placement.model_copy(update={"state": verdict.state, "verdict": verdict})
        if not await purchasing.ledger.record(purchasing.owner, part.part_ref, verdict, purchasing.clock()):
            return await _stored(purchasing, placement)
        if verdict.orders:
            return await compared(purchasing, placement)
    except StoreUnavailable:
        # The order may exist: what is known is answered, and the dispatched row is settled by reading later.
        _log.exception("purchase %s: the ledger failed around a create call", part.part_ref)
    return placement


async def _stored(purchasing: Purchasing, placement: Placement) -> Placement:
    rows = await purchasing.ledger.placements(purchasing.owner, placement.token)
    return next((row for row in rows if row.part_ref == placement.part_ref), placement)


async def _send(purchasing: Purchasing, purchase: Purchase, part: Part) -> Verdict:
    assert purchase.address is not None
    try:
        return judge(await purchasing.upstream.create(part, purchase.address), purchasing.policy.more_refusals)
    except Exception:  # a fault of our own after the send must not look like "not ordered"
        _log.exception("purchase %s: our own fault around a create call", part.part_ref)
        return Verdict(state=PlacementState.UNKNOWN, evidence="own_fault")


async def unknown_after_fault(purchasing: Purchasing, token: str) -> CreateResult | None:
    """The outcome of a token whose call failed in our own code: None where nothing can have been sent."""
    purchase = await purchasing.ledger.purchase(purchasing.owner, token)
    if purchase is None or purchase.state is not TokenState.CLAIMED:
        return None
    placements = await purchasing.ledger.placements(purchasing.owner, token)
    return outcome_of(purchasing, purchase, placements, replayed=False, in_flight="unknown")


__all__ = ["Answer", "Question", "create_order", "question", "unknown_after_fault"]
