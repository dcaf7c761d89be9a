"""What the API refuses, with which code and in whose words; preview and create agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orders_sandbox import CATALOGUE

if TYPE_CHECKING:
    from .conftest import Caller

pytestmark = pytest.mark.anyio


async def refusal_of(caller: Caller, *lines: dict[str, object], **changed: object) -> tuple[int, str]:
    """The code and message with which preview and create both refuse."""
    told = [await caller.preview(*lines, **changed), await caller.create(*lines, **changed)]
    assert [answer["data"] for answer in told] == [None, None]
    assert told[0]["msg"] == told[1]["msg"]
    assert told[0]["code"] == told[1]["code"]
    return told[0]["code"], told[0]["msg"]


async def test_the_same_offer_and_spec_twice(shared_2026: Caller) -> None:
    lines = (shared_2026.line("plain"), shared_2026.line("plain", 2, specId=None))
    assert await refusal_of(shared_2026, *lines) == (500, "Cargo list not duplicate is required")


async def test_an_unknown_offer(shared_2026: Caller) -> None:
    assert await refusal_of(shared_2026, shared_2026.line("plain", offerId=1)) == (500, "offer no exist")


async def test_a_delisted_offer_refuses_the_whole_call(shared_2026: Caller) -> None:
    lines = (shared_2026.line("plain"), shared_2026.line("delisted"))
    assert await refusal_of(shared_2026, *lines) == (500, "offer no exist")


async def test_lines_that_do_not_exist_are_all_told(shared_2026: Caller) -> None:
    lines = (shared_2026.line("delisted"), shared_2026.line("plain", specId="0" * 32), shared_2026.line("two-colours"))
    assert await refusal_of(shared_2026, *lines) == (500, "offer no exist;500_003:specId不属于商品610000000001")


async def test_create_tells_every_line_that_cannot_be_ordered(shared_2026: Caller) -> None:
    lines = [shared_2026.line(name) for name in ("minimum-quantity", "zero-price", "no-order-mode", "plain")]
    answer = await shared_2026.create(*lines)
    assert answer["msg"].split(";") == [
        "500_005:低于起订量,最小起订量3",
        "500_008:sku价格为0",
        "500_001:该商品不支持在线交易",
    ]


async def test_two_sellers_in_one_call(shared_2026: Caller) -> None:
    code, message = await refusal_of(shared_2026, shared_2026.line("plain"), shared_2026.line("other-seller"))
    assert (code, message[:8]) == (500, "500_002:")


async def test_a_spec_of_another_offer(shared_2026: Caller) -> None:
    line = shared_2026.line("plain", specId=CATALOGUE["promotion"].spec_id)
    code, message = await refusal_of(shared_2026, line)
    assert (code, message[:8]) == (500, "500_003:")


async def test_a_spec_left_out_where_there_is_a_choice(shared_2026: Caller) -> None:
    code, message = await refusal_of(shared_2026, shared_2026.line("two-colours", specId=None))
    assert (code, message[:8]) == (500, "500_002:")


@pytest.mark.parametrize(
    ("name", "pieces", "message"),
    [
        ("minimum-quantity", 2, "500_005:低于起订量,最小起订量3"),
        ("short-stock", 6, f"500_004:库存不足,610000000007_{CATALOGUE['short-stock'].spec_id},剩余库存5"),
        ("no-order-mode", 1, "500_001:该商品不支持在线交易"),
    ],
)
async def test_a_line_that_cannot_be_ordered_is_refused_by_create(
    shared_2025: Caller, shared_2026: Caller, name: str, pieces: int, message: str
) -> None:
    for caller in (shared_2025, shared_2026):
        before = (await caller.listed())["totalRecord"]
        answer = await caller.create(caller.line(name, pieces))
        assert (answer["code"], answer["msg"], answer["data"]) == (500, message, None)
        assert (await caller.listed())["totalRecord"] == before


async def test_a_trade_type_the_offer_does_not_have(shared_2026: Caller) -> None:
    answer = await shared_2026.create(shared_2026.line("plain"), tradeType="period")
    assert (answer["code"], answer["msg"]) == (500, "not support tradeType:【period】")


@pytest.mark.parametrize("left_out", ["fullName", "mobile", "address"])
async def test_an_address_names_what_it_lacks(shared_2026: Caller, left_out: str) -> None:
    address = shared_2026.address(left_out)
    code, message = await refusal_of(shared_2026, shared_2026.line("plain"), addressParam=address)
    assert (code, message) == (630, f"参数错误:addressParam.{left_out}")


async def test_an_address_needs_a_district_code_or_names(shared_2026: Caller) -> None:
    line = shared_2026.line("plain")
    for enough in (shared_2026.address("provinceText", "cityText"), shared_2026.address("districtCode")):
        assert (await shared_2026.preview(line, addressParam=enough))["code"] == 200
    too_little = shared_2026.address("districtCode", "cityText")
    assert (await refusal_of(shared_2026, line, addressParam=too_little))[0] == 630


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": "2"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"offerId": "610000000001"}, "offerId"),
        ({"offerId": None}, "offerId"),
        ({"specId": 7}, "specId"),
    ],
)
async def test_a_wrong_field_of_a_line_is_named(shared_2026: Caller, changed: dict[str, Any], field: str) -> None:
    lines = (shared_2026.line("free-carriage"), shared_2026.line("plain", **changed))
    assert await refusal_of(shared_2026, *lines) == (630, f"参数错误:cargoParamList[1].{field}")


@pytest.mark.parametrize("lines", [0, 51])
async def test_no_line_and_more_than_fifty_are_refused(shared_2026: Caller, lines: int) -> None:
    told = await refusal_of(shared_2026, *[shared_2026.line("plain")] * lines)
    assert told == (630, "参数错误:cargoParamList")


async def test_create_needs_a_flow(shared_2026: Caller) -> None:
    answer = await shared_2026.create(shared_2026.line("plain"), flow=None)
    assert (answer["code"], answer["msg"]) == (630, "参数错误:flow")


@pytest.mark.parametrize(
    "body", [b"", b"flow=x", b"[]", b"null", b'{"page":NaN}', b'{"outOrderId":"\\ud800"}', b"\xff", b'{"a":' * 5000]
)
async def test_a_body_that_is_no_json_object_is_refused(shared_2026: Caller, body: bytes) -> None:
    answer = await shared_2026.ask("create", body)
    assert (answer["code"], answer["msg"], answer["data"]) == (630, "参数错误:body", None)
