"""What in a refusal says that an order may exist, and what an entry of its list of orders says of that order."""

import json
from typing import Any

import pytest

from orders_server.xportcn.create import create_reply
from orders_tools.ports import CreateReply


def refused(data: Any, *sent: str) -> CreateReply:
    """A documented refusal with `data`."""
    body = {"requestId": "1" * 20, "code": 500, "msg": "500_004 库存不足", "developId": "2" * 20, "data": data}
    return create_reply(json.dumps(body).encode(), sent)


@pytest.mark.parametrize("amount", [2500, 0.01, "25.00", "1", "12,5", "n/a", [1], {"fen": 1}, "-0.5"], ids=repr)
@pytest.mark.parametrize(
    "name", ["totalSuccessAmount", "order_amount", "PostFee", "payAmount", "shippingFee", "orderAmmount", "totalAmount"]
)
def test_an_amount_is_a_sign_under_each_name(name: str, amount: Any) -> None:
    assert refused({name: amount}).signs == ("amount",)


@pytest.mark.parametrize("amount", [0, 0.0, "0", " 0.00 ", "0,00", "", None, True, False, [], {}], ids=repr)
def test_no_amount_is_none(amount: Any) -> None:
    assert refused({"totalSuccessAmount": amount, "orderList": [{"price": amount}]}).signs == ()


@pytest.mark.parametrize(
    ("name", "sign"),
    [("orderPrice", True), ("sumPayment", True), ("payable", True), ("carriage", True), ("count", False)],
)
def test_a_price_is_a_sign_in_a_list_of_orders_alone(name: str, sign: bool) -> None:
    for roof, signs in (("orderList", sign), ("order_list", sign), ("offers", False)):
        assert refused({roof: [{name: 3}]}).signs == (("amount",) if signs else ())
        assert refused({"inner": {roof: {"deep": {name: 3}}}}).signs == (("amount",) if signs else ())


@pytest.mark.parametrize("name", ["success", "isSuccess", "IS_SUCCESS", "succeed", "orderSuccess", "created", "ok"])
@pytest.mark.parametrize(
    ("value", "sign"),
    [
        *((yes, True) for yes in (True, 1, "true", " Y ", "yes", "1", "YES")),
        *((no, False) for no in (False, 0, "no", "false", None, "", "2")),
    ],
)
def test_a_yes_to_success_is_a_sign(name: str, value: Any, sign: bool) -> None:
    assert refused({"result": [{name: value}]}).signs == (("success",) if sign else ())


@pytest.mark.parametrize(
    ("entry", "failed"),
    [
        ({"success": False}, True),
        ({"resultCode": "500_004"}, True),
        ({"message": "库存不足"}, True),
        ({"success": False, "resultCode": "200"}, True),
        ({"resultCode": "200", "message": "库存不足"}, True),
        ({"success": True}, False),
        ({"success": "no"}, False),
        ({"resultCode": "200", "message": ""}, False),
        ({"resultCode": 0, "message": None}, False),
        ({}, False),
        ({"success": False, "orderAmmount": 3}, False),
        ({"message": "已下单"}, False),
    ],
)
def test_an_order_without_an_id_failed_where_its_entry_says_so_and_nothing_else(
    entry: dict[str, Any], failed: bool
) -> None:
    reply = refused({"orderList": [entry]})

    assert (len(reply.failed_lines), reply.unnamed_orders) == ((1, 0) if failed else (0, 1))
    if failed:
        [line] = reply.failed_lines
        code, message = entry.get("resultCode"), entry.get("message")
        assert (line.offer_id, line.code, line.message) == (None, code, message)


@pytest.mark.parametrize("item", ["text", 7, None, {"offerId": {}}, {"offerId": [1]}])
def test_a_failed_line_that_cannot_be_read_is_one_all_the_same(item: Any) -> None:
    [line] = refused({"failedOfferList": [item]}).failed_lines

    assert (line.offer_id, line.spec_id, line.code, line.message) == (None, None, None, None)
