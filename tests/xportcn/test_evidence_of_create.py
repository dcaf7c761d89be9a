"""O5: only allow-listed evidence means "not created", over thousands of generated answers."""

import itertools
from typing import Any

import pytest

from orders_server.xportcn.create import create_reply
from orders_tools.ports import CreateReply
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import REFUSALS, judge

from .documented_answers import CREATED_FLAT, CREATED_WRAPPED, DETAILED, raw, wrapped

DOCUMENTED = (
    *(f"500_00{digit}" for digit in range(1, 10)),
    *(f"R500_00{digit}" for digit in range(1, 10)),
    *(
        f"{family}{code}"
        for family in ("FAIL_BIZ_", "FAIL_BIZ_FAIL_BIZ_")
        for code in (
            "BOOKED_BEYOND_THE_MAX_QUANTITY",
            "BOOKED_LESS_THAN_LEAST_QUANTITY",
            "LESS_THAN_MIX_BEGIN",
            "UNSUPPORT_MIX",
            "QUANTITY_UNMATCH_SELLUNIT_SCALE",
            "PRODUCT_TRADE_STAT_ERROR",
            "PROXY_RELATED_NOT_FUND",
        )
    ),
    "QUANTITY_UNMATCH_SELLUNIT_SCALE",
    "offer no exist",
    "Cargo list not duplicate is required",
    "availableQuota less than sumPayment",
    "not support tradeType",
    "拆单结果发生了变化",
)
"""CONTRACT 9.8, written out once more: codes and phrases other than "system busy"."""

NO_PROOF = (
    None,
    "",
    "成功",
    "系统繁忙,请重试!",
    "系统繁忙，请重试！",
    "system busy",
    "服务器异常",
    "timeout",
    "Read timed out",
    " 500_004:库存不足",
    "code 500_004",
    "error: offer no exist",
    "500_000",
    "500_010",
    "500",
    "500_00",
    "fail_biz_product_trade_stat_error",
    "Offer no exist",
    "AddressId invalid:AddressId invalid",
    '{"errorMessage":"500_004"}',
    "下单失败",
    "重复提交",
    {"errorMessage": "500_004"},
    ["500_004"],
    500,
    True,
)
"""Messages that are no refusal by the contract."""

CODES: tuple[Any, ...] = (None, "", 0, 200, "200", 200.0, 400, 404, 500, "500", "500_004", 1000, -1, "OK", True, {})
WITHOUT_ORDER: tuple[Any, ...] = (
    None,
    {},
    [],
    "",
    True,
    0,
    {"success": False, "code": "400", "message": "AddressId invalid:AddressId invalid"},
    {"orderId": "", "orderList": []},
    {"result": {"success": False, "failedOfferList": [{"offerId": 1, "errorCode": "500_004"}]}},
    [{"productItems": []}],
)
SIGNS: tuple[Any, ...] = (
    {"success": True},
    {"result": {"success": "true"}},
    [{"isSuccess": 1}],
    {"orderList": [{"orderAmmount": 9400}]},
    {"orderList": [{"orderId": None, "totalPrice": "94.00"}]},
    {"orderList": [{"success": False, "postFee": 650}]},
    {"totalSuccessAmount": 9400},
    {"a": [{"totalAmount": "94.5"}]},
    {"status": "waitbuyerpay"},
    {"message": "订单已创建"},
    {"message": "下单成功"},
    {"note": "Order number follows"},
    {"x": "12345678901234"},
    {"x": 105581756010},
    {"x": "1" * 40},
)
"""What says that an order may exist, without an id where one would stand."""
WITH_ORDER: tuple[Any, ...] = (
    CREATED_FLAT,
    CREATED_WRAPPED,
    [DETAILED["result"]],
    {"orderId": "3305075341149134260", "orderNo": "PO202605200001"},
    {"orderId": 3305075341149134260, "failedOfferList": [{"offerId": 1}]},
)


SENT = ("889512351602", "530ad00177264564503ec3b848650652")


def state(content: bytes) -> PlacementState:
    return judge(create_reply(content, SENT)).state


def is_complete(code: Any) -> bool:
    return code not in (None, "", True) and not isinstance(code, dict)


def test_without_an_order_id_only_a_documented_refusal_is_a_rejection() -> None:
    tried = 0
    for code, message, data in itertools.product(CODES, (*DOCUMENTED, *NO_PROOF), WITHOUT_ORDER):
        refused = is_complete(code) and str(code) not in {"200", "200.0"} and message in DOCUMENTED
        expected = PlacementState.REJECTED if refused else PlacementState.UNKNOWN
        assert state(wrapped(data, code=code, msg=message)) is expected, (code, message, data)
        tried += 1
    assert tried > 5_000


def test_one_sign_of_an_order_beside_a_refusal_leaves_it_unknown() -> None:
    for message, data in itertools.product(DOCUMENTED, SIGNS):
        assert state(wrapped(data, code=500, msg=message)) is PlacementState.UNKNOWN, (message, data)
        reply = create_reply(wrapped(data, code=500, msg="E-777: no"))
        assert judge(reply, ("E-777",)).state is PlacementState.UNKNOWN, data


def test_the_operators_own_refusal_is_one_where_nothing_speaks_of_an_order() -> None:
    reply = create_reply(wrapped({"success": False, "totalSuccessAmount": 0}, code=777, msg="E-777: no"))
    assert [judge(reply, more).state.value for more in ((), ("E-778", "E-777"))] == ["unknown", "rejected"]
    assert judge(reply, ("E-777",)).evidence == "operators_refusal"


CODED = tuple(each for each in DOCUMENTED if "_" in each)
PHRASES = tuple(each for each in DOCUMENTED if "_" not in each)


@pytest.mark.parametrize(
    "words", [":889512351602_530ad 库存不足", " 库存不足", ",剩余库存3", "：起订量10件；请增加", "【3】"]
)
def test_a_documented_code_goes_on_in_words_of_its_own(words: str) -> None:
    for message in CODED:
        assert state(wrapped(None, code=500, msg=f"{message}{words}")) is PlacementState.REJECTED, message


@pytest.mark.parametrize(
    "words", ["", "。", ":889512351602", "：【889512351602】", ":889512351602_530ad.", ";500_004:库存不足"]
)
def test_a_documented_phrase_is_followed_by_what_it_is_about_alone(words: str) -> None:
    for message in PHRASES:
        assert state(wrapped(None, code=500, msg=f"{message}{words}")) is PlacementState.REJECTED, message


@pytest.mark.parametrize(
    "words", [" in cache, created", " in cache", ", 请重试", ": retry", "; retry", " 889512351602 ok"]
)
def test_the_beginning_of_a_sentence_is_no_documented_phrase(words: str) -> None:
    for message in PHRASES:
        assert state(wrapped(None, code=500, msg=f"{message}{words}")) is PlacementState.UNKNOWN, message


@pytest.mark.parametrize(
    "words",
    [
        ", created",
        ": success",
        "，下单成功",
        "，已下单",
        "，已生成订单",
        "，订单号 77",
        " order no 77",
        " 重复下单",
        " already",
        ": 202605200001",
        " PO202605200001",
        "(waitbuyerpay)",
    ],
)
def test_words_of_an_order_behind_a_documented_code_leave_it_unknown(words: str) -> None:
    for message in DOCUMENTED:
        assert state(wrapped(None, code=500, msg=f"{message}{words}")) is PlacementState.UNKNOWN, message


def test_an_order_id_means_that_an_order_exists_whatever_stands_around_it() -> None:
    for code, message, data in itertools.product(
        (None, "", 200, 400, "500", "500_004"), (*DOCUMENTED, *NO_PROOF), WITH_ORDER
    ):
        expected = PlacementState.PARTLY_PLACED if "failedOfferList" in data else PlacementState.PLACED
        assert state(wrapped(data, code=code, msg=message)) is expected, (code, message, data)


@pytest.mark.parametrize("missing", ["code", "msg", "data", "requestId", "developId"])
def test_a_refusal_that_lacks_a_field_is_proof_only_while_code_and_message_are_there(missing: str) -> None:
    fields = {"requestId": "1", "code": 500, "developId": "1", "msg": "500_004:库存不足", "data": None}
    del fields[missing]
    expected = PlacementState.UNKNOWN if missing in {"code", "msg"} else PlacementState.REJECTED
    assert state(raw(fields)) is expected


@pytest.mark.parametrize(
    "whole",
    [
        wrapped(CREATED_FLAT),
        wrapped(CREATED_WRAPPED),
        wrapped(None, code=500, msg="500_004:库存不足"),
        wrapped({"orderId": "1", "failedOfferList": [{"offerId": 1}]}),
    ],
    ids=["flat", "wrapped", "refusal", "part"],
)
def test_an_answer_cut_short_at_any_byte_proves_nothing(whole: bytes) -> None:
    for length in range(len(whole)):
        assert state(whole[:length]) is PlacementState.UNKNOWN, length


def test_a_byte_that_is_lost_never_makes_a_success_a_rejection() -> None:
    whole = wrapped(CREATED_WRAPPED)
    for place in range(len(whole)):
        assert state(whole[:place] + whole[place + 1 :]) is not PlacementState.REJECTED, place


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"500_004",
        b'"500_004"',
        b"500",
        b"null",
        b'[{"code": 500, "msg": "500_004"}]',
        b'{"code": 500, "code": 200, "msg": "500_004"}',
        b'{"code": NaN, "msg": "500_004"}',
        b'{"error_code": "gw.QosAppFrequencyLimit", "error_message": "500_004"}',
        b'{"code": 500, "message": "500_004"}',
        '{"code": 500, "msg": "拆单结果发生了变化"}'.encode("gbk"),
    ],
    ids=repr,
)
def test_what_is_no_envelope_proves_nothing(content: bytes) -> None:
    assert state(content) is PlacementState.UNKNOWN


def test_only_a_connection_never_made_is_proof_without_an_answer() -> None:
    never = CreateReply(connected=False, complete=False, failure="ConnectError")
    lost = CreateReply(connected=True, complete=False, failure="ReadTimeout")
    assert (judge(never).state, judge(never).evidence) == (PlacementState.REJECTED, "never_connected")
    assert (judge(lost).state, judge(lost).evidence) == (PlacementState.UNKNOWN, "ReadTimeout")


def test_a_refusal_that_is_not_whole_is_no_proof() -> None:
    told = CreateReply(connected=True, complete=False, code="500", message="500_004", failure="cut")
    assert judge(told).state is PlacementState.UNKNOWN


def test_the_allow_list_holds_nothing_that_the_contract_does_not() -> None:
    for refusal in REFUSALS:
        assert any(documented.startswith(refusal) for documented in DOCUMENTED), refusal


@pytest.mark.parametrize(
    "message", ["FAIL_BIZ", "FAIL_BIZ_SYSTEM_TIMEOUT", "FAIL_BIZ_SYSTEM_BUSY", "FAIL_BIZARRE", "500_0049", "500_00100"]
)
def test_a_message_that_only_begins_like_a_documented_code_proves_nothing(message: str) -> None:
    assert state(wrapped(None, code=500, msg=message)) is PlacementState.UNKNOWN


@pytest.mark.parametrize("order_id", ["2257164624870311973", "58218860983545941", "105581756010628640"])
def test_a_refusal_whose_words_hold_an_order_id_proves_nothing(order_id: str) -> None:
    for message in (
        f"500_004:{order_id}",
        f'500_004 {{"orderId":"{order_id}"}}',
        f"拆单结果发生了变化，订单号{order_id}",
    ):
        assert state(wrapped(None, code=500, msg=message)) is PlacementState.UNKNOWN


def test_a_refusal_may_name_its_offer_and_sku() -> None:
    message = "500_004:889512351602_530ad00177264564503ec3b848650652"
    assert state(wrapped(None, code=500, msg=message)) is PlacementState.REJECTED
