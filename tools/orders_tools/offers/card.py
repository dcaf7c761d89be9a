"""Product cards: catalogue data of a line's goods at the time of its preview. They inform and decide nothing."""

from typing import Literal

from orders_tools.offers.model import Offer, OfferSku
from orders_tools.offers.skus import variant
from orders_tools.purchase.model import AnsweredLine, Line, Value
from orders_tools.vocabulary import WhyUnknown

Match = Literal["spec_id", "sku_id", "only_sku", "no_sku", "not_in_offer", "unknown"]
"""How the line's SKU was found in its offer. The `sku_id` that a preview returns is weaker than the `spec_id` sent."""


class ProductCard(Value):
    """The card of one line of a basket. If the catalogue gave nothing, `why` is set and all else is empty.

    The texts are the seller's and not yet inert. Quantities are in sale units. A card has no price: the person pays the
    preview's price, and a second price beside it would invite a wrong comparison.
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
    """Stock of all SKUs together."""
    sku_stock: int | None = None
    seller_open_id: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """The offer and SKU of its line."""
        return self.offer_id, self.spec_id


def unknown_card(line: Line, why: WhyUnknown) -> ProductCard:
    """The card of a line whose offer the catalogue does not know."""
    return ProductCard(offer_id=line.offer_id, spec_id=line.spec_id, why=why)


def card_of(line: Line, offer: Offer, answered: AnsweredLine | None) -> ProductCard:
    """The card of a line. `answered` is the preview's answer to it, which may name the SKU if the line does not."""
    sku, match = _find_sku(line, offer, answered)
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


def without_sku(card: ProductCard) -> ProductCard:
    """`card` with the data of its offer only, without any SKU."""
    unknown = dict.fromkeys(("variant", "variant_translated", "picture", "sku_stock"))
    return card.model_copy(update={**unknown, "match": "unknown"})


def _find_sku(line: Line, offer: Offer, answered: AnsweredLine | None) -> tuple[OfferSku | None, Match]:
    if line.spec_id:
        found = next((sku for sku in offer.skus if sku.spec_id == line.spec_id), None)
        if found:
            return found, "spec_id"
        return None, "not_in_offer" if offer.skus_whole else "unknown"
    if not offer.skus:
        return None, "no_sku" if offer.skus_whole else "unknown"
    chosen = next((sku for sku in offer.skus if answered and _matches(sku, answered)), None)
    if chosen:
        return chosen, "sku_id"
    only_sku = len(offer.skus) == 1 and offer.skus_whole and not _contradicts(offer.skus[0], answered)
    return (offer.skus[0], "only_sku") if only_sku else (None, "unknown")


def _matches(sku: OfferSku, answered: AnsweredLine) -> bool:
    if answered.sku_id and sku.sku_id:
        return answered.sku_id == sku.sku_id
    return bool(answered.spec_id) and answered.spec_id == sku.spec_id


def _contradicts(sku: OfferSku, answered: AnsweredLine | None) -> bool:
    """Whether the upstream named a different SKU."""
    if answered is None:
        return False
    ids = ((answered.sku_id, sku.sku_id), (answered.spec_id, sku.spec_id))
    return any(own and its and own != its for own, its in ids)
