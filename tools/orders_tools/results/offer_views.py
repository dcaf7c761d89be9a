"""Builds the results of `find_offers` and `get_offer`. Words of the catalogue are made inert and put in 「」."""

from orders_prompts.inert import identifier, quoted
from orders_tools.money import yuan_or_none
from orders_tools.offers.model import Attribute, FoundOffer, Offer, OfferSku
from orders_tools.offers.skus import variant
from orders_tools.results.builders import identifier_or_none
from orders_tools.results.offers import OfferDetail, OfferRow, Seller, Sku, SkuAttribute, Tier
from orders_tools.results.products import offer_url, sale_unit

_LONGEST_TITLE, _LONGEST_NAME, _LONGEST_VALUE = 200, 40, 80


def offer_row(offer: FoundOffer) -> OfferRow:
    """An offer found by a search."""
    return OfferRow(
        offer_id=identifier(offer.offer_id),
        title=_quoted_or_none(offer.title, _LONGEST_TITLE),
        title_translated=_translation(offer.title, offer.title_translated, _LONGEST_TITLE),
        price=yuan_or_none(offer.price),
        min_quantity=offer.min_quantity,
        sold_last_month=offer.sold_last_month,
        picture=offer.picture,
        url=offer_url(offer.offer_id),
    )


def offer_detail(offer: Offer, skus_total: int, *, sandbox: bool) -> OfferDetail:
    """An offer with the SKUs of `offer`, of `skus_total` in all. Its summary is still empty."""
    return OfferDetail(
        offer_id=identifier(offer.offer_id),
        known=True,
        why=None,
        title=_quoted_or_none(offer.title, _LONGEST_TITLE),
        title_translated=_translation(offer.title, offer.title_translated, _LONGEST_TITLE),
        url=offer_url(offer.offer_id),
        picture=offer.picture,
        seller=Seller(
            name=_quoted_or_none(offer.seller_name, _LONGEST_VALUE),
            open_id=identifier_or_none(offer.seller_open_id) if offer.seller_open_id else None,
        ),
        status=_quoted_or_none(offer.status, _LONGEST_NAME),
        unit=sale_unit(offer.unit),
        min_quantity=offer.min_quantity,
        lot=offer.lot,
        stock=offer.stock,
        priced_by=offer.priced_by,
        tiers=[
            Tier(from_quantity=tier.from_quantity, price=yuan_or_none(_current_price(tier.price, tier.promotion_price)))
            for tier in offer.tiers
        ],
        skus=[_sku(sku) for sku in offer.skus],
        skus_total=skus_total,
        sandbox=sandbox,
        summary="",
    )


def sku_descriptions(offer: Offer, *, translated: bool) -> list[str]:
    """Each SKU of `offer` in one line, with its translation in brackets if there is one and `translated` is set."""
    lines: list[str] = []
    for sku in offer.skus:
        own, foreign = variant(sku.attributes), variant(sku.attributes, translated=True)
        more = f" ({quoted(foreign, _LONGEST_TITLE)})" if translated and foreign != own else ""
        lines.append(f"{quoted(own, _LONGEST_TITLE)}{more}")
    return lines


def _sku(sku: OfferSku) -> Sku:
    return Sku(
        spec_id=identifier_or_none(sku.spec_id) if sku.spec_id else None,
        sku_id=identifier_or_none(sku.sku_id) if sku.sku_id else None,
        attributes=[_attribute(each) for each in sku.attributes],
        price=yuan_or_none(_current_price(sku.price, sku.promotion_price)),
        stock=sku.stock,
        picture=sku.picture,
    )


def _attribute(attribute: Attribute) -> SkuAttribute:
    return SkuAttribute(
        name=quoted(attribute.name, _LONGEST_NAME),
        value=quoted(attribute.value, _LONGEST_VALUE),
        name_translated=_translation(attribute.name, attribute.name_translated, _LONGEST_NAME),
        value_translated=_translation(attribute.value, attribute.value_translated, _LONGEST_VALUE),
    )


def _quoted_or_none(words: str | None, limit: int) -> str | None:
    return quoted(words, limit) or None if words else None


def _translation(words: str | None, translation: str | None, limit: int) -> str | None:
    """The translation, or None if it only repeats the words."""
    return _quoted_or_none(translation, limit) if translation != words else None


def _current_price(price: int | None, promotion: int | None) -> int | None:
    """The promotion price if there is one, else the price."""
    return price if promotion is None else promotion
