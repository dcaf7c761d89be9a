"""Existing orders as `list_orders` and `get_order` show them: text inert, the consignee masked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from orders_prompts.inert import identifier, inert, quoted
from orders_tools.money import yuan, yuan_or_none
from orders_tools.orders.model import Receiver, UpstreamLine, UpstreamOrder, UpstreamParcel, close_code, parcel_status
from orders_tools.purchase.records import Placement
from orders_tools.results.builders import identifier_or_none
from orders_tools.results.orders import (
    Closed,
    MaskedConsignee,
    OrderLine,
    OrderMoney,
    OrderRow,
    OrderView,
    Parcel,
    PriceChange,
)
from orders_tools.results.redaction import Redactions
from orders_tools.rules.approved_vs_made import approved_and_current

if TYPE_CHECKING:
    from orders_prompts.renderer import Texts


def order_row(order: UpstreamOrder, redactions: Redactions, purchase_ref: str | None = None) -> OrderRow:
    """An order as a row of a list, with the requested reference, or otherwise its own."""
    order = redactions.with_person(order.receiver).redact(order)
    reference = purchase_ref or order.out_order_id
    return OrderRow(
        order_id=identifier(order.order_id),
        status=order.status,
        upstream_status=_status_word(order.upstream_status),
        payable=yuan_or_none(order.payable),
        created_at=order.created_at,
        line_count=len(order.lines),
        first_product=quoted(order.lines[0].product, 60) if order.lines else "",
        purchase_ref=identifier(reference) if reference else None,
        unread=list(order.unread),
    )


def order_view(
    order: UpstreamOrder, texts: "Texts", redactions: Redactions, placement: Placement | None = None
) -> OrderView:
    """An order in full, its consignee masked, compared with what was approved if `placement` made it."""
    receiver = order.receiver
    order = redactions.with_person(receiver).redact(order)
    reference = order.out_order_id or (placement.part_ref if placement else None)
    return OrderView(
        order_id=identifier(order.order_id),
        status=order.status,
        upstream_status=_status_word(order.upstream_status),
        totals=OrderMoney(**{name: yuan_or_none(getattr(order, name)) for name in OrderMoney.model_fields}),
        lines=[_order_line(line) for line in order.lines],
        parcels=[_parcel(order, parcel) for parcel in order.parcels],
        consignee=mask_consignee(receiver, order.receiver.region) if receiver and order.receiver else None,
        timeline=sorted(order.timeline, key=lambda moment: moment.at),
        pay_by=order.pay_by if order.status == "awaiting_payment" else None,
        partly_shipped=order.partly_shipped,
        price_change=_price_change(*approved_and_current([order], placement), 1) if placement else None,
        closed=_closing(order, texts),
        purchase_ref=identifier(reference) if reference else None,
        unread=list(order.unread),
    )


def price_change_of(orders: Sequence[UpstreamOrder], placement: Placement) -> PriceChange | None:
    """How all the orders of one create call together differ from what was approved for it."""
    return _price_change(*approved_and_current(orders, placement), len(orders))


def _price_change(approved: int | None, now: int | None, count: int) -> PriceChange | None:
    if approved is None or now is None or approved == now:
        return None
    return PriceChange(approved=yuan(approved), now=yuan(now), difference=yuan(now - approved), orders=count)


def _order_line(line: UpstreamLine) -> OrderLine:
    return OrderLine(
        offer_id=identifier_or_none(line.offer_id),
        spec_id=identifier_or_none(line.spec_id),
        sku_id=identifier_or_none(line.sku_id),
        product=quoted(line.product, 120),
        variant=quoted(line.variant, 120),
        quantity=inert(line.quantity, 20),
        unit_price=yuan_or_none(line.unit_price) or line.unit_price_exact,
        amount=yuan_or_none(line.amount),
        status=_status_word(line.status),
        shipment=line.shipment,
        snapshot_url=line.snapshot_url,
    )


def _parcel(order: UpstreamOrder, parcel: UpstreamParcel) -> Parcel:
    return Parcel(
        carrier=quoted(parcel.carrier, 60),
        tracking_number=quoted(parcel.tracking_number, 60),
        status=parcel_status(parcel.status),
        upstream_status=_status_word(parcel.status),
        shipped_at=parcel.shipped_at,
        lines=[number for number, line in enumerate(order.lines, 1) if line.item_id in parcel.item_ids],
    )


def _closing(order: UpstreamOrder, texts: "Texts") -> Closed | None:
    """Why an order that was cancelled was closed; None for any other order."""
    if order.status != "cancelled":
        return None
    code = close_code(order.close_reason, order.closer)
    details = {"reason": quoted(order.close_reason, 60), "closer": quoted(order.closer, 60)}
    return Closed(code=code, words=texts.sentence("closing", code, details))


def _status_word(text: str) -> str:
    """A status from the upstream; anything but a plain word is quoted in 「」."""
    return text if identifier(text) == text else quoted(text, 40)


def mask_consignee(receiver: Receiver, region: str) -> MaskedConsignee | None:
    """The consignee, masked so that a person can recognise but not contact it; None if only a street is known."""
    if not (receiver.name or receiver.mobile or region):
        return None
    name = inert(receiver.name, 60)
    # Show only digits: anything else in the field may be an address.
    digits = "".join(each for each in receiver.mobile if "0" <= each <= "9")
    return MaskedConsignee(
        name=name[:1] + "＊" * (len(name) > 1) if name else "",
        mobile=f"{digits[:3]}••••{digits[-4:]}" if 11 <= len(digits) <= 15 else "••••" if receiver.mobile else "",
        region=quoted(region, 60),
    )
