"""The order list and the order's details, from which an unknown outcome is settled."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from orders_sandbox import CATALOGUE, SandboxOptions

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio


async def created(caller: Caller, *lines: dict[str, object], **changed: object) -> str:
    answer = await caller.create(*lines, **changed)
    assert answer["code"] == 200
    return answer["data"]["result"]["orderId"]


def ids_in(page: Any) -> list[str]:
    return [row["baseInfo"]["idOfStr"] for row in page["result"]]


async def test_details_tell_the_whole_order(shared_2026: Caller) -> None:
    lines = (shared_2026.line("promotion", 2), shared_2026.line("plain"))
    order_id = await created(shared_2026, *lines, outOrderId="whole", message="易碎", tradeType="assureTrade")
    answer = await shared_2026.detail(orderId=order_id)
    base = answer["data"]["baseInfo"]
    assert (base["id"], base["idOfStr"], base["outOrderId"]) == (int(order_id), order_id, "whole")
    assert (base["status"], base["tradeTypeCode"], base["buyerFeedback"]) == ("waitbuyerpay", "assureTrade", "易碎")
    assert (base["totalAmount"], base["shippingFee"]) == (Decimal("62.11"), 6)
    assert (base["sumProductPayment"], base["discount"]) == (Decimal("56.8"), -69)
    assert (base["payTimeout"], base["payTimeoutType"]) == (432000, 0)
    assert base["createTime"] == "20260520154000123+0800"
    assert base["sellerLoginId"]
    assert answer["data"]["tradeTerms"][0]["payStatus"] == "1"


async def test_details_tell_the_lines(shared_2026: Caller) -> None:
    order_id = await created(shared_2026, shared_2026.line("promotion", 2), shared_2026.line("plain"))
    items = (await shared_2026.detail(orderId=order_id))["data"]["productItems"]
    offer = CATALOGUE["promotion"]
    expected = {
        "productID": offer.offer_id,
        "skuID": offer.skus[0].sku_id,
        "specId": offer.spec_id,
        "quantity": 2,
        "price": Decimal("13.9"),
        "itemAmount": Decimal("27.11"),
        "entryDiscount": -69,
        "name": offer.title,
        "unit": "件",
        "statusStr": "等待买家付款",
        "gmtPayExpireTime": "2026-05-25 15:40:00",
    }
    assert {name: items[0][name] for name in expected} == expected
    sub_items = [item["subItemIDString"] for item in items]
    assert [item["subItemID"] for item in items] == [int(text) for text in sub_items]
    assert len({*sub_items, order_id}) == 3
    assert {text[-6:] for text in sub_items} == {order_id[-6:]}


async def test_details_tell_the_consignee(shared_2026: Caller) -> None:
    order_id = await created(shared_2026, shared_2026.line("plain"))
    receiver = (await shared_2026.detail(orderId=order_id))["data"]["nativeLogistics"]
    expected = {
        "contactPerson": "测试收货人",
        "mobile": "13500000000",
        "province": "广西壮族自治区",
        "city": "崇左市",
        "area": "凭祥市",
        "address": "测试路1号",
        "areaCode": "451481",
        "zip": "532600",
    }
    assert {name: receiver[name] for name in expected} == expected
    assert receiver["logisticsItems"] == []


async def test_the_hostile_name_of_a_product_arrives_unchanged(shared_2026: Caller) -> None:
    order_id = await created(shared_2026, shared_2026.line("seller-texts"))
    detail = await shared_2026.detail(orderId=order_id)
    page = await shared_2026.listed(orderIds=[order_id])
    for info in (detail["data"], page["result"][0]):
        name = info["productItems"][0]["name"]
        assert name == CATALOGUE["seller-texts"].title
        assert "\U000e0062" in name


async def test_the_amounts_of_every_order_add_up(shared_2025: Caller) -> None:
    for name in ("plain", "promotion", "free-carriage", "carriage-by-description", "short-stock", "price-rise"):
        order_id = await created(shared_2025, shared_2025.line(name, 3))
        info = (await shared_2025.detail(orderId=order_id))["data"]
        items = sum(item["itemAmount"] for item in info["productItems"])
        assert items + info["baseInfo"]["shippingFee"] == info["baseInfo"]["totalAmount"]


async def test_an_order_is_found_by_number_text_or_own_reference(shared_2026: Caller) -> None:
    order_id = await created(shared_2026, shared_2026.line("plain"), outOrderId="by-reference")
    for which in ({"orderId": order_id}, {"orderId": int(order_id)}, {"outOrderId": "by-reference"}):
        answer = await shared_2026.detail(**which)
        assert answer["data"]["baseInfo"]["idOfStr"] == order_id


async def test_of_orders_that_share_a_reference_details_tell_the_newest(shared_2026: Caller) -> None:
    newest = [await created(shared_2026, shared_2026.line("plain"), outOrderId="shared") for _ in range(2)][-1]
    assert (await shared_2026.detail(outOrderId="shared"))["data"]["baseInfo"]["idOfStr"] == newest


@pytest.mark.parametrize("which", [{"orderId": "1"}, {"orderId": 2**62}, {"outOrderId": "never used"}])
async def test_an_unknown_order_does_not_exist(shared_2026: Caller, which: dict[str, object]) -> None:
    answer = await shared_2026.detail(**which)
    assert (answer["code"], answer["msg"], answer["data"]) == (500, "ORDER_NOT_EXIST", None)


@pytest.mark.parametrize(
    ("which", "field"), [({}, "orderId"), ({"orderId": "x"}, "orderId"), ({"orderId": "1", "webSite": None}, "webSite")]
)
async def test_details_need_a_site_and_an_id(shared_2026: Caller, which: dict[str, Any], field: str) -> None:
    answer = await shared_2026.detail(**which)
    assert (answer["code"], answer["msg"]) == (630, f"参数错误:{field}")


async def test_the_list_is_basic_and_tells_the_note_on_request_only(shared_2026: Caller) -> None:
    order_id = await created(shared_2026, shared_2026.line("plain"), message="门口", outOrderId="noted")
    (silent,) = (await shared_2026.listed(orderIds=[int(order_id)]))["result"]
    (talking,) = (await shared_2026.listed(orderIds=[order_id], needMemoInfo=True))["result"]
    assert "nativeLogistics" not in silent
    assert "buyerFeedback" not in silent["baseInfo"]
    assert (silent["baseInfo"]["outOrderId"], talking["baseInfo"]["buyerFeedback"]) == ("noted", "门口")


async def test_the_list_is_filtered_and_paged_newest_first(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions()) as caller:
        made: list[str] = []
        for number in range(52):
            made.append(await created(caller, caller.line("plain"), outOrderId=str(number)))
            caller.clock.forward(1)
        made.reverse()
        usual = await caller.listed()
        assert (usual["totalRecord"], usual["page"], usual["pageSize"]) == (52, 1, 20)
        assert ids_in(usual) == made[:20]
        assert ids_in(await caller.listed(page=3)) == made[40:]
        assert ids_in(await caller.listed(page=9)) == []
        clamped = await caller.listed(pageSize=500)
        assert (clamped["pageSize"], ids_in(clamped)) == (50, made[:50])
        third = {"createStartTime": "20260520154002123+0800", "createEndTime": "20260520074003123+0000"}
        assert ids_in(await caller.listed(**third)) == [made[-4], made[-3]]
        assert ids_in(await caller.listed(outOrderId="0")) == [made[-1]]
        assert (await caller.listed(orderStatus="waitbuyerpay"))["totalRecord"] == 52
        assert (await caller.listed(orderStatus="success"))["totalRecord"] == 0
        assert (await caller.listed(orderIds=[]))["totalRecord"] == 0


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"page": 0}, "page"),
        ({"pageSize": "20"}, "pageSize"),
        ({"createStartTime": "2026-05-20"}, "createStartTime"),
        ({"createEndTime": "20261320154002123+0800"}, "createEndTime"),
        ({"orderIds": "1"}, "orderIds"),
        ({"orderIds": ["1", "x"]}, "orderIds[1]"),
        ({"needMemoInfo": "true"}, "needMemoInfo"),
    ],
)
async def test_a_wrong_filter_is_named(shared_2026: Caller, filters: dict[str, object], field: str) -> None:
    answer = await shared_2026.ask("list", filters)
    assert (answer["code"], answer["msg"]) == (630, f"参数错误:{field}")
