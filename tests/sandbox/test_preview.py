"""What each offer looks like in a preview, in the shape of 2025 and in the shape of 2026."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from orders_server.sandbox import CATALOGUE, SandboxOptions

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
    ("two-colours", 1, 1000, 600),
    ("lost-answer", 1, 1000, 600),
    ("bad-gateway", 1, 1000, 600),
    ("success-false", 1, 1000, 600),
]
REFUSED = [("minimum-quantity", 2, "500_005", "最小起订量3"), ("short-stock", 6, "500_004", "剩余库存5")]


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
    assert order["sumPaymentNoCarriage"] == pieces * 1000


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
    tested = {row[0] for row in ORDERABLE} | {"no-order-mode", "no-cross-border-pay", "price-rise"}
    assert tested == set(CATALOGUE)
