"""What the four tools answer: the published output schemas. Ids are text; money is CNY text with two digits."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from orders_tools.money import Yuan

Severity = Literal["blocks", "warns", "notes"]
OrderStatus = Literal[
    "awaiting_payment", "awaiting_shipment", "shipped", "received", "completed", "cancelled", "refunding", "other"
]
OutcomeName = Literal[
    "placed", "partly_placed", "rejected", "unknown", "price_changed", "awaiting_approval", "declined"
]
Words = Annotated[str, Field(description="inert text; what stands in 「」 are words of the seller or the upstream")]


class Totals(BaseModel):
    goods: Yuan | None
    carriage: Yuan | None
    discount: Yuan | None = Field(description="as the upstream states it; shown, never added")
    surcharge: Yuan | None = Field(description="shown, never added")
    service_fee: Yuan | None
    payable: Yuan | None = Field(description="CNY to pay in all; null where the upstream does not say")


class Issue(BaseModel):
    severity: Severity
    code: str
    message: Words
    offer_id: str | None = None
    remedy: Words | None = None


class UnsupportedOffer(BaseModel):
    offer_id: str
    reasons: list[Words]


class PreviewLine(BaseModel):
    offer_id: str
    spec_id: str | None
    sku_id: str | None
    quantity: int
    unit_price: Yuan | None
    amount: Yuan | None = Field(description="after promotions, so not always unit_price x quantity")
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


class OrderMade(BaseModel):
    order_id: str
    payable: Yuan | None
    carriage: Yuan | None
    status: OrderStatus | None
    pay_by: datetime | None


class LineRefused(BaseModel):
    offer_id: str | None
    spec_id: str | None
    code: str | None
    reason: Words
    remedy: Words | None


class ApprovalGiven(BaseModel):
    channel: str
    at: datetime


class CreateResult(BaseModel):
    outcome: OutcomeName
    orders: list[OrderMade]
    failed_lines: list[LineRefused]
    purchase_ref: str
    replayed: bool
    approval: ApprovalGiven | None
    fresh_preview: PreviewResult | None
    issues: list[Issue] = Field(description="how what was made differs from what was approved")
    next_step: str
    sandbox: bool
    summary: str


class OrderRow(BaseModel):
    order_id: str
    status: OrderStatus
    upstream_status: Words
    payable: Yuan | None
    created_at: datetime | None
    line_count: int
    first_product: Words
    purchase_ref: str | None


class OrderList(BaseModel):
    orders: list[OrderRow]
    next_cursor: str | None
    has_more: bool
    total: int | None
    sandbox: bool
    summary: str


class OrderLine(BaseModel):
    offer_id: str | None
    spec_id: str | None
    sku_id: str | None
    product: Words
    variant: Words
    quantity: str
    unit_price: Yuan | None
    amount: Yuan | None
    status: Words


class Parcel(BaseModel):
    carrier: Words
    tracking_number: Words
    status: Words
    shipped_at: datetime | None


class Moment(BaseModel):
    what: Literal["created", "paid", "shipped", "received", "confirmed", "completed", "modified"]
    at: datetime


class MaskedConsignee(BaseModel):
    name: Words
    mobile: Words
    region: Words


class OrderMoney(BaseModel):
    goods: Yuan | None
    carriage: Yuan | None
    discount: Yuan | None
    refund: Yuan | None
    payable: Yuan | None


class OrderView(BaseModel):
    order_id: str
    status: OrderStatus
    upstream_status: Words
    totals: OrderMoney
    lines: list[OrderLine]
    parcels: list[Parcel]
    consignee: MaskedConsignee | None
    timeline: list[Moment]
    pay_by: datetime | None
    purchase_ref: str | None


class OrderDetail(OrderView):
    currency: str
    further_orders: list[OrderView] = Field(description="the other orders of a purchase that 1688 split")
    sandbox: bool
    summary: str
