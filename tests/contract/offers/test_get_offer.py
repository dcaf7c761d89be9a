"""`get_offer`: one offer with its SKUs, those that match first; why nothing is known of it is said, and is no error."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orders_sandbox import CATALOGUE
from orders_sandbox.catalogue_words import ENGLISH
from orders_sandbox.offers import Sku
from orders_sandbox.switches import Switches
from support.house import ADDRESS, House, Person, content_of, offer_id, opened_house, text_of

pytestmark = pytest.mark.anyio

ID = offer_id("many-variants")
SKUS = CATALOGUE["many-variants"].skus
_BY_SPEC = {sku.spec_id: sku for sku in SKUS}


@pytest.mark.parametrize(
    "written",
    [
        ID,
        int(ID),
        f"  {ID} ",
        "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in ID),
        f"https://detail.1688.com/offer/{ID}.html",
        f"https://detail.1688.com/offer/{ID}.html?spm=a26352.b28411319&tracelog=p4p",
        f"http://m.1688.com/offer/{ID}.html",
    ],
    ids=["text", "number", "blanks", "full width", "link", "long link", "phone link"],
)
async def test_an_offer_is_named_by_its_id_or_the_link_of_its_page(house: House, written: Any) -> None:
    async with house.buyer() as buyer:
        offer = await buyer.said("get_offer", offer_id=written)
    assert (offer["offer_id"], offer["known"], offer["why"]) == (ID, True, None)
    assert offer["title"] == f"「{CATALOGUE['many-variants'].title}」"
    assert offer["url"] == f"https://detail.1688.com/offer/{ID}.html"


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({}, ["offer_id"]),
        ({"offer_id": "mug"}, ["offer_id"]),
        ({"offer_id": ""}, ["offer_id"]),
        ({"offer_id": "https://example.test/offer/1.html", "matching": "x" * 101}, ["offer_id", "matching"]),
        ({"offer_id": ID, "language": "en"}, ["language"]),
    ],
)
async def test_what_is_no_offer_is_refused_by_its_path(house: House, given: dict[str, Any], paths: list[str]) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("get_offer", **given)
    assert copy["code"] == "INVALID_ARGUMENT"
    assert [each["path"] for each in copy["details"]["faults"]] == paths
    assert house.upstream.product_calls == 0


def _is(colour: str = "", size: str = "") -> Callable[[Sku], bool]:
    return lambda sku: colour in ("", sku.colour) and size in ("", sku.size)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("matching", "matches"),
    [
        ("酒红", _is("酒红")),
        ("wine RED", _is("酒红")),
        ("咖啡 64码", _is("咖啡", "64码")),
        ("size 64 COFFEE", _is("咖啡", "64码")),
        ("咖啡　６４码", _is("咖啡", "64码")),
        ("颜色: 咖啡", _is("咖啡")),
        ("no such colour", _is("no such colour")),
    ],
)
async def test_of_three_hundred_skus_fifty_are_shown_and_those_that_match_come_first(
    house: House, language: str, matching: str, matches: Callable[[Sku], bool]
) -> None:
    async with house.buyer(language=language) as buyer:
        answer = await buyer.call("get_offer", offer_id=ID, matching=matching)
    offer, text = content_of(answer), text_of(answer)
    wanted = [sku for sku in SKUS if matches(sku)]
    shown = [_BY_SPEC[sku["spec_id"]] for sku in offer["skus"]]
    assert (len(shown), offer["skus_total"]) == (50, 300)
    assert shown[: len(wanted)] == wanted
    assert not any(map(matches, shown[len(wanted) :]))
    says = {
        "en": f"300 SKUs, of which {len(wanted)} match{'es' if len(wanted) == 1 else ''}; 50 are shown",
        "zh": f"共 300 个规格，其中 {len(wanted)} 个符合；这里列出 50 个",
    }
    assert says[language] in text
    assert [sku.spec_id for sku in shown] == [word for word in _words(text) if word in _BY_SPEC]


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace("，", " ").split()


async def test_without_words_the_order_is_the_catalogues_and_nothing_is_said_of_matches(house: House) -> None:
    async with house.buyer() as buyer:
        answer = await buyer.call("get_offer", offer_id=ID)
    assert [sku["spec_id"] for sku in content_of(answer)["skus"]] == [sku.spec_id for sku in SKUS[:50]]
    assert "match" not in text_of(answer).replace("`matching`", "")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [name for name, offer in CATALOGUE.items() if offer.standing == "on sale"])
async def test_the_text_and_the_fields_say_what_the_catalogue_has(house: House, name: str, language: str) -> None:
    own = CATALOGUE[name]
    async with house.buyer(language=language) as buyer:
        answer = await buyer.call("get_offer", offer_id=offer_id(name))
    offer, text = content_of(answer), text_of(answer)
    assert text == offer["summary"]
    least = max(own.minimum, own.wholesale_minimum)
    assert (offer["min_quantity"], offer["lot"]) == (least, own.lot if own.lot > 1 else None)
    assert offer["stock"] == own.stock * len(own.skus)
    assert offer["seller"]["open_id"] == own.seller.open_id
    assert [(sku["spec_id"], sku["sku_id"]) for sku in offer["skus"]] == [
        (sku.spec_id, str(sku.sku_id)) for sku in own.skus[:50]
    ]
    assert [tier["from_quantity"] for tier in offer["tiers"]] == [least, *(start for start, _ in own.tiers)]
    told = [offer["title"], offer["seller"]["name"], offer["seller"]["open_id"], str(offer["stock"]), offer["url"]]
    told += [sku["spec_id"] for sku in offer["skus"]] + [tier["price"] for tier in offer["tiers"]]
    told += [offer["title_translated"]] if language == "en" else []
    assert [each for each in told if each not in text] == []
    assert (ENGLISH[own.skus[0].colour] in text) is (language == "en") or name == "hostile-seller"
    last = text.splitlines()[-1]
    assert all(word in last for word in ("preview_order", "spec_id", f"seller_open_id {own.seller.open_id}"))
    assert ("The preview says what is paid" in last, "实付金额以预览为准" in last) == (
        language == "en",
        language == "zh",
    )


UNKNOWN = {
    "refused": ("refused", "it refused the look-up", "拒绝"),
    "late": ("late", "it did not answer in time", "时"),
    "off": ("unreadable", "its answer could not be read", "读"),
    "other-offer": ("other_offer", "it answered about another offer", "其他"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", UNKNOWN)
async def test_an_offer_of_which_nothing_is_told_is_answered_with_why(tmp_path: Path, form: Any, language: str) -> None:
    why, says, _ = UNKNOWN[form]
    options = {"switches": Switches(product_answers=form)}
    async with (
        opened_house(tmp_path, **options) as house,
        house.buyer(language=language, product_timeout=0.2) as buyer,
    ):
        _is_unknown(await buyer.call("get_offer", offer_id=ID), why, says if language == "en" else "")


@pytest.mark.parametrize(
    ("settings", "name", "why", "says"),
    [
        ({"product_path": ""}, "plain", "off", "the look-up is turned off"),
        ({"product_path": "/alibaba/ka/product/none"}, "plain", "unreadable", "could not be read"),
        ({}, "delisted", "not_found", "it has no such offer"),
        ({}, "", "not_found", "it has no such offer"),
    ],
)
async def test_a_look_up_that_is_off_or_finds_nothing_is_no_error_either(
    house: House, settings: dict[str, Any], name: str, why: str, says: str
) -> None:
    async with house.buyer(**settings) as buyer:
        answer = await buyer.call("get_offer", offer_id=offer_id(name) if name else "999")
    _is_unknown(answer, why, says)
    last = text_of(answer).splitlines()[-1]
    assert ("find_offers" in last) is (why == "not_found")
    assert ("preview_order" in last) is (why != "not_found")


def _is_unknown(answer: Any, why: str, says: str) -> None:
    offer = content_of(answer)
    assert not answer.is_error
    assert (offer["known"], offer["why"], offer["skus"], offer["skus_total"]) == (False, why, [], 0)
    empty = ("title", "title_translated", "picture", "status", "unit", "min_quantity", "lot", "stock", "priced_by")
    assert [offer[name] for name in empty] == [None] * len(empty)
    assert offer["seller"] == {"name": None, "open_id": None}
    assert offer["url"] in text_of(answer)
    assert says in text_of(answer)


async def test_a_look_up_that_breaks_in_our_own_code_is_told_as_unreadable(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr("orders_server.xportcn.catalogue.read_offer", broken)
    async with house.buyer() as buyer:
        _is_unknown(await buyer.call("get_offer", offer_id=ID), "unreadable", "could not be read")


async def test_prices_of_unknown_unit_are_not_shown(tmp_path: Path) -> None:
    options = {"switches": Switches(product_answers="prices-as-numbers")}
    async with opened_house(tmp_path, **options) as house, house.buyer() as buyer:
        answer = await buyer.call("get_offer", offer_id=ID)
    offer = content_of(answer)
    assert {sku["price"] for sku in offer["skus"]} == {None}
    assert {tier["price"] for tier in offer["tiers"]} == {None}
    assert ("10.00" in text_of(answer), "not said" in text_of(answer)) == (False, True)


async def test_an_answer_with_fifty_skus_stays_small(house: House) -> None:
    async with house.buyer() as buyer:
        answer = await buyer.call("get_offer", offer_id=ID, matching="white")
    assert len(text_of(answer).encode()) < 8_000
    assert len(json.dumps(content_of(answer), ensure_ascii=False).encode()) < 28_000


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
@pytest.mark.parametrize(
    ("language", "words", "colour"), [("en", "frosted cup", "off-white"), ("zh", "随行杯", "米白")]
)
async def test_from_words_to_an_order_of_the_very_sku(
    either_house: House, mode: str, language: str, words: str, colour: str
) -> None:
    async with either_house.buyer(mode, Person(), language=language) as buyer:
        [found] = (await buyer.said("find_offers", keywords=words))["offers"]
        offer = await buyer.said("get_offer", offer_id=found["offer_id"], matching=colour)
        line = {"offer_id": offer["offer_id"], "spec_id": offer["skus"][0]["spec_id"], "quantity": 2}
        line["seller_open_id"] = offer["seller"]["open_id"]
        preview = await buyer.said("preview_order", lines=[line], address=ADDRESS)
        made = await buyer.create(preview)
        assert buyer.person
        [dialog] = buyer.person.shown
    assert made["outcome"] == "placed"
    [shown] = preview["orders"][0]["lines"]
    assert (shown["title"], shown["variant"]) == ("「磨砂随行杯」", "「颜色: 米白」")
    assert "2 件 「磨砂随行杯」 「颜色: 米白」" in dialog
    [order] = either_house.upstream.orders()
    assert [each.spec_id for each in order.lines] == [line["spec_id"]] == [CATALOGUE["two-colours"].skus[1].spec_id]


async def test_an_offer_and_a_preview_write_its_sale_unit_alike(house: House) -> None:
    async with house.buyer() as buyer:
        offer = await buyer.said("get_offer", offer_id=offer_id("plain"))
        preview = await buyer.preview(("plain", 1))

    assert offer["unit"] == preview["orders"][0]["lines"][0]["unit"] == "件"
