"""Prices a basket now, applies the rules, and looks in the ledger for repeated purchases."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from orders_tools.arguments.districts import district_findings
from orders_tools.consent.demand import demand_to_store
from orders_tools.errors import ToolFault
from orders_tools.offers.card import ProductCard
from orders_tools.offers.lookup import reused_cards
from orders_tools.ports import Ledger, Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.likeness import repeat_digest
from orders_tools.purchase.model import Address, Basket, Line, Part
from orders_tools.purchase.records import Finding, Purchase, shown_digest
from orders_tools.purchase.states import IN_DOUBT, TokenState
from orders_tools.purchase.tokens import new_token
from orders_tools.results.builders import issue, issue_details, refusal_fault, unavailable_fault
from orders_tools.results.redaction import Redactions, redactions_for
from orders_tools.rules.card_findings import CATALOGUE_CODES, card_findings
from orders_tools.rules.preview_rules import findings_of, part_of
from orders_tools.rules.refusal_meanings import COMBINED_CODES, WHOLE_BASKET_CODES, refusal
from orders_tools.vocabulary import IssueCode

RECENT = timedelta(hours=24)
"""How long after a placed purchase a repeat causes a warning."""
_GAPS = {"older": IssueCode.LEDGER_OLDER, "replaced": IssueCode.LEDGER_REPLACED}


def note_for(purchasing: Purchasing, basket: Basket, part_ref: str) -> str:
    """The buyer's note as sent, with the reference at its end: only one of note and outOrderId may come back."""
    if not purchasing.policy.note_reference:
        return basket.buyer_message
    return f"{basket.buyer_message} [{part_ref}]".strip()


def new_purchase(purchasing: Purchasing, basket: Basket, address: Address) -> Purchase:
    """A new, open purchase of `basket` without prices."""
    now = purchasing.clock()
    return Purchase(
        token=new_token(purchasing.random_bytes),
        owner=purchasing.owner,
        sandbox=purchasing.sandbox,
        state=TokenState.OPEN,
        created_at=now,
        expires_at=now,
        basket=basket,
        address=address,
        parts=(),
        findings=(*district_findings(address), *_no_look_finding(purchasing)),
        basket_digest=repeat_digest(basket, address),
        digest="",
    )


def _no_look_finding(purchasing: Purchasing) -> list[Finding]:
    """A note for the person if orders cannot be searched by reference before sending."""
    returned = purchasing.policy.reference_returned
    return [] if returned else [Finding(severity="notes", code=IssueCode.NO_LOOK_BEFORE_SENDING)]


async def price(purchasing: Purchasing, purchase: Purchase, differ: Sequence[Finding] = ()) -> Purchase:
    """`purchase` with the upstream's current prices and the findings about them, not yet with a digest.

    `differ`: what is known about its sellers, shown beside a refusal that may be because of them.
    """
    assert purchase.address is not None
    parts = await _preview_parts(purchasing, purchase.basket, purchase.address, differ)
    now = purchasing.clock()
    priced = purchase.model_copy(
        update={
            "created_at": now,
            "expires_at": now.replace(microsecond=0) + purchasing.policy.preview_ttl,
            "parts": tuple(parts),
            "findings": (*purchase.findings, *(finding for part in parts for finding in findings_of(part))),
        }
    )
    return priced.model_copy(update={"demand": demand_to_store(purchasing.policy.approval, priced.payable)})


def with_cards(purchase: Purchase, cards: Sequence[ProductCard], *, cut: bool) -> Purchase:
    """`purchase` with the cards of its lines and their findings; `cut`: the cards' sellers divided its lines."""
    lines = [line for part in purchase.parts for line in part.lines]
    found = card_findings(lines, cards)
    if cut:
        details = {"count": len(purchase.parts)}
        found.append(Finding(severity="notes", code=IssueCode.CUT_BY_SELLER, details=details))
    return _with_catalogue(purchase, [card for card in cards if card.why is None], found)


def with_cards_of(purchase: Purchase, approved: Purchase) -> Purchase:
    """A later preview with the cards that the person saw in the first one; the catalogue is not asked again."""
    cards = reused_cards(approved.cards, approved.parts, purchase.parts)
    return _with_catalogue(purchase, cards, [each for each in approved.findings if each.code in CATALOGUE_CODES])


def _with_catalogue(purchase: Purchase, cards: Sequence[ProductCard], found: Sequence[Finding]) -> Purchase:
    refused = {finding.offer_id for finding in purchase.findings if finding.severity == "blocks"} - {None}
    # A line that the preview refuses already has a reason; the catalogue's would only repeat it in other words.
    kept = [finding for finding in found if finding.offer_id not in refused]
    return purchase.model_copy(update={"cards": tuple(cards), "findings": (*purchase.findings, *kept)})


def with_digest(purchase: Purchase, repeated: Sequence[Finding]) -> Purchase:
    """`purchase` with the findings about repeated purchases, and the digest of everything that will be shown."""
    whole = purchase.model_copy(update={"findings": (*purchase.findings, *repeated)})
    return whole.model_copy(update={"digest": shown_digest(whole)})


async def _preview_parts(
    purchasing: Purchasing, basket: Basket, address: Address, differ: Sequence[Finding]
) -> list[Part]:
    """The preview of each part of the basket.

    Raises:
        ToolFault: UPSTREAM_UNAVAILABLE; UPSTREAM_REJECTED after all parts were asked, with everything that blocks them.
    """
    redactions = redactions_for(purchasing.policy.consignees, address, basket)
    parts: list[Part] = []
    refused: list[tuple[UpstreamRefused, list[Finding]]] = []
    for part_ref, lines in basket.parts():
        try:
            answer = await purchasing.upstream.preview(lines, address, basket.flow, basket.ali_id)
        except UpstreamUnavailable as error:
            raise unavailable_fault(error, redactions) from error
        except UpstreamRefused as error:
            refused.append((error, await _reasons(purchasing, basket, address, lines, error)))
            continue
        note = note_for(purchasing, basket, part_ref)
        parts.append(part_of(part_ref, lines, answer, basket, purchasing.policy.trade_type, note))
    if refused:
        raise _basket_refusal(purchasing, refused, parts, redactions, differ)
    return parts


async def _reasons(
    purchasing: Purchasing, basket: Basket, address: Address, lines: Sequence[Line], error: UpstreamRefused
) -> list[Finding]:
    """Why the upstream refuses `lines`. If it refuses several lines together, each one is previewed by itself.

    If it stops answering or is slow, the original refusal is returned with what was found so far.
    """
    whole = refusal(lines, error.code, error.message)
    if len(lines) == 1 or whole.code in WHOLE_BASKET_CODES:
        return [whole]
    found: list[Finding] = []
    until = purchasing.clock() + purchasing.policy.send_window
    for line in lines:
        if purchasing.clock() >= until:
            return [whole, *found]
        try:
            answer = await purchasing.upstream.preview((line,), address, basket.flow, basket.ali_id)
        except UpstreamUnavailable:
            return [whole, *found]
        except UpstreamRefused as refused:
            found.append(refusal((line,), refused.code, refused.message))
            continue
        part = part_of("", (line,), answer, basket, purchasing.policy.trade_type, "")
        found += [each for each in findings_of(part) if each.severity == "blocks" and each.code not in COMBINED_CODES]
    return found or [whole]


def _basket_refusal(
    purchasing: Purchasing,
    refused: Sequence[tuple[UpstreamRefused, list[Finding]]],
    parts: Sequence[Part],
    redactions: Redactions,
    differ: Sequence[Finding],
) -> ToolFault:
    """The refusal of a basket: its only reason, or an issue for everything that blocks any of its parts."""
    first, [finding, *_] = refused[0]
    found = [each for _, reasons in refused for each in reasons]
    found += [each for part in parts for each in findings_of(part) if each.severity == "blocks"]
    if any(each.code == IssueCode.SKU_MISMATCH for each in found):
        found += differ
    issues = [issue(each, purchasing.texts, redactions) for each in found]
    distinct = [each for number, each in enumerate(issues) if each not in issues[:number]]
    words = {
        **redactions.redact(finding.details),
        "offer_id": redactions.redact(finding.offer_id),
        "known": finding.code,
    }
    return refusal_fault(first, redactions, words=words, issues=issue_details(distinct) if len(distinct) > 1 else [])


async def repeats(purchasing: Purchasing, purchase: Purchase) -> list[Finding]:
    """Findings about repeated purchases: one in doubt blocks, a placed one is a warning for a day."""
    return await ledger_repeats(purchasing.ledger, purchase, purchasing.clock())


async def ledger_repeats(ledger: Ledger, purchase: Purchase, now: datetime) -> list[Finding]:
    """Like `repeats`, for callers that only have a ledger."""
    found: list[Finding] = []
    if not purchase.sandbox and (gap := await ledger.gap(now - RECENT)):
        found.append(Finding(severity="warns", code=_GAPS[gap]))
    for similar in await ledger.similar(purchase, now - RECENT):
        details = {"purchase_ref": similar.purchase_ref}
        if not similar.same:
            found.append(Finding(severity="warns", code=IssueCode.ALIKE_IN_DOUBT, details=details))
        elif similar.state in IN_DOUBT:
            found.append(Finding(severity="blocks", code=IssueCode.POSSIBLE_DUPLICATE, details=details))
        else:
            found.append(Finding(severity="warns", code=IssueCode.BOUGHT_RECENTLY, details=details))
    return found
