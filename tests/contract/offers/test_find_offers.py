"""`find_offers`: from words to offers, page by page, in both languages; what is asked wrongly or refused says so."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp import MCPError

from orders_sandbox import CATALOGUE
from orders_sandbox.switches import Switches
from support.house import META_KEY, MODES, House, content_of, offer_id, opened_house, text_of

pytestmark = pytest.mark.anyio

STAINLESS = ("other-seller", "other-seller-short-stock")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("language", "words"), [("en", "stainless"), ("en", "不锈钢"), ("zh", "不锈钢"), ("zh", "STAINLESS")]
)
async def test_words_of_either_language_find_the_offers_that_have_them(
    house: House, mode: str, language: str, words: str
) -> None:
    async with house.buyer(mode, language=language) as buyer:
        answer = await buyer.call("find_offers", keywords=words)
    found = content_of(answer)
    assert [each["offer_id"] for each in found["offers"]] == [offer_id(name) for name in STAINLESS]
    assert (found["page"], found["total"], found["has_more"]) == (1, 2, False)
    first = found["offers"][0]
    assert (first["title"], first["title_translated"]) == ("「不锈钢挂钩」", "「Stainless steel hook」")
    assert (first["price"], first["min_quantity"], first["sold_last_month"]) == ("10.00", 1, 321)
    assert first["url"] == f"https://detail.1688.com/offer/{first['offer_id']}.html"
    text = text_of(answer)
    assert text == found["summary"]
    for each in found["offers"]:
        assert all(word in text for word in (each["offer_id"], each["title"], each["price"]))
        assert (each["title_translated"] in text) is (language == "en")
    assert ("the preview decides" in text, "实付金额以预览为准" in text) == (language == "en", language == "zh")
    assert "get_offer" in text.splitlines()[-1]


async def test_the_pages_of_a_search_are_gone_through_to_the_end(house: House) -> None:
    seen: list[str] = []
    page, text, more = 0, "", True
    async with house.buyer() as buyer:
        while more:
            page += 1
            answer = await buyer.call("find_offers", keywords="e", page=page)
            found, text = content_of(answer), text_of(answer)
            seen += [each["offer_id"] for each in found["offers"]]
            more = found["has_more"]
            assert (f"call find_offers with page {page + 1}" in text) is more
        beyond = content_of(await buyer.call("find_offers", keywords="e", page=page + 1))
    assert page > 1
    assert "This is the end." in text
    assert len(seen) == len(set(seen)) == beyond["total"]
    assert (beyond["offers"], beyond["has_more"]) == ([], False)


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        ({}, True),
        ({"price_from": "29.00", "price_to": "29.00"}, True),
        ({"price_from": "29"}, True),
        ({"price_from": 29}, True),
        ({"price_from": "29.01"}, False),
        ({"price_to": "28.99"}, False),
        ({"price_from": "", "price_to": None}, True),
    ],
)
async def test_prices_keep_out_what_costs_less_or_more(house: House, prices: dict[str, Any], found: bool) -> None:
    async with house.buyer() as buyer:
        page = await buyer.said("find_offers", keywords="mug", **prices)
    assert [each["offer_id"] for each in page["offers"]] == ([offer_id("plain")] if found else [])


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_where_nothing_is_found_the_text_says_so_and_what_to_try(house: House, language: str) -> None:
    async with house.buyer(language=language) as buyer:
        answer = await buyer.call("find_offers", keywords="没有的东西")
    found = content_of(answer)
    assert (found["offers"], found["total"], found["has_more"], answer.is_error) == ([], 0, False, False)
    says, tries = {"en": ("No offer on this page", "fewer keywords"), "zh": ("此页没有商品", "更少的关键词")}[language]
    assert says in text_of(answer)
    assert tries in text_of(answer).splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ({}, ["keywords"]),
        ({"keywords": ""}, ["keywords"]),
        ({"keywords": " \u3000\t"}, ["keywords"]),
        ({"keywords": "杯" * 101}, ["keywords"]),
        ({"keywords": ["杯"]}, ["keywords"]),
        ({"keywords": "杯", "page": 0}, ["page"]),
        ({"keywords": "杯", "page": -1}, ["page"]),
        ({"keywords": "杯", "page": "two"}, ["page"]),
        ({"keywords": "杯", "page": 1001}, ["page"]),
        ({"keywords": "杯", "price_from": "cheap"}, ["price_from"]),
        ({"keywords": "杯", "price_from": "-1"}, ["price_from"]),
        ({"keywords": "杯", "price_to": "0.001"}, ["price_to"]),
        ({"keywords": "杯", "price_to": "1e3"}, ["price_to"]),
        ({"keywords": "杯", "price_to": "NaN"}, ["price_to"]),
        ({"keywords": "杯", "price_from": "9", "price_to": "8.99"}, ["(arguments)"]),
        ({"keywords": "杯", "sort": "cheapest"}, ["sort"]),
        (
            {"keywords": "x" * 101, "page": 0, "price_from": "cheap", "price_to": [], "size": 5},
            ["keywords", "page", "price_from", "price_to", "size"],
        ),
        ({"keywords": "", "page": 0, "price_from": "9", "price_to": "8"}, ["keywords", "page", "(arguments)"]),
    ],
)
async def test_everything_asked_wrongly_is_told_at_once_by_its_path_and_nothing_is_asked(
    house: House, arguments: dict[str, Any], paths: list[str]
) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("find_offers", **arguments)
    assert copy["code"] == "INVALID_ARGUMENT"
    assert sorted(each["path"] for each in copy["details"]["faults"]) == sorted(paths)
    assert all(each["problem"] for each in copy["details"]["faults"])


@pytest.mark.parametrize("length", [1, 100])
async def test_keywords_have_one_to_a_hundred_characters(house: House, length: int) -> None:
    async with house.buyer() as buyer:
        assert (await buyer.said("find_offers", keywords="杯" * length))["page"] == 1


@pytest.mark.parametrize(
    ("form", "code", "says"),
    [
        ("refused", "UPSTREAM_REJECTED", "没有该商品的查询权限"),
        ("off", "UPSTREAM_UNAVAILABLE", "find_offers"),
    ],
)
async def test_a_search_that_is_refused_or_cannot_be_read_is_the_right_error(
    tmp_path: Path, form: Any, code: str, says: str
) -> None:
    async with (
        opened_house(tmp_path, switches=Switches(product_answers=form)) as house,
        house.buyer() as buyer,
    ):
        copy = await buyer.refused("find_offers", keywords="杯")
    assert copy["code"] == code
    if form == "refused":
        assert says in copy["message"]


async def test_a_search_that_never_answers_ends_with_its_deadline(tmp_path: Path) -> None:
    late = Switches(product_answers="late")
    async with opened_house(tmp_path, switches=late) as house, house.buyer(read_timeout=0.3) as buyer:
        copy = await buyer.refused("find_offers", keywords="杯")
    assert copy["code"] == "UPSTREAM_UNAVAILABLE"


async def test_the_answer_in_any_form_is_the_same_page(tmp_path: Path) -> None:
    pages: dict[str, str] = {}
    for form in ("plain", "two-envelopes", "numbers-as-text"):
        options = {"switches": Switches(product_answers=form)}
        async with opened_house(tmp_path / form, **options) as house, house.buyer() as buyer:
            answer = await buyer.call("find_offers", keywords="stainless")
            pages[form] = json.dumps(content_of(answer), ensure_ascii=False)
            assert (answer.meta or {}).get(META_KEY) is None
    assert len(set(pages.values())) == 1


async def test_a_title_that_nobody_translated_stands_once(tmp_path: Path) -> None:
    options = {"switches": Switches(product_answers="untranslated")}
    async with opened_house(tmp_path, **options) as house, house.buyer() as buyer:
        answer = await buyer.call("find_offers", keywords="stainless")
    assert [each["title_translated"] for each in content_of(answer)["offers"]] == [None, None]
    assert text_of(answer).count(CATALOGUE["other-seller"].title) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_the_operator_can_leave_both_tools_of_the_catalogue_out(house: House, mode: str) -> None:
    orders = {"create_order", "get_order", "list_orders", "preview_order"}
    async with house.buyer(mode, tools="orders") as buyer:
        listed = await buyer.client.list_tools()
        assert {tool.name for tool in listed.tools} == orders
        preview = await buyer.preview(("plain", 1))
        for tool, given in (("find_offers", {"keywords": "杯"}), ("get_offer", {"offer_id": offer_id("plain")})):
            with pytest.raises(MCPError, match="no tool of this name"):
                await buyer.call(tool, **given)
    assert preview["orders"][0]["lines"][0]["title"] == f"「{CATALOGUE['plain'].title}」"
    async with house.buyer(mode) as buyer:
        listed = await buyer.client.list_tools()
        assert {tool.name for tool in listed.tools} == orders | {"find_offers", "get_offer"}
        shown = {tool.name: tool for tool in listed.tools}
        for name in ("find_offers", "get_offer"):
            annotations = shown[name].annotations
            assert annotations
            assert (annotations.read_only_hint, annotations.destructive_hint) == (True, False)
