"""Compares lines with their product cards. The findings are warnings or notes and never block: the preview decides."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from orders_prompts.inert import inert
from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import Line
from orders_tools.purchase.records import Finding
from orders_tools.vocabulary import IssueCode, WhyUnknown

CATALOGUE_CODES = frozenset(
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
"""The codes of all findings that come from the catalogue. A later preview reuses these findings."""
_ON_SALE = "published"
"""The only status of an offer that is on sale (CONTRACT 10)."""


def card_findings(lines: Sequence[Line], cards: Sequence[ProductCard]) -> list[Finding]:
    """All findings about `lines` from their cards; each card is at the same position as its line."""
    pairs = [*zip(lines, cards, strict=True)]
    of_offer: dict[str, list[tuple[Line, ProductCard]]] = defaultdict(list)
    for line, card in pairs:
        of_offer[line.offer_id].append((line, card))
    found = [finding for several in of_offer.values() for finding in _offer_findings(several)]
    of_lines = [finding for line, card in pairs for finding in _line_findings(line, card)]
    # Several lines of one offer that name the same wrong seller give one finding.
    found += [each for number, each in enumerate(of_lines) if each not in of_lines[:number]]
    sellers = [(line, card.seller_open_id) for line, card in pairs]
    return [*found, *sellers_differ(sellers), *_unnamed_products(cards)]


def _offer_findings(several: Sequence[tuple[Line, ProductCard]]) -> Iterator[Finding]:
    card = several[0][1]
    quantity = sum(line.quantity for line, _ in several)
    if card.status is not None and card.status != _ON_SALE:
        yield _warning(IssueCode.OFF_SALE, card, status=card.status)
    if card.min_quantity is not None and quantity < card.min_quantity:
        yield _warning(IssueCode.BELOW_MINIMUM, card, minimum=card.min_quantity, quantity=quantity)
    if card.stock is not None and quantity > card.stock:
        yield _warning(IssueCode.OVER_STOCK, card, stock=card.stock, quantity=quantity)


def _line_findings(line: Line, card: ProductCard) -> Iterator[Finding]:
    own = {"spec_id": line.spec_id} if line.spec_id else {}
    if card.match == "not_in_offer":
        yield _warning(IssueCode.SKU_NOT_IN_OFFER, card, **own)
    if card.lot and line.quantity % card.lot:
        yield _warning(IssueCode.NOT_A_LOT, card, lot=card.lot, quantity=line.quantity, **own)
    if card.sku_stock is not None and line.quantity > card.sku_stock and not _exceeds_offer_stock(card, line.quantity):
        yield _warning(IssueCode.OVER_STOCK, card, stock=card.sku_stock, quantity=line.quantity, **own)
    if line.seller_open_id and card.seller_open_id and line.seller_open_id != card.seller_open_id:
        yield _warning(IssueCode.OTHER_SELLER, card, seller=card.seller_open_id)


def _exceeds_offer_stock(card: ProductCard, quantity: int) -> bool:
    return card.stock is not None and quantity > card.stock


def sellers_differ(lines: Sequence[tuple[Line, str | None]]) -> list[Finding]:
    """A finding if the catalogue names several sellers for lines without one: 1688 may refuse them together."""
    named = [(line.offer_id, seller) for line, seller in lines if seller and not line.seller_open_id]
    if len({seller for _, seller in named}) < 2:
        return []
    sellers = [{"offer_id": offer_id, "seller": seller} for offer_id, seller in dict.fromkeys(named)]
    return [Finding(severity="warns", code=IssueCode.SELLERS_DIFFER, details={"sellers": sellers})]


def _unnamed_products(cards: Sequence[ProductCard]) -> Iterator[Finding]:
    """One note for each reason why products have no title: only the assistant's words then describe them."""
    for why in WhyUnknown:
        offer_ids = list(dict.fromkeys(card.offer_id for card in cards if _why_unnamed(card) is why))
        if offer_ids:
            yield Finding(
                severity="notes", code=IssueCode.PRODUCT_UNKNOWN, details={"offer_ids": offer_ids, "why": why.value}
            )


def _why_unnamed(card: ProductCard) -> WhyUnknown | None:
    shows_nothing = not inert(card.title or "")
    return WhyUnknown.UNREADABLE if card.why is None and shows_nothing else card.why


def _warning(code: IssueCode, card: ProductCard, **details: object) -> Finding:
    return Finding(severity="warns", code=code, offer_id=card.offer_id, details=details)
