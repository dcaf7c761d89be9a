"""What a product card says against a line: it warns or is noted, and never blocks. The preview's verdict stands."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from orders_prompts.inert import inert
from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import Line
from orders_tools.purchase.records import Finding
from orders_tools.vocabulary import IssueCode, WhyUnknown

OF_CATALOGUE = frozenset(
    {
        IssueCode.PRODUCT_UNKNOWN,
        IssueCode.SKU_NOT_IN_OFFER,
        IssueCode.OFF_SALE,
        IssueCode.BELOW_MINIMUM,
        IssueCode.NOT_A_LOT,
        IssueCode.OVER_STOCK,
        IssueCode.OTHER_SELLER,
        IssueCode.SELLERS_DIFFER,
        IssueCode.CUT_BY_SELLER,
    }
)
"""All findings that come from the catalogue; a later preview takes them over."""
_ON_SALE = "published"
"""The one status of an offer that can be bought; all others are off sale (CONTRACT 10)."""


def card_findings(lines: Sequence[Line], cards: Sequence[ProductCard]) -> list[Finding]:
    """Everything that the cards of `lines` say; a card and its line stand at the same place."""
    pairs = [*zip(lines, cards, strict=True)]
    of_offer: dict[str, list[tuple[Line, ProductCard]]] = defaultdict(list)
    for line, card in pairs:
        of_offer[line.offer_id].append((line, card))
    found = [finding for several in of_offer.values() for finding in _of_offer(several)]
    of_lines = [finding for line, card in pairs for finding in _of_line(line, card)]
    # Many lines of one offer that name the same other seller say one thing.
    found += [each for number, each in enumerate(of_lines) if each not in of_lines[:number]]
    sellers = [(line, card.seller_open_id) for line, card in pairs]
    return [*found, *sellers_differ(sellers), *_unknown(cards)]


def _of_offer(several: Sequence[tuple[Line, ProductCard]]) -> Iterator[Finding]:
    card = several[0][1]
    quantity = sum(line.quantity for line, _ in several)
    if card.status is not None and card.status != _ON_SALE:
        yield _warns(IssueCode.OFF_SALE, card, status=card.status)
    if card.min_quantity is not None and quantity < card.min_quantity:
        yield _warns(IssueCode.BELOW_MINIMUM, card, minimum=card.min_quantity, quantity=quantity)
    if card.stock is not None and quantity > card.stock:
        yield _warns(IssueCode.OVER_STOCK, card, stock=card.stock, quantity=quantity)


def _of_line(line: Line, card: ProductCard) -> Iterator[Finding]:
    own = {"spec_id": line.spec_id} if line.spec_id else {}
    if card.match == "not_in_offer":
        yield _warns(IssueCode.SKU_NOT_IN_OFFER, card, **own)
    if card.lot is not None and card.lot > 1 and line.quantity % card.lot:
        yield _warns(IssueCode.NOT_A_LOT, card, lot=card.lot, quantity=line.quantity, **own)
    if card.sku_stock is not None and line.quantity > card.sku_stock and not _over(card, line.quantity):
        yield _warns(IssueCode.OVER_STOCK, card, stock=card.sku_stock, quantity=line.quantity, **own)
    if line.seller_open_id and card.seller_open_id and line.seller_open_id != card.seller_open_id:
        yield _warns(IssueCode.OTHER_SELLER, card, seller=card.seller_open_id)


def _over(card: ProductCard, quantity: int) -> bool:
    return card.stock is not None and quantity > card.stock


def sellers_differ(lines: Sequence[tuple[Line, str | None]]) -> list[Finding]:
    """The finding that lines which name no seller have several, as the catalogue names them: 1688 may refuse them."""
    named = [(line.offer_id, seller) for line, seller in lines if seller and not line.seller_open_id]
    if len({seller for _, seller in named}) < 2:
        return []
    sellers = [{"offer_id": offer_id, "seller": seller} for offer_id, seller in dict.fromkeys(named)]
    return [Finding(severity="warns", code=IssueCode.SELLERS_DIFFER, details={"sellers": sellers})]


def _unknown(cards: Sequence[ProductCard]) -> Iterator[Finding]:
    """Where no title is known, only the assistant's word says what is bought: once for each reason."""
    for why in WhyUnknown:
        offer_ids = list(dict.fromkeys(card.offer_id for card in cards if _why_unnamed(card) is why))
        if offer_ids:
            yield Finding(
                severity="notes", code=IssueCode.PRODUCT_UNKNOWN, details={"offer_ids": offer_ids, "why": why.value}
            )


def _why_unnamed(card: ProductCard) -> WhyUnknown | None:
    shows_nothing = not inert(card.title or "")
    return WhyUnknown.UNREADABLE if card.why is None and shows_nothing else card.why


def _warns(code: IssueCode, card: ProductCard, **details: object) -> Finding:
    return Finding(severity="warns", code=code, offer_id=card.offer_id, details=details)
