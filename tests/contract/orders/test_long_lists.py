"""Long lists: whoever walks them by cursor sees each order once, whatever happens meanwhile and however it is paged."""

import base64
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.house import Buyer, Clock, house_of
from support.order_book import OrderBook

pytestmark = pytest.mark.anyio

NOW = Clock().now


@asynccontextmanager
async def buyer_at(book: OrderBook, folder: Path, **settings: Any) -> AsyncGenerator[Buyer]:
    """A client of a server whose upstream is the book."""
    async with house_of(book, folder) as house, house.buyer(**settings) as buyer:
        yield buyer


async def walked(buyer: Buyer, between: Callable[[], object] = lambda: None, **asked: Any) -> list[dict[str, Any]]:
    """Every page from the first to the last, with something happening between any two."""
    pages = [await buyer.said("list_orders", **asked)]
    while pages[-1]["has_more"]:
        assert len(pages) < 200
        assert len(pages[-1]["next_cursor"]) <= 600
        between()
        pages.append(await buyer.said("list_orders", cursor=pages[-1]["next_cursor"]))
    assert pages[-1]["next_cursor"] is None
    return pages


def ids(pages: list[dict[str, Any]]) -> list[str]:
    return [row["order_id"] for page in pages for row in page["orders"]]


def filled(count: int, every: timedelta = timedelta(minutes=7), **habits: Any) -> OrderBook:
    """A book of so many orders, the newest made just now."""
    book = OrderBook(**habits)
    for number in range(count):
        book.add(NOW - every * (count - number))
    return book


def arrivals(book: OrderBook, count: int = 3) -> Callable[[], object]:
    """Something that lets new orders arrive."""
    made = [NOW]

    def arrive() -> None:
        for _ in range(count):
            made[0] += timedelta(seconds=1)
            book.add(made[0])

    return arrive


async def test_a_thousand_orders_are_each_seen_once_while_new_ones_arrive(tmp_path: Path) -> None:
    book = filled(1000)
    before = [order.order_id for order in reversed(book.orders)]
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, arrivals(book), page_size=50)

    assert ids(pages) == before
    assert {page["total"] for page in pages} == {1000}
    assert {page["cut_short"] for page in pages} == {None}
    assert {len(page["orders"]) for page in pages} == {50}
    assert book.calls <= 2 * len(pages) + 1


async def test_orders_that_change_their_status_move_no_other_order(tmp_path: Path) -> None:
    book = filled(300)
    for order in book.orders[::3]:
        order.status = "waitsellersend"
    unpaid = [order for order in reversed(book.orders) if order.status == "waitbuyerpay"]
    steady, paying = unpaid[::2], unpaid[1::2]

    def some_are_paid() -> None:
        for order in [order for order in paying if order.status == "waitbuyerpay"][:7]:
            order.status = "waitsellersend"
        arrivals(book)()

    async with buyer_at(book, tmp_path) as buyer:
        seen = ids(await walked(buyer, some_are_paid, page_size=10, status="awaiting_payment"))

    assert len(seen) == len(set(seen))
    assert {order.order_id for order in steady} <= set(seen) <= {order.order_id for order in unpaid}
    assert len(seen) < len(unpaid)


@pytest.mark.parametrize("page_size", [7, 50])
async def test_many_orders_of_one_instant_are_each_seen_once(tmp_path: Path, page_size: int) -> None:
    book = filled(130, every=timedelta(0), largest_page=20)
    for number in range(30):
        book.add(NOW - timedelta(minutes=number))
    before = sorted(order.order_id for order in book.orders)
    async with buyer_at(book, tmp_path) as buyer:
        seen = ids(await walked(buyer, arrivals(book), page_size=page_size))

    assert sorted(seen) == before


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("history", ["apart", "ignored", "everything", "refused"])
async def test_old_orders_follow_the_current_ones_where_the_upstream_keeps_them_apart(
    tmp_path: Path, history: Any, counts: bool
) -> None:
    book = filled(90, every=timedelta(days=3), history=history, counts=counts)
    for order in book.orders[:60]:
        order.old = history != "ignored"
    before = [order.order_id for order in reversed(book.orders)]
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, arrivals(book), page_size=20)

    assert ids(pages) == (before[:30] if history == "refused" else before)
    assert [page["cut_short"] for page in pages][:-1] == [None] * (len(pages) - 1)
    assert pages[-1]["cut_short"] == ("history_unread" if history == "refused" else None)
    assert ("could not be read" in pages[-1]["summary"]) is (history == "refused")
    assert {page["total"] for page in pages} == ({90} if counts and history != "refused" else {None})


async def test_an_unfinished_order_among_the_current_ones_hides_no_old_one(tmp_path: Path) -> None:
    book = OrderBook()
    book.add(NOW - timedelta(days=300))
    for days in range(100, 200, 10):
        book.add(NOW - timedelta(days=days), old=True)
    book.add(NOW)
    async with buyer_at(book, tmp_path) as buyer:
        seen = ids(await walked(buyer, page_size=3))

    assert sorted(seen) == sorted(order.order_id for order in book.orders)


async def test_old_orders_are_not_asked_for_where_none_can_be_meant(tmp_path: Path) -> None:
    book = filled(3, history="refused")
    recently = (NOW - timedelta(days=30)).isoformat()
    async with buyer_at(book, tmp_path) as buyer:
        recent = await buyer.said("list_orders", created_from=recently)
    async with buyer_at(book, tmp_path, order_history=False) as buyer:
        switched_off = await buyer.said("list_orders")

    for page in (recent, switched_off):
        assert (len(page["orders"]), page["cut_short"], page["total"]) == (3, None, 3)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("page_size", [1, 18, 19, 20, 50])
async def test_an_upstream_with_smaller_pages_than_asked_for_is_walked_whole(
    tmp_path: Path, page_size: int, counts: bool
) -> None:
    book = filled(61, largest_page=20, counts=counts)
    before = [order.order_id for order in reversed(book.orders)]
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=page_size)

    assert ids(pages) == before
    assert {len(page["orders"]) for page in pages[:-1]} == {page_size}


@pytest.mark.parametrize("bound", ["second", "exclusive", "ignored"])
async def test_an_upstream_that_takes_the_bound_otherwise_is_walked_whole(tmp_path: Path, bound: Any) -> None:
    book = filled(200, every=timedelta(milliseconds=270), bound=bound)
    before = [order.order_id for order in reversed(book.orders)]
    async with buyer_at(book, tmp_path) as buyer:
        seen = ids(await walked(buyer, arrivals(book), page_size=15))

    assert seen == before


async def test_orders_that_vanish_from_a_list_that_only_pages_hide_no_other(tmp_path: Path) -> None:
    book = filled(120, bound="ignored")
    steady = [order.order_id for order in book.orders[::2]]

    def some_are_paid() -> None:
        for order in [order for order in reversed(book.orders) if order.order_id not in steady][:5]:
            book.orders.remove(order)

    async with buyer_at(book, tmp_path) as buyer:
        seen = ids(await walked(buyer, some_are_paid, page_size=10, status="awaiting_payment"))

    assert len(seen) == len(set(seen))
    assert set(steady) <= set(seen)


async def test_pages_that_repeat_end_the_walk_and_it_is_said(tmp_path: Path) -> None:
    book = filled(60, every=timedelta(0), paged=False, largest_page=20)
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=50)

    assert len(ids(pages)) == len(set(ids(pages))) == 20
    assert pages[-1]["cut_short"] == "pages_repeat"
    assert "some orders cannot be listed" in pages[-1]["summary"]
    assert book.calls < 20


async def test_pages_that_repeat_are_no_hindrance_where_the_bound_moves_on(tmp_path: Path) -> None:
    book = filled(100, paged=False, counts=False)
    before = [order.order_id for order in reversed(book.orders)]
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=15)

    assert ids(pages) == before
    assert pages[-1]["cut_short"] is None


async def test_a_list_that_is_not_newest_first_is_not_walked_by_key_and_it_is_said(tmp_path: Path) -> None:
    book = filled(60, newest_first=False)
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=50)

    assert len(ids(pages)) == len(set(ids(pages)))
    assert pages[-1]["cut_short"] == "not_newest_first"
    assert "created_from" in pages[-1]["summary"]


async def test_a_status_that_the_upstream_cannot_filter_by_is_looked_for_page_by_page(tmp_path: Path) -> None:
    book = filled(1200)
    for order in book.orders[5:1200:400]:
        order.status = "signinsuccess"
    wanted = [order.order_id for order in reversed(book.orders) if order.status == "signinsuccess"]
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=20, status="received")

    assert ids(pages) == wanted
    assert sum(page["looked_at"] for page in pages) == 1200
    assert len(pages) > 1
    assert f"{pages[0]['looked_at']} orders were looked at" in pages[0]["summary"]
    assert all(page["total"] is None for page in pages)


@pytest.mark.parametrize("word", ["waitlogisticstakein", "waitbuyerreceive", "waitbuyersign"])
async def test_every_word_for_shipped_is_found_under_shipped(tmp_path: Path, word: str) -> None:
    book = filled(5)
    book.orders[2].status = word
    async with buyer_at(book, tmp_path) as buyer:
        page = await buyer.said("list_orders", status="shipped")

    assert [(row["order_id"], row["upstream_status"]) for row in page["orders"]] == [(book.orders[2].order_id, word)]
    assert page["total"] == 1


async def test_orders_without_a_time_are_each_listed_once(tmp_path: Path) -> None:
    book = filled(40)
    for order in book.orders[::4]:
        order.created = None
    async with buyer_at(book, tmp_path) as buyer:
        seen = ids(await walked(buyer, page_size=6))

    assert sorted(seen) == sorted(order.order_id for order in book.orders)


async def test_the_dates_asked_for_hold_on_every_page(tmp_path: Path) -> None:
    book = filled(100, every=timedelta(days=1))
    wanted = {order.order_id for order in book.orders if "2026-03-01" <= f"{order.created:%Y-%m-%d}" <= "2026-04-30"}
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=10, created_from="2026-03-01", created_to="2026-04-30")

    assert set(ids(pages)) == wanted
    assert len(ids(pages)) == len(wanted)


async def test_what_was_read_before_the_upstream_fails_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = filled(60, largest_page=20)
    before = [order.order_id for order in reversed(book.orders)]
    real = OrderBook.listed

    def failing(self: OrderBook, body: Any) -> dict[str, Any]:
        if self.calls == 3:
            self.calls += 1
            return {"nothing": "to read"}
        return real(self, body)

    monkeypatch.setattr(OrderBook, "listed", failing)
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=50)

    assert ids(pages) == before
    assert len(pages[0]["orders"]) < 50


async def test_a_cursor_that_was_changed_is_refused_or_stays_a_walk(tmp_path: Path) -> None:
    book = filled(30, every=timedelta(seconds=1))
    async with buyer_at(book, tmp_path) as buyer:
        cursor = (await buyer.said("list_orders", page_size=5, created_from="2026-05-01"))["next_cursor"]
        for number, character in enumerate(cursor):
            other = "A" if character != "A" else "B"
            result = await buyer.call("list_orders", cursor=cursor[:number] + other + cursor[number + 1 :])
            copy: dict[str, Any] = (result.meta or {}).get("xportcn-orders/error") or {}
            assert not result.is_error or [fault["path"] for fault in copy["details"]["faults"]] == ["cursor"]
        for given in (cursor + ".", cursor + "=", cursor[:-1], "." + cursor, cursor + "." + secrets.token_hex(3)):
            copy = await buyer.refused("list_orders", cursor=given)
            assert copy["code"] == "INVALID_ARGUMENT"
        for forged in ('{"page":0}', '{"page_size":51}', '{"created_from":9,"created_to":1}', '{"x":1}', "[]", "1"):
            copy = await buyer.refused("list_orders", cursor=base64.urlsafe_b64encode(forged.encode()).decode())
            assert copy["code"] == "INVALID_ARGUMENT"
