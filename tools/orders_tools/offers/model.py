"""Offers of the catalogue. Money is in fen, None means not given, and texts are not yet inert."""

from typing import Literal

from orders_tools.purchase.model import Value


class Attribute(Value):
    """A property that distinguishes SKUs, such as 颜色: 米白, in the seller's words and in machine translation."""

    name: str
    value: str
    name_translated: str | None = None
    value_translated: str | None = None


class PriceTier(Value):
    """The price per piece from a quantity on, counted over all SKUs of the offer."""

    from_quantity: int
    price: int | None = None
    promotion_price: int | None = None


class OfferSku(Value):
    """One variant of an offer. A line names it by `spec_id`; a preview also returns `sku_id`."""

    spec_id: str | None = None
    sku_id: str | None = None
    attributes: tuple[Attribute, ...] = ()
    price: int | None = None
    promotion_price: int | None = None
    stock: int | None = None
    picture: str | None = None


class Offer(Value):
    """A whole offer. Quantities are in sale units, `stock` covers all SKUs, `status` is the upstream's own word."""

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
    """Quantities have to be multiples of it."""
    stock: int | None = None
    priced_by: Literal["quantity", "sku"] | None = None
    tiers: tuple[PriceTier, ...] = ()
    skus: tuple[OfferSku, ...] = ()
    skus_whole: bool = False
    """Whether `skus` is complete and each has its `spec_id`. If so, an empty tuple means that the offer has no SKUs."""


class OfferQuery(Value):
    """A search. `page` counts from 1; prices are in fen."""

    keywords: str
    page: int = 1
    price_from: int | None = None
    price_to: int | None = None


class FoundOffer(Value):
    """An offer in the result of a search."""

    offer_id: str
    title: str | None = None
    title_translated: str | None = None
    price: int | None = None
    min_quantity: int | None = None
    sold_last_month: int | None = None
    picture: str | None = None


class OfferPage(Value):
    """One page of a search. `total` is None if it was not given; `has_more` says whether another page may follow."""

    offers: tuple[FoundOffer, ...]
    total: int | None = None
    has_more: bool
