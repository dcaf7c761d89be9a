"""Orders with something odd in one field: only an order's id decides whether it can be read."""

import json
from typing import Any

import pytest

from orders_server.xportcn.orders import order_page, trade_order
from orders_server.xportcn.wire import Unreadable, read_json
from support.oddities import DECIDING, FIELDS, HIDDEN_BY, ODD, Field, with_odd

OURS: dict[str, Any] = {
    "baseInfo": {
        "id": 2257164624870311974,
        "idOfStr": "2257164624870311975",
        "status": "cancel",
        "totalAmount": 13,
        "createTime": "20261127120000000+0800",
        "outOrderId": "PO1",
        "receiverInfo": {"toFullName": "王", "toArea": "浙江省 杭州市"},
    },
    "productItems": [{"productID": 889512351602, "quantity": 2, "skuInfos": [{"name": "颜色", "value": "白"}]}],
    "nativeLogistics": {"logisticsItems": [{"logisticsBillNo": "1", "status": "SIGN"}]},
}
STRANGER = {"baseInfo": {"idOfStr": "2257164624870311999", "status": "waitbuyerpay", "totalAmount": 1}}


def travelled(content: Any) -> Any:
    return read_json(json.dumps(content, default=float).encode())


@pytest.mark.parametrize("field", FIELDS, ids=str)
@pytest.mark.parametrize("name", ODD)
def test_an_order_is_read_whatever_stands_in_a_field_that_decides_nothing(field: Field, name: str) -> None:
    order = trade_order(travelled(with_odd(OURS, field, name)), "data")
    assert (order.order_id, order.out_order_id) == ("2257164624870311975", "PO1")
    assert (field.tells in order.unread) or name not in HIDDEN_BY[field.kind]
    assert set(order.unread) <= {field.tells, "lines", "status"}
    assert order.payable in {1300, 700, None} if str(field) == "baseInfo.totalAmount" else order.payable == 1300


@pytest.mark.parametrize("field", [*FIELDS, *DECIDING], ids=lambda field: str(field) or "the row")
@pytest.mark.parametrize("name", ODD)
def test_an_order_is_found_whatever_stands_in_the_one_beside_it(field: Field, name: str) -> None:
    row = with_odd(OURS, field, name)
    page = order_page(travelled({"result": [row, STRANGER, row], "totalRecord": 3}))
    assert "2257164624870311999" in [order.order_id for order in page.orders]
    assert page.rows == 3


@pytest.mark.parametrize("field", DECIDING[2:4], ids=str)
@pytest.mark.parametrize("name", ODD)
def test_no_order_gets_an_id_that_it_does_not_have(field: Field, name: str) -> None:
    try:
        order_id = trade_order(travelled(with_odd(OURS, field, name)), "data").order_id
    except Unreadable:
        return
    written = {"2257164624870311975", "2257164624870311974", "odd words", "7"}
    assert order_id in written
