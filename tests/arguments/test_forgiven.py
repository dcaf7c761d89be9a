"""What models mangle and is accepted all the same."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.xportcn.requests import list_body
from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.create import CreateArguments
from orders_tools.arguments.orders import GetArguments, ListArguments
from orders_tools.arguments.preview import PreviewArguments
from orders_tools.money import fen_from_text
from orders_tools.orders.model import OrderQuery
from support.a_purchase import ADDRESS

WRITTEN_ADDRESS = ADDRESS.model_dump()
LINE: dict[str, Any] = {"offer_id": "889512351602", "quantity": 2}
CHINA = timezone(timedelta(hours=8))


def preview(line: dict[str, Any] | None = None, **changed: Any) -> PreviewArguments:
    given: dict[str, Any] = {"lines": [{**LINE, **(line or {})}], "address": WRITTEN_ADDRESS}
    return read_arguments(PreviewArguments, {**given, **changed})


@pytest.mark.parametrize(
    "offer",
    [
        "889512351602",
        889512351602,
        " 889512351602 ",
        "８８９５１２３５１６０２",
        "https://detail.1688.com/offer/889512351602.html",
        "http://detail.1688.com/offer/889512351602.html",
        "detail.1688.com/offer/889512351602.html",
        "https://m.1688.com/offer/889512351602.html",
        "https://detail.1688.com/offer/889512351602.html?spm=a26352.13672862&tracelog=x",
        "https://detail.1688.com/offer/889512351602.html#sku",
        "HTTPS://DETAIL.1688.COM/OFFER/889512351602.HTML",
        "https://detail.1688.com/offer/８８９５１２３５１６０２.html",
        "//detail.1688.com/offer/889512351602.html",
        "m.1688.com/offer/889512351602.html?offerId=1",
        "https://detail.1688.com/offer/889512351602",
        "https://detail.1688.com/offer/889512351602/",
        "https://detail.1688.com/offer/889512351602.htm",
        "https://detail.m.1688.com/page/index.html?offerId=889512351602",
        "https://detail.m.1688.com/page/index.htm?spm=a1.b2&offerId=889512351602&sk=consign#x",
    ],
    ids=repr,
)
def test_an_offer_is_named_by_id_or_by_link(offer: Any) -> None:
    assert preview({"offer_id": offer}).lines[0].offer_id == "889512351602"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.from_regex(r"[1-9][0-9]{0,19}", fullmatch=True))
def test_an_id_as_text_keeps_every_digit(offer_id: str) -> None:
    assert preview({"offer_id": offer_id}).lines[0].offer_id == offer_id


def test_the_greatest_number_that_no_host_rounds_is_taken() -> None:
    assert preview({"offer_id": 2**53 - 1}).lines[0].offer_id == "9007199254740991"
    assert read_arguments(GetArguments, {"order_id": 2**53 - 1}).order_id == "9007199254740991"


@pytest.mark.parametrize("quantity", [2, "2", " 2 ", "02", 2.0, "２", "2.0", "2.00"], ids=repr)
def test_a_quantity_is_taken_as_number_and_as_text(quantity: Any) -> None:
    assert preview({"quantity": quantity}).lines[0].quantity == 2


@pytest.mark.parametrize("indent", [None, 2])
def test_lines_and_address_may_be_json_in_a_string(indent: int | None) -> None:
    told = preview(lines=" " + json.dumps([LINE], indent=indent), address=json.dumps(WRITTEN_ADDRESS))
    assert told == preview()


def test_one_line_may_stand_without_its_list_and_each_line_may_be_json_in_a_string() -> None:
    assert preview(lines=LINE) == preview(lines=json.dumps(LINE)) == preview(lines=[json.dumps(LINE)]) == preview()


@pytest.mark.parametrize("empty", [None, "", " ", "null", "None", " undefined "])
def test_what_is_empty_was_not_given(empty: str | None) -> None:
    names = ("spec_id", "seller_open_id", "product_no", "container", "label")
    told = preview(dict.fromkeys(names, empty), flow=empty, buyer_message=empty, purchase_ref=empty)
    assert told == preview()
    assert told.lines[0].to_line().model_dump(exclude_none=True) == LINE


@pytest.mark.parametrize("empty", [None, "", "null", "None", "undefined"])
def test_an_optional_argument_that_says_null_was_not_given(empty: str | None) -> None:
    optional = ("area", "town", "post_code", "phone", "district_code")
    plain = {name: value for name, value in WRITTEN_ADDRESS.items() if name not in optional}
    assert preview(address={**plain, **dict.fromkeys(optional, empty)}) == preview(address=plain)
    listed = read_arguments(ListArguments, dict.fromkeys(ListArguments.model_fields, empty) | {"page_size": None})
    assert listed == ListArguments()
    assert read_arguments(ListArguments, {"page_size": "null"}).page_size == 20
    assert read_arguments(GetArguments, {"order_id": 1, "purchase_ref": empty}).order_id == "1"


def test_a_number_of_the_callers_own_may_be_written_as_one() -> None:
    line = preview({"product_no": 12, "container": 9007199254740991}).lines[0]
    assert (line.product_no, line.container) == ("12", "9007199254740991")


def test_a_code_written_in_full_width_is_folded() -> None:
    told = preview(
        {"spec_id": "ＡＢ１２"},
        purchase_ref="ＰＯ－１",
        address={**WRITTEN_ADDRESS, "mobile": "１５２５１６６７７８８"},
    )
    assert (told.lines[0].spec_id, told.purchase_ref) == ("AB12", "PO-1")
    assert getattr(told.address, "mobile", None) == "15251667788"


def test_words_keep_their_letters_and_lose_their_line_breaks() -> None:
    told = preview(
        buyer_message="  请尽快发货\n谢谢\t ！ ", address={**WRITTEN_ADDRESS, "street": "网商路６９９号　B座"}
    )
    assert told.buyer_message == "请尽快发货 谢谢 ！"
    assert getattr(told.address, "street", None) == "网商路６９９号 B座"


def test_the_name_of_a_consignee_stands_for_the_whole_address() -> None:
    given = {"lines": [LINE], "address": " warehouse "}
    told = read_arguments(PreviewArguments, given, {"consignees": {"warehouse": ADDRESS}})
    assert told.address == preview().address


@pytest.mark.parametrize("total", ["64", "64.0", "64.00", 64, " 64.00 ", "６４．００", "64.000"], ids=repr)
def test_a_total_is_compared_as_money(total: Any) -> None:
    told = read_arguments(CreateArguments, {"preview_token": " PV-1 ", "expected_total": total})
    assert (told.preview_token, fen_from_text(told.expected_total)) == ("PV-1", 6400)


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("awaiting_payment", "awaiting_payment"),
        ("Awaiting Payment", "awaiting_payment"),
        ("AWAITING-PAYMENT", "awaiting_payment"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_status_is_taken_in_other_spellings(status: str | None, read: str) -> None:
    assert read_arguments(ListArguments, {"status": status}).status == read


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-20", datetime(2026, 5, 20, tzinfo=CHINA)),
        ("２０２６-05-20", datetime(2026, 5, 20, tzinfo=CHINA)),
        ("2026-05-20T15:40:00", datetime(2026, 5, 20, 15, 40, tzinfo=CHINA)),
        ("2026-05-20 15:40", datetime(2026, 5, 20, 15, 40, tzinfo=CHINA)),
        ("2026-05-20T07:40:00Z", datetime(2026, 5, 20, 15, 40, tzinfo=CHINA)),
        ("2026-05-20T15:40:00+08:00", datetime(2026, 5, 20, 15, 40, tzinfo=CHINA)),
        ("", None),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_china_time(text: str | None, moment: datetime | None) -> None:
    assert read_arguments(ListArguments, {"created_from": text}).created_from == moment


def test_the_day_of_created_to_is_included() -> None:
    told = read_arguments(ListArguments, {"created_to": "2026-05-20"})
    assert told.created_to == datetime(2026, 5, 20, 23, 59, 59, 999_000, tzinfo=CHINA)


@pytest.mark.parametrize("text", ["20260520", "2026-W21-3"])
def test_the_day_of_created_to_is_included_in_the_other_iso_forms(text: str) -> None:
    told = read_arguments(ListArguments, {"created_to": text})
    assert told.created_to == datetime(2026, 5, 20, 23, 59, 59, 999_000, tzinfo=CHINA)


def test_the_first_and_the_last_day_that_can_be_asked_for_are_written_to_the_wire() -> None:
    told = read_arguments(ListArguments, {"created_from": "2000-01-01", "created_to": "2100-12-31"})
    assert told.created_from == datetime(2000, 1, 1, tzinfo=CHINA)
    assert told.created_to == datetime(2100, 12, 31, 23, 59, 59, 999_000, tzinfo=CHINA)
    edges = ("2000-01-01T00:00:00+14:00", "2100-12-31T23:59:59-14:00")
    told = read_arguments(ListArguments, dict(zip(("created_from", "created_to"), edges, strict=True)))
    sent = list_body(OrderQuery(created_from=told.created_from, created_to=told.created_to))
    assert (sent["createStartTime"], sent["createEndTime"]) == ("19991231180000000+0800", "21010101215959000+0800")


@pytest.mark.parametrize(("size", "read"), [(None, 20), ("50", 50), (1, 1), ("５", 5), (5.0, 5), ("5.0", 5)])
def test_a_page_size_is_taken_as_number_and_as_text(size: Any, read: int) -> None:
    assert read_arguments(ListArguments, {"page_size": size}).page_size == read


def test_fifty_lines_and_a_note_at_its_limit_are_taken() -> None:
    lines = [{"offer_id": str(610000000000 + number), "quantity": 1} for number in range(50)]
    told = preview(lines=lines, buyer_message="好" * 500)
    assert (len(told.lines), len(told.buyer_message)) == (50, 500)


def test_one_offer_in_two_skus_is_two_lines() -> None:
    assert len(preview(lines=[{**LINE, "spec_id": "a"}, {**LINE, "spec_id": "b"}]).lines) == 2
