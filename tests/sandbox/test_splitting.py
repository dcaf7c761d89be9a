"""A basket that becomes several orders, and one of which a part fails (CONTRACT 4.2 and 9.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orders_sandbox import CATALOGUE, SandboxOptions, Switches

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio


def offers_of(order: Any, lines: str) -> list[int]:
    return [line["offerId"] for line in order[lines]]


async def test_a_preview_shows_each_order_with_its_own_carriage(shared_2025: Caller, shared_2026: Caller) -> None:
    names = ("plain", "split", "promotion")
    plain, split, promotion = (CATALOGUE[name].offer_id for name in names)
    old = (await shared_2025.preview(*map(shared_2025.line, names)))["data"]["orderPreviewResuslt"]
    new = (await shared_2026.preview(*map(shared_2026.line, names)))["data"]
    assert [offers_of(order, "cargoList") for order in old] == [[plain, promotion], [split]]
    assert [offers_of(order, "orderItemTOList") for order in new] == [[plain, promotion], [split]]
    for orders in (old, new):
        assert [(order["sumPaymentNoCarriage"], order["sumCarriage"]) for order in orders] == [
            (2900 + 1321, 600),
            (9900, 2500),
        ]


async def test_create_lists_the_orders_and_leaves_the_single_ones_fields_empty(shared_2026: Caller) -> None:
    lines = (shared_2026.line("plain"), shared_2026.line("split"))
    result = (await shared_2026.create(*lines, outOrderId="split in two"))["data"]["result"]
    assert (result["success"], result["orderId"], result["totalSuccessAmount"], result["postFee"]) == (
        True,
        "",
        None,
        None,
    )
    assert [(made["orderAmmount"], made["postFee"]) for made in result["orderList"]] == [(3500, 600), (12400, 2500)]
    assert result["failedOfferList"] == []
    listed = await shared_2026.listed(outOrderId="split in two")
    ids = [made["orderId"] for made in result["orderList"]]
    assert [row["baseInfo"]["idOfStr"] for row in listed["result"]] == ids[::-1]
    for order_id, name in zip(ids, ("plain", "split"), strict=True):
        items = (await shared_2026.detail(orderId=order_id))["data"]["productItems"]
        assert [item["productID"] for item in items] == [CATALOGUE[name].offer_id]


async def test_alone_an_offer_that_splits_is_one_order(shared_2026: Caller) -> None:
    for name in ("split", "split-part-fails"):
        result = (await shared_2026.create(shared_2026.line(name)))["data"]["result"]
        assert len(result["orderId"]) == 19
        assert "orderList" not in result


async def partly(caller: Caller, *names: str) -> tuple[Any, list[int]]:
    """The result of a create that partly fails, and the offers ordered all the same."""
    result = (await caller.create(*map(caller.line, names), outOrderId="-".join(names)))["data"]["result"]
    ordered = (await caller.listed(outOrderId="-".join(names)))["result"]
    assert [made["orderId"] for made in result["orderList"]] == [row["baseInfo"]["idOfStr"] for row in ordered][::-1]
    return result, [item["productID"] for row in ordered for item in row["productItems"]]


async def test_of_a_split_one_order_may_fail(shared_2026: Caller) -> None:
    result, ordered = await partly(shared_2026, "split-part-fails", "plain")
    assert ordered == [CATALOGUE["plain"].offer_id]
    offer = CATALOGUE["split-part-fails"]
    assert result["failedOfferList"] == [
        {
            "offerId": offer.offer_id,
            "specId": offer.spec_id,
            "errorCode": "500_004",
            "errorMessage": "500_004:下单时库存不足",
        }
    ]
    assert result["orderId"] == ""


async def test_switched_on_the_last_order_of_a_split_fails(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions(faults=frozenset({"part-fails"}))) as caller:
        result, ordered = await partly(caller, "plain", "split")
        assert ordered == [CATALOGUE["plain"].offer_id]
        assert [line["offerId"] for line in result["failedOfferList"]] == [CATALOGUE["split"].offer_id]
        assert (await caller.create(caller.line("plain")))["data"]["result"]["success"] is True


async def test_several_sellers_may_be_one_call_and_are_an_order_each(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions(switches=Switches(sellers="several"))) as caller:
        names = ("other-seller", "plain", "other-seller-free-carriage")
        orders = (await caller.preview(*map(caller.line, names)))["data"]
        assert [len(order["orderItemTOList"]) for order in orders] == [2, 1]
        result = (await caller.create(*map(caller.line, names)))["data"]["result"]
        details = [(await caller.detail(orderId=made["orderId"]))["data"]["baseInfo"] for made in result["orderList"]]
        assert len({base["sellerLoginId"] for base in details}) == 2
