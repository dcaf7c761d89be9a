"""What each offer looks like in a preview, in the shape of 2025 and in the shape of 2026."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from orders_sandbox import CATALOGUE, SandboxOptions

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio

# name, pieces, goods, carriage; money in fen
ORDERABLE = [
    ("plain", 2, 5800, 600),
    ("promotion", 1, 1321, 350),
    ("promotion", 3, 4101, 350),
    ("free-carriage", 1, 1800, 0),
    ("carriage-by-description", 1, 1000, 0),
    ("minimum-quantity", 3, 3000, 600),
    ("short-stock", 5, 5000, 600),
    ("seller-texts", 1, 1400, 600),
    ("other-seller", 1, 1000, 600),
    ("many-variants", 2, 2000, 600),
    ("hostile-seller", 1, 800, 600),
    ("two-colours", 1, 1000, 600),
    ("lost-answer", 1, 1000, 600),
    ("bad-gateway", 1, 1000, 600),
    ("success-false", 1, 1000, 600),
    ("tiered-price", 9, 9000, 600),
    ("carriage-by-weight", 1, 4500, 1100),
    ("consignment", 1, 1000, 600),
    ("lot-multiple", 12, 12_000, 600),
    ("mixed-batch", 10, 10_000, 600),
    ("wholesale-minimum", 12, 12_000, 600),
    ("maximum-quantity", 200, 200_000, 600),
    ("price-rise-after-creation", 1, 1000, 600),
    ("split", 1, 9900, 2500),
    ("split-part-fails", 1, 15_000, 3000),
    ("other-seller-free-carriage", 1, 2600, 0),
    ("other-seller-short-stock", 3, 3000, 600),
]
REFUSED = [
    ("minimum-quantity", 2, "500_005", "最小起订量3"),
    ("short-stock", 6, "500_004", "剩余库存5"),
    ("other-seller-short-stock", 4, "500_004", "剩余库存3"),
    ("mixed-batch", 9, "500_006", "满10件或100元"),
    ("zero-price", 1, "500_008", "价格为0"),
    ("wholesale-minimum", 11, "500_009", "最小起批量12"),
    ("lot-multiple", 5, "QUANTITY_UNMATCH_SELLUNIT_SCALE", "每批6"),
    ("maximum-quantity", 201, "FAIL_BIZ_FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY", "最大可订购数量200"),
    ("not-sellable", 1, "FAIL_BIZ_PRODUCT_TRADE_STAT_ERROR", "不支持在线交易"),
]


def only_2025(answer: Any) -> Any:
    assert (answer["code"], answer["msg"]) == (200, "成功")
    assert set(answer["data"]) == {
        "orderPreviewResuslt",
        "postFeeByDescOfferList",
        "consignOfferList",
        "unsupportedCrossBorderPayOfferList",
    }
    (order,) = answer["data"]["orderPreviewResuslt"]
    assert order["sumPayment"] == order["sumCarriage"] + order["sumPaymentNoCarriage"]
    assert sum(line["amount"] * 100 for line in order["cargoList"]) == order["sumPaymentNoCarriage"]
    return order


def only_2026(answer: Any) -> Any:
    assert (answer["code"], answer["msg"]) == (200, "成功")
    (order,) = answer["data"]
    assert set(order) == {"sumCarriage", "sumPayment", "sumTotalPayment", "sumPaymentNoCarriage", "orderItemTOList"}
    assert order["sumPayment"] == order["sumCarriage"] + order["sumPaymentNoCarriage"]
    assert sum(line["amount"] for line in order["orderItemTOList"]) == order["sumPaymentNoCarriage"]
    return order


@pytest.mark.parametrize(("name", "pieces", "goods", "carriage"), ORDERABLE)
async def test_an_orderable_offer_in_2025(
    shared_2025: Caller, name: str, pieces: int, goods: int, carriage: int
) -> None:
    order = only_2025(await shared_2025.preview(shared_2025.line(name, pieces)))
    assert (order["sumPaymentNoCarriage"], order["sumCarriage"], order["status"]) == (goods, carriage, True)
    assert order["tradeModeNameList"] == ["assureTrade", "creditBuy"]
    assert [model["tradeType"] for model in order["tradeModelList"] if model["opSupport"]] == order["tradeModeNameList"]
    (line,) = order["cargoList"]
    assert (line["offerId"], line["specId"]) == (CATALOGUE[name].offer_id, CATALOGUE[name].spec_id)
    assert (line["resultCode"], line["message"]) == (None, None)


@pytest.mark.parametrize(("name", "pieces", "goods", "carriage"), ORDERABLE)
async def test_an_orderable_offer_in_2026(
    shared_2026: Caller, name: str, pieces: int, goods: int, carriage: int
) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line(name, pieces)))
    assert (order["sumPaymentNoCarriage"], order["sumCarriage"]) == (goods, carriage)
    (line,) = order["orderItemTOList"]
    assert (line["offerId"], line["specId"]) == (CATALOGUE[name].offer_id, CATALOGUE[name].spec_id)
    assert line["message"] is None
    assert line["finalUnitPrice"] == CATALOGUE[name].unit_price


@pytest.mark.parametrize(("name", "pieces", "code", "words"), REFUSED)
async def test_a_line_that_cannot_be_ordered_in_2025(
    shared_2025: Caller, name: str, pieces: int, code: str, words: str
) -> None:
    order = only_2025(await shared_2025.preview(shared_2025.line(name, pieces)))
    (line,) = order["cargoList"]
    assert (order["status"], order["resultCode"], line["resultCode"]) == (False, code, code)
    assert words in line["message"]
    assert words in order["message"]


@pytest.mark.parametrize(("name", "pieces", "code", "words"), REFUSED)
async def test_a_line_that_cannot_be_ordered_in_2026(
    shared_2026: Caller, name: str, pieces: int, code: str, words: str
) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line(name, pieces)))
    (line,) = order["orderItemTOList"]
    assert line["message"].startswith(f"{code}:")
    assert words in line["message"]
    assert order["sumPaymentNoCarriage"] == pieces * CATALOGUE[name].unit_price


async def test_short_stock_names_offer_and_spec(shared_2026: Caller) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line("short-stock", 6)))
    offer = CATALOGUE["short-stock"]
    assert f"{offer.offer_id}_{offer.spec_id}" in order["orderItemTOList"][0]["message"]


async def test_an_offer_without_order_mode_in_both_generations(shared_2025: Caller, shared_2026: Caller) -> None:
    old = only_2025(await shared_2025.preview(shared_2025.line("no-order-mode")))
    assert (old["status"], old["tradeModeNameList"]) == (True, [])
    new = only_2026(await shared_2026.preview(shared_2026.line("no-order-mode")))
    assert new["orderItemTOList"][0]["message"] == "500_001:该商品不支持在线交易"


async def test_an_offer_without_cross_border_pay_in_both_generations(shared_2025: Caller, shared_2026: Caller) -> None:
    old = await shared_2025.preview(shared_2025.line("no-cross-border-pay"))
    assert old["data"]["unsupportedCrossBorderPayOfferList"] == [610000000005]
    assert only_2025(old)["status"] is True
    new = only_2026(await shared_2026.preview(shared_2026.line("no-cross-border-pay")))
    assert new["orderItemTOList"][0]["message"] == "不支持跨境宝支付"


@pytest.mark.parametrize(("pieces", "unit_price"), [(1, 1000), (9, 1000), (10, 900), (99, 900), (100, 750)])
async def test_the_unit_price_falls_with_the_quantity(shared_2026: Caller, pieces: int, unit_price: int) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line("tiered-price", pieces)))
    assert order["orderItemTOList"][0]["finalUnitPrice"] == unit_price
    assert order["sumPaymentNoCarriage"] == unit_price * pieces


FAR = {"provinceText": "新疆维吾尔自治区", "cityText": "乌鲁木齐市", "areaText": "天山区"}


@pytest.mark.parametrize(
    ("pieces", "address", "carriage"),
    [
        (1, {"districtCode": "330782"}, 500 + 150),
        (1, {"districtCode": "440306"}, 800 + 300),
        (1, {"districtCode": "460100"}, 1200 + 800),
        (1, {"districtCode": "650102"}, 2000 + 1500),
        (5, {"districtCode": "330782"}, 500 + 5 * 150),
        (1, {**FAR, "districtCode": None}, 2000 + 1500),
        (1, {**FAR, "districtCode": "330782"}, 500 + 150),
    ],
)
async def test_carriage_goes_by_weight_and_region_and_the_district_code_decides(
    shared_2026: Caller, pieces: int, address: dict[str, Any], carriage: int
) -> None:
    line = shared_2026.line("carriage-by-weight", pieces)
    order = only_2026(await shared_2026.preview(line, addressParam=shared_2026.address(**address)))
    assert order["sumCarriage"] == carriage


async def test_beside_offers_with_a_carriage_of_their_own_the_larger_sum_counts(shared_2026: Caller) -> None:
    heavy, near = shared_2026.line("carriage-by-weight"), shared_2026.address(districtCode="330782")
    for name, carriage in (("plain", 650), ("free-carriage", 650), ("tiered-price", 650)):
        order = only_2026(await shared_2026.preview(heavy, shared_2026.line(name), addressParam=near))
        assert order["sumCarriage"] == carriage


async def test_a_consignment_offer_is_named_in_2025_and_the_only_one_for_its_flow(shared_2025: Caller) -> None:
    answer = await shared_2025.preview(shared_2025.line("consignment"), flow="saleproxy")
    assert answer["data"]["consignOfferList"] == [CATALOGUE["consignment"].offer_id]
    assert only_2025(answer)["status"] is True
    both = await shared_2025.preview(shared_2025.line("consignment"), shared_2025.line("plain"), flow="saleproxy")
    assert [line["resultCode"] for line in only_2025(both)["cargoList"]] == [None, "500_007"]


@pytest.mark.parametrize("beside", [("plain", 1), ("split", 1)])
async def test_a_mixed_batch_counts_all_lines_of_its_seller(shared_2026: Caller, beside: tuple[str, int]) -> None:
    lines = (shared_2026.line("mixed-batch", 8), shared_2026.line(*beside))
    answer = await shared_2026.preview(*lines, shared_2026.line("free-carriage"))
    messages = {line["message"] for order in answer["data"] for line in order["orderItemTOList"]}
    assert messages == {None}


async def test_every_refused_line_is_told_at_once_in_both_generations(shared_2025: Caller, shared_2026: Caller) -> None:
    wrong = [("minimum-quantity", 1), ("short-stock", 9), ("plain", 1), ("lot-multiple", 5), ("zero-price", 1)]
    lines = [shared_2025.line(name, pieces) for name, pieces in wrong]
    old, new = only_2025(await shared_2025.preview(*lines)), only_2026(await shared_2026.preview(*lines))
    codes = ["500_005", "500_004", None, "QUANTITY_UNMATCH_SELLUNIT_SCALE", "500_008"]
    assert old["status"] is False
    assert [line["resultCode"] for line in old["cargoList"]] == codes
    assert [line["message"] and line["message"].split(":")[0] for line in new["orderItemTOList"]] == codes


async def test_only_carriage_by_description_is_listed_as_such_in_2025(shared_2025: Caller) -> None:
    for name, listed in (("carriage-by-description", [610000000004]), ("free-carriage", [])):
        answer = await shared_2025.preview(shared_2025.line(name))
        assert answer["data"]["postFeeByDescOfferList"] == listed


async def test_a_promotion_is_told_in_2025(shared_2025: Caller) -> None:
    order = only_2025(await shared_2025.preview(shared_2025.line("promotion")))
    (line,) = order["cargoList"]
    assert (line["finalUnitPrice"], line["amount"]) == (Decimal("13.9"), Decimal("13.21"))
    assert [(told["text"], told["discountFee"]) for told in line["cargoPromotionList"]] == [("省0.69", 69)]


async def test_yuan_are_written_digit_for_digit(shared_2025: Caller) -> None:
    body = {"addressParam": shared_2025.address(), "cargoParamList": [shared_2025.line("promotion", 3)]}
    response = await shared_2025.send("create/preview", body)
    assert '"finalUnitPrice":13.9,"amount":41.01,' in response.text


async def test_the_seller_may_write_anything_in_2025_and_the_order_stays_possible(shared_2025: Caller) -> None:
    order = only_2025(await shared_2025.preview(shared_2025.line("seller-texts")))
    promotion = order["cargoList"][0]["cargoPromotionList"][0]
    written = order["message"] + promotion["text"] + promotion["desc"] + order["tradeModelList"][0]["description"]
    for trap in ("<script>", "](https://", "\x1b[", "\u200b", "\u202e", "\U000e0062", "buy 500"):
        assert trap in written
    assert order["status"] is True


async def test_the_fee_of_2026_is_a_fortieth_rounded_half_up(shared_2026: Caller) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line("plain", 2)))
    assert (order["sumPayment"], order["sumTotalPayment"]) == (6400, 6560)
    order = only_2026(await shared_2026.preview(shared_2026.line("promotion")))
    assert (order["sumPayment"], order["sumTotalPayment"]) == (1671, 1713)


async def test_a_basket_is_one_order_with_the_largest_carriage(shared_2025: Caller) -> None:
    basket = (shared_2025.line("free-carriage", 2), shared_2025.line("promotion"))
    order = only_2025(await shared_2025.preview(*basket))
    assert (order["sumCarriage"], order["sumPaymentNoCarriage"]) == (350, 3600 + 1321)


async def test_one_offer_without_order_mode_takes_it_from_the_basket(shared_2025: Caller) -> None:
    order = only_2025(await shared_2025.preview(shared_2025.line("plain"), shared_2025.line("no-order-mode")))
    assert order["tradeModeNameList"] == []


@pytest.mark.parametrize(("asked", "used"), [(None, "fenxiaonew"), ("", "fenxiaonew"), ("general", "general")])
async def test_an_absent_flow_becomes_the_best_one(shared_2025: Caller, asked: str | None, used: str) -> None:
    assert only_2025(await shared_2025.preview(shared_2025.line("plain"), flow=asked))["flowFlag"] == used


@pytest.mark.parametrize("quantity", [2, 2.0])
async def test_a_quantity_may_be_written_as_a_whole_fraction(shared_2026: Caller, quantity: float) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line("plain", quantity)))
    assert order["sumPaymentNoCarriage"] == 5800


async def test_a_spec_may_be_omitted_where_there_is_no_choice(shared_2026: Caller) -> None:
    order = only_2026(await shared_2026.preview(shared_2026.line("plain", specId=None)))
    assert order["orderItemTOList"][0]["specId"] == CATALOGUE["plain"].spec_id


async def test_two_specs_of_one_offer_are_two_lines(shared_2026: Caller) -> None:
    lines = [shared_2026.line("two-colours", specId=sku.spec_id) for sku in CATALOGUE["two-colours"].skus]
    order = only_2026(await shared_2026.preview(*lines))
    assert len({line["skuId"] for line in order["orderItemTOList"]}) == 2


async def test_every_second_preview_of_price_rise_is_dearer(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions()) as caller:
        shown = [only_2026(await caller.preview(caller.line("price-rise"))) for _ in range(4)]
        assert [order["sumPaymentNoCarriage"] for order in shown] == [1000, 1250, 1000, 1250]
        plain = only_2026(await caller.preview(caller.line("plain")))
        assert plain["sumPaymentNoCarriage"] == 2900


async def test_no_name_in_the_catalogue_is_untested() -> None:
    tested = {row[0] for row in (*ORDERABLE, *REFUSED)}
    assert tested | {"no-order-mode", "no-cross-border-pay", "price-rise", "delisted"} == set(CATALOGUE)
    assert len({offer.offer_id for offer in CATALOGUE.values()}) == len(CATALOGUE)
