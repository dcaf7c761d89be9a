"""An order that was made, and its stored text."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

from orders_sandbox import ids
from orders_sandbox.course import NEVER_PAID, Course, as_json, from_json
from orders_sandbox.fields import Fields
from orders_sandbox.json_text import JsonObject, render
from orders_sandbox.pricing import PricedOrder
from orders_sandbox.purchase_requests import Consignee, read_consignee

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True)
class OrderLine:
    """One line of an order; money in fen, `amount` after the promotion."""

    offer_id: int
    spec_id: str
    quantity: int
    unit_price: int
    amount: int
    sub_item_id: str


@dataclass(frozen=True)
class OrderRecord:
    """An order as made: money in fen, `created_at` in Asia/Shanghai to the millisecond, `request` the body verbatim.

    `fee` is Xportcn's, if create charges it; `course` has the order's future events.
    """

    sequence: int
    order_id: str
    created_at: datetime
    trade_type: str
    carriage: int
    lines: tuple[OrderLine, ...]
    request: JsonObject
    fee: int = 0
    course: Course = NEVER_PAID

    @property
    def goods(self) -> int:
        """The goods after promotions, in fen."""
        return sum(line.amount for line in self.lines)

    @property
    def total(self) -> int:
        """Goods, carriage and fee, in fen."""
        return self.goods + self.carriage + self.fee

    @property
    def out_order_id(self) -> str | None:
        """The caller's own number for the order; None if none was sent."""
        return Fields(self.request).text("outOrderId")

    @property
    def message(self) -> str | None:
        """The buyer's note, or None."""
        return Fields(self.request).text("message")

    @property
    def consignee(self) -> Consignee:
        """Who receives the goods."""
        return read_consignee(Fields(self.request))


def make_order(
    seed: int,
    sequence: int,
    moment: datetime,
    trade_type: str,
    priced: PricedOrder,
    request: JsonObject,
    fee: int = 0,
    course: Course = NEVER_PAID,
) -> OrderRecord:
    """The sequence-th order of the sandbox, made at that time; a sequence below 1 means before its start."""
    local = moment.astimezone(SHANGHAI)
    count = len(priced.lines)
    return OrderRecord(
        sequence=sequence,
        order_id=ids.order_id(seed, sequence),
        created_at=local.replace(microsecond=local.microsecond // 1000 * 1000),
        trade_type=trade_type,
        carriage=priced.carriage,
        lines=tuple(
            OrderLine(
                line.offer.offer_id,
                line.sku.spec_id,
                line.quantity,
                line.unit_price,
                line.amount,
                ids.sub_item_id(seed, sequence, index, count),
            )
            for index, line in enumerate(priced.lines)
        ),
        request=request,
        fee=fee,
        course=course,
    )


class _LineText(TypedDict):
    offer_id: int
    spec_id: str
    quantity: int
    unit_price: int
    amount: int
    sub_item_id: str


class _RecordText(TypedDict):
    sequence: int
    order_id: str
    created_at: str
    trade_type: str
    carriage: int
    lines: list[_LineText]
    request: JsonObject
    fee: NotRequired[int]
    course: NotRequired[dict[str, Any]]


def to_text(record: OrderRecord) -> str:
    """The record as JSON, the request's numbers digit for digit."""
    return render(
        {
            "sequence": record.sequence,
            "order_id": record.order_id,
            "created_at": record.created_at.isoformat(),
            "trade_type": record.trade_type,
            "carriage": record.carriage,
            "lines": [vars(line) for line in record.lines],
            "request": record.request,
            "fee": record.fee,
            "course": as_json(record.course),
        }
    )


def from_text(text: str) -> OrderRecord:
    """The record that `to_text` wrote."""
    stored: _RecordText = json.loads(text, parse_float=Decimal)
    return OrderRecord(
        sequence=stored["sequence"],
        order_id=stored["order_id"],
        created_at=datetime.fromisoformat(stored["created_at"]).astimezone(SHANGHAI),
        trade_type=stored["trade_type"],
        carriage=stored["carriage"],
        lines=tuple(OrderLine(**line) for line in stored["lines"]),
        request=stored["request"],
        fee=stored.get("fee", 0),
        course=from_json(stored.get("course")),
    )
