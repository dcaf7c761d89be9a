"""What `preview_order` answers. Ids are text; money is CNY text with two digits."""

from datetime import datetime

from pydantic import BaseModel, Field

from orders_tools.results.shared import Issue, MaybeYuan, Words


class Totals(BaseModel):
    goods: MaybeYuan
    carriage: MaybeYuan
    discount: MaybeYuan = Field(description="as the upstream states it; shown, never added")
    surcharge: MaybeYuan = Field(description="shown, never added")
    service_fee: MaybeYuan
    payable: MaybeYuan = Field(description="CNY to pay in all; null where the upstream does not say")


class UnsupportedOffer(BaseModel):
    offer_id: str
    reasons: list[Words]


class PreviewLine(BaseModel):
    offer_id: str
    spec_id: str | None
    spec_id_named: bool = Field(description="false where you named no SKU: spec_id is the API's choice and is not sent")
    sku_id: str | None
    quantity: int
    unit_price: MaybeYuan
    amount: MaybeYuan = Field(description="after promotions, so not always unit_price x quantity")
    title: Words | None = Field(description="of the product, in the seller's words")
    variant: Words | None
    unit: Words | None = Field(description="in which the quantity is counted")
    label: Words | None
    url: str
    promotions: list[Words]


class PreviewOrder(BaseModel):
    seller_open_id: str | None
    flow: str | None
    trade_types: list[str] | None = Field(description="null where the upstream does not say")
    trade_type: str | None = Field(description="the one that will be sent; null leaves the choice to 1688")
    totals: Totals
    lines: list[PreviewLine]


class PreviewResult(BaseModel):
    preview_token: str
    expires_at: datetime
    orderable: bool
    currency: str
    totals: Totals
    carriage_is_final: bool
    orders: list[PreviewOrder] = Field(description="one per order that 1688 will open")
    unsupported_offers: list[UnsupportedOffer]
    issues: list[Issue]
    purchase_ref: str
    sandbox: bool
    summary: str
