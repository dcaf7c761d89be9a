"""What the four tools answer: the published output schemas. Ids are text; money is CNY text with two digits."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from orders_tools.money import YUAN_PATTERN, Yuan

Severity = Literal["blocks", "warns", "notes"]
OrderStatus = Literal[
    "awaiting_payment", "awaiting_shipment", "shipped", "received", "completed", "cancelled", "refunding", "other"
]
ParcelStatus = Literal[
    "awaiting_pickup",
    "picked_up",
    "pickup_failed",
    "shipped",
    "in_transit",
    "delivered",
    "delivery_failed",
    "cancelled",
    "other",
]
Shipment = Literal["unshipped", "partly_shipped", "shipped", "received", "returned"]
CloseCode = Literal[
    "cancelled_by_buyer",
    "not_paid_in_time",
    "seller_lacks_goods",
    "closed_by_seller",
    "closed_by_system",
    "closed_by_platform",
    "closed_by_credit",
    "other",
]
CutShort = Literal["history_unread", "pages_repeat", "not_newest_first", "page_too_large"]
UnreadPart = TypeAliasType(
    "UnreadPart",
    Literal[
        "status",
        "payable",
        "amounts",
        "reference",
        "times",
        "closing",
        "refund",
        "consignee",
        "lines",
        "line_details",
        "parcels",
        "details",
    ],
)
OutcomeName = Literal[
    "placed", "partly_placed", "rejected", "unknown", "price_changed", "awaiting_approval", "declined"
]
Words = str
"""Inert text; what stands in 「」 are words of the seller or the upstream, as the server's instructions say once."""
MaybeYuan = TypeAliasType(
    "MaybeYuan",
    Annotated[str | None, Field(pattern=YUAN_PATTERN, description="CNY with two digits; null where it is not known")],
)


Unread = Annotated[list[UnreadPart], Field(description="what the API says of it and could not be read")]


class Totals(BaseModel):
    goods: MaybeYuan
    carriage: MaybeYuan
    discount: MaybeYuan = Field(description="as the upstream states it; shown, never added")
    surcharge: MaybeYuan = Field(description="shown, never added")
    service_fee: MaybeYuan
    payable: MaybeYuan = Field(description="CNY to pay in all; null where the upstream does not say")


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
    spec_id_named: bool = Field(description="false where you named no SKU: spec_id is the API's choice and is not sent")
    sku_id: str | None
    quantity: int
    unit_price: MaybeYuan
    amount: MaybeYuan = Field(description="after promotions, so not always unit_price x quantity")
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
    payable: MaybeYuan
    carriage: MaybeYuan
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
    payable: MaybeYuan
    created_at: datetime | None
    line_count: int
    first_product: Words
    purchase_ref: str | None
    unread: Unread


class OrderList(BaseModel):
    orders: list[OrderRow]
    next_cursor: str | None
    has_more: bool
    total: int | None = Field(description="orders in the list when it began; null where that is not known")
    looked_at: int = Field(description="orders looked at for this page, those that did not fit included")
    unread_orders: int = Field(description="of these, orders that could not be read, and are not shown")
    cut_short: CutShort | None = Field(description="why orders beyond the end of this list cannot be listed")
    recorded_here: bool | None = Field(
        description="for a purchase_ref: whether this server's own record has it; null where that cannot be looked at"
    )
    sandbox: bool
    summary: str


class OrderLine(BaseModel):
    offer_id: str | None
    spec_id: str | None
    sku_id: str | None
    product: Words
    variant: Words
    quantity: str
    unit_price: str | None = Field(pattern=r"^-?\d+\.\d{2,10}$", description="CNY; may have parts of a fen")
    amount: MaybeYuan
    status: Words
    shipment: Shipment | None


class Parcel(BaseModel):
    carrier: Words
    tracking_number: Words
    status: ParcelStatus
    upstream_status: Words
    shipped_at: datetime | None
    lines: list[int] = Field(description="which of the order's lines it holds, counted from 1; empty if not said")


class Moment(BaseModel):
    what: Literal["created", "paid", "shipped", "received", "confirmed", "completed", "closed", "modified"]
    at: datetime


class MaskedConsignee(BaseModel):
    name: Words
    mobile: Words
    region: Words


class OrderMoney(BaseModel):
    goods: MaybeYuan
    carriage: MaybeYuan
    discount: MaybeYuan
    refund: MaybeYuan
    payable: MaybeYuan


class PriceChange(BaseModel):
    approved: Yuan = Field(description="what was approved, or less where it fell before the order was sent")
    now: Yuan
    difference: Yuan = Field(description="now less approved; negative where it is cheaper")
    orders: int = Field(description="how many orders these sums are of: all of one create call, where it is not 1")


class Closed(BaseModel):
    code: CloseCode
    words: Words


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
    partly_shipped: bool
    price_change: PriceChange | None = Field(
        description="how the payable differs from what was approved; null if equal, or not ordered by this server"
    )
    closed: Closed | None
    purchase_ref: str | None
    unread: Unread


class OrderDetail(OrderView):
    currency: str
    further_orders: list[OrderView] = Field(description="the other orders of a purchase that 1688 split")
    recorded_here: bool | None = Field(
        description="whether this server's own record has the purchase; null where that cannot be looked at"
    )
    sandbox: bool
    summary: str
