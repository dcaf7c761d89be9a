"""`create_order`: orders what a preview token stands for, once, after a person's yes, or not at all."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.create import CreateArguments
from orders_tools.concurrency import gather_both
from orders_tools.consent.answer import Answer, is_automatic, record_no, record_yes
from orders_tools.consent.channels import is_enough
from orders_tools.consent.demand import (
    Way,
    demanded,
    is_approved,
    is_proved,
    ways_for_preview,
    ways_to_approve,
)
from orders_tools.consent.question import note_answer, note_lost_yes
from orders_tools.consent.waiting import wait_for_answer
from orders_tools.errors import FaultCode, ToolFault
from orders_tools.money import yuan_or_none
from orders_tools.orders.lookup import ids_by_reference, possible_references
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.model import Part
from orders_tools.purchase.placement import place
from orders_tools.purchase.pricing import new_purchase, price, repeats, with_cards_of, with_digest
from orders_tools.purchase.readiness import redactions_of, refuse_if_expired, refuse_unless_ready, stored_purchase
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.purchase.tokens import is_token
from orders_tools.results.builders import identifier_or_none, unavailable_fault
from orders_tools.results.create import CreateResult
from orders_tools.results.create_outcomes import (
    declined_result,
    outcome_of,
    price_changed_result,
    waiting_result,
    with_automatic_note,
)
from orders_tools.rules.price_drift import approved_amounts, differences
from orders_tools.settlement.reconciliation import try_to_settle
from orders_tools.vocabulary import Channel, Unavailability

_log = logging.getLogger(__name__)


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
    purchase = await stored_purchase(purchasing, arguments.preview_token)
    if answer is Answer.NOT_ASKED and purchasing.patience.was_told(purchase.token):
        purchase = await wait_for_answer(purchasing, purchase)
    if (stored := await _stored_outcome(purchasing, purchase)) is not None:
        return stored
    await refuse_if_expired(purchasing, purchase)
    if closed or purchase.dialog_declined:
        return await _declined(purchasing, purchase, replayed=not closed)
    await refuse_unless_ready(purchasing, purchase, arguments.expected_total, answer)
    if not is_approved(purchasing, purchase):
        approved = await _approve(purchasing, purchase, answer, shown_at)
        if isinstance(approved, CreateResult):
            return approved
        purchase = approved
    return await _place_order(purchasing, purchase)


async def order_with_approval(purchasing: Purchasing, purchase: Purchase, approval: Approval) -> CreateResult:
    """Record the yes that a person gave on the approval page to exactly this purchase, and order it at once.

    By the same steps and guards as `create_order`: the result says what became of it.

    Raises:
        ToolFault: the yes was not accepted, or another call is ordering it; nothing was sent by this one.
        StoreUnavailable: the ledger failed before anything was sent.
    """
    if (stored := await _stored_outcome(purchasing, purchase)) is not None:
        return stored
    if not purchase.genuine:
        raise ToolFault(FaultCode.TOKEN_INVALID)
    await refuse_if_expired(purchasing, purchase)
    await refuse_unless_ready(purchasing, purchase, yuan_or_none(purchase.payable) or "", Answer.NOT_ASKED)
    if not is_approved(purchasing, purchase):
        if not is_enough(approval.channel, demanded(purchasing, purchase)):
            return await _waiting(purchasing, purchase, "demands_more")
        approved = await _record(purchasing, purchase, approval)
        if isinstance(approved, CreateResult):
            return approved
        purchase = approved
    return await _place_order(purchasing, purchase)


def _token(given: Mapping[str, Any]) -> str:
    return str(given.get("preview_token", "")).strip()


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
            ways = await ways_for_preview(purchasing, fresh)
            changed = differences(purchase, fresh)
            return price_changed_result(purchasing, purchase, fresh, changed, ways, replayed=True)
        case _:
            return None


async def _close_dialog(purchasing: Purchasing, given: Mapping[str, Any]) -> bool:
    """Record a no from the client's dialog first: it closes the dialog and takes back any yes. True if it is new.

    The no counts however the call ends and whatever else is wrong with it.
    """
    token = _token(given)
    purchase = await purchasing.ledger.purchase(purchasing.owner, token) if is_token(token) else None
    if purchase is None or purchase.state not in {TokenState.OPEN, TokenState.APPROVED}:
        return False
    recorded = await record_no(purchasing.ledger, purchase, Channel.DIALOG, purchasing.clock())
    return recorded and not purchase.dialog_declined


async def _approve(
    purchasing: Purchasing, purchase: Purchase, answer: Answer, shown_at: datetime | None
) -> Purchase | CreateResult:
    """The purchase with its yes; a result if there was no yes that is enough or another call was faster."""
    on_trust = demanded(purchasing, purchase) is Channel.HOST
    channel = Channel.HOST if on_trust else Channel.DIALOG
    yes = on_trust or answer is Answer.YES
    if not yes or not is_enough(channel, demanded(purchasing, purchase)):
        return await _waiting(purchasing, purchase, await note_answer(purchasing, purchase, answer))
    # Without a rendered text the preview is what was seen, so later changes are not covered by the yes.
    seen = shown_at if answer is Answer.YES and shown_at else purchase.created_at
    return await _record(purchasing, purchase, Approval(channel=channel, at=purchasing.clock(), shown_at=seen))


async def _record(purchasing: Purchasing, purchase: Purchase, approval: Approval) -> Purchase | CreateResult:
    """The purchase with the yes recorded, or what became of it if something else was faster."""
    if purchase.state is TokenState.APPROVED:  # by a channel that is not enough
        await purchasing.ledger.withdraw(purchase, purchasing.clock())
    if (approved := await record_yes(purchasing.ledger, purchase, approval, purchasing.notices)) is not None:
        return approved
    current = await stored_purchase(purchasing, purchase.token)
    return current if is_approved(purchasing, current) else await _answer_after_race(purchasing, current)


async def _waiting(purchasing: Purchasing, purchase: Purchase, why: str) -> CreateResult:
    """Nobody said yes yet; the next call with this token waits for an answer."""
    return waiting_result(purchasing, purchase, why, await _tell_waiting(purchasing, purchase))


async def _declined(purchasing: Purchasing, purchase: Purchase, *, replayed: bool) -> CreateResult:
    """The client's dialog said no; a person can still say yes in another way."""
    return declined_result(purchasing, purchase, await _tell_waiting(purchasing, purchase), replayed=replayed)


async def _tell_waiting(purchasing: Purchasing, purchase: Purchase) -> list[Way]:
    """The ways to say yes, which the caller and those who are told elsewhere learn; later calls wait for the answer."""
    purchasing.patience.note_told(purchase.token)
    ways = await ways_to_approve(purchasing, purchase)
    if purchasing.notices:
        purchasing.notices.waits(purchase, ways, purchasing.client)
    return ways


async def _place_order(purchasing: Purchasing, purchase: Purchase) -> CreateResult:
    """Everything after the yes: preview again and look for the reference, then claim, send and record."""
    if purchase.address is None or not is_approved(purchasing, purchase):
        raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=purchase.expires_at)
    if not await is_proved(purchasing, purchase):
        _log.error("purchase %s: no passkey signed this yes; it is taken back", purchase.basket.purchase_ref)
        await purchasing.ledger.withdraw(purchase, purchasing.clock())
        return await _waiting(purchasing, purchase, "demands_more")
    pricing = price(purchasing, new_purchase(purchasing, purchase.basket, purchase.address))
    fresh, existing = await gather_both(pricing, _existing_order_ids(purchasing, purchase))
    if existing:
        return await _answer_for_existing(purchasing, purchase, existing)
    if changed := differences(purchase, fresh):
        fresh = with_digest(with_cards_of(fresh, purchase), await repeats(purchasing, fresh))
        if await purchasing.ledger.supersede(purchase, fresh, purchasing.clock()):
            ways = await ways_for_preview(purchasing, fresh)
            return price_changed_result(purchasing, purchase, fresh, changed, ways, replayed=False)
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
        raise unavailable_fault(error, redactions_of(purchasing, purchase), "look") from error
    except UpstreamRefused as error:
        why = f"it refuses the list with code {redactions_of(purchasing, purchase).redact_text(error.code)[:40]}"
        raise ToolFault(FaultCode.UPSTREAM_UNAVAILABLE, "look", why=why, kind=Unavailability.REFUSED) from error


async def _answer_for_existing(purchasing: Purchasing, purchase: Purchase, order_ids: list[str]) -> CreateResult:
    """The stored outcome, if this ledger knows the existing orders.

    Raises:
        ToolFault: NOT_ORDERABLE, another ledger or another token made them.
    """
    reference = purchase.basket.purchase_ref
    if (stored := await _stored_outcome(purchasing, await stored_purchase(purchasing, purchase.token))) is not None:
        return stored
    if await purchasing.ledger.claimed(purchasing.owner, reference):
        raise ToolFault(FaultCode.NOT_ORDERABLE, "reference_used", issues=[])
    _log.error("purchase %s: there is an order with this reference, unknown to the ledger; refused", reference)
    ids = [identifier_or_none(order_id) for order_id in redactions_of(purchasing, purchase).redact(order_ids)]
    raise ToolFault(FaultCode.NOT_ORDERABLE, "order_exists", order_ids=ids, purchase_ref=reference, issues=[])


def _parts_to_send(purchase: Purchase, fresh: Purchase) -> list[Part]:
    """The fresh parts with the note and amounts that the person saw, as a setting or price may have changed."""
    return [
        part.model_copy(update={"note": approved.note, "approved": approved_amounts(approved, part)})
        for approved, part in zip(purchase.parts, fresh.parts, strict=True)
    ]


async def _answer_after_race(purchasing: Purchasing, purchase: Purchase) -> CreateResult:
    """Reads the token again after losing a race for it."""
    current = await stored_purchase(purchasing, purchase.token)
    if (stored := await _stored_outcome(purchasing, current)) is not None:
        return stored
    await refuse_if_expired(purchasing, current)
    if current.dialog_declined:
        return await _declined(purchasing, current, replayed=True)
    return await _waiting(purchasing, current, "waits")


async def outcome_after_fault(purchasing: Purchasing, token: str) -> CreateResult | None:
    """The outcome of a token whose call failed in our own code; None if nothing can have been sent."""
    purchase = await purchasing.ledger.purchase(purchasing.owner, token)
    if purchase is None or purchase.state is not TokenState.CLAIMED:
        return None
    placements = await purchasing.ledger.placements(purchasing.owner, token)
    return outcome_of(purchasing, purchase, placements, replayed=False, in_flight="unknown")
