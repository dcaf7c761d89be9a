"""Lists whose orders are too large to be read together: each is seen once, and what cannot be read is said."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orders_sandbox import Switches
from orders_server.xportcn.client import XportcnClient
from orders_server.xportcn.pieces import MOST_PIECES
from orders_server.xportcn.transport import MOST_BYTES
from orders_tools.orders.model import OrderPage, OrderQuery
from support.house import Clock, House, Person, opened_house, order_of
from support.order_book import OrderBook

from .test_long_lists import arrivals, buyer_at, ids, walked
from .test_odd_orders import Unfiltered

pytestmark = pytest.mark.anyio
NOW = Clock().now
LARGE = 70_000 // 3
"""Characters of an order of fifty lines, as 1688 words it."""
TOO_LARGE = MOST_BYTES // 3 + 1000


def filled(
    count: int, characters: Callable[[int], int], every: timedelta = timedelta(minutes=7), **habits: Any
) -> OrderBook:
    book = OrderBook(**habits)
    for number in range(count):
        book.add(NOW - every * (count - number), characters=characters(number))
    return book


@pytest.mark.parametrize(
    ("habits", "page_size"),
    [({}, 50), ({"counts": False}, 20), ({"bound": "ignored"}, 50), ({"largest_page": 18}, 20)],
    ids=str,
)
async def test_orders_that_are_too_large_together_are_each_seen_once(
    tmp_path: Path, habits: dict[str, Any], page_size: int
) -> None:
    book = filled(60, lambda _: LARGE, **habits)
    before = [order.order_id for order in reversed(book.orders)]
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, arrivals(book, 1), page_size=page_size)

    assert ids(pages) == before
    assert {(page["cut_short"], page["unread_orders"]) for page in pages} == {(None, 0)}


@pytest.mark.parametrize("where", [0, 7, 29])
async def test_an_order_that_is_too_large_alone_is_skipped_and_said(tmp_path: Path, where: int) -> None:
    book = filled(30, lambda number: TOO_LARGE if number == where else 100)
    before = [order.order_id for order in reversed(book.orders)]
    huge = book.orders[where].order_id
    async with buyer_at(book, tmp_path) as buyer:
        pages = await walked(buyer, page_size=20)

    assert ids(pages) == [order_id for order_id in before if order_id != huge]
    assert {page["cut_short"] for page in pages} == {None}
    said = [page for page in pages if page["unread_orders"]]
    assert [page["unread_orders"] for page in said] == [1] * len(said)
    assert said
    assert all("1 order among these could not be read and is not shown" in page["summary"] for page in said)


async def test_where_no_order_can_be_read_the_refusal_names_the_page_size(tmp_path: Path) -> None:
    book = filled(30, lambda _: TOO_LARGE)
    async with buyer_at(book, tmp_path) as buyer:
        refused = await buyer.refused("list_orders")

    assert refused["code"] == "UPSTREAM_UNAVAILABLE"
    assert "more than 1 MiB" in refused["message"]
    assert "smaller page_size" in refused["next_step"]
    assert book.calls <= 1 + MOST_PIECES


@pytest.mark.parametrize("rows", ["large", "odd"])
@pytest.mark.parametrize("filtered", [True, False])
async def test_a_lost_order_on_a_page_that_is_large_or_odd_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Any, filtered: bool
) -> None:
    if not filtered:
        monkeypatch.setattr("orders_sandbox.app.Fields", Unfiltered)
    async with opened_house(tmp_path, generation="2025", history=30, switches=Switches(list_rows=rows)) as house:
        async with house.buyer(person=Person()) as buyer:
            preview = await buyer.preview(("lost-answer", 1), purchase_ref="PO-L")
            assert (await buyer.create(preview))["outcome"] == "unknown"
            told = await buyer.said("create_order", **order_of(preview))
            page = await buyer.said("list_orders")

        order_id = house.upstream.orders()[-1].order_id
        assert (told["outcome"], [order["order_id"] for order in told["orders"]]) == ("placed", [order_id])
        assert order_id in [row["order_id"] for row in page["orders"]]
        assert page["unread_orders"] == (2 if rows == "odd" else 0)


@pytest.mark.parametrize("follows", ["our order", "nothing", "no time to go on from"])
async def test_the_look_before_the_send_goes_on_after_a_page_that_was_not_read_whole(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, follows: str
) -> None:
    async with house.buyer(person=Person()) as buyer:
        other = await buyer.create(await buyer.preview(("promotion", 1), purchase_ref="PO-another"))
        if follows == "our order":
            await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-same"))
    real = XportcnClient.orders
    asked: list[OrderQuery] = []

    async def in_part(client: XportcnClient, query: OrderQuery) -> OrderPage:
        asked.append(query)
        if query.created_to:
            return await real(client, query)
        order = await client.order(other["orders"][0]["order_id"])
        assert order is not None
        first = order.model_copy(update={"created_at": None}) if follows == "no time to go on from" else order
        return OrderPage(orders=(first,), total=None, partial=True)

    async with house.buyer(person=Person(), store=f"sqlite:///{tmp_path}/forgotten.sqlite3") as buyer:
        preview = await buyer.preview(("plain", 1), purchase_ref="PO-same")
        monkeypatch.setattr(XportcnClient, "orders", in_part)
        if follows == "nothing":
            told = (await buyer.create(preview))["outcome"]
        else:
            told = (await buyer.refused("create_order", **order_of(preview)))["code"]

    sent = house.upstream.create_calls - (2 if follows == "our order" else 1)
    assert (told, sent, len(asked)) == {
        "our order": ("NOT_ORDERABLE", 0, 2),
        "nothing": ("placed", 1, 2),
        "no time to go on from": ("UPSTREAM_UNAVAILABLE", 0, 1),
    }[follows]
