"""One step of a walk through a list of orders: what is gone by, what is left, and where to read on."""

from datetime import timedelta
from typing import Any

import pytest

from orders_tools.orders.model import OrderPage, UnreadRow, UpstreamOrder
from orders_tools.orders.pagination import (
    MARK_LIMIT,
    Batch,
    PageCursor,
    mark,
    milliseconds,
    newest_first,
    read_batch,
    skips_orders,
    split_marks,
    to_datetime,
)
from support.scene import NOW
from support.told import order, page

STAMP = 1_779_262_800_000
"""`NOW` in milliseconds of the epoch."""
UNREAD = [UnreadRow(mark="odd")]


def made(order_id: str, ago: float | None = None, **named: Any) -> UpstreamOrder:
    """An order made so many seconds before `NOW`, or without a time."""
    return order(order_id, created_at=None if ago is None else NOW - timedelta(seconds=ago), **named)


def standing(**named: Any) -> PageCursor:
    """A walk that stands so; at its start where nothing is named."""
    return PageCursor.model_validate(named)


def marks(*order_ids: object) -> tuple[str, ...]:
    return tuple(mark(order(str(order_id))) for order_id in order_ids)


def ids(taken: Batch) -> list[str]:
    return [each.order_id for each in taken.orders]


def passing(walk: PageCursor, *orders: UpstreamOrder) -> PageCursor:
    for each in orders:
        walk = walk.advance(each)
    return walk


def test_an_instant_becomes_milliseconds_and_comes_back_cut_to_them() -> None:
    instant = NOW + timedelta(microseconds=7_999)

    assert (milliseconds(NOW), milliseconds(instant), milliseconds(None)) == (STAMP, STAMP + 7, None)
    assert (to_datetime(STAMP + 7), to_datetime(None)) == (NOW + timedelta(milliseconds=7), None)


def test_an_order_has_the_same_mark_in_every_process_and_release() -> None:
    assert marks("2257164624870311975", 1) == ("BQhUouPU", "67w5qvAI")
    assert list(split_marks("BQhUouPU67w5qvAI")) == ["BQhUouPU", "67w5qvAI"]


@pytest.mark.parametrize(
    ("walk", "fits"),
    [
        (standing(), True),
        (standing(status="shipped"), True),
        (standing(status="received"), False),
        (standing(created_from=STAMP), True),
        (standing(created_from=STAMP + 1), False),
        (standing(created_to=STAMP), True),
        (standing(created_to=STAMP - 1), False),
        (standing(created_from=STAMP - 1, created_to=STAMP + 1), True),
        (standing(created_from=STAMP - 2, created_to=STAMP - 1), False),
    ],
    ids=str,
)
def test_an_order_fits_by_its_status_and_by_its_time_to_the_millisecond(walk: PageCursor, fits: bool) -> None:
    assert walk.matches(made("1", 0, status="shipped")) is fits
    assert walk.matches(made("1", status="shipped")) is (walk.status != "received")  # without a time it may be meant


@pytest.mark.parametrize(
    ("ago", "passed"), [(-1, True), (-0.001, False), (0, False), (0.999, False), (1.001, False), (None, False)]
)
def test_what_is_newer_than_the_second_a_walk_stands_at_is_gone_by(ago: float | None, passed: bool) -> None:
    walk = standing(at=STAMP)

    assert walk.has_passed(made("1", ago)) is passed
    assert standing().has_passed(made("1", ago)) is False
    assert standing(marks=marks(1)).has_passed(made("1", ago)) is True
    assert standing(undated=marks(1)).has_passed(made("1", ago)) is True


def test_a_walk_remembers_the_orders_of_its_second_and_those_without_a_time() -> None:
    walk = passing(standing(), made("1", 9.5), made("2"), made("3", 9.2))
    on = passing(walk, made("4", 30.5), made("5"))

    assert (walk.at, walk.marks, walk.undated) == (STAMP - 10_000, marks(1, 3), marks(2))
    assert (on.at, on.marks, on.undated) == (STAMP - 31_000, marks(4), marks(2, 5))


@pytest.mark.parametrize(
    ("undated", "dated", "kept"), [(40, 40, (18, 18)), (0, 40, (0, 36)), (40, 0, (18, 0)), (5, 40, (5, 31))]
)
def test_a_walk_remembers_the_latest_of_more_orders_than_a_cursor_can_hold(
    undated: int, dated: int, kept: tuple[int, int]
) -> None:
    walk = passing(standing(), *(made(f"u{number}") for number in range(undated)))
    walk = passing(walk, *(made(f"d{number}", 5) for number in range(dated)))

    assert walk.undated == marks(*(f"u{number}" for number in range(undated - kept[0], undated)))
    assert walk.marks == marks(*(f"d{number}" for number in range(dated - kept[1], dated)))
    assert walk.is_full is (sum(kept) == MARK_LIMIT)


def test_the_old_orders_are_walked_from_their_start_and_asked_for_in_the_same_way() -> None:
    asked = standing(page_size=7, status="shipped", created_from=1, created_to=STAMP, number=3, total=9, tables="both")
    stood: dict[str, Any] = {
        "at": STAMP,
        "page": 4,
        "by_page": True,
        "largest": 7,
        "marks": marks(1),
        "undated": marks(2),
    }

    assert asked.model_copy(update=stood).to_history() == asked.model_copy(update={"history": True})


PAGE = page(made("1", 10), made("2", 20), made("3", 30), total=9)


@pytest.mark.parametrize(
    ("room", "taken", "more", "stands"),
    [(1, 1, True, 10), (2, 2, True, 20), (3, 3, False, 30), (9, 3, False, 30)],
)
def test_a_step_takes_as_many_orders_as_there_is_room_for(room: int, taken: int, more: bool, stands: int) -> None:
    found = read_batch(standing(page=4), PAGE, room)

    assert ids(found) == ["1", "2", "3"][:taken]
    assert (found.has_more, found.is_end, found.unsorted) == (more, False, False)
    assert found.cursor == standing(at=STAMP - stands * 1000, marks=marks(taken), largest=3)


def test_only_orders_that_fit_take_up_room_and_the_others_are_gone_by_too() -> None:
    rows = [made(str(number), number, status="shipped" if number % 2 else "received") for number in range(1, 6)]
    found = read_batch(standing(status="shipped"), page(*rows), 2)

    assert ids(found) == ["1", "2", "3"]
    assert (found.has_more, found.cursor.at) == (True, STAMP - 3000)


def test_what_was_gone_by_takes_up_no_room_and_is_not_taken_again() -> None:
    walk = passing(standing(), made("0", 5), made("1", 10))
    found = read_batch(walk, PAGE, 1)

    assert (ids(found), found.has_more, found.cursor.page) == (["2"], True, 1)


@pytest.mark.parametrize(("room", "reads"), [(0, 4), (1, 4), (2, 5), (3, 5)])
def test_within_one_second_a_walk_reads_on_by_pages(room: int, reads: int) -> None:
    walk = standing(at=STAMP, page=4, marks=marks(1))
    found = read_batch(walk, page(made("2", 0), made("3", -0.5)), room)

    assert (ids(found), found.has_more, found.is_end) == (["2", "3"][:room], room < 2, False)
    assert (found.cursor.page, found.cursor.at) == (reads, STAMP)


@pytest.mark.parametrize(("room", "reads"), [(1, 4), (2, 5)])
def test_an_upstream_that_keeps_to_no_bound_is_walked_by_pages(room: int, reads: int) -> None:
    found = read_batch(standing(at=STAMP, page=4, by_page=True), page(made("1", 10), made("2", 20)), room)

    assert (found.cursor.page, found.cursor.by_page, found.has_more) == (reads, True, room == 1)


@pytest.mark.parametrize(
    ("walk", "newest", "ignored"),
    [
        (standing(at=STAMP), -1, False),
        (standing(at=STAMP), -1.999, False),
        (standing(at=STAMP), -2, True),
        (standing(created_to=STAMP), 0, False),
        (standing(created_to=STAMP), -1, True),
        (standing(at=STAMP), None, False),
        (standing(), -999, False),
    ],
)
def test_orders_of_after_the_bound_show_that_the_upstream_keeps_to_none(
    walk: PageCursor, newest: float | None, ignored: bool
) -> None:
    assert read_batch(walk, page(made("1", newest), made("2", 60)), 9).cursor.by_page is ignored


@pytest.mark.parametrize(
    ("walk", "answer", "over"),
    [
        (standing(), page(), True),
        (standing(), page(unread=UNREAD), False),
        (standing(), page(made("1", 1)), False),
        (standing(), page(made("1", 1), total=1), True),
        (standing(), page(made("1", 1), total=0), True),
        (standing(), page(made("1", 1), total=2), False),
        (standing(), page(made("1", 1), total=2, unread=UNREAD), True),
        (standing(page=2), page(made("1", 1), total=1), False),
        (standing(by_page=True), page(made("1", 1), total=1), False),
        (standing(page=2, largest=2), page(made("1", 1)), False),
        (standing(page=2, largest=2, marks=marks(1)), page(made("1", 1)), True),
        (standing(page=2, largest=1, marks=marks(1)), page(made("1", 1)), False),
        (standing(page=2, largest=2, marks=marks(1)), page(made("1", 1), partial=True), False),
        (standing(page=2, largest=2, marks=marks(1)), page(made("1", 1), unread=UNREAD), False),
    ],
)
def test_a_list_is_over_where_the_answer_shows_that_nothing_follows(
    walk: PageCursor, answer: OrderPage, over: bool
) -> None:
    found = read_batch(walk, answer, 9)

    assert (found.is_end, found.has_more, found.unsorted) == (over, False, False)
    assert found.cursor.largest == max(walk.largest, answer.rows)


@pytest.mark.parametrize(("ago", "over"), [(10.999, False), (11, False), (11.001, True), (12, True)])
def test_a_list_is_over_at_the_first_order_of_a_second_before_the_callers_start(ago: float, over: bool) -> None:
    walk = standing(created_from=STAMP - 10_500)
    found = read_batch(walk, page(made("1", 10), made("2"), made("3", ago), made("4", 99)), 9)

    assert ids(found) == (["1", "2"] if over else ["1", "2", "3"])
    assert (found.is_end, found.has_more, found.unsorted) == (True, False, False)
    assert not over or found.cursor == passing(walk.model_copy(update={"largest": 4}), *found.orders)


@pytest.mark.parametrize(
    ("start", "over"), [(STAMP - 1, False), (STAMP, False), (STAMP + 999, False), (STAMP + 1000, True)]
)
def test_a_start_within_a_second_ends_no_walk_at_an_order_of_that_second(start: int, over: bool) -> None:
    assert read_batch(standing(created_from=start), page(made("1", 0)), 9).is_end is over


def test_a_list_that_is_not_newest_first_is_taken_as_far_as_it_is_told_and_no_further() -> None:
    rows = page(made("1", 20), made("2"), made("3", 10), made("4", 15))
    whole, cut = read_batch(standing(), rows, 4), read_batch(standing(), rows, 2)
    started = read_batch(standing(created_from=STAMP - 15_000), rows, 4)

    assert (ids(whole), whole.is_end, whole.has_more, whole.unsorted) == (["3", "4", "1", "2"], True, False, True)
    assert (ids(cut), cut.is_end, cut.has_more, cut.unsorted) == (["3", "4"], False, True, True)
    assert (ids(started), started.is_end, started.unsorted) == (["3", "4"], True, True)


def test_orders_newer_than_the_callers_end_are_left_out() -> None:
    rows = page(made("1", -1), made("2", 0), made("3"), made("4", -0.001), made("5", 1))

    assert ids(read_batch(standing(created_to=STAMP), rows, 9)) == ["2", "3", "5"]


def forgetful(page: int = 2) -> PageCursor:
    """A walk by pages that cannot remember more: it went by 36 orders of one second, named by their numbers."""
    return passing(standing(page=page, at=STAMP), *(made(str(number), 0) for number in range(36)))


def test_what_stands_before_a_remembered_order_was_gone_by_and_forgotten() -> None:
    rows = page(made("forgotten", 0), made("34", 0), made("35", 0), made("next", 0))
    unknown = page(made("a", 0), made("b", 0))

    assert ids(read_batch(forgetful(), rows, 9)) == ["next"]
    assert ids(read_batch(forgetful(), unknown, 9)) == ["a", "b"]
    assert ids(read_batch(standing(at=STAMP, marks=marks(34, 35)), rows, 9)) == ["forgotten", "next"]


@pytest.mark.parametrize(
    ("walk", "rows", "beyond"),
    [
        (standing(page=2, at=STAMP, marks=marks(1)), [made("1", 0), made("2", 1)], False),
        (standing(page=2, at=STAMP, marks=marks(1)), [made("2", 1), made("1", 0)], True),
        (standing(page=2, at=STAMP, marks=marks(1)), [made("2", -1)], False),
        (standing(page=2, at=STAMP, marks=marks(1)), [], True),
        (standing(page=1, at=STAMP, marks=marks(1)), [made("2", 1)], False),
        (standing(page=1), [], False),
        (standing(page=2, at=STAMP, created_to=STAMP + 500), [made("2", -1)], True),
        (standing(page=2, at=STAMP, created_to=STAMP + 500), [made("2", -1), made("3", 1)], True),
        (forgetful(), [made("2", 1)], False),
        (forgetful(), [], False),
    ],
)
def test_a_later_page_that_begins_with_an_order_not_gone_by_may_have_left_some_out(
    walk: PageCursor, rows: list[UpstreamOrder], beyond: bool
) -> None:
    assert skips_orders(walk, page(*rows)) is beyond


@pytest.mark.parametrize(
    ("agos", "sorted_so"),
    [([1, 2, 2, 3], True), ([2, 1], False), ([1, None, 2], True), ([2, None, 1], False), ([1.2, 1.1], True)],
)
def test_a_list_is_newest_first_as_far_as_its_orders_tell_their_second(
    agos: list[float | None], sorted_so: bool
) -> None:
    assert newest_first([made(str(number), ago) for number, ago in enumerate(agos)]) is sorted_so
