"""A page that is too large to be read whole: in which pieces it is asked for, and what is told of it in the end."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from orders_server.xportcn.pieces import read_in_pieces
from orders_tools.orders.model import OrderPage, OrderQuery
from orders_tools.ports import UpstreamUnavailable
from support.told import order, page

WHOLE = UpstreamUnavailable("more than can be read", too_large=True)
AWAY = UpstreamUnavailable("away")
MOST = 10
"""What an answer may weigh."""


class Shelf:
    """A list of orders of certain weights, by number; `fails` is the call that is not answered, and no page has more
    than `rows`."""

    def __init__(self, weights: Sequence[int], *, counts: bool = True, fails: int = 0, rows: int = 99) -> None:
        self._weights, self._counts, self._fails, self._rows = weights, counts, fails, rows
        self.asked: list[tuple[int, int]] = []

    async def ask(self, query: OrderQuery) -> OrderPage:
        self.asked.append((query.page, query.page_size))
        if len(self.asked) == self._fails:
            raise AWAY
        start = (query.page - 1) * query.page_size
        weights = self._weights[start : start + min(query.page_size, self._rows)]
        if sum(weights) > MOST:
            raise UpstreamUnavailable("more than can be read", too_large=True)
        rows = [order(str(start + number)) for number in range(len(weights))]
        return page(*rows, total=len(self._weights) if self._counts else None)


def read(shelf: Shelf, number: int = 1, size: int = 20) -> OrderPage:
    return asyncio.run(read_in_pieces(OrderQuery(page=number, page_size=size, status="x"), shelf.ask, WHOLE))


def told(answer: OrderPage) -> tuple[str, list[str], bool, int | None]:
    """The ids and the marks of what could not be read, whether more follows, and the count."""
    return (
        " ".join(each.order_id for each in answer.orders),
        [row.mark for row in answer.unread],
        answer.partial,
        answer.total,
    )


HUGE = MOST + 1
CASES: dict[str, tuple[Callable[[], Shelf], int, int]] = {
    "all light": (lambda: Shelf([1] * 8), 1, 20),
    "halves": (lambda: Shelf([1] * 20), 1, 20),
    "without a count": (lambda: Shelf([1] * 20, counts=False), 1, 20),
    "short, without a count": (lambda: Shelf([2] * 7, counts=False), 1, 8),
    "ends at a piece, without a count": (lambda: Shelf([2] * 8, counts=False), 1, 20),
    "second page": (lambda: Shelf([2] * 11), 2, 6),
    "second page of an odd size": (lambda: Shelf([3] * 11, counts=False), 2, 5),
    "one by one": (lambda: Shelf([9] * 6), 1, 6),
    "huge first": (lambda: Shelf([HUGE, 1, 1, 1]), 1, 4),
    "huge ones in the middle": (lambda: Shelf([1, HUGE, HUGE, 1, HUGE, 1]), 1, 6),
    "huge last": (lambda: Shelf([1, 1, 1, HUGE]), 1, 4),
    "nothing": (lambda: Shelf([]), 1, 4),
    "one": (lambda: Shelf([1]), 1, 1),
    "too many pieces": (lambda: Shelf([9] * 40), 1, 40),
    "not answered at last": (lambda: Shelf([9] * 6, fails=6), 1, 6),
    "too many too large": (lambda: Shelf([1, 1, *[HUGE] * 20]), 1, 20),
}


EXPECTED: dict[str, tuple[tuple[str, list[str], bool, int | None], list[tuple[int, int]]]] = {
    "all light": (("0 1 2 3 4 5 6 7", [], False, 8), [(1, 16)]),
    "halves": (
        ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", [], False, 20),
        [(1, 16), (1, 8), (2, 8), (2, 16)],
    ),
    "without a count": (
        ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", [], False, None),
        [(1, 16), (1, 8), (2, 8), (2, 16), (3, 16)],
    ),
    "short, without a count": (("0 1 2 3 4 5 6", [], False, None), [(1, 4), (2, 4), (3, 4)]),
    "ends at a piece, without a count": (
        ("0 1 2 3 4 5 6 7", [], False, None),
        [(1, 16), (1, 8), (1, 4), (2, 4), (2, 8)],
    ),
    "second page": (("6 7 8 9 10", [], False, 11), [(4, 2), (3, 4)]),
    "second page of an odd size": (("5 6 7 8 9", [], False, None), [(6, 1), (4, 2), (3, 4), (4, 4)]),
    "one by one": (
        ("0 1 2 3 4 5", [], False, 6),
        [(1, 4), (1, 2), (1, 1), (2, 1), (2, 2), (3, 1), (4, 1), (3, 2), (5, 1), (6, 1)],
    ),
    "huge first": (("1 2 3", ["after :1"], False, 4), [(1, 2), (1, 1), (2, 1), (2, 2)]),
    "huge ones in the middle": (
        ("0 3 5", ["after 0:1", "after 0:2", "after 3:1"], False, 6),
        [(1, 4), (1, 2), (1, 1), (2, 1), (2, 2), (3, 1), (4, 1), (3, 2), (5, 1), (6, 1)],
    ),
    "huge last": (("0 1 2", ["after 2:1"], False, 4), [(1, 2), (2, 2), (3, 1), (4, 1)]),
    "nothing": (("", [], False, 0), [(1, 2)]),
    "one": (("0", [], False, 1), [(1, 1)]),
    "too many pieces": (
        ("0 1 2 3 4 5 6 7", [], True, 40),
        [
            (1, 32),
            (1, 16),
            (1, 8),
            (1, 4),
            (1, 2),
            (1, 1),
            (2, 1),
            (2, 2),
            (3, 1),
            (4, 1),
            (3, 2),
            (5, 1),
            (6, 1),
            (4, 2),
            (7, 1),
            (8, 1),
        ],
    ),
    "not answered at last": (("0 1", [], True, 6), [(1, 4), (1, 2), (1, 1), (2, 1), (2, 2), (3, 1)]),
    "too many too large": (
        ("0 1", ["after 1:1", "after 1:2", "after 1:3"], True, 22),
        [(1, 16), (1, 8), (1, 4), (1, 2), (2, 2), (3, 1), (4, 1), (3, 2), (5, 1), (6, 1)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_read_in_pieces(name: str) -> None:
    make, number, size = CASES[name]
    shelf = make()
    answer = read(shelf, number, size)

    assert (told(answer), shelf.asked) == EXPECTED[name]


@pytest.mark.parametrize(
    ("make", "number", "size"),
    [
        (lambda: Shelf([1] * 4, fails=1), 1, 4),
        (lambda: Shelf([HUGE] * 9), 1, 8),
        (lambda: Shelf([9] * 90), 2, 40),
        (lambda: Shelf([9] * 12, fails=6), 2, 6),
    ],
    ids=["away", "nothing to be read", "a later page in part", "a later page until it was away"],
)
def test_where_it_cannot_be_told_what_stands_on_the_page_that_is_said(
    make: Callable[[], Shelf], number: int, size: int
) -> None:
    with pytest.raises(UpstreamUnavailable) as unavailable:
        read(make(), number, size)

    assert unavailable.value is WHOLE


@pytest.mark.parametrize(("rows", "follows"), [(1, True), (3, True), (7, True), (8, False)])
def test_a_piece_that_is_shorter_than_asked_for_is_the_end_only_where_the_count_says_so(
    rows: int, follows: bool
) -> None:
    answer = read(Shelf([1] * 8, rows=rows))

    assert (len(answer.orders), answer.partial, answer.total) == (rows, follows, 8)


def test_orders_that_nobody_can_read_at_the_start_are_told_apart() -> None:
    assert told(read(Shelf([HUGE, HUGE, 1, 1]), 1, 4)) == ("2 3", ["after :1", "after :2"], False, 4)
