"""What is said of an order beside what was approved: nothing, where it is just that."""

from pathlib import Path
from typing import Literal

import pytest

from orders_sandbox.switches import Switches
from support.house import House, Person, opened_house

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("charge", ["payment", "total-payment"])
async def test_a_total_that_was_approved_with_its_fee_may_be_charged_with_it(
    tmp_path: Path, charge: Literal["payment", "total-payment"]
) -> None:
    async with (
        opened_house(tmp_path, generation="2026", switches=Switches(charge=charge)) as house,
        house.buyer(person=Person()) as buyer,
    ):
        preview = await buyer.preview(("plain", 2))
        made = await buyer.create(preview)

    assert (made["orders"][0]["payable"] == preview["totals"]["payable"]) == (charge == "total-payment")
    assert made["issues"] == []


async def test_the_lines_that_failed_are_not_told_again_as_a_difference(either_house: House) -> None:
    async with either_house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("split-part-fails", 1), ("plain", 3)))

    assert made["outcome"] == "partly_placed"
    assert len(made["failed_lines"]) == 1
    assert made["issues"] == []


async def test_a_price_that_rises_is_held_against_what_was_approved_with_its_fee(tmp_path: Path) -> None:
    async with (
        opened_house(tmp_path, generation="2026", switches=Switches(charge="total-payment")) as house,
        house.buyer(person=Person()) as buyer,
    ):
        preview = await buyer.preview(("price-rise-after-creation", 2))
        made = await buyer.create(preview)
        before = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
        house.clock.forward(700)
        after = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])

    assert "price_change" not in before
    assert after["price_change"]["approved"] == preview["totals"]["payable"]
    assert after["price_change"]["difference"] == "5.00"
