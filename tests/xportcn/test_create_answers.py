"""Every form that an answer to create may take (CONTRACT 4.2), and what each proves."""

from typing import Any

import pytest

from orders_server.xportcn.create import create_reply
from orders_tools.purchase.model import FailedLine, PlacedOrder
from orders_tools.purchase.records import Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import judge, without_references

from .documented_answers import CREATED_FLAT, CREATED_WRAPPED, DETAILED, raw, wrapped

REFUSAL = "500_004:库存不足"


def verdict(content: bytes) -> Verdict:
    return judge(create_reply(content))


def placed(content: bytes) -> list[str]:
    """The ids of a reply that must count as placed."""
    told = verdict(content)
    assert told.state is PlacementState.PLACED
    return [order.order_id for order in told.orders]


def test_a_flat_answer_with_an_order_id_is_placed_although_it_says_success_false() -> None:
    told = verdict(wrapped(CREATED_FLAT))
    assert told.state is PlacementState.PLACED
    assert told.orders == (PlacedOrder(order_id="87407346014789305", payable=156800),)


def test_a_flat_answer_without_any_envelope_is_placed() -> None:
    assert placed(raw(CREATED_FLAT)) == ["87407346014789305"]


def test_a_wrapped_answer_tells_every_order_with_its_money_in_fen() -> None:
    assert verdict(wrapped(CREATED_WRAPPED)).orders == (
        PlacedOrder(order_id="105581756010628640", payable=4848000, carriage=48000),
        PlacedOrder(order_id="105637283010628640", payable=5050000, carriage=50000),
    )


def test_an_empty_order_id_beside_a_list_of_orders_is_no_further_order() -> None:
    data = {"orderId": "", "totalSuccessAmount": None, "orderList": CREATED_WRAPPED["result"]["orderList"]}
    assert placed(wrapped(data)) == ["105581756010628640", "105637283010628640"]


def test_a_list_of_whole_orders_is_placed_with_money_in_yuan_status_and_time_to_pay() -> None:
    whole = {
        "baseInfo": {
            "id": 2257164624870311900,
            "idOfStr": "2257164624870311973",
            "status": "waitbuyerpay",
            "totalAmount": 64.5,
            "shippingFee": "6",
            "createTime": "20260520154000000+0800",
            "payTimeout": 432000,
        },
        "productItems": [{"productID": 889512351602, "subItemID": 1}],
    }
    (order,) = verdict(wrapped([whole])).orders
    assert (order.order_id, order.payable, order.carriage) == ("2257164624870311973", 6450, 600)
    assert order.status == "awaiting_payment"
    assert order.pay_by is not None
    assert order.pay_by.isoformat() == "2026-05-25T15:40:00+08:00"


def test_the_documented_detail_as_an_answer_to_create_names_one_order() -> None:
    assert placed(wrapped([DETAILED["result"]])) == ["58218860983545941"]


def test_the_1688_id_names_the_order_and_not_the_number_of_the_platform() -> None:
    assert placed(wrapped({"orderId": 3305075341149134260, "orderNo": "PO202605200001"})) == ["3305075341149134260"]


def test_the_number_of_the_platform_names_the_order_where_it_stands_alone() -> None:
    assert placed(wrapped({"orderId": None, "orderNo": "PO202605200001"})) == ["PO202605200001"]


def test_the_number_of_the_platform_beside_a_whole_order_is_no_second_order() -> None:
    whole = {"orderNo": "PO202605200001", "baseInfo": {"idOfStr": "2257164624870311973", "status": "waitbuyerpay"}}
    assert placed(wrapped([whole])) == ["2257164624870311973"]


@pytest.mark.parametrize("written", ["2257164624870311973", '"2257164624870311973"', '" 2257164624870311973 "'])
def test_an_order_id_is_the_same_as_number_and_as_text(written: str) -> None:
    assert placed(f'{{"code": 200, "data": {{"orderId": {written}}}}}'.encode()) == ["2257164624870311973"]


def test_failed_lines_beside_an_order_id_are_a_part() -> None:
    failed = [{"offerId": 889512351602, "specId": "ab", "errorCode": "500_004", "errorMessage": "库存不足"}]
    told = verdict(wrapped({"orderId": "105581756010628640", "failedOfferList": failed}))
    assert told.state is PlacementState.PARTLY_PLACED
    assert told.failed_lines == (FailedLine(offer_id="889512351602", spec_id="ab", code="500_004", message="库存不足"),)


def test_failed_lines_inside_the_wrapper_are_a_part() -> None:
    data = {"result": {**CREATED_WRAPPED["result"], "failedOfferList": [{"offerId": "1"}]}}
    told = verdict(wrapped(data))
    assert (told.state, len(told.orders)) == (PlacementState.PARTLY_PLACED, 2)


@pytest.mark.parametrize("empty", [{}, {"orderId": None}, {"orderId": ""}, {"orderId": "0"}, {"orderId": -1}], ids=str)
def test_an_order_of_the_list_that_failed_makes_the_whole_a_part(empty: dict[str, Any]) -> None:
    failed = {**empty, "success": False, "resultCode": "500_004", "message": REFUSAL}
    for data in (whole := {"orderList": [{"orderId": "105581756010628640"}, failed]}, {"result": whole}):
        told = verdict(wrapped({"success": True, **data}))
        assert told.state is PlacementState.PARTLY_PLACED
        assert [order.order_id for order in told.orders] == ["105581756010628640"]
        assert told.failed_lines == (FailedLine(offer_id=None, spec_id=None, code="500_004", message=REFUSAL),)


def test_a_list_in_which_every_order_failed_proves_nothing() -> None:
    assert verdict(wrapped({"orderList": [{"message": REFUSAL}]})).state is PlacementState.UNKNOWN


def test_failed_lines_without_any_order_id_prove_nothing() -> None:
    assert verdict(wrapped({"success": False, "failedOfferList": [{"offerId": 1}]})).state is PlacementState.UNKNOWN


@pytest.mark.parametrize(
    "data",
    [
        {"orderId": "105581756010628640"},
        {"tradeId": "105581756010628640"},
        {"ORDERID": "105581756010628640"},
        {"orderIds": ["105581756010628640"]},
        [[{"orderNo": "PO1"}]],
        {"orderId": "105581756010628640", "totalSuccessAmount": 12.5},
        {"orderId": "105581756010628640", "postFee": {"amount": 1}},
    ],
    ids=str,
)
def test_an_order_id_counts_in_any_spelling_and_whatever_the_rest_says(data: Any) -> None:
    assert len(placed(wrapped(data))) == 1
    assert len(placed(wrapped(data, code=500, msg=REFUSAL))) == 1
    assert len(placed(wrapped(data, code=None, msg=None))) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"a": {"b": [{"orderId": 105581756010628640}]}}},
        {"data": {"log": [{"orderNo": "105581756010628640"}]}},
        {"data": {"success": True, "recommended": {"baseInfo": {"idOfStr": "105581756010628640"}}}},
        {"data": None, "orderId": "105581756010628640"},
        {"data": {"success": True}, "orderIds": ["105581756010628640"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("said", [{"code": 200, "msg": "成功"}, {"code": 500, "msg": REFUSAL}], ids=["yes", "no"])
def test_an_order_id_where_create_names_none_is_neither_an_order_nor_a_refusal(
    body: dict[str, Any], said: dict[str, Any]
) -> None:
    told = verdict(raw({**said, **body}))
    assert (told.state, told.evidence) == (PlacementState.UNKNOWN, "order_ids_in_doubt")
    assert (told.orders, told.named) == ((), ("105581756010628640",))


def test_an_order_id_elsewhere_puts_the_one_in_its_place_in_doubt_too() -> None:
    told = verdict(wrapped({"orderId": "105581756010628640", "children": [{"orderId": "105581756010628641"}]}))
    assert told.state is PlacementState.UNKNOWN
    assert told.named == ("105581756010628640", "105581756010628641")


def test_more_orders_than_the_preview_told_of_are_in_doubt() -> None:
    ids = [str(105581756010628640 + number) for number in range(31)]
    reply = create_reply(wrapped({"orderList": [{"orderId": order_id} for order_id in ids]}))
    assert [judge(reply, (), previewed).state.value for previewed in (0, 30, 31)] == ["placed", "unknown", "placed"]
    assert judge(reply, (), 1).named == tuple(ids)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"orderId": ""},
        {"orderAmmount": 9400},
        {"success": True},
        {"resultCode": "200"},
        {"success": False, "orderAmmount": 9400},
        {"resultCode": "500_004", "message": "已下单"},
    ],
    ids=str,
)
def test_an_order_of_the_list_that_does_not_say_it_failed_is_no_failed_line(entry: dict[str, Any]) -> None:
    told = verdict(wrapped({"orderList": [{"orderId": "105581756010628640"}, entry]}))
    assert (told.state, told.named) == (PlacementState.UNKNOWN, ("105581756010628640",))
    assert told.failed_lines == ()


@pytest.mark.parametrize("name", ["orderId", "orderNo", "orderIds", "tradeId"])
@pytest.mark.parametrize("written", ["PO-2026", "po-2026", " PO-2026 ", "PO2026", "Po_2026"])
def test_our_own_reference_is_no_order_id_however_it_is_written(name: str, written: str) -> None:
    for data in ({name: written}, {"somewhere": [{name: written}]}):
        reply = create_reply(wrapped(data, code=500, msg=REFUSAL), ("PO-2026",))
        assert (reply.orders, reply.named) == ((), ())
        assert judge(reply).state is PlacementState.REJECTED
        assert judge(create_reply(wrapped(data), ("PO-2026",))).state is PlacementState.UNKNOWN


def test_the_reference_of_another_purchase_is_no_order_id_and_makes_a_refusal_odd() -> None:
    for code, msg in ((200, "成功"), (500, REFUSAL)):
        reply = create_reply(wrapped({"orderNo": "PO-2025"}, code=code, msg=msg), ("PO-2026",))
        told = judge(without_references(reply, {"PO-2025"}))
        assert (told.state, told.orders, told.named) == (PlacementState.UNKNOWN, (), ())


def test_several_ids_in_a_list_are_several_orders() -> None:
    assert placed(wrapped({"orderIds": [105581756010628640, "105637283010628640"]})) == [
        "105581756010628640",
        "105637283010628640",
    ]


@pytest.mark.parametrize("empty", [None, "", " ", "0", 0, "null", "None", "000"])
def test_an_empty_order_id_is_no_order(empty: Any) -> None:
    assert verdict(wrapped({"orderId": empty}, code=500, msg=REFUSAL)).state is PlacementState.REJECTED
    assert verdict(wrapped({"orderId": empty})).state is PlacementState.UNKNOWN


@pytest.mark.parametrize("empty", [-1, "-1", "-", "N/A", "undefined"])
def test_a_stand_in_for_no_id_is_no_order(empty: Any) -> None:
    assert verdict(wrapped({"orderId": empty}, code=500, msg=REFUSAL)).orders == ()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"order_id": "105581756010628640"}, id="another spelling of the name"),
        pytest.param({"orderId": {"value": "105581756010628640"}}, id="an object where the id stands"),
        pytest.param({"orderIdList": ["105581756010628640"]}, id="a list under a new name"),
        pytest.param("105581756010628640", id="the bare id as data"),
        pytest.param([105581756010628640], id="a list of bare ids as data"),
        pytest.param({"no": {"of": [105581756010628640]}}, id="a number under an unknown roof"),
        pytest.param({"bill": " 105581756010 "}, id="twelve digits"),
        pytest.param({"bill": 12345678901234}, id="fourteen digits"),
        pytest.param({"bill": "1" * 21}, id="twenty-one digits"),
        pytest.param({"bill": "PO105581756010"}, id="a platform's number"),
        pytest.param({"outOrderId": "PO1", "bill": "105581756010628640"}, id="beside the caller's reference"),
    ],
)
def test_an_order_id_in_a_form_nobody_foresaw_is_never_a_rejection(data: Any) -> None:
    assert verdict(wrapped(data, code=500, msg=REFUSAL)).state is not PlacementState.REJECTED


@pytest.mark.parametrize(
    "data",
    [
        {"stock": 12345678901},
        {"x": "PO10558175601"},
        {"specId": "53000177264564503ec3b848650652ab"},
        {"offerId": 889512351602, "skuId": "5736673805656"},
        {"x": "889512351602_530ad00177264564503ec3b848650652"},
    ],
    ids=str,
)
def test_a_number_that_is_no_order_id_leaves_a_refusal_what_it_is(data: Any) -> None:
    sent = ("889512351602", "5736673805656", "530ad00177264564503ec3b848650652")
    assert judge(create_reply(wrapped(data, code=500, msg=REFUSAL), sent)).state is PlacementState.REJECTED


def test_our_own_reference_of_digits_alone_leaves_a_refusal_what_it_is() -> None:
    content = wrapped({"outOrderId": "105581756010628640"}, code=500, msg=REFUSAL)

    assert judge(create_reply(content, ("105581756010628640",))).state is PlacementState.REJECTED
    assert judge(create_reply(content, ("PO-1",))).state is PlacementState.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"orderId": "105581756010628640,105637283010628640"}},
        {"data": {"info": "order 105581756010628640 made"}},
        {"data": {"x": '{"orderId": 105581756010628640}'}},
        {"data": {"105581756010628640": {"n": 1}}},
        {"data": {"x": "889512351603"}},
        {"data": {"x": "8895123516029"}},
        {"data": {"x": "１０５５８１７５６０１０６２８６４０"}},
        {"data": {"x": -105581756010628640}},
        {"data": {"orderId": {"outOrderId": "105581756010628640"}}},
        {"data": None, "orderNumber": 105581756010628640},
        {"data": None, "msg": "500_004:ID105581756010628640"},
    ],
    ids=str,
)
def test_a_number_as_long_as_an_order_id_anywhere_is_never_a_rejection(body: dict[str, Any]) -> None:
    reply = create_reply(raw({"code": 500, "msg": REFUSAL, **body}), ("PO-1",))

    assert judge(reply).state is PlacementState.UNKNOWN
    assert judge(reply, ("500_004",)).state is PlacementState.UNKNOWN


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ({"orderList": [{"tradeId": "105581756010628640"}, {"orderId": "105581756010628641"}]}, ["0", "1"]),
        ({"orderList": [{"result": {"orderId": "105581756010628640"}}]}, ["0"]),
    ],
    ids=str,
)
def test_every_order_of_an_answer_is_told_and_none_is_a_failed_line(data: Any, ids: list[str]) -> None:
    told = verdict(wrapped(data))

    assert told.state is PlacementState.PLACED
    assert sorted(order.order_id[-1] for order in told.orders) == ids
    assert told.failed_lines == ()


@pytest.mark.parametrize("envelope", [{"code": True}, {"code": {}}, {"code": [200]}], ids=str)
def test_an_order_id_is_seen_beside_a_code_that_cannot_be_read(envelope: dict[str, Any]) -> None:
    assert placed(raw({**envelope, "data": {"orderId": "105581756010628640"}})) == ["105581756010628640"]


def test_a_time_to_pay_beyond_all_calendars_does_not_hide_the_order() -> None:
    base = {"idOfStr": "1", "status": "waitbuyerpay", "createTime": "20260520154000000+0800", "payTimeout": 10**17}
    assert placed(wrapped({"baseInfo": base})) == ["1"]


def deep(depth: int) -> bytes:
    return b'{"code": 500, "msg": "500_004", "data": ' + b"[" * depth + b'{"orderId": 1}' + b"]" * depth + b"}"


@pytest.mark.parametrize("depth", [0, 1, 50, 61])
def test_an_order_id_is_seen_at_the_bottom_of_an_answer_that_is_read(depth: int) -> None:
    assert placed(deep(depth)) == ["1"]


def test_a_deeper_answer_proves_nothing_and_raises_nothing() -> None:
    for depth in (62, 100, 500, *range(900, 1_000), 10_000):
        told = verdict(deep(depth))
        assert (told.state, told.orders) == (PlacementState.UNKNOWN, ()), depth


@pytest.mark.parametrize("number", ["1e400", "1e9999999", "1e-9999999"])
def test_a_number_beyond_all_sense_makes_the_whole_answer_unknown(number: str) -> None:
    for inner in (f'"orderId": 1, "postFee": {number}', f'"postFee": {number}'):
        told = verdict(f'{{"code": 500, "msg": "500_004", "data": {{{inner}}}}}'.encode())
        assert (told.state, told.orders) == (PlacementState.UNKNOWN, ())
