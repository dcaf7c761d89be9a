"""The bodies of the four calls, field by field (CONTRACT 3.1, 4.1, 5, 6)."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.xportcn.requests import create_body, detail_body, list_body, preview_body
from orders_tools.orders.model import OrderQuery
from orders_tools.purchase.model import Address, Line, Part, PreviewAnswer

ADDRESS = Address(full_name="张三", mobile="15251667788", province="浙江省", city="杭州市", street="网商路699号")
LINE = Line(offer_id="889512351602", quantity=2)
WRITTEN_ADDRESS = {
    "fullName": "张三",
    "mobile": "15251667788",
    "phone": "",
    "postCode": "",
    "provinceText": "浙江省",
    "cityText": "杭州市",
    "areaText": "",
    "townText": "",
    "address": "网商路699号",
}


def part(**changed: Any) -> Part:
    fields: dict[str, Any] = {
        "part_ref": "PO260520-A",
        "seller_open_id": None,
        "lines": (LINE,),
        "answer": PreviewAnswer(generation="2025", orders=()),
        "flow": None,
        "trade_type": None,
        "note": "",
    }
    return Part(**{**fields, **changed})


def test_the_shortest_preview_sends_nothing_that_was_not_given() -> None:
    assert preview_body([LINE], ADDRESS, None, None) == {
        "addressParam": WRITTEN_ADDRESS,
        "cargoParamList": [{"offerId": 889512351602, "quantity": 2}],
    }


def test_a_whole_preview_sends_every_field_under_its_documented_name() -> None:
    line = Line(
        offer_id="889512351602",
        quantity=2,
        spec_id="530ad00177264564503ec3b848650652",
        seller_open_id="BBB+/==",
        product_no="P-1",
        container="C-1",
        label="the red one",
    )
    address = ADDRESS.model_copy(
        update={"area": "滨江区", "town": "长河街道", "post_code": "310051", "phone": "0517", "district_code": "330108"}
    )
    assert preview_body([line], address, "fenxiaonew", "ali-1") == {
        "aliId": "ali-1",
        "flow": "fenxiaonew",
        "addressParam": {
            **WRITTEN_ADDRESS,
            "phone": "0517",
            "postCode": "310051",
            "areaText": "滨江区",
            "townText": "长河街道",
            "districtCode": "330108",
        },
        "cargoParamList": [
            {
                "offerId": 889512351602,
                "quantity": 2,
                "specId": "530ad00177264564503ec3b848650652",
                "sellerOpenId": "BBB+/==",
                "productNo": "P-1",
                "container": "C-1",
            }
        ],
    }


def test_create_sends_the_goods_of_the_preview_and_what_the_preview_chose() -> None:
    sent = create_body(part(flow="general", trade_type="assureTrade", note="快 [PO260520-A]"), ADDRESS)
    assert sent == {
        "flow": "general",
        "outOrderId": "PO260520-A",
        "message": "快 [PO260520-A]",
        "tradeType": "assureTrade",
        **preview_body([LINE], ADDRESS, None, None),
    }


def test_create_leaves_out_what_was_not_chosen() -> None:
    assert create_body(part(), ADDRESS) == {
        "outOrderId": "PO260520-A",
        **preview_body([LINE], ADDRESS, None, None),
    }


def test_the_label_never_travels() -> None:
    line = LINE.model_copy(update={"label": "secret-name"})
    bodies = [preview_body([line], ADDRESS, None, None), create_body(part(lines=(line,)), ADDRESS)]
    assert "secret-name" not in json.dumps(bodies)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.from_regex(r"[1-9][0-9]{0,19}", fullmatch=True))
def test_an_offer_id_is_a_json_number_with_every_digit(offer_id: str) -> None:
    body = preview_body([Line(offer_id=offer_id, quantity=1)], ADDRESS, None, None)
    assert f'"offerId": {offer_id},' in json.dumps(body)


@pytest.mark.parametrize("offer_id", ["", "0", "01", "-1", "1.0", "1e3", "x", "１２", "1 ", "1" * 21])
def test_an_offer_id_that_is_no_number_is_never_sent(offer_id: str) -> None:
    with pytest.raises(ValueError, match="offer id"):
        preview_body([Line(offer_id=offer_id, quantity=1)], ADDRESS, None, None)


def test_the_shortest_list_asks_for_a_page_with_the_notes() -> None:
    assert list_body(OrderQuery()) == {"page": 1, "pageSize": 20, "needMemoInfo": True}


def test_old_orders_are_asked_for_by_the_documented_flag() -> None:
    assert list_body(OrderQuery(history=True)) == {"page": 1, "pageSize": 20, "needMemoInfo": True, "isHis": True}


def test_a_whole_list_writes_its_times_in_china_time() -> None:
    query = OrderQuery(
        page=3,
        page_size=50,
        status="waitbuyerpay",
        out_order_id="PO1",
        created_from=datetime(2018, 1, 2, 13, 11, 13, tzinfo=UTC),
        created_to=datetime(2018, 8, 2, 5, 11, 13, 987_654, tzinfo=timezone(timedelta(hours=-7))),
    )
    assert list_body(query) == {
        "page": 3,
        "pageSize": 50,
        "needMemoInfo": True,
        "orderStatus": "waitbuyerpay",
        "outOrderId": "PO1",
        "createStartTime": "20180102211113000+0800",
        "createEndTime": "20180802201113987+0800",
    }


def test_a_detail_call_names_the_order_as_text() -> None:
    assert detail_body("2257164624870311973") == {"webSite": "1688", "orderId": "2257164624870311973"}
