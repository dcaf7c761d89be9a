"""`preview_order`: the price of a basket now, and a token that stands for exactly that."""

from collections.abc import Mapping, Sequence
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.preview import NOTE_LIMIT, PreviewArguments
from orders_tools.consent.demand import ways_for_preview
from orders_tools.errors import ArgumentFault, ArgumentProblem, InvalidArguments
from orders_tools.offers.lookup import LookUp, cards_of, looking_up, sellers_of, with_sellers
from orders_tools.ports import Purchasing
from orders_tools.purchase.model import Address, Basket
from orders_tools.purchase.pricing import new_purchase, note_for, price, repeats, with_cards, with_digest
from orders_tools.purchase.records import Finding
from orders_tools.purchase.tokens import new_purchase_ref
from orders_tools.results.builders import preview_result
from orders_tools.results.preview import PreviewResult
from orders_tools.results.redaction import redactions_for
from orders_tools.rules.card_findings import sellers_differ


async def preview_order(purchasing: Purchasing, given: Mapping[str, Any]) -> PreviewResult:
    """The preview of a basket, its token stored before it is answered.

    Raises:
        ToolFault: INVALID_ARGUMENT, UPSTREAM_REJECTED or UPSTREAM_UNAVAILABLE.
        StoreUnavailable: nothing was asked of the upstream.
    """
    context = {"consignees": purchasing.policy.consignees, "note_suffix": _note_suffix(purchasing, given)}
    arguments = read_arguments(PreviewArguments, given, context)
    assert not isinstance(arguments.address, str)
    basket = _basket(purchasing, arguments)
    if arguments.purchase_ref:  # a generated one is new
        await _refuse_used_reference(purchasing, basket)
    address = Address(**arguments.address.model_dump())
    async with looking_up(purchasing.upstream, basket.lines) as look_up:
        basket, cut, differ = await _cut_by_seller(purchasing, basket, look_up)
        purchase = new_purchase(purchasing, basket, address)
        repeated = await repeats(purchasing, purchase)
        purchase = await price(purchasing, purchase, differ)
        cards = cards_of(purchase.parts, await look_up.offers())
    purchase = with_digest(with_cards(purchase, cards, cut=cut), repeated)
    await purchasing.ledger.save_preview(purchase)
    redactions = redactions_for(purchasing.policy.consignees, purchase.address, basket)
    return preview_result(purchase, purchasing, redactions, await ways_for_preview(purchasing, purchase))


def _note_suffix(purchasing: Purchasing, given: Mapping[str, Any]) -> int:
    """The number of characters that the reference takes at the end of the note, as far as it is known yet."""
    given_ref = given.get("purchase_ref")
    ref = given_ref if given_ref and isinstance(given_ref, str) else new_purchase_ref(purchasing.clock(), bytes)
    return len(f" [{ref}]") if purchasing.policy.note_reference else 0


def _basket(purchasing: Purchasing, arguments: PreviewArguments) -> Basket:
    basket = Basket(
        lines=tuple(line.to_line() for line in arguments.lines),
        flow=arguments.flow or purchasing.policy.flow,
        buyer_message=arguments.buyer_message,
        purchase_ref=arguments.purchase_ref or new_purchase_ref(purchasing.clock(), purchasing.random_bytes),
        ali_id=purchasing.policy.ali_id,
    )
    _refuse_long_note(purchasing, basket)
    return basket


def _refuse_long_note(purchasing: Purchasing, basket: Basket) -> None:
    room = _room_for_note(purchasing, basket)
    if len(basket.buyer_message) > room:
        details = {"limit": room, "length": len(basket.buyer_message)}
        raise InvalidArguments([ArgumentFault("buyer_message", ArgumentProblem.TOO_LONG, details)])


def _room_for_note(purchasing: Purchasing, basket: Basket) -> int:
    """How long the buyer's own note may be, so that the longest reference fits behind it."""
    longest = max(len(note_for(purchasing, basket, part_ref)) for part_ref, _ in basket.parts())
    return NOTE_LIMIT - (longest - len(basket.buyer_message))


async def _cut_by_seller(
    purchasing: Purchasing, basket: Basket, look_up: LookUp
) -> tuple[Basket, bool, Sequence[Finding]]:
    """The basket divided by the sellers that the catalogue names, where its lines name none and there are several.

    Where it stays whole, also the findings about its sellers. Nothing in the catalogue refuses it: a note that would be
    too long for parts keeps it whole.
    """
    named = [line.seller_open_id for line in basket.lines]
    if all(named) or (not any(named) and len({line.offer_id for line in basket.lines}) == 1):
        return basket, False, ()
    offers = await look_up.offers()
    lines = with_sellers(basket.lines, offers)
    cut = basket.model_copy(update={"lines": lines}) if lines else basket
    if lines is None or len(basket.buyer_message) > _room_for_note(purchasing, cut):
        return basket, False, sellers_differ(sellers_of(basket.lines, offers))
    return cut, len({line.seller_open_id for line in lines}) > 1, ()


async def _refuse_used_reference(purchasing: Purchasing, basket: Basket) -> None:
    if await purchasing.ledger.claimed(purchasing.owner, basket.purchase_ref):
        raise InvalidArguments([ArgumentFault("purchase_ref", ArgumentProblem.REFERENCE_USED)])
