"""Keyset pagination of the order list: the position, and what each upstream answer adds to it.

The position is the creation time of the last order returned, not a page number, so neither a new order nor a changed
status shifts the rest. Times count to the second, because the upstream may not compare them more precisely.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from orders_tools.orders.model import FILTERS, OrderPage, OrderQuery, UpstreamOrder
from orders_tools.purchase.model import Value
from orders_tools.vocabulary import OrderStatus

MARK_LIMIT = 36
"""How many orders a cursor remembers by mark: those of its current second, and those without a time."""
_ROW_LIMIT = 50
"""The most rows asked for (CONTRACT 5: no maximum is stated, code uses at most 50)."""
_SECOND = timedelta(seconds=1)

Millisecond = Annotated[int, Field(ge=0, le=4_200_000_000_000)]
Mark = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8}$")]


class PageCursor(Value):
    """A position in the list, and the whole content of a cursor. Times are milliseconds of the epoch.

    All orders newer than the second `at` were returned; `marks` are the orders returned within it, `undated` those
    without a creation time. `page` is the page to read next below `at`. `by_page`: the upstream ignores the time bound,
    so only page numbers lead on. `largest` is the longest answer so far.
    """

    page_size: int = Field(20, ge=1, le=50)
    status: OrderStatus | None = None
    created_from: Millisecond | None = None
    created_to: Millisecond | None = None
    number: int = Field(1, ge=1, le=1_000_000)
    total: int | None = Field(None, ge=0)
    tables: Literal["one", "both", "unread"] = "one"
    """Whether the upstream keeps old orders apart (CONTRACT 5: isHis), or could not be asked for them."""
    history: bool = False
    at: Millisecond | None = None
    page: int = Field(1, ge=1, le=100_000)
    by_page: bool = False
    largest: int = Field(0, ge=0, le=10_000)
    marks: tuple[Mark, ...] = Field((), max_length=MARK_LIMIT)
    undated: tuple[Mark, ...] = Field((), max_length=MARK_LIMIT)

    @property
    def query(self) -> OrderQuery:
        """What to ask the upstream next."""
        wanted = FILTERS.get(self.status or "")
        # One more for the order at the position, which comes again, and one to see whether more follow.
        size = self.page_size + 2 if wanted or not self.status else _ROW_LIMIT
        return OrderQuery(
            page=self.page,
            page_size=min(size, _ROW_LIMIT),
            status=wanted,
            created_from=to_datetime(self.created_from),
            created_to=self.latest,
            history=self.history,
        )

    @property
    def latest(self) -> datetime | None:
        """The latest creation time to ask for: the end of the current second, or the caller's own."""
        end = to_datetime(self.created_to)
        if self.at is None or self.by_page:
            return end
        after = datetime.fromtimestamp(self.at // 1000, UTC) + _SECOND
        return min(after, end) if end else after

    @property
    def is_full(self) -> bool:
        """Whether no more marks fit, so that only page numbers lead on."""
        return len(self.marks) + len(self.undated) >= MARK_LIMIT

    def matches(self, order: UpstreamOrder) -> bool:
        """Whether an order matches the filters, which the upstream may have ignored."""
        return (not self.status or order.status == self.status) and self._is_in_period(order)

    def _is_in_period(self, order: UpstreamOrder) -> bool:
        made = milliseconds(order.created_at)
        return made is None or (
            (self.created_from is None or made >= self.created_from)
            and (self.created_to is None or made <= self.created_to)
        )

    def has_passed(self, order: UpstreamOrder) -> bool:
        """Whether this order was returned already."""
        second = _second(order)
        if mark(order) in (*self.marks, *self.undated):
            return True
        return second is not None and self.at is not None and second > self.at

    def advance(self, order: UpstreamOrder) -> "PageCursor":
        """The cursor after this order."""
        second = _second(order)
        if second is None:
            return self._with_marks(undated=(*self.undated, mark(order)))
        marks = (*self.marks, mark(order)) if second == self.at else (mark(order),)
        return self._with_marks(at=second, marks=marks)

    def _with_marks(self, **changed: object) -> "PageCursor":
        cursor = self.model_copy(update=changed)
        undated = cursor.undated[-(MARK_LIMIT // 2) :]
        return cursor.model_copy(update={"undated": undated, "marks": cursor.marks[-(MARK_LIMIT - len(undated)) :]})

    def to_history(self) -> "PageCursor":
        """The cursor at the start of the old orders, some of which may be newer than these."""
        start = {"history": True, "at": None, "page": 1, "by_page": False, "largest": 0, "marks": (), "undated": ()}
        return self.model_copy(update=start)


@dataclass(frozen=True)
class Batch:
    """What one answer adds: the orders taken, and whether the answer has more or the table ends."""

    cursor: PageCursor
    orders: tuple[UpstreamOrder, ...]
    has_more: bool = False
    is_end: bool = False
    unsorted: bool = False


def read_batch(cursor: PageCursor, answer: OrderPage, room: int) -> Batch:
    """`cursor` after `answer` to its query, of which at most `room` matching orders are taken."""
    rows = _rows_to_check(cursor, answer.orders)
    unsorted = not newest_first(answer.orders)
    rows = sorted(rows, key=lambda row: _second(row) or 0, reverse=True) if unsorted else rows
    moved = cursor.model_copy(
        update={
            "largest": max(cursor.largest, answer.rows),
            "by_page": cursor.by_page or _ignores_latest(cursor, answer),
        }
    )
    taken: list[UpstreamOrder] = []
    matching = 0
    for row in rows:
        if moved.has_passed(row):
            continue
        if cursor.created_from is not None and (_second(row) or cursor.created_from) + 999 < cursor.created_from:
            return Batch(moved, tuple(taken), is_end=True, unsorted=unsorted)
        if matching == room:
            return Batch(_with_next_page(cursor, moved, rest=True), tuple(taken), has_more=True, unsorted=unsorted)
        moved = moved.advance(row)
        taken.append(row)
        matching += cursor.matches(row)
    is_end = not answer.rows or unsorted or _is_last_answer(cursor, moved, answer, bool(taken))
    return Batch(_with_next_page(cursor, moved, rest=False), tuple(taken), is_end=is_end, unsorted=unsorted)


def _rows_to_check(cursor: PageCursor, rows: Sequence[UpstreamOrder]) -> list[UpstreamOrder]:
    """The rows up to the caller's end; with full marks, only those from the last marked row on."""
    if cursor.is_full:
        marked = [number for number, row in enumerate(rows) if mark(row) in cursor.marks]
        rows = rows[max(marked, default=0) :]
    return [
        row for row in rows if cursor.created_to is None or (milliseconds(row.created_at) or 0) <= cursor.created_to
    ]


def _ignores_latest(cursor: PageCursor, answer: OrderPage) -> bool:
    """Whether the upstream returned orders newer than it was asked for."""
    latest = milliseconds(cursor.latest)
    return latest is not None and any((_second(row) or 0) > latest for row in answer.orders)


def _is_last_answer(cursor: PageCursor, moved: PageCursor, answer: OrderPage, anything_new: bool) -> bool:
    """Whether the answer itself shows that no order follows in its table."""
    if answer.total is not None and cursor.page == 1 and not moved.by_page and answer.total <= answer.rows:
        return True
    return not anything_new and not answer.partial and answer.rows < moved.largest


def _with_next_page(cursor: PageCursor, moved: PageCursor, *, rest: bool) -> PageCursor:
    """The next page to read: the first below the new bound, or else this page again (`rest`) or the next."""
    if moved.at != cursor.at and not moved.by_page:
        return moved.model_copy(update={"page": 1})
    return moved.model_copy(update={"page": cursor.page + (0 if rest else 1)})


def skips_orders(cursor: PageCursor, answer: OrderPage) -> bool:
    """Whether a later page begins with an order not yet returned, so that orders before it may be missing."""
    if cursor.page == 1 or cursor.is_full:
        return False
    rows = _rows_to_check(cursor, answer.orders)
    return not rows or not cursor.has_passed(rows[0])


def newest_first(rows: Sequence[UpstreamOrder]) -> bool:
    """Whether orders are sorted by creation time, as far as it is known."""
    seconds = [second for row in rows if (second := _second(row)) is not None]
    return seconds == sorted(seconds, reverse=True)


def _second(order: UpstreamOrder) -> int | None:
    made = milliseconds(order.created_at)
    return None if made is None else made // 1000 * 1000


def mark(order: UpstreamOrder) -> str:
    """Eight characters that stand for an order's id, whatever its length."""
    digest = hashlib.blake2b(order.order_id.encode(), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode()


def split_marks(text: str) -> Iterator[str]:
    """The marks in a string of concatenated marks."""
    return (text[start : start + 8] for start in range(0, len(text), 8))


def milliseconds(instant: datetime | None) -> int | None:
    """A time in milliseconds of the epoch, cut to whole milliseconds like the upstream's times."""
    return None if instant is None else (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def to_datetime(stamp: int | None) -> datetime | None:
    """The time for a number of milliseconds of the epoch."""
    return None if stamp is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp)
