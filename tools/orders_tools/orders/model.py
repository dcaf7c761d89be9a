"""Upstream orders after translation: money in fen, normalised statuses, times with a zone."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from orders_tools.purchase.model import PlacedOrder, Value
from orders_tools.vocabulary import CloseCode, OrderStatus, ParcelStatus, Shipment, UnreadPart

STATUSES: Mapping[str, OrderStatus] = {
    "waitbuyerpay": "awaiting_payment",
    "waitingforpayment": "awaiting_payment",
    "waitsellersend": "awaiting_shipment",
    "paidbutnotfund": "awaiting_shipment",
    "paidandhassubsidy": "awaiting_shipment",
    "waitingforsent": "awaiting_shipment",
    "waitlogisticstakein": "shipped",
    "waitbuyerreceive": "shipped",
    "waitbuyersign": "shipped",
    "sendgoodsbutnotfund": "shipped",
    "signinfailed": "shipped",
    "globalpartintowarehouse": "shipped",
    "globalallintowarehouse": "shipped",
    "globalpackagetransporting": "shipped",
    "globalpackagedelivered": "received",
    "signinsuccess": "received",
    "confirmgoods": "received",
    "confirmgoodsbutnotfund": "received",
    "confirmgoodsandhassubsidy": "received",
    "success": "completed",
    "cancel": "cancelled",
    "terminated": "cancelled",
}
"""The upstream's status (CONTRACT 9.7 and 8), normalised by `_fold`, and ours."""

FILTERS: Mapping[str, str] = {
    "awaiting_payment": "waitbuyerpay",
    "awaiting_shipment": "waitsellersend",
    "completed": "success",
}
"""The statuses that the list can filter by without losing an order (CONTRACT 5).

Its `waitbuyerreceive` and `cancel` are each only one of several words for what we call shipped or cancelled.
"""

_REFUND_OPEN = frozenset({"waitselleragree", "waitbuyermodify", "waitbuyersend", "waitsellerreceive"})

PARCEL_STATUSES: Mapping[str, ParcelStatus] = {
    "waitaccept": "awaiting_pickup",
    "cancel": "cancelled",
    "accept": "picked_up",
    "transport": "in_transit",
    "noget": "pickup_failed",
    "sign": "delivered",
    "unsign": "delivery_failed",
    "alreadysend": "shipped",
    "consign": "shipped",
    "delivering": "in_transit",
    "agentsign": "in_transit",
    "failed": "delivery_failed",
}
"""The carrier's word for a parcel's status (CONTRACT 7; `alreadysend` is in 1688's own sample), and ours.

Somebody else signed for a parcel at a pick-up point (AGENT_SIGN), so it is not delivered.
"""

SHIPMENTS: Mapping[str, Shipment] = {
    "1": "unshipped",
    "2": "shipped",
    "3": "received",
    "4": "returned",
    "5": "partly_shipped",
    "8": "unshipped",
}
"""The number for how far a line has come (CONTRACT 6: logisticsStatus), and our word."""

_CLOSE_REASONS: Mapping[str, CloseCode] = {
    "buyercancel": "cancelled_by_buyer",
    "sellergoodslack": "seller_lacks_goods",
    "buyernopay": "not_paid_in_time",
    "other": "other",
}
_CLOSERS: Mapping[str, CloseCode] = {
    "closetradebybuyer": "cancelled_by_buyer",
    "closetradebyseller": "closed_by_seller",
    "closetradebysystem": "closed_by_system",
    "closetradebybops": "closed_by_platform",
    "closetradebycreadit": "closed_by_credit",
}


_REFERENCE_IN_NOTE = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]{0,49})\]\s*$")


def _fold(word: str) -> str:
    """A word in lower case without underscores: WAIT_SELLER_AGREE and waitselleragree are the same."""
    return word.strip().lower().replace("_", "")


def order_status(status: str, *refund_statuses: str | None) -> OrderStatus:
    """Our word for an order's status; "other" if the upstream's is not known."""
    if any(_fold(word or "") in _REFUND_OPEN for word in refund_statuses):
        return "refunding"
    return STATUSES.get(_fold(status), "other")


def parcel_status(word: str) -> ParcelStatus:
    """Our word for a parcel's status; "other" if the upstream's is not known."""
    return PARCEL_STATUSES.get(_fold(word), "other")


def close_code(reason: str, closer: str) -> CloseCode:
    """Why an order was closed (CONTRACT 6: closeReason, else closeOperateType); "other" if neither is known."""
    code = _CLOSE_REASONS.get(_fold(reason))
    return code if code and code != "other" else _CLOSERS.get(_fold(closer), "other")


class Moment(BaseModel):
    # Something that happened to an order, and when. This is a comment because a docstring would appear in the schema.
    what: Literal["created", "paid", "shipped", "received", "confirmed", "completed", "closed", "modified"]
    at: datetime


class UpstreamLine(Value):
    """One line of an existing order. Texts are the upstream's, not yet inert."""

    offer_id: str | None
    spec_id: str | None
    sku_id: str | None
    product: str
    variant: str
    quantity: str
    pieces: int | None
    """The quantity as a number, if it is whole."""
    unit_price: int | None
    amount: int | None
    status: str
    unit_price_exact: str | None = None
    """A unit price that is not a whole number of fen, as decimal text in yuan."""
    item_id: str | None = None
    """The upstream's number of the line; a parcel names its content by these numbers."""
    shipment: Shipment | None = None
    snapshot_url: str | None = None
    """1688's frozen copy of the offer as it was bought; anybody signed in to 1688 can open it."""


class UpstreamParcel(Value):
    """One parcel of an order. Texts are the upstream's, not yet inert."""

    carrier: str
    tracking_number: str
    status: str
    shipped_at: datetime | None
    item_ids: tuple[str, ...] = ()


class Receiver(Value):
    """Who receives an order, as the upstream has it: personal data."""

    name: str
    mobile: str
    region: str
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    """Other values that the upstream gives for them; never shown, and kept so that they can be redacted elsewhere."""


class UpstreamOrder(Value):
    """An order that exists upstream. Money in fen; None if the answer did not have it."""

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
    close_reason: str = ""
    closer: str = ""
    receiver: Receiver | None = None
    timeline: tuple[Moment, ...] = ()
    lines: tuple[UpstreamLine, ...] = ()
    parcels: tuple[UpstreamParcel, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    """Parts of the answer that could not be read: None or empty above. A missing status is listed too."""

    @property
    def lines_known(self) -> bool:
        """Whether all lines were given and could be read, so that they can be compared."""
        return bool(self.lines) and "lines" not in self.unread

    @property
    def reference(self) -> str | None:
        """The number that we sent with the order: as its external number, or at the end of the buyer's note."""
        match = _REFERENCE_IN_NOTE.search(self.note or "")
        return self.out_order_id or (match[1] if match else None)

    @property
    def partly_shipped(self) -> bool:
        """Whether some of the goods are on their way and some are not."""
        stages = {line.shipment for line in self.lines} - {None}
        return "partly_shipped" in stages or ("unshipped" in stages and len(stages) > 1)

    def to_placed_order(self) -> PlacedOrder:
        """The order in the form that a purchase's outcome uses."""
        return PlacedOrder(
            order_id=self.order_id,
            payable=self.payable,
            carriage=self.carriage,
            status=None if "status" in self.unread else self.status,
            pay_by=self.pay_by,
        )


class OrderQuery(Value):
    """Which orders to list: `page` counts from 1; times bound the creation of an order.

    `history` asks for the old orders, which the upstream may keep apart (CONTRACT 5: isHis).
    """

    page: int = 1
    page_size: int = 20
    status: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    out_order_id: str | None = None
    history: bool = False


class UnreadRow(Value):
    """An order of a list without a readable id. `mark` is the same for the same content."""

    mark: str
    out_order_id: str | None = None
    note: str | None = None


class OrderPage(Value):
    """One page of orders, and the total if the upstream gives it.

    `partial`: the page was too large to read in full; `orders` are its first ones, and others follow.
    """

    orders: tuple[UpstreamOrder, ...]
    total: int | None
    unread: tuple[UnreadRow, ...] = ()
    partial: bool = False

    @property
    def rows(self) -> int:
        """The number of orders that the upstream returned, including unreadable ones."""
        return len(self.orders) + len(self.unread)
