"""The catalogue's two endpoints: what they say of each offer, in which forms, and that it agrees with the preview."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from orders_sandbox import CATALOGUE, SandboxOptions, Switches
from orders_sandbox.catalogue_words import ENGLISH

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio

DETAIL, SEARCH = "../product/detail/get", "../product/keywords/query"
PLAIN = CATALOGUE["plain"]


def switched(form: Any) -> SandboxOptions:
    return SandboxOptions(switches=Switches(product_answers=form))


def asked(name: str, **changed: object) -> dict[str, object]:
    return {"offerId": CATALOGUE[name].offer_id, "country": "en", "outMemberId": "", **changed}


async def product(caller: Caller, name: str) -> Any:
    answer = await caller.ask(DETAIL, asked(name))
    assert answer["code"] == 200
    return answer["data"]


async def found(caller: Caller, **named: object) -> Any:
    return (await caller.ask(SEARCH, {"keyword": "不锈钢", "country": "en", **named}))["data"]


@pytest.mark.parametrize("path", [DETAIL, SEARCH])
async def test_both_endpoints_check_the_signature(shared_2026: Caller, path: str) -> None:
    response = await shared_2026.send(path, asked("plain"), shared_2026.headers(signature="0" * 32))
    assert response.json()["code"] == 610


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "delisted"])
async def test_an_offer_is_told_as_the_preview_knows_it(shared_2026: Caller, name: str) -> None:
    offer, told = CATALOGUE[name], await product(shared_2026, name)
    assert (told["offerId"], told["subject"], told["subjectTrans"]) == (
        offer.offer_id,
        offer.title,
        ENGLISH[offer.title],
    )
    assert (told["sellerOpenId"], told["companyName"]) == (offer.seller.open_id, offer.seller.company)
    assert (told["status"] == "published") == (offer.standing == "on sale")
    assert [(sku["specId"], sku["skuId"]) for sku in told["productSkuInfos"]] == [
        (sku.spec_id, sku.sku_id) for sku in offer.skus
    ]
    assert {sku["amountOnSale"] for sku in told["productSkuInfos"]} == {offer.stock}
    assert told["productSaleInfo"]["unitInfo"] == {"unit": offer.unit, "transUnit": ENGLISH[offer.unit]}
    variants = [
        tuple((each["attributeName"], each["value"]) for each in sku["skuAttributes"])
        for sku in told["productSkuInfos"]
    ]
    assert len(set(variants)) == len(offer.skus)


@pytest.mark.parametrize(
    ("name", "field", "number", "code"),
    [
        ("minimum-quantity", "minOrderQuantity", 3, "500_005"),
        ("wholesale-minimum", "minOrderQuantity", 12, "500_009"),
        ("lot-multiple", "batchNumber", 6, "QUANTITY_UNMATCH_SELLUNIT_SCALE"),
    ],
)
async def test_what_the_preview_refuses_was_told_before(
    shared_2025: Caller, name: str, field: str, number: int, code: str
) -> None:
    assert (await product(shared_2025, name))[field] == number
    for quantity, refused in ((number, None), (number - 1, code)):
        [order] = (await shared_2025.preview(shared_2025.line(name, quantity)))["data"]["orderPreviewResuslt"]
        assert order["cargoList"][0]["resultCode"] == refused


async def test_more_than_the_stock_of_a_variant_is_refused(shared_2025: Caller) -> None:
    stock = (await product(shared_2025, "short-stock"))["productSkuInfos"][0]["amountOnSale"]
    for quantity, refused in ((stock, None), (stock + 1, "500_004")):
        [order] = (await shared_2025.preview(shared_2025.line("short-stock", quantity)))["data"]["orderPreviewResuslt"]
        assert order["cargoList"][0]["resultCode"] == refused


async def test_offers_of_one_seller_id_are_one_order_and_others_refuse_each_other(shared_2026: Caller) -> None:
    sellers = {name: (await product(shared_2026, name))["sellerOpenId"] for name in ("plain", "split", "other-seller")}
    assert sellers["plain"] == sellers["split"] != sellers["other-seller"]
    answer = await shared_2026.preview(shared_2026.line("plain"), shared_2026.line("other-seller"))
    assert answer["msg"].startswith("500_002")


async def test_three_hundred_variants_have_their_pictures_on_the_second_attribute(shared_2026: Caller) -> None:
    skus = (await product(shared_2026, "many-variants"))["productSkuInfos"]
    assert len(skus) == 300
    assert len({sku["specId"] for sku in skus}) == 300
    assert {sku["skuAttributes"][0]["skuImageUrl"] for sku in skus} == {None}
    assert all(sku["skuAttributes"][1]["skuImageUrl"] for sku in skus)


async def test_a_hostile_seller_is_told_as_he_writes(shared_2026: Caller) -> None:
    told = await product(shared_2026, "hostile-seller")
    written = json.dumps(told, ensure_ascii=False) + told["subject"] + told["companyName"]
    for trap in ("」", "『", "ignore previous instructions", "](https://", "\x1b[", "\u202e", "\n# "):
        assert trap in written, trap


@pytest.mark.parametrize("name", ["plain", "two-colours", "many-variants"])
async def test_every_picture_told_is_there_and_needs_no_signature(shared_2026: Caller, name: str) -> None:
    told = await product(shared_2026, name)
    urls = [*told["productImage"]["images"]]
    urls += [each["skuImageUrl"] for sku in told["productSkuInfos"][:3] for each in sku["skuAttributes"]]
    async with httpx.AsyncClient(trust_env=False) as client:
        for url in filter(None, urls):
            picture = await client.get(url)
            assert url.startswith(shared_2026.url.removesuffix("/api") + "/pictures/")
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
            assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
            assert len(picture.content) < 300
        missing = await client.get(shared_2026.url.removesuffix("/api") + "/pictures/1.png")
    assert missing.status_code == 404


async def test_lines_of_orders_name_a_picture_and_a_frozen_copy(shared_2026: Caller) -> None:
    await shared_2026.create(shared_2026.line("many-variants", 2))
    [item] = (await shared_2026.listed())["result"][0]["productItems"]
    assert item["productImgUrl"] == [f"/pictures/{CATALOGUE['many-variants'].offer_id}.png"]
    assert item["productSnapshotUrl"].startswith("https://trade.1688.com/order/offer_snapshot.htm?order_entry_id=")
    assert [each["name"] for each in item["skuInfos"]] == ["颜色", "尺码"]


@pytest.mark.parametrize("offer_id", [1, CATALOGUE["delisted"].offer_id])
async def test_an_offer_that_is_not_there_is_a_success_with_nothing_in_it(shared_2026: Caller, offer_id: int) -> None:
    answer = await shared_2026.ask(DETAIL, asked("plain", offerId=offer_id))
    assert (answer["code"], answer["data"]) == (200, None)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (DETAIL, {"country": "en"}, "offerId"),
        (DETAIL, {"offerId": "mug", "country": "en"}, "offerId"),
        (DETAIL, {"offerId": 1}, "country"),
        (SEARCH, {"country": "en"}, "keyword"),
        (SEARCH, {"keyword": "a"}, "country"),
        (SEARCH, {"keyword": "a", "country": "en", "beginPage": 0}, "beginPage"),
        (SEARCH, {"keyword": "a", "country": "en", "priceStart": "cheap"}, "priceStart"),
    ],
)
async def test_a_wrong_field_is_named(shared_2026: Caller, path: str, body: dict[str, object], field: str) -> None:
    answer = await shared_2026.ask(path, body)
    assert (answer["code"], answer["msg"]) == (630, f"参数错误:{field}")


async def test_a_search_is_by_words_of_either_language_and_by_price(shared_2026: Caller) -> None:
    page = await found(shared_2026)
    assert [row["offerId"] for row in page["data"]] == [
        CATALOGUE[name].offer_id for name in ("other-seller", "other-seller-short-stock")
    ]
    assert (page["totalRecords"], page["totalPage"], page["currentPage"]) == (2, 1, 1)
    for words, many in (("STAINLESS shelf", 1), ("hook", 1), ("no such thing", 0), ("蜡烛", 0), ("candlestick", 0)):
        assert (await found(shared_2026, keyword=words))["totalRecords"] == many, words
    mugs = [
        await found(shared_2026, keyword="mug", priceStart=low, priceEnd=high)
        for low, high in (("29", "29"), ("29.01", ""), ("", "28.99"))
    ]
    assert [page["totalRecords"] for page in mugs] == [1, 0, 0]


async def test_a_search_has_pages(shared_2026: Caller) -> None:
    first, second, third = [await found(shared_2026, pageSize=1, beginPage=page) for page in (1, 2, 3)]
    assert [len(page["data"]) for page in (first, second, third)] == [1, 1, 0]
    assert first["data"] != second["data"]


async def test_each_form_of_an_answer_is_what_its_switch_says(sandbox_with: OpenSandbox) -> None:
    told: dict[str, Any] = {}
    for form in ("plain", "two-envelopes", "array", "numbers-as-text", "prices-as-numbers", "untranslated"):
        async with sandbox_with(switched(form)) as caller:
            told[form] = (await product(caller, "tiered-price"), await found(caller))
    plain, search = told["plain"]
    inner, wrapped = (each["result"] for each in told["two-envelopes"])
    assert told["two-envelopes"][0].keys() == {"success", "code", "message", "result"}
    assert (inner["offerId"], wrapped["totalRecords"]) == (plain["offerId"], 2)
    assert [each["offerId"] for each in told["array"][0]] == [plain["offerId"]]
    assert [each["offerId"] for each in told["array"][1]] == [each["offerId"] for each in search["data"]]
    assert told["numbers-as-text"][0]["offerId"] == str(plain["offerId"])
    assert told["numbers-as-text"][0]["productSkuInfos"][0]["amountOnSale"] == "100000"
    assert told["numbers-as-text"][1]["data"][0]["monthSold"] == "321"
    tiers = [each["price"] for each in told["prices-as-numbers"][0]["productSaleInfo"]["priceRangeList"]]
    assert tiers == [10, 9, Decimal("7.5")]
    assert [each["price"] for each in plain["productSaleInfo"]["priceRangeList"]] == ["10", "9", "7.5"]
    untranslated = told["untranslated"][0]
    assert untranslated["subjectTrans"] == untranslated["subject"] == plain["subject"]
    assert "valueTrans" not in untranslated["productSkuInfos"][0]["skuAttributes"][0]
    assert "transUnit" not in untranslated["productSaleInfo"]["unitInfo"]


async def test_an_answer_may_be_of_another_offer_a_refusal_or_none(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched("other-offer")) as caller:
        for name, other in (("split", "plain"), ("plain", "other-seller")):
            assert (await product(caller, name))["offerId"] == CATALOGUE[other].offer_id
    async with sandbox_with(switched("refused")) as caller:
        for path, body in ((DETAIL, asked("plain")), (SEARCH, {"keyword": "a", "country": "en"})):
            answer = await caller.ask(path, body)
            assert answer["code"] == 200
            assert answer["data"] == {"success": False, "code": "400", "message": "没有该商品的查询权限"}
    async with sandbox_with(switched("off")) as caller:
        response = await caller.send(DETAIL, asked("plain"))
        assert response.status_code == 404
        assert response.text.startswith("<html>")
    async with sandbox_with(switched("late")) as caller:
        with pytest.raises(httpx.ReadTimeout):
            await caller.client.post(
                f"{caller.url}/alibaba/ka/product/detail/get",
                json=asked("plain"),
                headers=caller.headers(),
                timeout=0.2,
            )


@pytest.mark.parametrize(
    ("paths", "answering"),
    [
        ("", {"list"}),
        ("/alibaba/ka/order/page", {"page"}),
        ("/alibaba/ka/order/list,/alibaba/ka/order/page", {"list", "page"}),
    ],
)
async def test_the_list_may_be_at_either_path_or_both(
    sandbox_with: OpenSandbox, paths: str, answering: set[str]
) -> None:
    switches = Switches(list_path=paths) if paths else Switches()
    async with sandbox_with(SandboxOptions(switches=switches)) as caller:
        await caller.create(caller.line("plain"))
        answers = {name: await caller.send(name, {}) for name in ("list", "page")}
    assert {name for name, answer in answers.items() if answer.status_code == 200} == answering
    assert all(answers[name].json()["data"]["totalRecord"] == 1 for name in answering)


def test_a_list_path_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="switch list_path is a path"):
        Switches(list_path="/a,b")


def test_every_word_of_the_catalogue_has_its_english() -> None:
    words = {word for offer in CATALOGUE.values() for word in (offer.title, offer.unit, *offer.colours, *offer.sizes)}
    assert words <= ENGLISH.keys()
    assert ENGLISH.keys() <= words | {"颜色", "尺码"}
