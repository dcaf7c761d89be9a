"""The results of `find_offers` and `get_offer`. Null means that the catalogue did not say; nothing is guessed."""

from typing import Literal

from pydantic import BaseModel, Field

from orders_tools.results.shared import MaybeYuan, Words
from orders_tools.vocabulary import WhyUnknown


class OfferRow(BaseModel):
    offer_id: str
    title: Words | None
    title_translated: Words | None
    price: MaybeYuan
    min_quantity: int | None
    sold_last_month: int | None
    picture: str | None
    url: str


class OfferList(BaseModel):
    offers: list[OfferRow]
    page: int
    total: int | None
    has_more: bool
    sandbox: bool
    summary: str


class Seller(BaseModel):
    name: Words | None
    open_id: str | None


class Tier(BaseModel):
    from_quantity: int
    price: MaybeYuan


class SkuAttribute(BaseModel):
    name: Words
    value: Words
    name_translated: Words | None
    value_translated: Words | None


class Sku(BaseModel):
    spec_id: str | None
    sku_id: str | None
    attributes: list[SkuAttribute]
    price: MaybeYuan
    stock: int | None
    picture: str | None


class OfferDetail(BaseModel):
    offer_id: str
    known: bool
    why: WhyUnknown | None = Field(description="why the catalogue told nothing of it; a purchase can go on without")
    title: Words | None = None
    title_translated: Words | None = None
    url: str
    picture: str | None = None
    seller: Seller = Field(default_factory=lambda: Seller(name=None, open_id=None))
    status: Words | None = None
    unit: Words | None = None
    min_quantity: int | None = None
    lot: int | None = Field(default=None, description="a quantity has to be a multiple of it")
    stock: int | None = None
    priced_by: Literal["quantity", "sku"] | None = None
    tiers: list[Tier] = Field(default_factory=list[Tier])
    skus: list[Sku] = Field(default_factory=list[Sku], description="at most 50, those that match first")
    skus_total: int = 0
    sandbox: bool
    summary: str
