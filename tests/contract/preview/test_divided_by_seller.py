"""A basket whose lines name no sellers: divided by those that the catalogue names, or the remedy names them."""

from pathlib import Path
from typing import Any

import pytest

from orders_sandbox import CATALOGUE
from orders_sandbox.switches import Switches
from support.house import ADDRESS, META_KEY, Buyer, House, Person, offer_id, opened_house, text_of
from support.products import telling

pytestmark = pytest.mark.anyio

TWO = ("plain", "other-seller", "free-carriage")
THIRD = "lot-multiple"


def lines(*names: str, **named: str) -> list[dict[str, Any]]:
    """A line of each offer; `named` are sellers by the offer's name."""
    sellers = {name.replace("_", "-"): seller for name, seller in named.items()}
    return [
        {
            "offer_id": offer_id(name),
            "quantity": CATALOGUE[name].lot,
            **({"seller_open_id": sellers[name]} if name in sellers else {}),
        }
        for name in names
    ]


def open_id(name: str) -> str:
    return CATALOGUE[name].seller.open_id


def codes(preview: dict[str, Any]) -> list[str]:
    return [each["code"] for each in preview["issues"] if each["code"] in {"CUT_BY_SELLER", "SELLERS_DIFFER"}]


async def previewed(buyer: Buyer, several: list[dict[str, Any]], **named: Any) -> dict[str, Any]:
    return await buyer.said("preview_order", lines=several, address=ADDRESS, purchase_ref="PO-1", **named)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_lines_of_two_sellers_are_ordered_in_two_parts_and_that_is_said(
    either_house: House, language: str
) -> None:
    async with either_house.buyer(person=Person(), language=language) as buyer:
        preview = await previewed(buyer, lines(*TWO))
        made = await buyer.create(preview)
        assert buyer.person
        [dialog] = buyer.person.shown
    assert [[line["offer_id"] for line in order["lines"]] for order in preview["orders"]] == [
        [offer_id("plain"), offer_id("free-carriage")],
        [offer_id("other-seller")],
    ]
    assert [order["seller_open_id"] for order in preview["orders"]] == [open_id("plain"), open_id("other-seller")]
    [note] = [each for each in preview["issues"] if each["code"] == "CUT_BY_SELLER"]
    assert (note["severity"], codes(preview)) == ("notes", ["CUT_BY_SELLER"])
    assert "2" in note["message"]
    assert note["message"] in preview["summary"]
    assert note["message"] in dialog
    assert (made["outcome"], len(made["orders"])) == ("placed", 2)
    assert [order.out_order_id for order in either_house.upstream.orders()] == ["PO-1-1", "PO-1-2"]
    assert either_house.upstream.create_calls == 2


async def test_lines_of_one_seller_stay_together_and_nothing_is_said(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await previewed(buyer, lines("plain", "free-carriage"))
    assert (len(preview["orders"]), codes(preview)) == (1, [])


async def test_what_a_line_names_is_kept_and_only_the_others_are_filled_in(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await previewed(buyer, lines(*TWO, plain="of-the-caller"))
    told = {line["offer_id"]: order["seller_open_id"] for order in preview["orders"] for line in order["lines"]}
    assert told == {
        offer_id("plain"): "of-the-caller",
        offer_id("other-seller"): open_id("other-seller"),
        offer_id("free-carriage"): open_id("plain"),
    }


async def test_lines_that_name_their_sellers_are_divided_by_those_alone(house: House) -> None:
    named = lines(*TWO, plain="A", other_seller="B", free_carriage="A")
    async with house.buyer() as buyer:
        preview = await previewed(buyer, named)
    assert [order["seller_open_id"] for order in preview["orders"]] == ["A", "B"]
    assert codes(preview) == []


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_where_one_seller_is_not_known_the_lines_stay_together_and_the_remedy_names_the_others(
    house: House, language: str
) -> None:
    with telling(**{THIRD: {"sellerOpenId": None}}):
        async with house.buyer(language=language) as buyer:
            answer = await buyer.call("preview_order", lines=lines(*TWO, THIRD), address=ADDRESS)
            assert answer.is_error
            copy = (answer.meta or {})[META_KEY]
            assert copy["code"] == "UPSTREAM_REJECTED"
            first, differ = copy["details"]["issues"]
            assert (first["code"], differ["code"]) == ("SKU_MISMATCH", "SELLERS_DIFFER")
            for name in TWO:
                assert f"{offer_id(name)} " in differ["remedy"]
                assert open_id(name) in differ["remedy"]
            assert offer_id(THIRD) not in differ["remedy"]
            assert differ["remedy"] in text_of(answer)
            heeded = {name.replace("-", "_"): open_id(name) for name in TWO}
            preview = await previewed(buyer, lines(*TWO, THIRD, **heeded))
    assert preview["orderable"]
    assert len(preview["orders"]) == 3


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_where_1688_takes_several_sellers_at_once_the_remedy_is_a_warning(tmp_path: Path, language: str) -> None:
    switches = Switches(sellers="several")
    async with (
        opened_house(tmp_path, generation="2025", switches=switches) as house,
        house.buyer(person=Person(), language=language) as buyer,
    ):
        with telling(**{THIRD: {"sellerOpenId": ""}}):
            preview = await previewed(buyer, lines(*TWO, THIRD))
            assert (await buyer.create(preview))["outcome"] == "placed"
        assert house.upstream.create_calls == 1
    [warning] = [each for each in preview["issues"] if each["code"] == "SELLERS_DIFFER"]
    assert (warning["severity"], codes(preview)) == ("warns", ["SELLERS_DIFFER"])
    for name in TWO:
        assert f"{offer_id(name)} " in warning["remedy"]
        assert open_id(name) in warning["remedy"]
    assert warning["remedy"] in preview["summary"]


@pytest.mark.parametrize("form", ["late", "refused", "off"])
async def test_a_basket_of_unknown_sellers_is_asked_for_as_it_is(tmp_path: Path, form: Any) -> None:
    switches = Switches(product_answers=form)
    async with opened_house(tmp_path, switches=switches) as house, house.buyer(product_timeout=0.2) as buyer:
        copy = await buyer.refused("preview_order", lines=lines(*TWO), address=ADDRESS)
        assert "seller_open_id" in copy["next_step"]
        assert "issues" not in copy["details"] or copy["details"]["issues"] == []


@pytest.mark.parametrize(("length", "parts"), [(491, 2), (492, 1), (493, 1)])
async def test_a_note_that_has_no_room_for_the_number_of_a_part_keeps_the_basket_whole(
    tmp_path: Path, length: int, parts: int
) -> None:
    """500 characters less blank, brackets and "PO-1", or "PO-1-1"."""
    switches = Switches(sellers="several")
    async with opened_house(tmp_path, switches=switches) as house, house.buyer() as buyer:
        preview = await previewed(buyer, lines("plain", "other-seller"), buyer_message="字" * length)
    assert len({order["seller_open_id"] for order in preview["orders"]}) == parts
    assert codes(preview) == [{2: "CUT_BY_SELLER", 1: "SELLERS_DIFFER"}[parts]]


async def test_the_same_basket_is_known_again_whether_it_was_divided_or_not(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        first = await buyer.said("preview_order", lines=lines(*TWO), address=ADDRESS)
        assert (await buyer.create(first))["outcome"] == "placed"
        again = await buyer.said("preview_order", lines=lines(*TWO, plain="A", other_seller="B"), address=ADDRESS)
    assert "BOUGHT_RECENTLY" in [each["code"] for each in again["issues"]]
