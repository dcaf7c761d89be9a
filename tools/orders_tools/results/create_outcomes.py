"""Builds the results of `create_order` from the stored records, each with its one next step."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from orders_tools.consent.demand import Way
from orders_tools.errors import FaultCode, ToolFault
from orders_tools.ports import Purchasing
from orders_tools.purchase.model import FailedLine, Line
from orders_tools.purchase.records import Placement, Purchase, sum_or_none
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.results.builders import (
    cheaper_by,
    identifier_or_none,
    issue,
    made_order,
    preview_excerpt,
    preview_result,
    refused_line,
)
from orders_tools.results.create import ApprovalGiven, CreateResult, LineRefused, OrderMade, WayToApprove
from orders_tools.results.preview import PreviewResult
from orders_tools.results.redaction import Redactions, redactions_for
from orders_tools.results.shared import Issue
from orders_tools.rules.price_drift import Difference
from orders_tools.rules.refusal_meanings import refusal_code
from orders_tools.vocabulary import EvidenceName, IssueCode, OutcomeName

if TYPE_CHECKING:
    from orders_prompts.renderer import Texts

_NOT_SENT: Mapping[str, IssueCode] = {
    EvidenceName.NEVER_CONNECTED: IssueCode.NOT_SENT,
    EvidenceName.NEVER_DISPATCHED: IssueCode.NOT_SENT_IN_TIME,
}
"""Evidence that nothing was sent, and the code of its reason."""
_LONGEST_RETRY = timedelta(seconds=5)
_REPEATABLE = frozenset({"silent", "empty"})
"""Ways in which a dialog ends without an answer, and after which the next call asks again."""


def _result(
    purchasing: Purchasing,
    purchase: Purchase,
    outcome: OutcomeName,
    *,
    replayed: bool,
    orders: Sequence[OrderMade] = (),
    failed_lines: Sequence[LineRefused] = (),
    fresh_preview: PreviewResult | None = None,
    issues: Sequence[Issue] = (),
    ways: Sequence[Way] = (),
    extra: Mapping[str, object] | None = None,
) -> CreateResult:
    approval, shown = purchase.approval, extra or {}
    result = CreateResult(
        outcome=outcome,
        orders=list(orders),
        failed_lines=list(failed_lines),
        purchase_ref=purchase.basket.purchase_ref,
        replayed=replayed,
        approval=ApprovalGiven(channel=approval.channel, at=approval.at, by=approval.by) if approval else None,
        fresh_preview=fresh_preview,
        ways_to_approve=[WayToApprove(**asdict(way)) for way in ways],
        issues=list(issues),
        next_step=_next_step(purchase, purchasing.texts, outcome, fresh_preview, {**shown, "ways": ways}),
        sandbox=purchase.sandbox,
        summary="",
    )
    excerpt = preview_excerpt(purchase, purchasing.texts, _redactions(purchasing, purchase))
    result.summary = purchasing.texts.render(_TEXTS[outcome], result=result.model_dump(), preview=excerpt, **shown)
    return with_automatic_note(purchasing, result) if approval and approval.is_automatic else result


def _next_step(
    purchase: Purchase,
    texts: "Texts",
    outcome: OutcomeName,
    fresh_preview: PreviewResult | None,
    extra: Mapping[str, object],
) -> str:
    details = {
        "purchase_ref": purchase.basket.purchase_ref,
        "orderable": fresh_preview is None or fresh_preview.orderable,
        "reached": extra.get("reached", True),
        "again": extra.get("why") in _REPEATABLE,
        "in_dialog": extra.get("in_dialog", False),
        "ways": extra["ways"],
    }
    return texts.sentence("next_step", outcome, details)


def with_automatic_note(purchasing: Purchasing, result: CreateResult) -> CreateResult:
    """`result` with a note that the answer came too fast to be a person's."""
    return result.model_copy(update={"summary": f"{result.summary}\n{purchasing.texts.render('by_itself')}"})


def _redactions(purchasing: Purchasing, purchase: Purchase) -> Redactions:
    return redactions_for(purchasing.policy.consignees, purchase.address, purchase.basket)


_TEXTS: dict[OutcomeName, str] = {
    "placed": "placed",
    "partly_placed": "placed",
    "rejected": "rejected",
    "unknown": "unknown",
    "price_changed": "price_changed",
    "awaiting_approval": "awaiting_approval",
    "declined": "declined",
}


def outcome_of(
    purchasing: Purchasing,
    purchase: Purchase,
    placements: Sequence[Placement],
    *,
    replayed: bool,
    in_flight: Literal["refuse", "unknown"] = "refuse",
) -> CreateResult:
    """The outcome of a claimed purchase.

    Raises:
        ToolFault: IN_PROGRESS, while an answer may still come.
    """
    states = {placement.state for placement in placements}
    if in_flight == "refuse" and states & {PlacementState.CLAIMED, PlacementState.DISPATCHED}:
        raise in_progress_fault(purchasing, purchase, placements)
    redactions, verdicts = _redactions(purchasing, purchase), [row.verdict for row in placements if row.verdict]
    issues = [issue(found, purchasing.texts, redactions) for verdict in verdicts for found in verdict.differences]
    orders = [made_order(order, redactions) for verdict in verdicts for order in verdict.orders]
    failed = [line for row in placements for line in _failed_lines(purchasing, row, redactions)]
    outcome = _outcome_name(states)
    actual = sum_or_none(order.payable for row in placements for order in row.part.answer.orders)
    extra: dict[str, object] = {}
    if _TEXTS[outcome] == "placed":
        kept = not any(each.code == IssueCode.CHARGED_DIFFERENTLY for each in issues)
        extra = {"cheaper_by": cheaper_by(purchase.payable, actual) if kept else None}
    elif outcome == "rejected":
        extra = {"reached": any(row.verdict and row.verdict.evidence not in _NOT_SENT for row in placements)}
    elif outcome == "unknown":
        extra = {
            "candidates": [
                made_order(order, redactions).model_dump() for row in placements for order in row.candidates
            ],
            "program": purchasing.program,
        }
    return _result(
        purchasing, purchase, outcome, replayed=replayed, orders=orders, failed_lines=failed, issues=issues, extra=extra
    )


def _outcome_name(states: set[PlacementState]) -> OutcomeName:
    if states <= {PlacementState.PLACED}:
        return "placed"
    if states <= {PlacementState.REJECTED}:
        return "rejected"
    if states & {PlacementState.UNKNOWN, PlacementState.DISPATCHED, PlacementState.CLAIMED}:
        return "unknown"
    return "partly_placed"


def _failed_lines(purchasing: Purchasing, placement: Placement, redactions: Redactions) -> list[LineRefused]:
    verdict = placement.verdict
    if verdict is None:
        return []
    if verdict.state is PlacementState.REJECTED:
        code = _NOT_SENT.get(verdict.evidence) or refusal_code(verdict.message)
        code = IssueCode.RELEASED if verdict.evidence == EvidenceName.RELEASED_BY_A_PERSON else code
        lines = [
            FailedLine(offer_id=line.offer_id, spec_id=line.spec_id, code=verdict.code, message=verdict.message)
            for line in placement.part.lines
        ]
        return [refused_line(line, code, purchasing.texts, redactions, placement.part.lines) for line in lines]
    return [
        refused_line(
            line, refusal_code(line.code, line.message), purchasing.texts, redactions, _matching_lines(line, placement)
        )
        for line in verdict.failed_lines
    ]


def _matching_lines(failed: FailedLine, placement: Placement) -> list[Line]:
    """The lines of a placement that a refused line can be: same offer, and same SKU if it names one."""
    return [
        line
        for line in placement.part.lines
        if line.offer_id == failed.offer_id and (not failed.spec_id or line.spec_id in {None, failed.spec_id})
    ]


def in_progress_fault(purchasing: Purchasing, purchase: Purchase, placements: Sequence[Placement]) -> ToolFault:
    """The refusal of a call that came while an earlier one is still waiting for the upstream."""
    until = max(placement.deadline for placement in placements)
    left = max(until - purchasing.clock(), timedelta(0))
    wait = ceil(min(left, _LONGEST_RETRY).total_seconds()) or 1
    return ToolFault(
        FaultCode.IN_PROGRESS, purchase_ref=purchase.basket.purchase_ref, retry_after_seconds=wait, settled_by=until
    )


def declined_result(
    purchasing: Purchasing, purchase: Purchase, ways: Sequence[Way] = (), *, replayed: bool
) -> CreateResult:
    """The result after a no. A no in the client's dialog leaves `ways` open; any other one is final."""
    extra = {"in_dialog": purchase.state is not TokenState.DECLINED}
    return _result(purchasing, purchase, "declined", replayed=replayed, ways=ways, extra=extra)


def waiting_result(purchasing: Purchasing, purchase: Purchase, why: str, ways: Sequence[Way]) -> CreateResult:
    """The result if nobody has said yes yet; the token stays open.

    `why`: the dialog was closed ("silent"), came back "empty" or stays "unanswered"; the client has "no_dialog"; the
    purchase "demands_more" than a dialog; or it just "waits".
    """
    return _result(purchasing, purchase, "awaiting_approval", replayed=False, ways=ways, extra={"why": why})


def price_changed_result(
    purchasing: Purchasing,
    purchase: Purchase,
    fresh: Purchase,
    changed: Sequence[Difference],
    ways: Sequence[Way] = (),
    *,
    replayed: bool,
) -> CreateResult:
    """The result if the upstream no longer offers what was approved; `fresh` is its current, unapproved preview.

    `ways` are those to approve it, where the client cannot ask.
    """
    redactions = _redactions(purchasing, fresh)
    changes = shown_changes(changed, purchasing.texts, redactions)
    return _result(
        purchasing,
        purchase,
        "price_changed",
        replayed=replayed,
        fresh_preview=preview_result(fresh, purchasing, redactions, ways),
        extra={"changes": changes},
    )


def shown_changes(changed: Sequence[Difference], texts: "Texts", redactions: Redactions) -> list[dict[str, Any]]:
    """The differences between what was approved and what is offered now, as texts and pages show them."""
    return [
        {
            "what": change.what,
            "offer_id": identifier_or_none(redactions.redact(change.offer_id)),
            "before": identifier_or_none(redactions.redact(change.before)),
            "after": identifier_or_none(redactions.redact(change.after)),
            "message": issue(change.finding, texts, redactions).message if change.finding else "",
        }
        for change in changed
    ]
