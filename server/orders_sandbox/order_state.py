"""The state of an order at a given time: a pure function of its record and the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orders_sandbox.course import AWAITING_SHIPMENT, CANCELLED, SHIPPED
from orders_sandbox.orders import OrderRecord

HISTORICAL_AFTER = timedelta(days=92)
"""An order older than this is only in the historical table (CONTRACT 5: the last three months or so are current)."""

_REFUNDED = "refundsuccess"


@dataclass(frozen=True)
class OrderState:
    """An order at one moment: statuses in 1688's words, money in fen, times in the order's own zone; None: not yet.

    `rise` is the seller's price increase, `refund` the amount paid back, `sent` the parcels on their way.
    """

    status: str
    refund_status: str | None
    refund: int
    rise: int
    paid_at: datetime | None
    all_delivered_at: datetime | None
    receiving_at: datetime | None
    confirmed_at: datetime | None
    completed_at: datetime | None
    modified_at: datetime
    sent: tuple[tuple[datetime, tuple[int, ...]], ...]
    waiting: frozenset[int]

    @property
    def cancelled(self) -> bool:
        """Whether the order was closed, no matter by whom."""
        return self.status == CANCELLED

    def has_left(self, line: int) -> bool:
        """Whether some of the line is on its way."""
        return any(line in lines for _, lines in self.sent)

    def line_status(self, line: int) -> str:
        """1688's word for one line, which may be on its way before the whole order is."""
        sent = self.has_left(line) and line not in self.waiting
        return SHIPPED if sent and self.status == AWAITING_SHIPMENT else self.status

    def logistics_status(self, line: int) -> int:
        """1 unshipped, 2 shipped, 3 received, 5 partly shipped (CONTRACT 6)."""
        if not self.has_left(line):
            return 1
        if line in self.waiting:
            return 5
        return 2 if self.receiving_at is None else 3


def status_at(order: OrderRecord, now: datetime) -> str:
    """1688's word for the order's status at that time; the same as in `state_at`, but cheaper to compute."""
    return order.course.status_at(_age(order, now))


def state_at(order: OrderRecord, now: datetime) -> OrderState:
    """The full state of the order at that time."""
    course, age = order.course, _age(order, now)

    def reached(second: int | None) -> datetime | None:
        return None if second is None or second > age else order.created_at + timedelta(seconds=second)

    completed, refund_status = reached(course.completed), course.refund_at(age)
    sent = tuple((moment, parcel.lines) for parcel in course.parcels if (moment := reached(parcel.after)))
    unsent = [parcel.lines for parcel in course.parcels if parcel.after > age]
    changes = [second for second in course.changes if second <= age]
    return OrderState(
        status=course.status_at(age),
        refund_status=refund_status,
        refund=course.refunded if refund_status == _REFUNDED else 0,
        rise=course.rise if reached(course.risen) else 0,
        paid_at=reached(course.paid),
        all_delivered_at=reached(course.all_sent),
        receiving_at=reached(course.signed) or completed,
        confirmed_at=completed,
        completed_at=completed or reached(course.closed),
        modified_at=order.created_at + timedelta(seconds=max(changes, default=0)),
        sent=sent,
        waiting=frozenset(line for lines in unsent for line in lines),
    )


def _age(order: OrderRecord, now: datetime) -> float:
    return (now - order.created_at).total_seconds()
