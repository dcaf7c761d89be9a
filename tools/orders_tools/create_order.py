"""`create_order`: orders what a preview token stands for, once, after a person's yes, or not at all."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.create import CreateArguments
from orders_tools.concurrency import gather_both
from orders_tools.dialogs import Answer, Question, is_automatic, note_lost_yes, result_without_yes
from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault
from orders_tools.money import fen_from_text, yuan_or_none
from orders_tools.orders.lookup import ids_by_reference, possible_references
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.model import Part
from orders_tools.purchase.placement import place
from orders_tools.purchase.pricing import new_purchase, price, repeats, with_cards_of, with_digest
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.purchase.states import Channel, TokenState
from orders_tools.purchase.tokens import is_token
from orders_tools.results.builders import (
    dialog,
    identifier_or_none,
    issue,
    issue_details,
    unavailable_fault,
)
from orders_tools.results.consignee import consignee_in_short
from orders_tools.results.create import CreateResult
from orders_tools.results.create_outcomes import (
    declined_result,
    outcome_of,
    price_changed_result,
    waiting_result,
    with_automatic_note,
)
from orders_tools.results.redaction import Redactions, redactions_for
from orders_tools.rules.price_drift import approved_amounts, differences
from orders_tools.settlement.reconciliation import try_to_settle
from orders_tools.vocabulary import Unavailability

_log = logging.getLogger(__name__)


async def question(purchasing: Purchasing, given: Mapping[str, Any], *, again: bool = False) -> Question | None:
    """The dialog to answer before `create_order` sends anything; None if none is due. It only reads the ledger.

    A dialog that the client did not come back from is shown once. `again`: this call comes back from it.
    """
    if purchasing.policy.approval != "ask":
        return None
    try:
        arguments = read_arguments(CreateArguments, given)
        purchase = await _purchase(purchasing, arguments.preview_token)
        # The time is taken before the ledger is read, so that no purchase falls between the two.
        shown_at = purchasing.clock()
        if purchase.state is not TokenState.OPEN or purchase.dialog_closed_at or purchase.unusable(shown_at):
            return None
        if purchase.dialog_unanswered_at and not again:
            return None
        await _refuse_unless_ready(purchasing, purchase, arguments.expected_total, Answer.NOT_ASKED)
    except ToolFault:
        return None
    text = dialog(purchase, await repeats(purchasing, purchase), purchasing.texts)
    seconds = (purchase.expires_at - purchasing.clock()).total_seconds()
    total = yuan_or_none(purchase.payable) or ""
    return Question(text, purchase.token, shown_at, seconds, total, consignee_in_short(purchase))


async def create_order(
    purchasing: Purchasing, given: Mapping[str, Any], answer: Answer, shown_at: datetime | None = None
) -> CreateResult:
    """What became of the purchase that the token stands for.

    `shown_at` is when the answered text was rendered; if unknown, a yes counts for what the preview showed. A call
    with a no never orders. The result says so if the answer came too fast to be a person's.

    Raises:
        ToolFault: the token was not accepted; nothing was sent.
        StoreUnavailable: the ledger failed before anything was sent.
    """
    try:
        result = await _create(purchasing, given, answer, shown_at)
    except (Exception, asyncio.CancelledError):
        if answer is Answer.YES:
            with purchasing.uninterrupted():
                await note_lost_yes(purchasing, _token(given))
        raise
    too_fast = not result.replayed and is_automatic(answer, shown_at, purchasing.clock())
    return with_automatic_note(purchasing, result) if too_fast else result


async def _create(
    purchasing: Purchasing, given: Mapping[str, Any], answer: Answer, shown_at: datetime | None
) -> CreateResult:
    closed = answer is Answer.NO and await _close_dialog(purchasing, given)
    arguments = read_arguments(CreateArguments, given)
    purchase = await _purchase(purchasing, arguments.preview_token)
    if (stored := await _stored_outcome(purchasing, purchase)) is not None:
        return stored
    await _refuse_if_expired(purchasing, purchase)
    if closed:
        return declined_result(purchasing, purchase, replayed=False)
    if purchase.dialog_declined:
        return declined_result(purchasing, purchase, replayed=True)
    await _refuse_unless_ready(purchasing, purchase, arguments.expected_total, answer)
    if purchase.state is TokenState.OPEN:
        approved = await _approve(purchasing, purchase, answer, shown_at)
        if isinstance(approved, CreateResult):
            return approved
        purchase = approved
    return await _place_order(purchasing, purchase)


def _token(given: Mapping[str, Any]) -> str:
    return str(given.get("preview_token", "")).strip()


async def _purchase(purchasing: Purchasing, token: str) -> Purchase:
    purchase = await purchasing.ledger.purchase(purchasing.owner, token) if is_token(token) else None
    if purchase is None:
        raise ToolFault(FaultCode.TOKEN_INVALID)
    usable = purchase.state in {TokenState.OPEN, TokenState.APPROVED}
    # A used token still gives its outcome, even if the key that sealed it is lost.
    if purchase.address is not None and not (purchase.genuine if usable else purchase.intact):
        _log.error("purchase %s: the stored row is not what was shown; refused", purchase.basket.purchase_ref)
        raise ToolFault(FaultCode.TOKEN_INVALID)
    return purchase


async def _stored_outcome(purchasing: Purchasing, purchase: Purchase) -> CreateResult | None:
    """The outcome of a token that was used before, freshly looked up; None if it can still be used."""
    match purchase.state:
        case TokenState.CLAIMED:
            placements = await purchasing.ledger.placements(purchasing.owner, purchase.token)
            if not placements:  # only somebody who edited the file leaves a claim without a create call
                raise ToolFault(FaultCode.TOKEN_INVALID)
            settled = [await try_to_settle(purchasing, placement) for placement in placements]
            return outcome_of(purchasing, purchase, settled, replayed=True)
        case TokenState.DECLINED:
            return declined_result(purchasing, purchase, replayed=True)
        case TokenState.PRICE_CHANGED:
            fresh = await purchasing.ledger.purchase(purchasing.owner, purchase.fresh_token or "")
            if fresh is None:
                raise ToolFault(FaultCode.TOKEN_INVALID)
            return price_changed_result(purchasing, purchase, fresh, differences(purchase, fresh), replayed=True)
        case _:
            return None


async def _refuse_if_expired(purchasing: Purchasing, purchase: Purchase) -> None:
    now = purchasing.clock()
    # A restored copy of the ledger lacks later noes and orders, so no yes in it counts any more.
    forgotten = await purchasing.ledger.gap(purchase.created_at)
    if forgotten and not purchase.unusable(now):
        raise ToolFault(FaultCode.TOKEN_EXPIRED, "ledger", expires_at=purchase.expires_at)
    if not purchase.unusable(now):
        return
    if now >= purchase.expires_at and purchase.state is not TokenState.EXPIRED:
        try:
            await purchasing.ledger.expire(purchase, now)
        except StoreUnavailable as error:
            _log.warning("purchase %s: its end could not be written: %s", purchase.basket.purchase_ref, error)
    raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=purchase.expires_at)


async def _refuse_unless_ready(purchasing: Purchasing, purchase: Purchase, expected_total: str, answer: Answer) -> None:
    # With a yes, the claim looks for repeats under its lock. Without one, a person should not be asked in vain.
    repeated = [] if answer is Answer.YES else await repeats(purchasing, purchase)
    newer = [finding for finding in repeated if finding not in purchase.findings]
    blockers = [finding for finding in (*purchase.findings, *newer) if finding.severity == "blocks"]
    if blockers:
        issues = [issue(finding, purchasing.texts, _redactions(purchasing, purchase)) for finding in blockers]
        raise ToolFault(FaultCode.NOT_ORDERABLE, issues=issue_details(issues))
    if purchase.payable is None or fen_from_text(expected_total) != purchase.payable:
        raise ToolFault(
            FaultCode.TOTAL_MISMATCH, payable=yuan_or_none(purchase.payable), purchase_ref=purchase.basket.purchase_ref
        )


async def _close_dialog(purchasing: Purchasing, given: Mapping[str, Any]) -> bool:
    """Record a no from the client's dialog first: it closes the dialog and takes back any yes. True if it is new.

    The no counts however the call ends and whatever else is wrong with it.
    """
    token = _token(given)
    purchase = await purchasing.ledger.purchase(purchasing.owner, token) if is_token(token) else None
    if purchase is None or purchase.state not in {TokenState.OPEN, TokenState.APPROVED}:
        return False
    return await purchasing.ledger.close_dialog(purchase, purchasing.clock()) and not purchase.dialog_declined


async def _approve(
    purchasing: Purchasing, purchase: Purchase, answer: Answer, shown_at: datetime | None
) -> Purchase | CreateResult:
    """The purchase with its yes; a result if there was no yes or another call was faster."""
    on_trust = purchasing.policy.approval == "host"
    if answer is not Answer.YES and not on_trust:
        return await result_without_yes(purchasing, purchase, answer)
    channel = Channel.HOST if on_trust else Channel.DIALOG
    # Without a rendered text the preview is what was seen, so later changes are not covered by the yes.
    seen = shown_at if answer is Answer.YES and shown_at else purchase.created_at
    approval = Approval(channel=channel, at=purchasing.clock(), shown_at=seen)
    if await purchasing.ledger.approve(purchase, approval):
        return purchase.model_copy(update={"state": TokenState.APPROVED, "approval": approval})
    current = await _purchase(purchasing, purchase.token)
    return current if current.state is TokenState.APPROVED else await _answer_after_race(purchasing, current)


async def _place_order(purchasing: Purchasing, purchase: Purchase) -> CreateResult:
    """Everything after the yes: preview again and look for the reference, then claim, send and record."""
    if purchase.address is None or purchase.state is not TokenState.APPROVED:
        raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=purchase.expires_at)
    pricing = price(purchasing, new_purchase(purchasing, purchase.basket, purchase.address))
    fresh, existing = await gather_both(pricing, _existing_order_ids(purchasing, purchase))
    if existing:
        return await _answer_for_existing(purchasing, purchase, existing)
    if changed := differences(purchase, fresh):
        fresh = with_digest(with_cards_of(fresh, purchase), await repeats(purchasing, fresh))
        if await purchasing.ledger.supersede(purchase, fresh, purchasing.clock()):
            return price_changed_result(purchasing, purchase, fresh, changed, replayed=False)
        return await _answer_after_race(purchasing, purchase)
    # From the claim on nothing may stop half-way: after a cancelled call there must be a recorded outcome.
    with purchasing.uninterrupted():
        placements = await place(purchasing, purchase, _parts_to_send(purchase, fresh), fresh.created_at)
        if placements is None:
            return await _answer_after_race(purchasing, purchase)
        return outcome_of(purchasing, purchase, placements, replayed=False, in_flight="unknown")


async def _existing_order_ids(purchasing: Purchasing, purchase: Purchase) -> list[str]:
    """The ids of orders that already carry the reference before the first send, as this ledger may be an old copy.

    Raises:
        ToolFault: UPSTREAM_UNAVAILABLE, nobody can tell.
    """
    if not purchasing.policy.reference_returned:
        return []
    try:
        return await ids_by_reference(purchasing, purchase.basket.purchase_ref, possible_references(purchase))
    except UpstreamUnavailable as error:
        raise unavailable_fault(error, _redactions(purchasing, purchase), "look") from error
    except UpstreamRefused as error:
        why = f"it refuses the list with code {_redactions(purchasing, purchase).redact_text(error.code)[:40]}"
        raise ToolFault(FaultCode.UPSTREAM_UNAVAILABLE, "look", why=why, kind=Unavailability.REFUSED) from error


async def _answer_for_existing(purchasing: Purchasing, purchase: Purchase, order_ids: list[str]) -> CreateResult:
    """The stored outcome, if this ledger knows the existing orders.

    Raises:
        ToolFault: NOT_ORDERABLE, another ledger or another token made them.
    """
    reference = purchase.basket.purchase_ref
    if (stored := await _stored_outcome(purchasing, await _purchase(purchasing, purchase.token))) is not None:
        return stored
    if await purchasing.ledger.claimed(purchasing.owner, reference):
        raise ToolFault(FaultCode.NOT_ORDERABLE, "reference_used", issues=[])
    _log.error("purchase %s: there is an order with this reference, unknown to the ledger; refused", reference)
    ids = [identifier_or_none(order_id) for order_id in _redactions(purchasing, purchase).redact(order_ids)]
    raise ToolFault(FaultCode.NOT_ORDERABLE, "order_exists", order_ids=ids, purchase_ref=reference, issues=[])


def _redactions(purchasing: Purchasing, purchase: Purchase) -> Redactions:
    return redactions_for(purchasing.policy.consignees, purchase.address, purchase.basket)


def _parts_to_send(purchase: Purchase, fresh: Purchase) -> list[Part]:
    """The fresh parts with the note and amounts that the person saw, as a setting or price may have changed."""
    return [
        part.model_copy(update={"note": approved.note, "approved": approved_amounts(approved, part)})
        for approved, part in zip(purchase.parts, fresh.parts, strict=True)
    ]


async def _answer_after_race(purchasing: Purchasing, purchase: Purchase) -> CreateResult:
    """Reads the token again after losing a race for it."""
    current = await _purchase(purchasing, purchase.token)
    if (stored := await _stored_outcome(purchasing, current)) is not None:
        return stored
    await _refuse_if_expired(purchasing, current)
    if current.dialog_declined:
        return declined_result(purchasing, current, replayed=True)
    return waiting_result(purchasing, current, "waits")


async def outcome_after_fault(purchasing: Purchasing, token: str) -> CreateResult | None:
    """The outcome of a token whose call failed in our own code; None if nothing can have been sent."""
    purchase = await purchasing.ledger.purchase(purchasing.owner, token)
    if purchase is None or purchase.state is not TokenState.CLAIMED:
        return None
    placements = await purchasing.ledger.placements(purchasing.owner, token)
    return outcome_of(purchasing, purchase, placements, replayed=False, in_flight="unknown")
