"""What `list_orders` and `get_order` answer. Ids are text; money is CNY text with two digits."""

from datetime import datetime

from pydantic import BaseModel, Field

from orders_tools.money import Yuan
from orders_tools.orders.model import Moment
from orders_tools.results.shared import MaybeYuan, Unread, Words
from orders_tools.vocabulary import CloseCode, CutShort, OrderStatus, ParcelStatus, Shipment


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
    snapshot_url: str | None = Field(description="1688's frozen copy of the product as it was bought")


class Parcel(BaseModel):
    carrier: Words
    tracking_number: Words
    status: ParcelStatus
    upstream_status: Words
    shipped_at: datetime | None
    lines: list[int] = Field(description="which of the order's lines it holds, counted from 1; empty if not said")


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
    consignee: MaskedConsignee | None = None
    timeline: list[Moment]
    pay_by: datetime | None
    partly_shipped: bool
    price_change: PriceChange | None = Field(
        default=None,
        description="how the payable differs from what was approved; not there if equal, or not ordered by this server",
    )
    closed: Closed | None = None
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
