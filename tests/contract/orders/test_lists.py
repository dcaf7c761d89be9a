"""Lists: pages that say where they stop, and stay in place while new orders arrive."""

import pytest

from support.house import House, Person

pytestmark = pytest.mark.anyio


async def test_pages_hold_every_order_once_while_new_ones_arrive(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        for _ in range(5):
            await buyer.create(await buyer.preview(("plain", 1)))
            house.clock.forward(60)
        before = {order.order_id for order in house.upstream.orders()}
        seen: list[str] = []
        page = await buyer.said("list_orders", page_size=2)
        while True:
            seen += [row["order_id"] for row in page["orders"]]
            if not page["has_more"]:
                break
            await buyer.create(await buyer.preview(("plain", 1)))
            house.clock.forward(60)
            page = await buyer.said("list_orders", cursor=page["next_cursor"])

    assert page["next_cursor"] is None
    assert sorted(seen) == sorted(before)


async def test_a_list_can_be_narrowed(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-A"))
        house.clock.forward(86_400)
        await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-B"))
        by_reference = await buyer.said("list_orders", purchase_ref="PO-A")
        by_day = await buyer.said("list_orders", created_from="2026-05-20", created_to="2026-05-20")
        unpaid = await buyer.said("list_orders", status="Awaiting Payment")
        shipped = await buyer.said("list_orders", status="shipped")

    first = [made["orders"][0]["order_id"]]
    assert [row["order_id"] for row in by_reference["orders"]] == first
    assert [row["order_id"] for row in by_day["orders"]] == first
    assert len(unpaid["orders"]) == 2
    assert shipped["orders"] == []


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"status": "payed"}, "status"),
        ({"page_size": 51}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"created_from": "yesterday"}, "created_from"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"limit": 5}, "limit"),
    ],
)
async def test_a_filter_that_cannot_be_meant_is_refused_by_name(
    house: House, arguments: dict[str, object], path: str
) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("list_orders", **arguments)

    assert copy["code"] == "INVALID_ARGUMENT"
    assert [fault["path"] for fault in copy["details"]["faults"]] == [path]


async def test_a_filter_that_contradicts_the_cursor_is_refused(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        for name in ("plain", "promotion"):
            await buyer.create(await buyer.preview((name, 1)))
        page = await buyer.said("list_orders", page_size=1)
        copy = await buyer.refused("list_orders", cursor=page["next_cursor"], purchase_ref="PO-OTHER")

    assert copy["details"]["faults"][0]["path"] == "purchase_ref"


async def test_orders_made_within_a_second_are_all_listed(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        for name in ("plain", "promotion", "free-carriage", "short-stock", "seller-texts"):
            await buyer.create(await buyer.preview((name, 1)))
            house.clock.forward(0.3)
        seen: list[str] = []
        page = await buyer.said("list_orders", page_size=2)
        totals = [page["total"]]
        while page["has_more"]:
            seen += [row["order_id"] for row in page["orders"]]
            page = await buyer.said("list_orders", cursor=page["next_cursor"])
            totals.append(page["total"])
        seen += [row["order_id"] for row in page["orders"]]

    assert sorted(seen) == sorted(order.order_id for order in house.upstream.orders())
    assert set(totals) == {5}


async def test_the_orders_of_several_sellers_are_listed_by_the_purchases_reference(house: House) -> None:
    lines = [
        {"offer_id": "610000000001", "quantity": 1, "seller_open_id": "one"},
        {"offer_id": "610000000010", "quantity": 1, "seller_open_id": "two"},
    ]
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(lines=lines, purchase_ref="PO-9"))
        listed = await buyer.said("list_orders", purchase_ref="PO-9")
        detail = await buyer.said("get_order", purchase_ref="PO-9")

    ids = sorted(order["order_id"] for order in made["orders"])
    assert sorted(row["order_id"] for row in listed["orders"]) == ids
    assert sorted([detail["order_id"], *(order["order_id"] for order in detail["further_orders"])]) == ids
    assert (listed["has_more"], listed["total"]) == (False, 2)


async def test_the_end_cannot_come_before_the_start(house: House) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("list_orders", created_from="2026-05-21", created_to="2026-05-20")

    assert "later than created_to" in copy["message"] + str(copy["details"])
