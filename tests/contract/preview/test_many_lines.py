"""Up to 500 lines in one purchase: parts of fifty per seller, one token, every line in the result."""

import re
from typing import Any

import pytest

from orders_sandbox import CATALOGUE
from orders_sandbox.order_desk import OrderDesk
from orders_sandbox.refusals import Reason, cannot_be_done
from support.house import ADDRESS, House, Person, offer_id, text_of

pytestmark = pytest.mark.anyio

SKUS = CATALOGUE["many-variants"].skus
Key = tuple[str, str]


def line(number: int, seller: str = "") -> dict[str, Any]:
    named = {"seller_open_id": seller} if seller else {}
    return {"offer_id": offer_id("many-variants"), "spec_id": SKUS[number].spec_id, "quantity": 1, **named}


def of_three_sellers() -> list[dict[str, Any]]:
    """120 lines, their sellers mixed: 60 of A, 50 of B, 10 of C."""
    return [line(n, "C" if n % 12 == 11 else "A" if n % 2 == 0 else "B") for n in range(120)]


def keys(several: list[dict[str, Any]]) -> list[Key]:
    return [(each["offer_id"], each["spec_id"]) for each in several]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """References whose create calls the API refuses."""
    refused: set[str] = set()
    real = OrderDesk.create

    def create(desk: OrderDesk, body: Any) -> Any:
        if body["outOrderId"] in refused:
            raise cannot_be_done(Reason("500_004", "下单时库存不足"))
        return real(desk, body)

    monkeypatch.setattr(OrderDesk, "create", create)
    return refused


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_of_120_lines_of_three_sellers_each_is_accounted_for_where_one_part_fails(
    either_house: House, language: str, failing: set[str]
) -> None:
    asked = of_three_sellers()
    failing.add("PO-1-3")
    async with either_house.buyer(person=Person(), language=language) as buyer:
        preview = await buyer.said("preview_order", lines=asked, address=ADDRESS, purchase_ref="PO-1")
        parts = [(order["seller_open_id"], keys(order["lines"])) for order in preview["orders"]]
        assert [(seller, len(own)) for seller, own in parts] == [("A", 50), ("A", 10), ("B", 50), ("C", 10)]
        assert sorted(key for _, own in parts for key in own) == sorted(keys(asked))
        assert all(order["totals"]["payable"] for order in preview["orders"])
        result = await buyer.call(
            "create_order", preview_token=preview["preview_token"], expected_total=preview["totals"]["payable"]
        )
        made: dict[str, Any] = result.structured_content or {}
        again = await buyer.create(preview)
        assert buyer.person
        assert len(buyer.person.shown) == 1
    assert (made["outcome"], again["outcome"], again["replayed"]) == ("partly_placed", "partly_placed", True)
    orders = {order.out_order_id: order for order in either_house.upstream.orders()}
    assert list(orders) == ["PO-1-1", "PO-1-2", "PO-1-4"]
    assert [order["order_id"] for order in made["orders"]] == [order.order_id for order in orders.values()]
    ordered = [(str(each.offer_id), each.spec_id) for order in orders.values() for each in order.lines]
    failed = keys(made["failed_lines"])
    assert failed == parts[2][1]
    assert sorted(ordered + failed) == sorted(keys(asked))
    text = text_of(result)
    for _, spec_id in failed:
        assert len(re.findall(f"SKU {spec_id}", text)) == 1
    assert all(order.order_id in text for order in orders.values())
    assert either_house.upstream.create_calls == 4


@pytest.mark.parametrize(
    ("many", "parts"), [(50, [50]), (51, [50, 1]), (100, [50, 50]), (101, [50, 50, 1]), (300, [50] * 6)]
)
async def test_a_sellers_lines_are_ordered_in_parts_of_fifty(house: House, many: int, parts: list[int]) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.said(
            "preview_order", lines=[line(n, "A") for n in range(many)], address=ADDRESS, purchase_ref="PO-1"
        )
        made = await buyer.create(preview)
    assert [len(order["lines"]) for order in preview["orders"]] == parts
    assert made["outcome"] == "placed"
    references = ["PO-1"] if len(parts) == 1 else [f"PO-1-{number + 1}" for number in range(len(parts))]
    orders = house.upstream.orders()
    assert [(order.out_order_id, len(order.lines)) for order in orders] == list(zip(references, parts, strict=True))
    assert [each.spec_id for order in orders for each in order.lines] == [sku.spec_id for sku in SKUS[:many]]


async def test_one_offer_in_two_parts_has_the_same_name_in_both_and_one_minimum(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.said("preview_order", lines=[line(n) for n in range(51)], address=ADDRESS)
    shown = [each for order in preview["orders"] for each in order["lines"]]
    assert {each["title"] for each in shown} == {"「纯棉圆领短袖」"}
    assert len({each["variant"] for each in shown}) == 51
    assert preview["issues"] == []
    assert house.upstream.product_calls == 1


async def test_many_lines_of_one_offer_that_name_the_wrong_seller_are_warned_of_once(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.said("preview_order", lines=[line(n, "A") for n in range(120)], address=ADDRESS)
    assert [each["code"] for each in preview["issues"]] == ["OTHER_SELLER"]


async def test_five_hundred_lines_are_taken_and_one_more_is_not(house: House) -> None:
    several = [line(n, seller) for seller in ("", "A") for n in range(300)]
    distinct = [{**each, "offer_id": str(int(each["offer_id"]) + 100 * (n >= 300))} for n, each in enumerate(several)]
    async with house.buyer() as buyer:
        copy = await buyer.refused("preview_order", lines=distinct[:501], address=ADDRESS)
        assert copy["code"] == "INVALID_ARGUMENT"
        assert [each["path"] for each in copy["details"]["faults"]] == ["lines"]
        assert house.upstream.preview_calls == 0
        copy = await buyer.refused("preview_order", lines=distinct[:500], address=ADDRESS)
        assert copy["code"] == "UPSTREAM_REJECTED"  # there is no such second offer
        assert house.upstream.preview_calls >= 10


async def test_a_part_that_is_not_known_leaves_the_others_told_and_settles_by_reading(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One create call of three is never answered; the others are placed, and the next call finds what it made."""
    real = OrderDesk.create

    def create(desk: OrderDesk, body: Any) -> Any:
        made = real(desk, body)
        if body["outOrderId"] == "PO-1-2":
            raise ConnectionError
        return made

    monkeypatch.setattr(OrderDesk, "create", create)
    async with house.buyer(person=Person()) as buyer:
        several = [line(n, "A" if n < 51 else "B") for n in range(53)]
        preview = await buyer.said("preview_order", lines=several, address=ADDRESS, purchase_ref="PO-1")
        made = await buyer.create(preview)
        assert made["outcome"] == "unknown"
        assert len(made["orders"]) == 2
        again = await buyer.create(preview)
    assert again["outcome"] == "placed"
    assert len(again["orders"]) == 3
    assert house.upstream.create_calls == 3
