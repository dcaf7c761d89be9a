"""The future events of an order, fixed when it is made, in whole seconds after that time."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

PAY_SECONDS = 432_000
"""How long an order waits for its payment: five days (CONTRACT 9.7)."""

AWAITING_PAYMENT = "waitbuyerpay"
AWAITING_SHIPMENT = "waitsellersend"
SHIPPED = "waitbuyerreceive"
SIGNED = "signinsuccess"
COMPLETED = "success"
CANCELLED = "cancel"


@dataclass(frozen=True)
class Parcel:
    """A parcel that leaves at `after` with pieces of the lines of these indexes."""

    after: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Course:
    """When each event happens; None if it never does.

    refunds: each step of a refund as its second and 1688's word; `refunded` fen are back once it says refundsuccess.
    risen: when the seller raises the price of the unpaid order by `rise` fen.
    """

    paid: int | None = None
    parcels: tuple[Parcel, ...] = ()
    signed: int | None = None
    completed: int | None = None
    closed: int | None = None
    close_reason: str | None = None
    closed_by: str | None = None
    refunds: tuple[tuple[int, str], ...] = ()
    refunded: int = 0
    risen: int | None = None
    rise: int = 0

    @cached_property
    def all_sent(self) -> int | None:
        """When the last parcel leaves."""
        return max((parcel.after for parcel in self.parcels), default=None)

    @cached_property
    def changes(self) -> tuple[int, ...]:
        """Every second at which something happens, ascending."""
        single = (0, self.paid, self.signed, self.completed, self.closed, self.risen)
        several = (*(parcel.after for parcel in self.parcels), *(second for second, _ in self.refunds))
        return tuple(sorted(second for second in (*single, *several) if second is not None))

    def status_at(self, seconds: float) -> str:
        """1688's word for the status that many seconds after the order was made (CONTRACT 9.7)."""
        starts, words = self._statuses
        return words[max(bisect_right(starts, seconds) - 1, 0)]

    def refund_at(self, seconds: float) -> str | None:
        """1688's word for the refund at that time; None if none was requested yet."""
        return next((word for second, word in reversed(self.refunds) if second <= seconds), None)

    @cached_property
    def _statuses(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        steps = (
            (0, AWAITING_PAYMENT),
            (self.paid, AWAITING_SHIPMENT),
            (self.all_sent, SHIPPED),
            (self.signed, SIGNED),
            (self.completed, COMPLETED),
            (self.closed, CANCELLED),
        )
        known = sorted((second, word) for second, word in steps if second is not None)
        return tuple(second for second, _ in known), tuple(word for _, word in known)


NEVER_PAID = Course(closed=PAY_SECONDS, close_reason="BUYER_NO_PAY", closed_by="CLOSE_TRADE_BY_SYSTEM")
"""The course of every order that create makes: nobody pays here, so it is closed by timeout."""


def as_json(course: Course) -> dict[str, Any]:
    """The course as JSON, without events that never happen."""
    return {name: value for name, value in asdict(course).items() if value}


def from_json(stored: Mapping[str, Any] | None) -> Course:
    """The course that `as_json` wrote; an order stored without one was never paid."""
    if stored is None:
        return NEVER_PAID
    names = {field.name for field in fields(Course)}
    values = {name: value for name, value in stored.items() if name in names}
    values["parcels"] = tuple(Parcel(each["after"], tuple(each["lines"])) for each in stored.get("parcels", ()))
    values["refunds"] = tuple((second, word) for second, word in stored.get("refunds", ()))
    return Course(**values)
