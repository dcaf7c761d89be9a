"""Walks through lists of orders by cursor, over upstreams of every habit: each order once, and never for ever."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, cast

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from orders_prompts.renderer import Texts
from orders_tools.list_orders import list_orders
from orders_tools.orders.model import OrderPage, OrderQuery
from orders_tools.ports import Ledger, Policy, Purchasing, Upstream
from orders_tools.results.orders import OrderList
from support.house import Clock
from support.order_book import Booked, OrderBook

NOW = Clock().now
TEXTS = Texts("en")
MOST_CALLS = 12
"""Calls to the upstream for one page: those of the first look included."""


class Shelf:
    """An upstream over a book, without a network."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book

    async def orders(self, query: OrderQuery) -> OrderPage:
        return await self._book.page(query)


def purchasing(book: OrderBook) -> Purchasing:
    return Purchasing(
        upstream=cast(Upstream, Shelf(book)),
        ledger=cast(Ledger, None),
        texts=TEXTS,
        clock=lambda: NOW,
        random_bytes=bytes,
        owner="owner",
        sandbox=False,
        policy=Policy(),
        uninterrupted=nullcontext,
    )


async def walked(book: OrderBook, changes: list[Any], **asked: Any) -> list[OrderList]:
    """Every page, one change of the book between each two."""
    pages: list[OrderList] = []
    given: dict[str, Any] = asked
    while not pages or pages[-1].has_more:
        called = book.calls
        pages.append(await list_orders(purchasing(book), given))
        assert book.calls - called <= MOST_CALLS
        assert len(pages) <= 4 * len(book.orders) + 20
        given = {"cursor": pages[-1].next_cursor}
        if changes:
            changes.pop()(book)
    return pages


def ids(pages: list[OrderList]) -> list[str]:
    return [row.order_id for page in pages for row in page.orders]


def an_order_arrives(book: OrderBook) -> None:
    book.add(NOW + timedelta(milliseconds=len(book.orders) * 300))


def one_is_paid(book: OrderBook) -> None:
    unpaid = [order for order in book.orders if order.status == "waitbuyerpay"]
    if unpaid:
        unpaid[len(unpaid) // 2].status = "waitsellersend"


ages = st.lists(st.integers(0, 40).map(lambda steps: steps * 250), max_size=30)
"""How many milliseconds ago each order was made: some in one instant, many in one second."""


def made(ages: list[int], old: int, **habits: Any) -> OrderBook:
    book = OrderBook(**habits)
    for age in sorted(ages, reverse=True):
        book.add(NOW - timedelta(milliseconds=age))
    for order in book.orders[:old]:
        order.old = book.history != "ignored"
    return book


@settings(max_examples=200, deadline=None)
@given(
    ages,
    st.integers(0, 30),
    st.integers(1, 8),
    st.integers(1, 9),
    st.sampled_from(["apart", "ignored", "everything"]),
    st.sampled_from(["millisecond", "second", "exclusive", "ignored"]),
    st.booleans(),
    st.lists(st.sampled_from([an_order_arrives, one_is_paid]), max_size=40),
    st.sampled_from([None, "awaiting_payment", "shipped"]),
)
def test_every_order_that_stays_is_seen_once(
    ages: list[int],
    old: int,
    page_size: int,
    largest_page: int,
    history: Any,
    bound: Any,
    counts: bool,
    changes: list[Any],
    status: str | None,
) -> None:
    book = made(ages, old, largest_page=largest_page, history=history, bound=bound, counts=counts)
    wanted = "waitbuyerreceive" if status == "shipped" else "waitbuyerpay"
    for order in book.orders[::2] if status == "shipped" else ():
        order.status = wanted
    before = {order.order_id for order in book.orders if not status or order.status == wanted}
    asked: dict[str, Any] = {"page_size": page_size} | ({"status": status} if status else {})
    pages = asyncio.run(walked(book, changes, **asked))

    seen = ids(pages)
    left = {order.order_id for order in book.orders if status and order.status != wanted}
    assert len(seen) == len(set(seen))
    assert before - left <= set(seen)
    assert [page.cut_short for page in pages] == [None] * len(pages)
    assert pages[0].total in {None, len(before)}


@settings(max_examples=120, deadline=None)
@given(
    ages,
    st.integers(1, 8),
    st.integers(1, 9),
    st.sampled_from(["apart", "ignored", "refused"]),
    st.sampled_from(["millisecond", "second", "exclusive", "ignored"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sets(st.integers(0, 29), max_size=15),
)
def test_a_walk_that_cannot_see_all_orders_says_so(
    ages: list[int],
    page_size: int,
    largest_page: int,
    history: Any,
    bound: Any,
    counts: bool,
    paged: bool,
    newest_first: bool,
    undated: set[int],
) -> None:
    book = made(ages, 0, largest_page=largest_page, history=history, bound=bound, counts=counts)
    book.paged, book.newest_first = paged, newest_first
    without: list[Booked] = [order for number, order in enumerate(book.orders) if number in undated]
    for order in without:
        order.created = None
    pages = asyncio.run(walked(book, [], page_size=page_size))

    seen = ids(pages)
    assert len(seen) == len(set(seen))
    first = [order.created for order in book.orders[: min(page_size + 2, largest_page)] if order.created]
    # One answer whose orders are all of one second does not show in which order the list is.
    assume(newest_first or len({created.replace(microsecond=0) for created in first}) > 1)
    if any(order.order_id not in seen for order in book.orders):
        assert any(page.cut_short for page in pages)


@settings(max_examples=20, deadline=None)
@given(st.integers(37, 150), st.integers(1, 50), st.integers(5, 50), st.integers(0, 5), st.booleans())
def test_more_orders_of_one_instant_than_a_cursor_remembers_are_each_seen_once(
    at_once: int, page_size: int, largest_page: int, arriving: int, counts: bool
) -> None:
    book = made([60_000] * at_once + [70_000] * 30, 0, largest_page=largest_page, counts=counts)
    before = sorted(order.order_id for order in book.orders)
    pages = asyncio.run(walked(book, [an_order_arrives] * arriving, page_size=page_size))

    assert sorted(ids(pages)) == before
