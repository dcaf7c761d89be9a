"""What `create_order` answers: an outcome from the stored records, with the one next step."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Literal

from orders_tools.errors import FaultCode, ToolFault
from orders_tools.ports import Purchasing
from orders_tools.purchase.model import FailedLine, Line
from orders_tools.purchase.records import Placement, Purchase, sum_or_none
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.results.blanks import Blanks, blanks_of
from orders_tools.results.build import (
    cheaper_by,
    identified,
    issue,
    line_refused,
    order_made,
    preview_quoted,
    preview_result,
)
from orders_tools.results.create import ApprovalGiven, CreateResult, LineRefused, OrderMade
from orders_tools.results.preview import PreviewResult
from orders_tools.results.shared import Issue
from orders_tools.rules.price_drift import Difference
from orders_tools.rules.refusal_meanings import refusal_code
from orders_tools.vocabulary import EvidenceName, IssueCode, OutcomeName

_NOT_SENT: Mapping[str, IssueCode] = {
    EvidenceName.NEVER_CONNECTED: IssueCode.NOT_SENT,
    EvidenceName.NEVER_DISPATCHED: IssueCode.NOT_SENT_IN_TIME,
}
"""Evidence that nothing was sent, and the code of its reason."""
_ASK_AGAIN = timedelta(seconds=5)
_ASKED_AGAIN = frozenset({"silent", "empty"})
"""What a client can come back from its dialog with, without an answer, that lets the next call ask again."""


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
    told: Mapping[str, object] | None = None,
) -> CreateResult:
    approval, said = purchase.approval, told or {}
    result = CreateResult(
        outcome=outcome,
        orders=list(orders),
        failed_lines=list(failed_lines),
        purchase_ref=purchase.basket.purchase_ref,
        replayed=replayed,
        approval=ApprovalGiven(channel=approval.channel, at=approval.at) if approval else None,
        fresh_preview=fresh_preview,
        issues=list(issues),
        next_step=_next_step(purchasing, purchase, outcome, fresh_preview, said),
        sandbox=purchase.sandbox,
        summary="",
    )
    quoted = preview_quoted(purchase, _blanks(purchasing, purchase))
    result.summary = purchasing.texts.render(_TEXTS[outcome], result=result.model_dump(), preview=quoted, **said)
    return told_by_itself(purchasing, result) if approval and approval.by_itself else result


def _next_step(
    purchasing: Purchasing,
    purchase: Purchase,
    outcome: OutcomeName,
    fresh_preview: PreviewResult | None,
    said: Mapping[str, object],
) -> str:
    details = {
        "purchase_ref": purchase.basket.purchase_ref,
        "orderable": fresh_preview is None or fresh_preview.orderable,
        "reached": said.get("reached", True),
        "again": said.get("why") in _ASKED_AGAIN,
        "in_dialog": said.get("in_dialog", False),
        "program": purchasing.program,
    }
    return purchasing.texts.sentence("next_step", outcome, details)


def told_by_itself(purchasing: Purchasing, result: CreateResult) -> CreateResult:
    """`result`, saying at its end that no person can have given the answer that led to it."""
    return result.model_copy(update={"summary": f"{result.summary}\n{purchasing.texts.render('by_itself')}"})


def _blanks(purchasing: Purchasing, purchase: Purchase) -> Blanks:
    return blanks_of(purchasing.policy.consignees, purchase.address, purchase.basket)


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
        raise in_progress(purchasing, purchase, placements)
    blanks, verdicts = _blanks(purchasing, purchase), [row.verdict for row in placements if row.verdict]
    issues = [issue(found, purchasing.texts, blanks) for verdict in verdicts for found in verdict.differences]
    orders = [order_made(order, blanks) for verdict in verdicts for order in verdict.orders]
    failed = [line for row in placements for line in _failed_lines(purchasing, row, blanks)]
    outcome = _name(states)
    actual = sum_or_none(order.payable for row in placements for order in row.part.answer.orders)
    told: dict[str, object] = {}
    if _TEXTS[outcome] == "placed":
        kept = not any(each.code == IssueCode.CHARGED_DIFFERENTLY for each in issues)
        told = {"cheaper_by": cheaper_by(purchase.payable, actual) if kept else None}
    elif outcome == "rejected":
        told = {"reached": any(row.verdict and row.verdict.evidence not in _NOT_SENT for row in placements)}
    elif outcome == "unknown":
        told = {
            "candidates": [order_made(order, blanks).model_dump() for row in placements for order in row.candidates],
            "program": purchasing.program,
        }
    return _result(
        purchasing, purchase, outcome, replayed=replayed, orders=orders, failed_lines=failed, issues=issues, told=told
    )


def _name(states: set[PlacementState]) -> OutcomeName:
    if states <= {PlacementState.PLACED}:
        return "placed"
    if states <= {PlacementState.REJECTED}:
        return "rejected"
    if states & {PlacementState.UNKNOWN, PlacementState.DISPATCHED, PlacementState.CLAIMED}:
        return "unknown"
    return "partly_placed"


def _failed_lines(purchasing: Purchasing, placement: Placement, blanks: Blanks) -> list[LineRefused]:
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
        return [line_refused(line, code, purchasing.texts, blanks, placement.part.lines) for line in lines]
    return [
        line_refused(
            line, refusal_code(line.code, line.message), purchasing.texts, blanks, _lines_like(line, placement)
        )
        for line in verdict.failed_lines
    ]


def _lines_like(failed: FailedLine, placement: Placement) -> list[Line]:
    """The lines of a placement that a refused one can be: of its offer, and of its SKU where it names one."""
    return [
        line
        for line in placement.part.lines
        if line.offer_id == failed.offer_id and (not failed.spec_id or line.spec_id in {None, failed.spec_id})
    ]


def in_progress(purchasing: Purchasing, purchase: Purchase, placements: Sequence[Placement]) -> ToolFault:
    """The refusal of a call that came while the first one is still waiting for the upstream."""
    until = max(placement.deadline for placement in placements)
    left = max(until - purchasing.clock(), timedelta(0))
    wait = ceil(min(left, _ASK_AGAIN).total_seconds()) or 1
    return ToolFault(
        FaultCode.IN_PROGRESS, purchase_ref=purchase.basket.purchase_ref, retry_after_seconds=wait, settled_by=until
    )


def declined(purchasing: Purchasing, purchase: Purchase, *, replayed: bool) -> CreateResult:
    """Somebody said no: finally in the terminal; in the client's dialog only that dialog is over."""
    told = {"in_dialog": purchase.state is not TokenState.DECLINED}
    return _result(purchasing, purchase, "declined", replayed=replayed, told=told)


def waiting_for_a_person(purchasing: Purchasing, purchase: Purchase, why: str) -> CreateResult:
    """Nobody has said yes yet; the token stays open.

    `why`: the dialog was closed ("silent"), came back "empty" or stays "unanswered"; the client has "no_dialog"; or
    the purchase just "waits".
    """
    return _result(purchasing, purchase, "awaiting_approval", replayed=False, told={"why": why})


def price_changed(
    purchasing: Purchasing, purchase: Purchase, fresh: Purchase, changed: Sequence[Difference], *, replayed: bool
) -> CreateResult:
    """The upstream no longer offers what was approved; `fresh` is what it offers now, not yet approved."""
    blanks = _blanks(purchasing, fresh)
    told = [
        {
            "what": change.what,
            "offer_id": identified(blanks.blanked(change.offer_id)),
            "before": identified(blanks.blanked(change.before)),
            "after": identified(blanks.blanked(change.after)),
            "message": issue(change.finding, purchasing.texts, blanks).message if change.finding else "",
        }
        for change in changed
    ]
    return _result(
        purchasing,
        purchase,
        "price_changed",
        replayed=replayed,
        fresh_preview=preview_result(fresh, purchasing, blanks),
        told={"changes": told},
    )
