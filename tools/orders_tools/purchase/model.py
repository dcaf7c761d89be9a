"""The values that the rules work on: the requested basket and the upstream's answer to it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Generation = Literal["2025", "2026"]
"""The form of the preview answer (CONTRACT 3.2 and 3.3)."""


class Value(BaseModel):
    """An immutable value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


PART_LINES = 50
"""The most lines of one create call (CONTRACT 9.9)."""


class Line(Value):
    """One offer (and SKU) of the basket with its quantity."""

    offer_id: str
    quantity: int
    spec_id: str | None = None
    seller_open_id: str | None = None
    product_no: str | None = None
    container: str | None = None
    label: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What identifies a line: the offer and its SKU."""
        return self.offer_id, self.spec_id


class Address(Value):
    """The consignee as sent. Personal data: stored separately, and shown in full only in the dialog."""

    full_name: str
    mobile: str
    province: str
    city: str
    street: str
    area: str = ""
    town: str = ""
    post_code: str = ""
    phone: str = ""
    district_code: str = ""


class Basket(Value):
    """Everything that a purchase asks for, except the consignee."""

    lines: tuple[Line, ...]
    flow: str | None
    buyer_message: str
    purchase_ref: str
    ali_id: str | None = None
    """The 1688 account that buys, if the developer has several."""

    def parts(self) -> list[tuple[str, tuple[Line, ...]]]:
        """The create calls of this basket, each with its reference: per named seller and 50 lines (CONTRACT 9.9)."""
        sellers = list(dict.fromkeys(line.seller_open_id for line in self.lines))
        of_seller = [tuple(line for line in self.lines if line.seller_open_id == seller) for seller in sellers]
        groups = [own[first : first + PART_LINES] for own in of_seller for first in range(0, len(own), PART_LINES)]
        if len(groups) == 1:
            return [(self.purchase_ref, groups[0])]
        return [(f"{self.purchase_ref}-{number}", group) for number, group in enumerate(groups, 1)]


class AnsweredLine(Value):
    """One line of a preview answer. Money in fen; `message` is the upstream's, not yet inert.

    `unit_price_exact` is a unit price that is not a whole number of fen, as decimal text: it is not shown and only
    serves to check the amount.
    """

    offer_id: str
    spec_id: str | None
    sku_id: str | None
    unit_price: int | None
    amount: int | None
    promotions: tuple[str, ...] = ()
    result_code: str | None = None
    message: str | None = None
    unit_price_exact: str | None = None


class AnsweredOrder(Value):
    """One order that the upstream would open. Money in fen; None if the upstream did not say.

    `trade_types` is None if the answer has no such list (2026), and empty if the basket cannot be ordered.
    """

    flow: str | None = None
    trade_types: tuple[str, ...] | None = None
    goods: int | None
    carriage: int | None
    sum_payment: int | None
    total_payment: int | None = None
    discount: int | None = None
    surcharge: int | None = None
    status: bool | None = None
    result_code: str | None = None
    message: str | None = None
    lines: tuple[AnsweredLine, ...]

    @property
    def payable(self) -> int | None:
        """What the person pays, in fen: `sumTotalPayment` if given, otherwise `sumPayment`."""
        return self.sum_payment if self.total_payment is None else self.total_payment

    @property
    def service_fee(self) -> int | None:
        """What is charged beyond 1688's own total, in fen; None if the answer has no such figure."""
        if self.total_payment is None or self.sum_payment is None:
            return None
        return self.total_payment - self.sum_payment


class PreviewAnswer(Value):
    """The upstream's preview of a set of lines; `status`, `result_code` and `message` are of the whole answer."""

    generation: Generation
    status: bool | None = None
    result_code: str | None = None
    message: str | None = None
    orders: tuple[AnsweredOrder, ...]
    carriage_by_description: tuple[str, ...] = ()
    consignment: tuple[str, ...] = ()
    no_cross_border_pay: tuple[str, ...] = ()


class Part(Value):
    """One create call of a purchase: its reference, its lines, its preview, and everything else that is sent."""

    part_ref: str
    seller_open_id: str | None
    lines: tuple[Line, ...]
    answer: PreviewAnswer
    flow: str | None
    trade_type: str | None
    note: str = ""
    """The buyer's note as sent, including the reference at its end."""
    ali_id: str | None = None
    approved: tuple[int | None, ...] = ()
    """What a person approved for each order of the answer, in fen, if the answer is from a later preview."""


class PlacedOrder(Value):
    """An order known to exist upstream. Money in fen, None if unknown; `status` is normalised."""

    order_id: str
    payable: int | None = None
    carriage: int | None = None
    status: str | None = None
    pay_by: datetime | None = None


class FailedLine(Value):
    """A line that the upstream did not order, with its code and words (not yet inert)."""

    offer_id: str | None
    spec_id: str | None
    code: str | None
    message: str | None
