"""Which number in a refusal is the one to use: beside which word it stands, whose line it is about, what it can be."""

from typing import Any

import pytest

from orders_prompts.renderer import Texts
from orders_tools.purchase.model import FailedLine, Line
from orders_tools.results.builders import refused_line
from orders_tools.results.redaction import NO_REDACTIONS
from orders_tools.rules.refusal_meanings import refusal, refusal_code
from orders_tools.vocabulary import IssueCode
from support.a_purchase import OFFER, OTHER, SKU

LOT = "QUANTITY_UNMATCH_SELLUNIT_SCALE"
ONE = [Line(offer_id=OFFER, spec_id=SKU, quantity=99)]
TWO = [Line(offer_id=OFFER, spec_id=SKU, quantity=9), Line(offer_id=OTHER, quantity=50)]


def details(lines: list[Line], message: str | None, code: str | None = None, **named: Any) -> dict[str, Any]:
    return dict(refusal(lines, code, message, **named).details)


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("500_004:购买12件，库存4件", "4"),
        ("500_004:已购12件,仅5件可售", "5"),
        ("500_004:库存 4 件 3 箱", "4"),
        (f"500_004:购买12件,库存 {OFFER} 还有 5", "5"),
        ("BOOKED_BEYOND_THE_MAX_QUANTITY8", "8"),
        ("500_004:12 5", ""),
    ],
)
def test_of_several_numbers_the_one_beside_the_word_counts(message: str, number: str) -> None:
    assert details(ONE, message)["number"] == number


def test_a_word_that_the_message_begins_with_counts_too() -> None:
    assert details(ONE, "剩5件,另12件在途", "500_004")["number"] == "5"


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("500_005:起批量 3", "3"),
        ("500_005:起批量 1", "1"),
        ("500_005:起批量 0", ""),
        ("500_004:库存 0", "0"),
        ("500_004:库存 9", ""),
        (f"{LOT}:5", "5"),
        (f"{LOT}:2", "2"),
        (f"{LOT}:1", ""),
    ],
)
def test_where_no_line_is_named_a_number_counts_that_can_be_the_reason_for_any(message: str, number: str) -> None:
    assert details(TWO, message)["number"] == number


def test_the_quantity_of_another_line_may_be_what_is_left_of_this_one() -> None:
    lines = [Line(offer_id=OFFER, quantity=9), Line(offer_id=OTHER, quantity=5)]
    assert details(lines, f"500_004:{OFFER}:剩余 5")["number"] == "5"


@pytest.mark.parametrize(
    ("lot", "asked", "number", "use"),
    [(5, 7, "5", [5, 10]), (2, 7, "2", [6, 8]), (12, 7, "12", [12]), (7, 14, "", []), (1, 7, "", [])],
)
def test_a_lot_is_told_with_its_nearest_multiples_where_it_is_the_reason(
    lot: int, asked: int, number: str, use: list[int]
) -> None:
    told = details([Line(offer_id=OFFER, quantity=asked)], f"{LOT}:{lot}")
    assert (told["number"], told["use"]) == (number, use)


def test_the_multiples_are_of_the_line_that_is_named_with_or_without_a_variant() -> None:
    assert details([TWO[0], Line(offer_id=OTHER, quantity=12)], f"{LOT}:5,{OTHER}")["use"] == [10, 15]


def test_only_a_lot_has_multiples() -> None:
    assert details(ONE, "500_004:库存 5")["use"] == []


def test_the_words_and_the_code_are_kept_as_they_came() -> None:
    told = details(ONE, "500_006:满10件或满300元混批", "500")
    assert [told[name] for name in ("message", "code", "pieces", "yuan")] == [
        "500_006:满10件或满300元混批",
        "500",
        "10",
        "300",
    ]
    assert [details(ONE, None, "500_004")[name] for name in ("message", "code")] == ["500_004", "500_004"]
    assert [details(ONE, "500_004")[name] for name in ("message", "code")] == ["500_004", ""]
    assert [details(ONE, None)[name] for name in ("message", "code")] == ["", ""]


def test_a_variant_is_named_only_where_the_offer_has_several_lines() -> None:
    bare = Line(offer_id=OFFER, quantity=2)
    assert details(ONE, "500_004")["spec_id"] == ""
    assert details(TWO, "500_004", line=TWO[0])["spec_id"] == ""
    assert details([*ONE, bare], "500_004", line=ONE[0])["spec_id"] == SKU
    assert details([*ONE, bare], "500_004", line=bare)["spec_id"] == ""


@pytest.mark.parametrize("words", ["签名错误", "Invalid signature", "缺少请求头 User-Id"])
def test_words_about_who_calls_are_no_words_about_a_line(words: str) -> None:
    assert refusal_code(words) == refusal_code("", words) == "NOT_ADMITTED"
    assert refusal_code("满减", None) == "UPSTREAM_REFUSES"


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("500", "500_004:库存 5", "500_004"),
        ("500", "库存不足", "500"),
        ("500_001", None, "500_001"),
        (None, "R500_002:缺少specId", "R500_002"),
        (None, None, None),
    ],
)
def test_the_code_of_a_line_that_create_refused_is_the_one_its_words_start_with(
    code: str | None, message: str | None, told: str | None
) -> None:
    failed = FailedLine(offer_id=OFFER, spec_id=None, code=code, message=message)
    assert refused_line(failed, IssueCode.SHORT_STOCK, Texts("en"), NO_REDACTIONS, ONE).code == told
