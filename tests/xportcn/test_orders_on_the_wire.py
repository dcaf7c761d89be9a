"""Orders in 1688's TradeInfo form: list and detail, money in yuan, times with their zones."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from orders_server.xportcn.orders import order_page, trade_order
from orders_server.xportcn.wire import Unreadable, read_json
from orders_tools.orders.model import OrderPage, Receiver, UpstreamOrder, parcel_status

from .documented_answers import DETAILED, LISTED, changed, raw

WHOLE = DETAILED["result"]
CHINA = timezone(timedelta(hours=8))
PACIFIC = timezone(timedelta(hours=-7))


def order(content: Any) -> UpstreamOrder:
    return trade_order(read_json(raw(content)), "data")


def page(content: Any) -> OrderPage:
    return order_page(read_json(raw(content)))


def base(**fields: Any) -> dict[str, Any]:
    return {"baseInfo": {"idOfStr": "1", "status": "waitbuyerpay", **fields}}


def test_the_documented_detail_is_read() -> None:
    told = order(WHOLE)
    assert (told.order_id, told.status, told.upstream_status) == ("58218860983545941", "refunding", "waitbuyerreceive")
    assert (told.goods, told.carriage, told.payable, told.discount, told.refund) == (30, 600, 615, None, None)
    assert told.created_at == datetime(2017, 9, 13, 23, 17, 8, tzinfo=PACIFIC)
    assert told.receiver == Receiver(
        name="<receiver>",
        mobile="10000000000",
        region="浙江省 杭州市 滨江区",
        names=("<receiver>",),
        streets=("<street>",),
    )
    assert [(line.offer_id, line.quantity, line.amount) for line in told.lines] == [
        ("547486647009", "1 箱", 30),
        ("558700975520", "1 双", 5),
    ]
    assert told.lines[0].variant == "白色, 1.1L-2L"
    assert (told.lines[0].status, told.lines[1].status) == ("等待卖家发货", "waitbuyerreceive")
    (parcel,) = told.parcels
    assert (parcel.tracking_number, parcel.status) == ("不需要物流", "alreadysend")
    assert parcel.shipped_at == datetime(2017, 9, 13, 23, 19, 17, tzinfo=PACIFIC)


def test_the_documented_list_is_read() -> None:
    told = page(LISTED)
    assert told.total == 537
    (only,) = told.orders
    assert (only.order_id, only.status, only.goods, only.payable) == ("196965465451498520", "cancelled", 3990, 1)
    assert only.discount == -3989
    assert [moment.what for moment in only.timeline] == ["created", "closed"]
    assert only.lines[0].product == "夏季亚麻九分裤"


def test_the_id_as_text_wins_over_the_number_that_lost_digits() -> None:
    assert order(base(id=58218860983545944, idOfStr="58218860983545941")).order_id == "58218860983545941"


@pytest.mark.parametrize("text", [None, "", " "])
def test_the_number_is_taken_where_there_is_no_text(text: str | None) -> None:
    assert order(base(id=58218860983545944, idOfStr=text)).order_id == "58218860983545944"


@pytest.mark.parametrize(
    "content", [{"baseInfo": {"status": "success"}}, {"productItems": []}, {"baseInfo": []}, {}, [], "", 7]
)
def test_an_order_without_an_id_is_refused_by_name(content: Any) -> None:
    with pytest.raises(Unreadable, match=r"data\.baseInfo\.idOfStr"):
        order(content)


@pytest.mark.parametrize("given", [[1], True, "1" * 129])
def test_an_id_as_text_that_cannot_be_read_is_not_replaced_by_the_number_that_may_have_lost_digits(given: Any) -> None:
    with pytest.raises(Unreadable, match=r"data\.baseInfo\.idOfStr"):
        order(base(id=58218860983545944, idOfStr=given))


def test_an_order_without_a_status_is_told_and_its_status_is_said_to_be_unread() -> None:
    told = order({"baseInfo": {"idOfStr": "1"}})
    assert (told.status, told.upstream_status, told.unread) == ("other", "", ("status",))
    assert told.to_placed_order().status is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20180102211113000+0800", datetime(2018, 1, 2, 21, 11, 13, tzinfo=CHINA)),
        ("20170913231708000-0700", datetime(2017, 9, 14, 6, 17, 8, tzinfo=UTC)),
        ("20180102211113999+0000", datetime(2018, 1, 2, 21, 11, 13, 999000, tzinfo=UTC)),
        ("2018-01-02 21:11:13", None),
        ("20181302211113000+0800", None),
        ("20180102211113000", None),
        ("", None),
        (None, None),
    ],
)
def test_times_keep_their_zone_and_what_is_no_time_is_not_known(text: str | None, moment: datetime | None) -> None:
    assert order(base(createTime=text)).created_at == moment


def test_the_time_to_pay_is_counted_from_the_creation() -> None:
    told = order(base(createTime="20260520154000000+0800", payTimeout=432000, payTimeoutType=0))
    assert told.pay_by == datetime(2026, 5, 25, 15, 40, tzinfo=CHINA)


def test_the_time_to_pay_of_the_lines_is_china_time_and_the_earliest_counts() -> None:
    items = [{"gmtPayExpireTime": text} for text in ("2018-02-07 15:27:58", "2018-02-06 00:00:00", None, "soon")]
    told = order({**base(), "productItems": items})
    assert told.pay_by == datetime(2018, 2, 6, tzinfo=CHINA)


def test_a_time_out_of_another_kind_is_not_counted_as_seconds() -> None:
    created = {"createTime": "20260520154000000+0800", "payTimeout": 5, "payTimeoutType": 1}
    assert order(base(**created)).pay_by is None


def test_an_order_that_waits_for_no_payment_has_no_time_to_pay() -> None:
    paid = {"status": "waitsellersend", "createTime": "20260520154000000+0800", "payTimeout": 432000}
    assert order(base(**paid)).pay_by is None
    assert order(WHOLE).pay_by is None


@pytest.mark.parametrize("seconds", [10**12, 10**17, 10**25])
def test_a_time_to_pay_beyond_all_calendars_is_not_known(seconds: int) -> None:
    assert order(base(createTime="20260520154000000+0800", payTimeout=seconds)).pay_by is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("waitbuyerpay", "awaiting_payment"),
        ("WAITING_FOR_PAYMENT", "awaiting_payment"),
        ("waitsellersend", "awaiting_shipment"),
        ("WAITING_FOR_SENT", "awaiting_shipment"),
        ("waitlogisticstakein", "shipped"),
        ("waitbuyerreceive", "shipped"),
        ("waitbuyersign", "shipped"),
        ("signinsuccess", "received"),
        ("confirm_goods", "received"),
        ("success", "completed"),
        ("cancel", "cancelled"),
        ("CANCEL", "cancelled"),
        ("terminated", "cancelled"),
        ("WAIT_BUYER_PAY", "awaiting_payment"),
        ("WaitSellerSend", "awaiting_shipment"),
        ("CONFIRM_GOODS", "received"),
        (" success ", "completed"),
        ("paid_but_not_fund", "awaiting_shipment"),
        ("paid_and_has_subsidy", "awaiting_shipment"),
        ("send_goods_but_not_fund", "shipped"),
        ("signinfailed", "shipped"),
        ("SIGN_IN_FAILED", "shipped"),
        ("confirm_goods_but_not_fund", "received"),
        ("Confirm_Goods_And_Has_Subsidy", "received"),
        ("global_part_into_warehouse", "shipped"),
        ("global_all_into_warehouse", "shipped"),
        ("global_package_transporting", "shipped"),
        ("GLOBAL_PACKAGE_DELIVERED", "received"),
        ("waitsellerconfirm", "other"),
        ("wait_seller_accept_order", "other"),
        ("wait_pintuan_order", "other"),
        ("somethingnew", "other"),
        (0, "other"),
    ],
)
def test_every_documented_status_has_our_word_and_a_new_one_is_other(word: Any, status: str) -> None:
    told = order(base(status=word))
    assert (told.status, told.upstream_status) == (status, str(word))


@pytest.mark.parametrize(
    ("refund", "status"),
    [
        ("waitselleragree", "refunding"),
        ("WAIT_SELLER_AGREE", "refunding"),
        ("waitbuyermodify", "refunding"),
        ("waitbuyersend", "refunding"),
        ("waitsellerreceive", "refunding"),
        ("refundsuccess", "completed"),
        ("refundclose", "completed"),
        ("", "completed"),
        (None, "completed"),
    ],
)
def test_only_an_open_refund_changes_the_status(refund: str | None, status: str) -> None:
    assert order(base(status="success", refundStatus=refund)).status == status


def test_a_refund_that_is_open_after_sale_or_for_one_line_counts_too() -> None:
    assert order(base(status="success", refundStatusForAs="waitbuyersend")).status == "refunding"
    lines = [{"refundStatus": None}, {"refundStatus": "WAIT_SELLER_AGREE"}]
    assert order({**base(status="waitbuyerreceive"), "productItems": lines}).status == "refunding"
    closed = [{"refundStatus": "REFUND_CLOSE"}]
    assert order({**base(status="waitbuyerreceive"), "productItems": closed}).status == "shipped"


@pytest.mark.parametrize(
    ("number", "shipment"),
    [
        (1, "unshipped"),
        (2, "shipped"),
        ("3", "received"),
        (4, "returned"),
        (5, "partly_shipped"),
        (8, "unshipped"),
        (6, None),
        (None, None),
    ],
)
def test_how_far_a_line_has_come_is_read_from_its_number(number: Any, shipment: str | None) -> None:
    assert order({**base(), "productItems": [{"logisticsStatus": number}]}).lines[0].shipment == shipment


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("https://trade.1688.com/order/offer_snapshot.htm?order_entry_id=5821", True),
        ("http://trade.1688.com/order/offer_snapshot.htm", False),
        ("//trade.1688.com/order/offer_snapshot.htm", False),
        ("https://1688.com.example/offer_snapshot.htm", False),
        ("https://evil1688.com/offer_snapshot.htm", False),
        ("https://me@trade.1688.com/offer_snapshot.htm", False),
        ("https://trade.1688.com:8443/offer_snapshot.htm", False),
        ("https://trade.1688.com/a) [b](https://evil.example", False),
        ("https://trade.1688.com/a\n", False),
        (["https://trade.1688.com/a"], False),
        (None, False),
    ],
)
def test_a_lines_frozen_copy_is_a_page_of_1688_or_none(written: Any, told: bool) -> None:
    [line] = order({**base(), "productItems": [{"productSnapshotUrl": written}]}).lines
    assert line.snapshot_url == (written if told else None)


@pytest.mark.parametrize(
    ("stages", "partly"),
    [((1, 1), False), ((2, 2), False), ((1, 2), True), ((5,), True), ((None, 2), False), ((), False)],
)
def test_an_order_is_partly_shipped_where_its_lines_differ(stages: tuple[int | None, ...], partly: bool) -> None:
    told = order({**base(), "productItems": [{"logisticsStatus": stage} for stage in stages]})
    assert told.partly_shipped is partly


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("WAITACCEPT", "awaiting_pickup"),
        ("CANCEL", "cancelled"),
        ("ACCEPT", "picked_up"),
        ("TRANSPORT", "in_transit"),
        ("NOGET", "pickup_failed"),
        ("SIGN", "delivered"),
        ("UNSIGN", "delivery_failed"),
        ("alreadysend", "shipped"),
        ("CONSIGN", "shipped"),
        ("DELIVERING", "in_transit"),
        ("AGENT_SIGN", "in_transit"),
        ("FAILED", "delivery_failed"),
        ("", "other"),
        ("LOST", "other"),
    ],
)
def test_every_documented_word_for_a_parcel_has_ours(word: str, status: str) -> None:
    assert parcel_status(word) == status


@pytest.mark.parametrize("named", ["128403042259997715,128403042259997716", ["128403042259997715"]])
def test_a_parcel_names_its_lines_by_their_numbers_as_text(named: Any) -> None:
    items = [{"subItemID": 128403042259997710, "subItemIDString": "128403042259997715"}]
    told = order({**base(), "productItems": items, "nativeLogistics": {"logisticsItems": [{"subItemIds": named}]}})
    assert told.lines[0].item_id == told.parcels[0].item_ids[0] == "128403042259997715"


def test_why_an_order_was_closed_is_read() -> None:
    assert page(LISTED).orders[0].close_reason == "BUYER_NO_PAY"
    told = order(base(closeReason="other", closeOperateType="CLOSE_TRADE_BY_SELLER"))
    assert (told.close_reason, told.closer) == ("other", "CLOSE_TRADE_BY_SELLER")


@pytest.mark.parametrize("name", ["result", "list", "records", "rows", "orders"])
def test_a_page_is_found_under_the_names_that_lists_go_by(name: str) -> None:
    told = page({name: LISTED["result"], "total": 3})
    assert ([only.order_id for only in told.orders], told.total) == (["196965465451498520"], 3)


def test_a_bare_list_is_a_page_whose_total_is_not_known() -> None:
    told = page(LISTED["result"])
    assert (len(told.orders), told.total) == (1, None)


def test_an_empty_page_is_no_fault() -> None:
    assert page({"result": [], "totalRecord": 0}) == OrderPage(orders=(), total=0)


@pytest.mark.parametrize("data", [None, {}, {"result": None}, {"result": {}}, "none", {"totalRecord": 3}])
def test_no_list_is_no_empty_page(data: Any) -> None:
    with pytest.raises(Unreadable, match="no list of orders"):
        page(data)


@pytest.mark.parametrize("odd", [None, "", [], {}, "text", 7, {"baseInfo": {"status": "success"}}])
def test_an_order_of_a_page_that_cannot_be_read_hides_no_other(odd: Any) -> None:
    whole = LISTED["result"][0]
    told = page({"result": [odd, whole, odd], "totalRecord": 3})
    assert [each.order_id for each in told.orders] == ["196965465451498520"]
    assert (len(told.unread), told.rows, told.total) == (2, 3, 3)
    assert len({row.mark for row in told.unread}) == 1


def test_an_amount_that_is_no_whole_fen_is_not_known_and_not_nought() -> None:
    told = order(changed(WHOLE, ("baseInfo", "totalAmount"), 6.155))
    assert (told.payable, told.goods, told.unread) == (None, 30, ("payable",))


@pytest.mark.parametrize(
    ("written", "fen", "exact"),
    [
        ("0.035", None, "0.035"),
        ("33.333333", None, "33.333333"),
        ('"0.035"', None, "0.035"),
        ("0.0350", None, "0.0350"),
        ("2.50", 250, None),
        ("0.00000000001", None, None),
        ('"3 yuan"', None, None),
        ("null", None, None),
    ],
)
def test_a_price_below_a_fen_is_kept_as_it_is_written(written: str, fen: int | None, exact: str | None) -> None:
    content = f'{{"baseInfo": {{"idOfStr": "1", "status": "success"}}, "productItems": [{{"price": {written}}}]}}'
    (line,) = trade_order(read_json(content.encode()), "data").lines
    assert (line.unit_price, line.unit_price_exact) == (fen, exact)


@pytest.mark.parametrize(
    ("content", "reference", "note"),
    [
        (base(outOrderId="PO260520-1", buyerFeedback="快 [PO260520-1]"), "PO260520-1", "快 [PO260520-1]"),
        (base(outOrderId=""), None, None),
        ({**base(), "buyerFeedback": "[PO1]"}, None, "[PO1]"),
        (base(outOrderId=9007199254740993), "9007199254740993", None),
    ],
)
def test_the_reference_comes_back_as_number_or_in_the_note(
    content: Any, reference: str | None, note: str | None
) -> None:
    told = order(content)
    assert (told.out_order_id, told.note) == (reference, note)
    assert told.reference == reference or (note or "").endswith(f"[{told.reference}]")


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        (2.0, "件", "2 件"),
        (2, None, "2"),
        ("2.5", "米", "2.5 米"),
        (None, "件", "件"),
        (12345678901234567890, "", "12345678901234567890"),
    ],
)
def test_a_quantity_is_shown_with_its_unit(quantity: Any, unit: str | None, shown: str) -> None:
    told = order({**base(), "productItems": [{"quantity": quantity, "unit": unit}]})
    assert told.lines[0].quantity == shown
