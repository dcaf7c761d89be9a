"""Offers as the catalogue tells them. Money in fen; None is what was not told. Words are not yet inert."""

from typing import Literal

from orders_tools.purchase.model import Value


class Attribute(Value):
    """What tells one SKU from another, such as 颜色: 米白, in the seller's words and as a machine translated them."""

    name: str
    value: str
    name_translated: str | None = None
    value_translated: str | None = None


class PriceTier(Value):
    """What one piece costs from so many on, counted over all SKUs of the offer."""

    from_quantity: int
    price: int | None = None
    promotion_price: int | None = None


class OfferSku(Value):
    """One variant of an offer. `spec_id` is what a line names, `sku_id` what a preview also returns."""

    spec_id: str | None = None
    sku_id: str | None = None
    attributes: tuple[Attribute, ...] = ()
    price: int | None = None
    promotion_price: int | None = None
    stock: int | None = None
    picture: str | None = None


class Offer(Value):
    """One offer whole. Quantities are in sale units; `stock` is of all SKUs, `status` the upstream's own word."""

    offer_id: str
    title: str | None = None
    title_translated: str | None = None
    picture: str | None = None
    seller_name: str | None = None
    seller_open_id: str | None = None
    status: str | None = None
    unit: str | None = None
    unit_translated: str | None = None
    min_quantity: int | None = None
    lot: int | None = None
    """What a quantity has to be a multiple of."""
    stock: int | None = None
    priced_by: Literal["quantity", "sku"] | None = None
    tiers: tuple[PriceTier, ...] = ()
    skus: tuple[OfferSku, ...] = ()
    skus_whole: bool = False
    """Whether these are all SKUs there are, each with its `spec_id`: none where it is empty, and no other."""


class OfferQuery(Value):
    """What to search for: `page` counts from 1, prices in fen."""

    keywords: str
    page: int = 1
    price_from: int | None = None
    price_to: int | None = None


class FoundOffer(Value):
    """An offer as a search tells it."""

    offer_id: str
    title: str | None = None
    title_translated: str | None = None
    price: int | None = None
    min_quantity: int | None = None
    sold_last_month: int | None = None
    picture: str | None = None


class OfferPage(Value):
    """One page of a search. `total` is None where it was not told; `has_more`: whether another page may follow."""

    offers: tuple[FoundOffer, ...]
    total: int | None = None
    has_more: bool
