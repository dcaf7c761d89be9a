"""Product cards: what the catalogue said of a line's goods when they were previewed. They inform and decide nothing."""

from typing import Literal

from orders_tools.offers.model import Offer, OfferSku
from orders_tools.offers.skus import variant
from orders_tools.purchase.model import AnsweredLine, Line, Value
from orders_tools.vocabulary import WhyUnknown

Match = Literal["spec_id", "sku_id", "only_sku", "no_sku", "not_in_offer", "unknown"]
"""How the line's SKU was found in its offer; by the number that a preview returns is weaker than by the one sent."""


class ProductCard(Value):
    """The card of one line of a basket; `why` is set where the catalogue told nothing, and all else is empty then.

    Words are the seller's and not yet inert; quantities are in sale units. A catalogue price is no part of it: only a
    preview's is paid, and a second one beside it would invite a wrong comparison.
    """

    offer_id: str
    spec_id: str | None = None
    why: WhyUnknown | None = None
    title: str | None = None
    title_translated: str | None = None
    variant: str | None = None
    variant_translated: str | None = None
    unit: str | None = None
    picture: str | None = None
    match: Match = "unknown"
    status: str | None = None
    min_quantity: int | None = None
    lot: int | None = None
    stock: int | None = None
    """Of the whole offer."""
    sku_stock: int | None = None
    seller_open_id: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """The offer and SKU of the line that it is about."""
        return self.offer_id, self.spec_id


def unknown_card(line: Line, why: WhyUnknown) -> ProductCard:
    """The card of a line of whose offer the catalogue told nothing."""
    return ProductCard(offer_id=line.offer_id, spec_id=line.spec_id, why=why)


def card_of(line: Line, offer: Offer, answered: AnsweredLine | None) -> ProductCard:
    """The card of a line; `answered` is what a preview said of it, where the line itself names no SKU."""
    sku, match = _sku(line, offer, answered)
    own = variant(sku.attributes) if sku else ""
    foreign = variant(sku.attributes, translated=True) if sku else ""
    return ProductCard(
        offer_id=line.offer_id,
        spec_id=line.spec_id,
        title=offer.title,
        title_translated=offer.title_translated if offer.title_translated != offer.title else None,
        variant=own or None,
        variant_translated=foreign if foreign != own else None,
        unit=offer.unit,
        picture=(sku.picture if sku else None) or offer.picture,
        match=match,
        status=offer.status,
        min_quantity=offer.min_quantity,
        lot=offer.lot,
        stock=offer.stock,
        sku_stock=sku.stock if sku else None,
        seller_open_id=offer.seller_open_id,
    )


def of_no_sku(card: ProductCard) -> ProductCard:
    """A card that knows the offer and no SKU of it."""
    unknown = dict.fromkeys(("variant", "variant_translated", "picture", "sku_stock"))
    return card.model_copy(update={**unknown, "match": "unknown"})


def _sku(line: Line, offer: Offer, answered: AnsweredLine | None) -> tuple[OfferSku | None, Match]:
    if line.spec_id:
        found = next((sku for sku in offer.skus if sku.spec_id == line.spec_id), None)
        if found:
            return found, "spec_id"
        return None, "not_in_offer" if offer.skus_whole else "unknown"
    if not offer.skus:
        return None, "no_sku" if offer.skus_whole else "unknown"
    for sku in offer.skus if answered else ():
        if answered and (answered.sku_id or answered.spec_id) and _is_that(sku, answered):
            return sku, "sku_id"
    alone = len(offer.skus) == 1 and offer.skus_whole and not _is_another(offer.skus[0], answered)
    return (offer.skus[0], "only_sku") if alone else (None, "unknown")


def _is_that(sku: OfferSku, answered: AnsweredLine) -> bool:
    if answered.sku_id and sku.sku_id:
        return answered.sku_id == sku.sku_id
    return answered.spec_id is not None and answered.spec_id == sku.spec_id


def _is_another(sku: OfferSku, answered: AnsweredLine | None) -> bool:
    """Whether the upstream named an SKU that this one is not."""
    if answered is None:
        return False
    ids = ((answered.sku_id, sku.sku_id), (answered.spec_id, sku.spec_id))
    return any(own and its and own != its for own, its in ids)
