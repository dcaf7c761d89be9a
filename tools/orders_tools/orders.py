"""Orders as the upstream tells them, after translation: money in fen, statuses normalised, times with a zone."""

from collections.abc import Mapping
from datetime import datetime

from orders_tools.purchase import PlacedOrder, Value
from orders_tools.results import Moment, OrderStatus

STATUSES: Mapping[str, OrderStatus] = {
    "waitbuyerpay": "awaiting_payment",
    "waiting_for_payment": "awaiting_payment",
    "waitsellersend": "awaiting_shipment",
    "waiting_for_sent": "awaiting_shipment",
    "waitlogisticstakein": "shipped",
    "waitbuyerreceive": "shipped",
    "waitbuyersign": "shipped",
    "signinsuccess": "received",
    "confirm_goods": "received",
    "success": "completed",
    "cancel": "cancelled",
    "terminated": "cancelled",
}
"""The upstream's word for a status (CONTRACT 9.7 and 8, in lower case) and ours."""

FILTERS: Mapping[str, str] = {
    "awaiting_payment": "waitbuyerpay",
    "awaiting_shipment": "waitsellersend",
    "shipped": "waitbuyerreceive",
    "completed": "success",
    "cancelled": "cancel",
}
"""The statuses that the list endpoint can filter by (CONTRACT 5)."""

_REFUND_OPEN = frozenset({"waitselleragree", "waitbuyermodify", "waitbuyersend", "waitsellerreceive"})


def normalised(status: str, refund_status: str | None) -> OrderStatus:
    """Our word for an order's status; "other" where the upstream's is not known."""
    if (refund_status or "").lower().replace("_", "") in _REFUND_OPEN:
        return "refunding"
    return STATUSES.get(status.lower(), "other")


class UpstreamLine(Value):
    """One line of an existing order. Texts are the upstream's, not yet inert."""

    offer_id: str | None
    spec_id: str | None
    sku_id: str | None
    product: str
    variant: str
    quantity: str
    pieces: int | None
    """The quantity as a number, where it is a whole one."""
    unit_price: int | None
    amount: int | None
    status: str


class UpstreamParcel(Value):
    """One parcel of an order. Texts are the upstream's, not yet inert."""

    carrier: str
    tracking_number: str
    status: str
    shipped_at: datetime | None


class Receiver(Value):
    """Who receives an order, as the upstream has it: personal data."""

    name: str
    mobile: str
    region: str


class UpstreamOrder(Value):
    """An order that exists upstream. Money in fen; None is what the answer did not hold."""

    order_id: str
    status: OrderStatus
    upstream_status: str
    goods: int | None = None
    carriage: int | None = None
    discount: int | None = None
    refund: int | None = None
    payable: int | None = None
    created_at: datetime | None = None
    pay_by: datetime | None = None
    out_order_id: str | None = None
    note: str | None = None
    receiver: Receiver | None = None
    timeline: tuple[Moment, ...] = ()
    lines: tuple[UpstreamLine, ...] = ()
    parcels: tuple[UpstreamParcel, ...] = ()

    def placed(self) -> PlacedOrder:
        """The order as a purchase's outcome names it."""
        return PlacedOrder(
            order_id=self.order_id,
            payable=self.payable,
            carriage=self.carriage,
            status=self.status,
            pay_by=self.pay_by,
        )


class OrderQuery(Value):
    """Which orders to list: `page` counts from 1; times bound the creation of an order."""

    page: int = 1
    page_size: int = 20
    status: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    out_order_id: str | None = None


class OrderPage(Value):
    """One page of orders, and how many there are in all where the upstream says so."""

    orders: tuple[UpstreamOrder, ...]
    total: int | None
