"""Schemas that every host can read: no choice between schemas, and results that leave out an object they lack."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from support.house import MODES, House, offer_id, saying

pytestmark = pytest.mark.anyio

CHOICES = {"anyOf", "oneOf", "allOf"}


def choices(schema: Any, place: str = "") -> Iterator[str]:
    """Where a schema leaves a choice between several, as a path."""
    if isinstance(schema, dict):
        for name, inner in cast("dict[str, Any]", schema).items():
            if name in CHOICES:
                yield place
            yield from choices(inner, f"{place}/{name}")
    elif isinstance(schema, list):
        for number, inner in enumerate(cast("list[Any]", schema)):
            yield from choices(inner, f"{place}/{number}")


async def test_no_output_schema_leaves_a_choice_between_schemas(house: House) -> None:
    async with house.buyer() as buyer:
        tools = (await buyer.client.list_tools()).tools

    assert {tool.name: list(choices(tool.output_schema)) for tool in tools} == {tool.name: [] for tool in tools}


async def test_of_all_arguments_only_the_address_is_an_object_or_a_text(house: House) -> None:
    async with house.buyer() as buyer:
        tools = (await buyer.client.list_tools()).tools

    found = [f"{tool.name}{place}" for tool in tools for place in choices(tool.input_schema)]
    assert found == ["preview_order/properties/address"]


async def test_a_word_that_may_be_null_has_null_among_its_words(house: House) -> None:
    async with house.buyer() as buyer:
        tools = {tool.name: tool.output_schema or {} for tool in (await buyer.client.list_tools()).tools}

    why = tools["get_offer"]["properties"]["why"]
    assert why["type"] == ["string", "null"]
    assert {"off", "late", None} <= {*why["enum"]}
    assert tools["get_offer"]["properties"]["title"]["type"] == ["string", "null"]


async def test_an_object_that_may_be_missing_is_not_required_and_never_null(house: House) -> None:
    async with house.buyer() as buyer:
        tools = {tool.name: tool.output_schema or {} for tool in (await buyer.client.list_tools()).tools}

    absent = {"create_order": ["approval", "fresh_preview"], "get_order": ["consignee", "price_change", "closed"]}
    for name, fields in absent.items():
        assert not set(fields) & set(tools[name]["required"])
        assert all("$ref" in tools[name]["properties"][field] for field in fields)


@pytest.mark.parametrize("mode", MODES)
async def test_a_result_leaves_out_an_object_that_is_missing(house: House, mode: str) -> None:
    async with house.buyer(mode, saying("decline")) as buyer:
        declined = await buyer.create(await buyer.preview(("plain", 2)))
    async with house.buyer(mode, approval="host") as buyer:
        placed = await buyer.create(await buyer.preview(("plain", 2)))
        order = await buyer.said("get_order", order_id=placed["orders"][0]["order_id"])
        changed = await buyer.create(await buyer.preview(("price-rise", 2)))

    assert (declined["outcome"], "approval" in declined, "fresh_preview" in declined) == ("declined", False, False)
    assert (placed["outcome"], "approval" in placed, "fresh_preview" in placed) == ("placed", True, False)
    assert (changed["outcome"], "fresh_preview" in changed) == ("price_changed", True)
    assert "consignee" in order
    assert not {"closed", "price_change"} & order.keys()


@pytest.mark.parametrize("mode", MODES)
async def test_a_text_that_is_missing_stays_as_null(house: House, mode: str) -> None:
    async with house.buyer(mode, product_path="") as buyer:
        unknown = await buyer.said("get_offer", offer_id=offer_id("plain"))
        preview = await buyer.preview(("plain", 2))

    assert (unknown["why"], unknown["title"], unknown["priced_by"]) == ("off", None, None)
    assert preview["orders"][0]["lines"][0]["title"] is None
