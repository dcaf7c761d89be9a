"""The preview answer of 2025-09-15: an object, sums in fen, lines in yuan."""

from typing import Any

import pytest

from orders_server.xportcn.preview import preview_answer
from orders_server.xportcn.wire import Unreadable, read_json
from orders_tools.ports import UpstreamRefused
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, PreviewAnswer

from .documented_answers import PREVIEW_2025, changed, raw, without

ORDER = ("orderPreviewResuslt", 0)
LINE = (*ORDER, "cargoList", 0)


def read(data: Any) -> PreviewAnswer:
    return preview_answer(read_json(raw(data)))


def test_the_documented_answer_is_read_whole_with_its_lines_in_fen() -> None:
    assert read(PREVIEW_2025) == PreviewAnswer(
        generation="2025",
        orders=(
            AnsweredOrder(
                flow="general",
                trade_types=("nzassure",),
                goods=3600,
                carriage=800,
                sum_payment=4400,
                status=True,
                lines=(
                    AnsweredLine(
                        offer_id="548818919805",
                        spec_id="eb81c61de14f4adb405ffcc2c8a4a3fb",
                        sku_id="3332085412530",
                        unit_price=1800,
                        amount=3600,
                    ),
                ),
            ),
        ),
    )


def test_the_form_decides_the_unit_and_not_the_size_of_the_number() -> None:
    data = changed(PREVIEW_2025, (*LINE, "amount"), 360000)
    assert read(data).orders[0].lines[0].amount == 36_000_000


@pytest.mark.parametrize(
    ("types", "models", "allowed"),
    [
        (None, [], None),
        ([], [], ()),
        (["period", "assureTrade"], [], ("period", "assureTrade")),
        (["period", "assureTrade"], None, ("period", "assureTrade")),
        (["assureTrade"], [{"tradeType": "assureTrade", "opSupport": False}], ()),
        (["assureTrade"], [{"tradeType": "assureTrade", "opSupport": "false"}], ()),
        (["assureTrade"], [{"tradeType": "assureTrade", "opSupport": True}], ("assureTrade",)),
        (["assureTrade"], [{"tradeType": "assureTrade", "opSupport": None}], ("assureTrade",)),
        (["assureTrade"], [{"tradeType": "assureTrade"}], ("assureTrade",)),
        (["assureTrade", "period"], [{"tradeType": "period", "opSupport": False}], ("assureTrade",)),
        (["assureTrade"], [{"tradeType": "creditBuy", "opSupport": True}], ("assureTrade",)),
        (["", None, "fxassure"], [], ("fxassure",)),
    ],
    ids=str,
)
def test_what_may_be_a_trade_type(types: Any, models: Any, allowed: tuple[str, ...] | None) -> None:
    data = changed(changed(PREVIEW_2025, (*ORDER, "tradeModeNameList"), types), (*ORDER, "tradeModelList"), models)
    assert read(data).orders[0].trade_types == allowed


def test_a_trade_type_list_that_is_absent_is_none_and_not_empty() -> None:
    assert read(without(PREVIEW_2025, (*ORDER, "tradeModeNameList"))).orders[0].trade_types is None


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("postFeeByDescOfferList", "carriage_by_description"),
        ("consignOfferList", "consignment"),
        ("unsupportedCrossBorderPayOfferList", "no_cross_border_pay"),
    ],
)
def test_offers_are_named_by_number_or_by_text_and_no_list_names_none(field: str, name: str) -> None:
    named = changed(PREVIEW_2025, (field,), [548818919805, "9007199254740993", None, ""])
    assert getattr(read(named), name) == ("548818919805", "9007199254740993")
    assert getattr(read(changed(PREVIEW_2025, (field,), None)), name) == ()
    assert getattr(read(without(PREVIEW_2025, (field,))), name) == ()


def test_promotions_are_told_and_discounts_kept_apart() -> None:
    promotions = [{"text": "省0.69", "discountFee": 69, "selected": True}, {"text": None}, {"desc": "包邮"}]
    data = changed(PREVIEW_2025, (*LINE, "cargoPromotionList"), promotions)
    data = changed(changed(data, (*ORDER, "discountFee"), 69), (*ORDER, "additionalFee"), "5")
    (order,) = read(data).orders
    assert (order.lines[0].promotions, order.discount, order.surcharge) == (("省0.69",), 69, 5)


def test_the_refusal_of_an_order_and_of_a_line_are_kept() -> None:
    data = changed(PREVIEW_2025, (*ORDER, "status"), False)
    data = changed(changed(data, (*ORDER, "resultCode"), 500), (*ORDER, "message"), "不可下单")
    data = changed(changed(data, (*LINE, "resultCode"), "500_004"), (*LINE, "message"), "500_004:2")
    (order,) = read(data).orders
    assert (order.status, order.result_code, order.message) == (False, "500", "不可下单")
    assert (order.lines[0].result_code, order.lines[0].message) == ("500_004", "500_004:2")


def test_several_entries_are_several_orders() -> None:
    order = PREVIEW_2025["orderPreviewResuslt"][0]
    assert len(read({"orderPreviewResuslt": [order, order]}).orders) == 2


@pytest.mark.parametrize("field", ["tradeModelList", "shopPromotionList", "success", "flowFlag", "status"])
def test_an_order_can_lack_what_says_nothing_of_its_money(field: str) -> None:
    place = (field,) if field == "success" else (*ORDER, field)
    (order,) = read(without(PREVIEW_2025, place)).orders
    assert (order.goods, order.carriage, order.payable) == (3600, 800, 4400)


@pytest.mark.parametrize("orders", [None, []])
def test_an_answer_that_says_it_failed_is_a_refusal(orders: Any) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        read({"success": False, "errorCode": "500_005", "errorMsg": "起批量", "orderPreviewResuslt": orders})
    assert (refused.value.code, refused.value.message) == ("500_005", "起批量")


@pytest.mark.parametrize("data", [{}, {"orderPreviewResuslt": []}, {"orderPreviewResuslt": {}}, {"success": True}])
def test_an_object_without_orders_is_refused(data: Any) -> None:
    with pytest.raises(Unreadable, match="orderPreviewResuslt"):
        read(data)


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        ({"success": False}, "", ""),
        ({"success": False, "errorMsg": "起批量"}, "", "起批量"),
        ({"errorCode": "500_005"}, "500_005", ""),
        ({"success": True, "errorCode": "500_005", "errorMsg": "起批量"}, "500_005", "起批量"),
    ],
    ids=str,
)
def test_an_answer_without_orders_is_a_refusal_by_its_flag_or_by_its_code_alone(
    said: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        read(said)
    assert (refused.value.code, refused.value.message) == (code, message)


def test_an_order_in_both_forms_is_refused_by_its_place() -> None:
    both = changed(PREVIEW_2025, (*ORDER, "orderItemTOList"), [])
    with pytest.raises(Unreadable, match=r"the field data\.orderPreviewResuslt\[0\], which has its lines in"):
        read(both)
