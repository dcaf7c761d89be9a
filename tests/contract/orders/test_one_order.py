"""One order whole: what the seller changed, why it was closed, where its parcels are, and what our own record says."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orders_server.ledger.ledger import SqlLedger
from orders_tools.errors import StoreUnavailable
from support.house import House, Person, offer_id

pytestmark = pytest.mark.anyio

Change = Callable[[dict[str, Any]], object]


class Seller:
    """Changes what the sandbox tells of its orders, on the list and in the details."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        from orders_sandbox import enquiries

        self.change: Change = lambda _: None
        listing: Callable[..., Any] = enquiries.list_orders
        detail: Callable[..., Any] = enquiries.order_detail

        def listed(*arguments: Any) -> Any:
            reply = listing(*arguments)
            for row in reply["result"]:
                self.change(row)
            return reply

        def detailed(*arguments: Any) -> Any:
            order = detail(*arguments)
            self.change(order)
            return order

        monkeypatch.setattr("orders_sandbox.app.list_orders", listed)
        monkeypatch.setattr("orders_sandbox.app.order_detail", detailed)


@pytest.fixture
def seller(house: House, monkeypatch: pytest.MonkeyPatch) -> Seller:
    return Seller(house, monkeypatch)


def base(**fields: Any) -> Change:
    return lambda order: order["baseInfo"].update(fields)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("yuan", ["2.50", "999.99"])
async def test_a_price_that_the_seller_changes_is_told_as_a_difference_from_what_was_approved(
    house: House, seller: Seller, language: Any, yuan: str
) -> None:
    async with house.buyer(person=Person(), language=language) as buyer:
        preview = await buyer.preview(("plain", 1), purchase_ref="PO-1")
        made = await buyer.create(preview)
        order_id, approved = made["orders"][0]["order_id"], preview["totals"]["payable"]
        unchanged = await buyer.said("get_order", order_id=order_id)
        seller.change = base(totalAmount=Decimal(yuan))
        by_id = await buyer.said("get_order", order_id=order_id)
        by_reference = await buyer.said("get_order", purchase_ref="PO-1")

    assert "price_change" not in unchanged
    expected = {
        "approved": approved,
        "now": yuan,
        "difference": str(Decimal(yuan) - Decimal(approved)),
        "orders": 1,
    }
    assert by_id["price_change"] == by_reference["price_change"] == expected
    for told in (by_id, by_reference):
        assert (told["recorded_here"], told["further_orders"]) == (True, [])
        assert expected["difference"] in told["summary"]
        assert ("before paying" if language == "en" else "付款前") in told["summary"]


async def test_the_price_of_an_order_is_compared_by_its_recorded_id_where_no_reference_comes_back(
    house: House, seller: Seller
) -> None:
    def changed(order: dict[str, Any]) -> None:
        order["baseInfo"].pop("outOrderId", None)
        order["baseInfo"].pop("buyerFeedback", None)
        order["baseInfo"]["totalAmount"] = 1

    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-1"))
        seller.change = changed
        told = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])

    assert told["price_change"]["now"] == "1.00"
    assert told["purchase_ref"] == "PO-1"


async def test_each_order_of_several_sellers_is_compared_with_its_own_part(house: House, seller: Seller) -> None:
    lines = [
        {"offer_id": offer_id("plain"), "quantity": 1, "seller_open_id": "one"},
        {"offer_id": offer_id("promotion"), "quantity": 1, "seller_open_id": "two"},
    ]

    def changed(order: dict[str, Any]) -> None:
        if order["baseInfo"]["outOrderId"] == "PO-2-2":
            order["baseInfo"]["totalAmount"] = 500

    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(lines=lines, purchase_ref="PO-2"))
        seller.change = changed
        told = await buyer.said("get_order", purchase_ref="PO-2")
        part = await buyer.said("get_order", purchase_ref="PO-2-2")

    assert (part["recorded_here"], part["price_change"]["now"]) == (True, "500.00")
    views = {view["order_id"]: view for view in (told, *told["further_orders"])}
    assert sorted(views) == sorted(order["order_id"] for order in made["orders"])
    dearer = [order for order in made["orders"] if "price_change" in views[order["order_id"]]]
    assert [(views[order["order_id"]]["price_change"]["approved"], order["payable"]) for order in dearer] == [
        (dearer[0]["payable"], dearer[0]["payable"])
    ]


async def test_an_order_that_was_not_made_here_has_no_price_to_compare(house: House, tmp_path: Path) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
    async with house.buyer(store=f"sqlite:///{tmp_path}/another.sqlite3") as other:
        told = await other.said("get_order", order_id=made["orders"][0]["order_id"])

    assert ("price_change" in told, told["recorded_here"]) == (False, False)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_without_a_store_an_order_is_told_and_that_its_record_was_not_looked_at(
    house: House, tmp_path: Path, language: Any
) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-1"))
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    async with house.buyer(store=f"sqlite:///{blocked}/ledger.sqlite3", language=language) as buyer:
        told = [
            await buyer.said("get_order", order_id=made["orders"][0]["order_id"]),
            await buyer.said("get_order", purchase_ref="PO-1"),
            await buyer.said("list_orders", purchase_ref="PO-1"),
        ]

    note = "own record could not be looked at" if language == "en" else "无法读取本服务自己的记录"
    for answer in told:
        assert answer["recorded_here"] is None
        assert note in answer["summary"]


async def test_a_store_that_cannot_be_written_keeps_no_order_from_being_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("lost-answer", 1), purchase_ref="PO-L")
        assert (await buyer.create(preview))["outcome"] == "unknown"
        monkeypatch.setattr(SqlLedger, "record", full)
        told = await buyer.said("get_order", purchase_ref="PO-L")

    assert told["order_id"] == house.upstream.orders()[0].order_id


CLOSINGS: list[tuple[str | None, str | None, str, str, str]] = [
    ("buyerCancel", "CLOSE_TRADE_BY_BUYER", "cancelled_by_buyer", "buyer cancelled", "买家取消"),
    ("buyer_cancel", None, "cancelled_by_buyer", "buyer cancelled", "买家取消"),
    ("sellerGoodsLack", "CLOSE_TRADE_BY_SELLER", "seller_lacks_goods", "no stock", "缺货"),
    ("BUYER_NO_PAY", "CLOSE_TRADE_BY_SYSTEM", "not_paid_in_time", "not paid in time", "未按时付款"),
    ("other", "CLOSE_TRADE_BY_SELLER", "closed_by_seller", "seller closed", "卖家关闭"),
    (None, "CLOSE_TRADE_BY_SYSTEM", "closed_by_system", "automatically", "自动关闭"),
    ("other", "CLOSE_TRADE_BY_BOPS", "closed_by_platform", "staff", "工作人员"),
    (None, "CLOSE_TRADE_BY_CREADIT", "closed_by_credit", "credit", "信用支付"),
    ("<b>new</b>", None, "other", "「‹b›new‹/b›」", "「‹b›new‹/b›」"),
    (None, None, "other", "no reason", "未说明原因"),
]
"""The upstream's reason and who closed it, our code, and words of it in English and Chinese."""


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_why_an_order_was_closed_is_told_in_words(house: House, seller: Seller, language: Any) -> None:
    async with house.buyer(person=Person(), language=language) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
        open_order = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
        for reason, closer, code, english, chinese in CLOSINGS:
            seller.change = base(status="cancel", closeReason=reason, closeOperateType=closer)
            told = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
            assert told["closed"]["code"] == code
            assert (english if language == "en" else chinese) in told["closed"]["words"]
            assert told["closed"]["words"] in told["summary"]
            assert told["pay_by"] is None

    assert "closed" not in open_order


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_parcels_tell_their_carrier_their_number_how_they_stand_and_what_they_hold(
    house: House, seller: Seller, language: Any
) -> None:
    def sent(order: dict[str, Any]) -> None:
        order["baseInfo"] |= {"status": "waitsellersend", "payTime": "20260520160000000+0800"}
        if "nativeLogistics" not in order:
            return
        first, second = order["productItems"]
        first["logisticsStatus"], second["logisticsStatus"] = 2, 1
        order["nativeLogistics"]["logisticsItems"] = [
            {
                "logisticsCompanyName": "中通快递",
                "logisticsBillNo": "ZT-1",
                "status": "TRANSPORT",
                "subItemIds": first["subItemIDString"],
                "deliveredTime": "20260520170000000+0800",
            },
            {"logisticsCompanyName": "_x_", "logisticsBillNo": "2", "status": "LOST!", "subItemIds": None},
        ]

    async with house.buyer(person=Person(), language=language) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1), ("promotion", 1)))
        seller.change = sent
        told = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])

    first, second = told["parcels"]
    assert (first["carrier"], first["tracking_number"]) == ("「中通快递」", "「ZT-1」")
    assert (first["status"], first["upstream_status"], first["lines"]) == ("in_transit", "TRANSPORT", [1])
    assert (second["status"], second["upstream_status"], second["lines"]) == ("other", "「LOST！」", [])
    assert (told["partly_shipped"], [line["shipment"] for line in told["lines"]]) == (True, ["shipped", "unshipped"])
    assert told["lines"][0]["product"] in told["summary"].partition("ZT-1")[2]
    assert ("in transit" if language == "en" else "运输中") in told["summary"]
    assert ("Part of the goods" if language == "en" else "部分商品已发货") in told["summary"]


async def test_the_timeline_goes_by_time_and_a_paid_order_has_no_time_to_pay(house: House, seller: Seller) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
        unpaid = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
        seller.change = base(
            status="success",
            payTime="20260523160000000+0800",
            allDeliveredTime="20260522160000000+0800",
            completeTime="20260601160000000+0800",
        )
        told = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])

    assert unpaid["pay_by"] is not None
    assert told["pay_by"] is None
    assert [moment["what"] for moment in told["timeline"]] == ["created", "shipped", "paid", "completed"]


@pytest.mark.parametrize("known_here", [True, False])
async def test_a_purchase_of_long_ago_is_found_among_the_old_orders(
    house: House, tmp_path: Path, known_here: bool
) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-OLD"))
    house.clock.forward(timedelta(days=200).total_seconds())
    name = "ledger" if known_here else "another"
    async with house.buyer(store=f"sqlite:///{tmp_path}/{name}.sqlite3") as buyer:
        detail = await buyer.said("get_order", purchase_ref="PO-OLD")
        listed = await buyer.said("list_orders", purchase_ref="PO-OLD")

    assert detail["order_id"] == made["orders"][0]["order_id"]
    assert [row["order_id"] for row in listed["orders"]] == [made["orders"][0]["order_id"]]
    assert listed["recorded_here"] is known_here


CONSIGNEES: list[tuple[dict[str, str], str, str]] = [
    ({"mobile": "13912345678"}, "139••••5678", "浙江省 杭州市 滨江区"),
    ({"mobile": "12345"}, "••••", "浙江省 杭州市 滨江区"),
    ({"mobile": "13912345678 秘密路7号"}, "139••••6787", "浙江省 杭州市 滨江区"),
    ({"mobile": "13912345678", "area": "秘密路7号"}, "139••••5678", "浙江省 杭州市"),
    ({"mobile": "13912345678", "area": "滨江区 秘密路7号"}, "139••••5678", "浙江省 杭州市 滨江区"),
]
"""What the upstream has of a consignee, and what is shown of the mobile and the places."""


async def test_a_consignee_is_never_shown_with_street_or_whole_number(house: House, seller: Seller) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
        for fields, mobile, region in CONSIGNEES:
            seller.change = lambda order, fields=fields: order.get("nativeLogistics", {}).update(fields)
            told = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
            assert told["consignee"] == {"name": "欧＊", "mobile": mobile, "region": f"「{region}」"}
            assert "秘密" not in str(told)
