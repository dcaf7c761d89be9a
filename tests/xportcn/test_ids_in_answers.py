"""Where in an answer to create an order's id stands, under which name, and what is read beside it."""

from typing import Any

import pytest

from orders_server.xportcn.create import create_reply

from .documented_answers import raw, wrapped

A, B, C = "4711000000000000001", "4711000000000000002", "4711000000000000003"


def ids(data: Any) -> tuple[list[str], list[str]]:
    """The orders that an answer names where create names them, and the ids that stand elsewhere."""
    reply = create_reply(wrapped(data))
    return [order.order_id for order in reply.orders], list(reply.named)


@pytest.mark.parametrize(
    ("data", "orders", "named"),
    [
        ({"order_id": A}, [A], []),
        ({"OrderID": A}, [A], []),
        ({"tradeId": A}, [A], []),
        ({"order_no": A}, [A], []),
        ({"orderIds": [A, B]}, [A, B], []),
        ({"orderIdList": [A, B]}, [A, B], []),
        ({"orderId": A, "tradeId": B}, [A], []),
        ({"baseInfo": {"id": int(A)}}, [A], []),
        ({"baseInfo": {"id": int(A), "idOfStr": B}}, [B], []),
        ({"baseInfo": {"idOfStr": A}, "orderNo": B}, [A], []),
        ({"orderNo": A, "result": {"note": "x"}}, [A], []),
        ({"orderNo": A, "result": {"orderId": B}}, [B], []),
        ({"tradeId": A, "result": {"orderId": B}}, [A, B], []),
        ({"result": {"orderId": A}, "data": {"orderId": B}, "order_list": [{"orderId": C}]}, [A, B, C], []),
        ({"log": {"orderId": A}}, [], [A]),
        ({"result": {"log": {"orderId": A}}}, [], [A]),
        ([{"log": {"orderId": A}}, {"orderId": B}], [B], [A]),
        ({"orderList": [{"orderId": A, "log": [{"orderId": B}]}]}, [A], [B]),
        ({"log": {"base": {"id": A}}}, [], []),
        ({"orderId": "0", "tradeId": A}, [A], []),
        ({"orderId": ["N/A", A]}, [A], []),
    ],
)
def test_an_order_is_named_by_what_stands_in_its_place(data: Any, orders: list[str], named: list[str]) -> None:
    assert ids(data) == (orders, named)


@pytest.mark.parametrize(
    "data",
    [
        {"orderId": A, "orderAmmount": 2500, "postFee": 500},
        {"tradeId": A, "orderAmmount": 2500, "postFee": 500},
        {"orderNo": A, "totalSuccessAmount": 2500, "postFee": 500},
        {"data": {"orderId": A, "totalSuccessAmount": 2500, "postFee": 500}},
        {"result": {"orderList": [{"orderId": A, "orderAmmount": 2500, "totalSuccessAmount": 1, "postFee": 500}]}},
    ],
)
def test_what_an_order_costs_is_read_beside_its_id(data: Any) -> None:
    [order] = create_reply(wrapped(data)).orders

    assert (order.order_id, order.payable, order.carriage) == (A, 2500, 500)


def test_each_order_without_an_id_counts() -> None:
    assert create_reply(wrapped({"orderList": [{}, {"count": 1}, {"orderId": A}]})).unnamed_orders == 2


@pytest.mark.parametrize(
    ("body", "where"),
    [(b"[]", "the field envelope"), (b"<html>", "a body that is not JSON"), (b"", "a body that is not JSON")],
    ids=["a list", "a page", "nothing"],
)
def test_what_cannot_be_read_is_no_whole_answer_and_says_where(body: bytes, where: str) -> None:
    reply = create_reply(body)

    assert (reply.connected, reply.complete, reply.orders) == (True, False, ())
    assert reply.failure == where


@pytest.mark.parametrize(
    ("data", "sent", "signs"),
    [
        ({"trace": "PO-123456789012"}, ("PO", "PO-123456789012"), ()),
        ({"trace": "po-123456789012"}, ("PO-123456789012",), ()),
        ({"trace": "PO-123456789012"}, ("PO",), ("long_number",)),
        ({"list": [{"inner": {"123456789012": 1}}]}, (), ("long_number",)),
        ({"list": [{"inner": {"PO-123456789012": 1}}]}, ("PO-123456789012",), ()),
        ({"sku": "530ad00177264564503ec3b848650652"}, (), ()),
    ],
)
def test_a_long_number_is_a_sign_unless_the_call_sent_it(
    data: Any, sent: tuple[str, ...], signs: tuple[str, ...]
) -> None:
    refusal = raw({"code": 500, "msg": "500_004", "data": data})

    assert create_reply(refusal, sent).signs == signs
