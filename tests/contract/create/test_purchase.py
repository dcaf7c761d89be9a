"""A purchase through a real client: preview, the person's yes, the order, once, in both generations of the protocol."""

import pytest
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitRequestParams, ErrorData

from support.house import MODES, Buyer, House, Person, content_of, order_of, saying, text_of

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
async def test_a_purchase_is_placed_once_and_found_again(either_house: House, mode: str) -> None:
    async with either_house.buyer(mode, Person()) as buyer:
        preview = await buyer.preview(("plain", 2), ("promotion", 1))
        made = await buyer.create(preview)
        again = await buyer.create(preview)
        detail = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
        by_reference = await buyer.said("get_order", purchase_ref=preview["purchase_ref"])
        listed = await buyer.said("list_orders")

    assert preview["orderable"]
    assert preview["totals"]["goods"] == "71.21"
    assert preview["totals"]["carriage"] == "6.00"
    assert made["outcome"] == "placed"
    assert (made["replayed"], again["replayed"]) == (False, True)
    assert {**again, "replayed": False} == made
    assert detail == by_reference
    assert detail["totals"]["payable"] == "77.21"
    assert detail["purchase_ref"] == preview["purchase_ref"]
    assert detail["pay_by"] == made["orders"][0]["pay_by"]
    assert [row["order_id"] for row in listed["orders"]] == [made["orders"][0]["order_id"]]
    assert either_house.upstream.create_calls == 1
    assert len(either_house.upstream.orders()) == 1


async def test_the_newer_answer_adds_the_service_fee_to_what_is_paid(either_house: House) -> None:
    async with either_house.buyer() as buyer:
        totals = (await buyer.preview(("plain", 2)))["totals"]

    newer = totals["service_fee"] is not None
    assert totals["payable"] == ("65.60" if newer else "64.00")
    assert totals["service_fee"] == ("1.60" if newer else None)


@pytest.mark.parametrize("mode", MODES)
async def test_the_dialog_shows_everything_that_will_be_sent(house: House, mode: str) -> None:
    person = Person()
    lines = [{"offer_id": "610000000001", "quantity": 2, "label": "马克杯", "product_no": "SKU-77", "container": "C9"}]
    address = {
        "full_name": "欧阳测试",
        "mobile": "13912345678",
        "phone": "0571-88990077",
        "province": "浙江省",
        "city": "杭州市",
        "area": "滨江区",
        "town": "长河街道",
        "street": "秘密路7号",
        "post_code": "310051",
    }
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.said(
            "preview_order", lines=lines, address=address, buyer_message="请尽快发货", purchase_ref="PO-77"
        )
        await buyer.create(preview)

    [shown] = person.shown
    for expected in (*address.values(), "马克杯", "SKU-77", "C9", "请尽快发货", "64.00 CNY", "29.00", "58.00", "6.00"):
        assert expected in shown
    assert "https://detail.1688.com/offer/610000000001.html" in shown
    for sent in ("assureTrade", "fenxiaonew", "PO-77"):
        assert sent in shown
    assert "Not included: paying" in shown
    sent_body = house.upstream.orders()[0]
    assert sent_body.out_order_id == "PO-77"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("person", "outcome"),
    [
        (saying("decline"), "declined"),
        (saying("accept", {"approve": False}), "declined"),
        (saying("accept", {}), "awaiting_approval"),
        (saying("accept", {"approve": "true"}), "awaiting_approval"),
        (saying("accept", None), "awaiting_approval"),
        (saying("cancel"), "awaiting_approval"),
    ],
    ids=["decline", "box-off", "empty-form", "text-for-yes", "no-content", "cancel"],
)
async def test_only_an_accepted_ticked_box_orders(house: House, mode: str, person: Person, outcome: str) -> None:
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview(("plain", 1))
        made = await buyer.create(preview)

    assert made["outcome"] == outcome
    assert made["orders"] == []
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("mode", MODES)
async def test_a_declined_token_stays_declined_and_asks_nobody_again(house: House, mode: str) -> None:
    person = saying("decline")
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview(("plain", 1))
        await buyer.create(preview)
        person.answer = Person().answer
        again = await buyer.create(preview)

    assert (again["outcome"], again["replayed"]) == ("declined", True)
    assert len(person.shown) == 1
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("mode", MODES)
async def test_a_cancelled_dialog_leaves_the_token_open(house: House, mode: str) -> None:
    person = saying("cancel")
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview(("plain", 1))
        first = await buyer.create(preview)
        person.answer = Person().answer
        second = await buyer.create(preview)

    assert (first["outcome"], second["outcome"]) == ("awaiting_approval", "placed")
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_without_dialogs_waits_for_a_person_elsewhere(house: House, mode: str) -> None:
    async with house.buyer(mode) as buyer:
        preview = await buyer.preview(("plain", 1))
        result = await buyer.call("create_order", **order_of(preview))

    assert result.structured_content is not None
    assert result.structured_content["outcome"] == "awaiting_approval"
    assert f"xportcn-orders approve {preview['purchase_ref']}" in text_of(result)
    assert house.upstream.create_calls == 0


async def test_the_operator_may_trust_the_hosts_own_dialog(house: House) -> None:
    async with house.buyer(approval="host") as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))

    assert made["outcome"] == "placed"
    assert made["approval"]["channel"] == "host"


@pytest.mark.parametrize("total", ["35", "35.0", "35.00", 35, "３５.00", " 35.00 "])
async def test_the_total_is_compared_as_money(house: House, total: object) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)), total)

    assert made["outcome"] == "placed"


async def test_both_channels_carry_token_total_currency_expiry_and_next_step(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        result = await buyer.call(
            "preview_order",
            lines=[{"offer_id": "610000000001", "quantity": 1}],
            address={
                "full_name": "欧阳测试",
                "mobile": "13912345678",
                "province": "浙江省",
                "city": "杭州市",
                "street": "秘密路7号",
            },
        )
        preview = content_of(result)
        created = await buyer.call("create_order", **order_of(preview))

    for answer in (result, created):
        for expected in (preview["preview_token"], "35.00", "CNY", "2026-05-20 15:55", "Next step:"):
            assert expected in text_of(answer)
        assert content_of(answer)["summary"] == text_of(answer)


async def test_a_result_masks_the_consignee(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        made = await buyer.call("create_order", **order_of(preview))
        detail = await buyer.call("get_order", purchase_ref=preview["purchase_ref"])

    for result in (made, detail):
        whole = result.model_dump_json()
        assert "欧阳测试" not in whole
        assert "13912345678" not in whole
        assert "秘密路" not in whole
    assert "欧＊ 139••••5678" in text_of(detail)


async def test_a_dialog_that_the_client_cannot_show_is_no_answer(house: House) -> None:
    async def broken(context: ClientRequestContext, params: ElicitRequestParams) -> ErrorData:
        return ErrorData(code=-32601, message="Method not found")

    async with house.server() as server, Client(server, mode="legacy", elicitation_callback=broken) as client:
        buyer = Buyer(client, None)
        preview = await buyer.preview(("plain", 1))
        made = await buyer.create(preview)

    assert made["outcome"] == "awaiting_approval"
    assert house.upstream.create_calls == 0


async def test_an_unknown_tool_is_an_invalid_request_that_names_the_tools(house: House) -> None:
    async with house.buyer() as buyer:
        with pytest.raises(MCPError, match="preview_order, create_order, list_orders, get_order") as raised:
            await buyer.call("buy")

    assert raised.value.error.code == -32602
