"""Every leaf of the body that a create call sends was in the text that the person saw, and under its digest."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from support.house import MODES, House, Person, offer_id, order_of

pytestmark = pytest.mark.anyio

ADDRESS = {
    "full_name": "欧阳测试",
    "mobile": "13912345678",
    "phone": "0571-88990077",
    "province": "浙江省",
    "city": "杭州市",
    "area": "滨江区",
    "town": "长河街道",
    "street": "秘密路7号",
    "post_code": "310051",
    "district_code": "330108",
}
LINES = [
    {
        "offer_id": offer_id("plain"),
        "quantity": 2,
        "spec_id": "ac7938d40cfc2307e2bf325d28e7884e",
        "seller_open_id": "seller-one",
        "product_no": "P-1",
        "container": "C-1",
    },
    {
        "offer_id": offer_id("promotion"),
        "quantity": 3,
        "seller_open_id": "seller-two",
        "product_no": "P-2",
        "container": "C-2",
    },
]
LEAVES = {
    "aliId",
    "flow",
    "outOrderId",
    "message",
    "tradeType",
    "addressParam.fullName",
    "addressParam.mobile",
    "addressParam.phone",
    "addressParam.postCode",
    "addressParam.provinceText",
    "addressParam.cityText",
    "addressParam.areaText",
    "addressParam.townText",
    "addressParam.address",
    "addressParam.districtCode",
    "cargoParamList.offerId",
    "cargoParamList.quantity",
    "cargoParamList.specId",
    "cargoParamList.sellerOpenId",
    "cargoParamList.productNo",
    "cargoParamList.container",
}
"""Every leaf that a create call can have; a new one is added here once it is shown and bound."""


def leaves(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        for name, value in cast("dict[str, Any]", content).items():
            yield from leaves(value, f"{path}.{name}".lstrip("."))
    elif isinstance(content, list):
        for item in cast("list[Any]", content):
            yield from leaves(item, path)
    else:
        yield path, content


def bodies_of(house: House) -> list[dict[str, Any]]:
    """The bodies of the create calls that reach the sandbox from now on."""
    sent: list[dict[str, Any]] = []
    real = house.upstream.answer

    def listening(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/create"):
            sent.append(json.loads(content))
        return real(path, headers, content)

    house.upstream.answer = listening
    return sent


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mode", MODES)
async def test_whatever_is_sent_was_in_the_dialog(either_house: House, mode: str, language: str) -> None:
    person, sent = Person(), bodies_of(either_house)
    named = {"ali_id": "ACCOUNT-A", "trade_type": "assureTrade", "language": language}
    async with either_house.buyer(mode, person, **named) as buyer:
        given = {
            "lines": LINES,
            "address": ADDRESS,
            "flow": "general",
            "buyer_message": "请尽快发货",
            "purchase_ref": "PO-77",
        }
        preview = await buyer.said("preview_order", **given)
        made = await buyer.create(preview)

    assert made["outcome"] == "placed"
    assert len(sent) == 2
    walked = [leaf for body in sent for leaf in leaves(body)]
    assert {path for path, _ in walked} == LEAVES
    shown = person.shown[0].replace("［", "[").replace("］", "]")
    for path, value in walked:
        assert str(value) in shown, f"{path} is sent as {value!r} and was not shown"


async def test_the_account_that_buys_is_bound_to_what_was_approved(house: House) -> None:
    sent = bodies_of(house)
    async with house.buyer(person=Person(), ali_id="ACCOUNT-A") as buyer:
        preview = await buyer.preview(("plain", 1))
    async with house.buyer(person=Person(), ali_id="ACCOUNT-B") as buyer:
        elsewhere = await buyer.refused("create_order", **order_of(preview))
    async with house.buyer(person=Person()) as buyer:
        nowhere = await buyer.refused("create_order", **order_of(preview))
    async with house.buyer(person=Person(), ali_id="ACCOUNT-A") as buyer:
        made = await buyer.create(preview)

    assert (elsewhere["code"], nowhere["code"]) == ("TOKEN_INVALID", "TOKEN_INVALID")
    assert made["outcome"] == "placed"
    assert [body["aliId"] for body in sent] == ["ACCOUNT-A"]
