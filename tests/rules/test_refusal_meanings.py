"""What is read out of the upstream's words of refusal: the line they are about and the quantity that would do."""

from typing import Any

import pytest

from orders_prompts.renderer import Texts
from orders_tools.purchase.model import FailedLine, Line
from orders_tools.purchase.records import Finding
from orders_tools.results.builders import issue, refused_line
from orders_tools.results.redaction import NO_REDACTIONS
from orders_tools.rules.refusal_meanings import LINE_CODES, refusal
from orders_tools.vocabulary import IssueCode
from support.a_purchase import OFFER, OTHER, SKU, answer, answer_2026, basket, blockers, findings, line, order

OTHER_SKU = "0123456789abcdef0123456789abcdef"


def told(message: str, asked: int, *others: Line) -> Finding:
    return refusal([Line(offer_id=OFFER, spec_id=SKU, quantity=asked), *others], None, message)


def remedy(found: Finding) -> str | None:
    return issue(found, Texts("en"), NO_REDACTIONS).remedy


@pytest.mark.parametrize(
    ("message", "asked", "expected"),
    [
        ("500_005:起批量为 3 件", 2, "Order 3 or more."),
        ("500_005:起批量3件,当前购买2件", 2, "Order 3 or more."),
        ("500_005:购买数量 2 低于起批量 ３", 2, "Order 3 or more."),
        ("500_009:minimum 50 pcs", 2, "Order 50 or more."),
        ("FAIL_BIZ_FAIL_BIZ_BOOKED_LESS_THAN_LEAST_QUANTITY:10", 2, "Order 10 or more."),
        ("500_005", 2, "Order at least the offer's minimum."),
        ("500_005:起批量 1", 2, "Order at least the offer's minimum."),
        (f"R500_004:{OFFER}_{SKU}:库存 5", 9, "Order 5 or fewer."),
        (f"500_004:{OFFER}_{SKU}", 9, "Order fewer, or take another SKU."),
        (f"500_004:商品{OFFER}剩余5件，运费12元", 90, "Order 5 or fewer."),
        (f"500_004:{OFFER}_{SKU}库存0", 9, "Take another SKU or another offer."),
        ("500_004:购买9件，库存4件", 9, "Order 4 or fewer."),
        ("500_004:5736673805656 库存不足", 9, "Order fewer, or take another SKU."),
        ("500_004:only 1,000 left.", 2000, "Order 1000 or fewer."),
        ("500_004:2026-05-20 补货", 9, "Order fewer, or take another SKU."),
        ("500_004:3号仓库 2号货架", 9, "Order fewer, or take another SKU."),
        ("500_004:库存 12", 9, "Order fewer, or take another SKU."),
        ("500_004:库存为 50%", 90, "Order fewer, or take another SKU."),
        ("500_004:库存 1.5", 9, "Order fewer, or take another SKU."),
        ("FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY:8", 9, "Order 8 or fewer."),
        ("FAIL_BIZ_FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY:超过最大可订购数量8,已购9", 9, "Order 8 or fewer."),
        ("FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY:每人限购2件，共5件", 9, "Order 2 or fewer."),
        ("FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY", 9, "Order fewer, or take another SKU."),
        ("FAIL_BIZ_QUANTITY_UNMATCH_SELLUNIT_SCALE:5", 7, "Order 5 or 10."),
        ("FAIL_BIZ_QUANTITY_UNMATCH_SELLUNIT_SCALE:7必须是5的倍数", 7, "Order 5 or 10."),
        ("QUANTITY_UNMATCH_SELLUNIT_SCALE:12", 7, "Order 12."),
        ("QUANTITY_UNMATCH_SELLUNIT_SCALE", 7, "Order a multiple of the offer's lot."),
        ("QUANTITY_UNMATCH_SELLUNIT_SCALE:7", 7, "Order a multiple of the offer's lot."),
        ("500_006:满10件或满300元混批", 2, "they are 10 pieces or 300 CNY together."),
        ("500_006:满10件", 2, "they are 10 pieces together."),
        ("500_006:满¥300.50", 2, "they cost 300.50 CNY together."),
        ("500_006", 2, "until its mixed-batch condition is met."),
    ],
)
def test_a_remedy_names_the_quantity_to_use_and_no_other_number(message: str, asked: int, expected: str) -> None:
    assert (remedy(told(message, asked)) or "").endswith(expected)


@pytest.mark.parametrize("offer", ["12345", "987654321"])
def test_a_short_offer_id_is_not_the_stock(offer: str) -> None:
    found = refusal([Line(offer_id=offer, quantity=999_999_999)], None, f"500_004:商品 {offer} 库存不足")
    assert found.details["number"] == ""


def test_words_about_one_line_of_several_name_it() -> None:
    other = Line(offer_id=OTHER, quantity=50)
    found = told(f"500_004:{OTHER}:剩余 20", 9, other)
    assert (found.offer_id, found.details["number"]) == (OTHER, "20")
    found = told("500_004:剩余 20", 9, other)
    assert (found.offer_id, found.details["number"]) == (None, "20")
    assert told("500_004:购买数量 9 超过库存", 9, other).details["number"] == ""


def test_a_line_of_an_offer_with_several_is_named_by_its_sku() -> None:
    twin = Line(offer_id=OFFER, spec_id=OTHER_SKU, quantity=40)
    found = told(f"500_004:{OFFER}_{OTHER_SKU}:剩余 30", 9, twin)
    assert (found.offer_id, found.details["spec_id"], found.details["number"]) == (OFFER, OTHER_SKU, "30")
    assert issue(found, Texts("en"), NO_REDACTIONS).message.startswith(f"SKU {OTHER_SKU}: There is not")
    assert issue(found, Texts("zh"), NO_REDACTIONS).message.startswith(f"SKU {OTHER_SKU}：库存不足")
    found = told(f"500_004:{OFFER}:剩余 30", 9, twin)
    assert (found.offer_id, found.details["spec_id"]) == (OFFER, "")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_documented_refusal_has_a_meaning_and_a_remedy(language: Any) -> None:
    for words, code in LINE_CODES:
        said = issue(told(words, 2), Texts(language), NO_REDACTIONS)
        assert said.code == code
        assert said.message
        assert said.remedy, code


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_nobody_documented_is_passed_on_as_a_quotation(language: Any) -> None:
    said = issue(told("XPORT_77:<b>新规则</b>", 2), Texts(language), NO_REDACTIONS)
    assert said.code == "UPSTREAM_REFUSES"
    assert "「XPORT＿77:‹b›新规则‹/b›」" in said.message


def test_a_line_whose_code_and_words_mean_two_things_is_told_of_both() -> None:
    told_by = answer(order(line(result_code="500_004", message="500_005:起批量 3")))
    assert [(f.code, f.offer_id, f.details["number"]) for f in findings(told_by)] == [
        ("SHORT_STOCK", OFFER, ""),
        ("MINIMUM_QUANTITY", OFFER, "3"),
    ]


def test_a_line_that_create_refused_names_the_quantity_to_use_and_no_other_line_does() -> None:
    lines = [Line(offer_id=OFFER, spec_id=SKU, quantity=9), Line(offer_id=OTHER, quantity=9)]
    words = f"500_004:{OFFER}_{SKU}:库存不足，剩余5件"

    def said(offer_id: str) -> str | None:
        failed = FailedLine(offer_id=offer_id, spec_id=None, code="500", message=words)
        return refused_line(failed, IssueCode.SHORT_STOCK, Texts("en"), NO_REDACTIONS, lines).remedy

    assert said(OFFER) == "Order 5 or fewer."
    assert said(OTHER) == "Order fewer, or take another SKU."


def test_a_refusal_that_is_about_no_line_is_blamed_on_none() -> None:
    for words in (
        "availableQuota less than sumPayment",
        "拆单结果发生了变化",
        "not support tradeType:【x】",
        "签名错误",
    ):
        assert told(words, 2).offer_id is None
    assert told(f"收货地址不支持 {OFFER}", 2).offer_id == OFFER


def test_a_line_for_nothing_beside_others_blocks_by_its_offer() -> None:
    lines = [Line(offer_id="1", quantity=2), Line(offer_id="2", quantity=2)]
    paid, free = line(offer_id="1", spec_id=None), line(offer_id="2", spec_id=None, unit_price=0, amount=0)
    (found,) = findings(answer(order(paid, free)), basket(*lines))
    assert (found.severity, found.code, found.offer_id) == ("blocks", "ZERO_PRICE", "2")


def test_all_reasons_of_all_lines_and_orders_are_told_at_once() -> None:
    lines = [Line(offer_id=str(n), quantity=7) for n in range(1, 6)]
    short = order(
        line(offer_id="1", spec_id=None, message="500_004:剩余 5"),
        line(offer_id="2", spec_id=None, message="500_005:起批量 10"),
        status=False,
        message="不可下单",
    )
    lots = order(line(offer_id="3", spec_id=None, message="QUANTITY_UNMATCH_SELLUNIT_SCALE:5"), status=False)
    whole = order(line(offer_id="4", spec_id=None, amount=20300), goods=20300, sum_payment=20900)
    refused = whole.model_copy(update={"result_code": "500_006", "message": "混批 满20件", "status": False})
    modeless = order(line(offer_id="5", spec_id=None, amount=20300), goods=20300, sum_payment=20900, trade_types=())
    told = answer(short, lots, refused, modeless, no_cross_border_pay=("1",), result_code="availableQuota")
    blocking = [(f.offer_id, f.code) for f in findings(told, basket(*lines)) if f.severity == "blocks"]
    assert blocking == [
        ("1", "NO_CROSS_BORDER_PAY"),
        ("1", "SHORT_STOCK"),
        ("2", "MINIMUM_QUANTITY"),
        ("3", "LOT_MULTIPLE"),
        ("4", "MIXED_BATCH"),
        (None, "UPSTREAM_REFUSES"),
        (None, "NO_ORDER_MODE"),
    ]


@pytest.mark.parametrize("status", [True, None])
def test_a_documented_refusal_without_any_status_blocks_and_beside_status_true_is_a_note(status: bool | None) -> None:
    (found,) = findings(answer(order(line(message="500_004:剩余 1"), status=status)))
    assert found.severity == ("notes" if status else "blocks")


def test_a_refused_order_without_lines_and_sums_is_told_by_its_reason_alone() -> None:
    bare = {"goods": None, "carriage": None, "sum_payment": None}
    empty = order(**bare, message="500_001").model_copy(update={"lines": ()})
    for told_by in (answer(empty), answer_2026().model_copy(update={"orders": (empty,)})):
        blocking = [f.code for f in findings(told_by, trade_type="assureTrade") if f.severity == "blocks"]
        assert blocking == ["NOT_SELLABLE"]


def test_an_order_without_lines_that_is_not_refused_leaves_its_line_missing() -> None:
    empty = order(goods=0, sum_payment=600).model_copy(update={"lines": ()})
    assert [f.code for f in findings(answer(empty))] == ["MISSING_LINE"]


@pytest.mark.parametrize(
    "told_by",
    [answer(order(status=False)), answer(status=False), answer(order(message=""), status=False)],
    ids=["order", "whole", "empty words"],
)
def test_a_no_without_any_words_blocks(told_by: Any) -> None:
    assert [f.code for f in findings(told_by)] == ["UPSTREAM_REFUSES"]


def test_an_order_that_is_refused_without_sums_may_name_only_what_it_refuses() -> None:
    own = basket(*(Line(offer_id=each, quantity=1) for each in ("1", "2")))
    gone = line(offer_id="1", spec_id=None, unit_price=0, amount=0, message="offer no exist")
    unpriced: dict[str, Any] = {"goods": 0, "carriage": 0, "sum_payment": 0}
    for told_by in (
        answer(order(gone, **unpriced, status=False, result_code="500", trade_types=())),
        answer_2026(gone, **unpriced, total_payment=0),
    ):
        blocking = [(f.offer_id, f.code) for f in findings(told_by, own) if f.severity == "blocks"]
        assert blocking == [("1", "NOT_SELLABLE")]


def test_an_order_that_is_refused_without_sums_takes_no_trade_type_from_the_others() -> None:
    own = basket(*(Line(offer_id=each, quantity=2) for each in ("1", "2")))
    gone = line(offer_id="1", spec_id=None, unit_price=0, amount=0, message="offer no exist")
    refused = order(gone, goods=0, carriage=0, sum_payment=0, status=False, trade_types=())
    told_by = answer(refused, order(line(offer_id="2", spec_id=None)))
    assert blockers(told_by, own) == {"NOT_SELLABLE"}


def test_of_several_reasons_in_one_message_each_keeps_its_own_offer_and_number() -> None:
    lines = [Line(offer_id=each, quantity=7) for each in ("610000000001", "610000000002")]
    found = refusal(lines, "500", "offer no exist;500_002:商品610000000002缺少specId")
    assert (found.code, found.offer_id) == ("NOT_SELLABLE", None)
    found = refusal(lines, "500", "500_004:库存不足,610000000001,剩余 5；500_005:起批量 10,610000000002")
    assert (found.code, found.offer_id, found.details["number"]) == ("SHORT_STOCK", "610000000001", "5")
    found = refusal(lines, "500", "500_004:库存不足;610000000001_a;剩余 5")
    assert (found.code, found.offer_id, found.details["number"]) == ("SHORT_STOCK", "610000000001", "5")


def test_words_nobody_documented_without_any_status_are_a_note_in_2025_and_block_in_2026() -> None:
    words = line(message="满200减20")
    assert [(f.severity, f.code) for f in findings(answer(order(words)))] == [("notes", "UPSTREAM_NOTE")]
    assert blockers(answer_2026(words), trade_type="assureTrade") == {"UPSTREAM_REFUSES"}


def test_a_refused_line_that_nobody_asked_for_is_told_by_its_own_offer() -> None:
    stranger = line(offer_id=OTHER, spec_id="x", message="500_001")
    blocking = [(f.code, f.offer_id) for f in findings(answer(order(line(), stranger))) if f.severity == "blocks"]
    assert blocking == [("UNASKED_LINE", OTHER), ("NOT_SELLABLE", OTHER)]


def test_of_two_variants_of_one_offer_the_one_that_is_refused_is_named_with_its_number() -> None:
    lines = [Line(offer_id=OFFER, spec_id=SKU, quantity=9), Line(offer_id=OFFER, spec_id=OTHER_SKU, quantity=40)]
    sound = line(amount=26100)
    short = line(spec_id=OTHER_SKU, amount=116000, message="500_004:剩余 30")
    refused = answer(order(sound, short, goods=142100, sum_payment=142700, status=False))
    [found] = [each for each in findings(refused, basket(*lines)) if each.severity == "blocks"]
    assert (found.code, found.offer_id, found.details["spec_id"]) == ("SHORT_STOCK", OFFER, OTHER_SKU)
    assert found.details["number"] == "30"
    lots = short.model_copy(update={"message": "QUANTITY_UNMATCH_SELLUNIT_SCALE:9"})
    refused = answer(order(sound, lots, goods=142100, sum_payment=142700, status=False))
    [found] = [each for each in findings(refused, basket(*lines)) if each.severity == "blocks"]
    assert found.details["use"] == [36, 45]
