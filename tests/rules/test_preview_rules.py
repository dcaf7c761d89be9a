"""Which words of a preview block, warn or are noted (DESIGN section 2, "Severities")."""

from typing import Any

import pytest

from orders_tools.purchase.model import Basket, Line
from orders_tools.purchase.records import Finding
from orders_tools.rules.preview_rules import carriage_is_final, part_of
from orders_tools.rules.refusal_meanings import LINE_CODES, refusal_code
from support.a_purchase import (
    OFFER,
    OTHER,
    SKU,
    answer,
    answer_2026,
    basket,
    blockers,
    findings,
    line,
    order,
    part,
    purchase,
)


def test_a_valid_preview_of_2025_has_nothing_to_tell() -> None:
    assert findings(answer()) == []
    assert purchase().orderable


def test_a_valid_preview_of_2026_says_what_it_cannot_say() -> None:
    told = {found.code: found.severity for found in findings(answer_2026())}
    assert told == {"CREDIT_MAY_BE_CHARGED": "warns", "CARRIAGE_NOT_QUALIFIED": "notes"}


@pytest.mark.parametrize(
    ("field", "severity", "code"),
    [
        ("no_cross_border_pay", "blocks", "NO_CROSS_BORDER_PAY"),
        ("carriage_by_description", "warns", "CARRIAGE_BY_DESCRIPTION"),
        ("consignment", "warns", "CONSIGNMENT"),
    ],
)
def test_an_offer_that_a_list_names_is_told(field: str, severity: str, code: str) -> None:
    (found,) = findings(answer().model_copy(update={field: (OTHER, OFFER)}))
    assert (found.severity, found.code, found.offer_id) == (severity, code, OFFER)
    assert findings(answer().model_copy(update={field: (OTHER,)})) == []


def test_carriage_by_description_is_not_final() -> None:
    assert not carriage_is_final([part(answer(carriage_by_description=(OFFER,)))])
    assert carriage_is_final([part(answer(carriage_by_description=(OTHER,)))])


def test_no_mode_to_order_blocks_and_names_the_offer_where_there_is_only_one() -> None:
    (found,) = findings(answer(order(trade_types=())))
    assert (found.severity, found.code, found.offer_id) == ("blocks", "NO_ORDER_MODE", OFFER)
    two = basket(Line(offer_id="1", quantity=1), Line(offer_id="2", quantity=1))
    lines = [line(offer_id=each, spec_id=None, amount=2900) for each in ("1", "2")]
    (found,) = findings(answer(order(*lines, trade_types=())), two)
    assert (found.code, found.offer_id) == ("NO_ORDER_MODE", None)


def test_a_message_beside_status_true_is_a_note_in_2025() -> None:
    (found,) = findings(answer(order(message="满100减5", status=True)))
    assert (found.severity, found.code, found.details) == ("notes", "UPSTREAM_NOTE", {"message": "满100减5"})
    (found,) = findings(answer(order(line(message="预售"), status=True)))
    assert (found.severity, found.code, found.offer_id) == ("notes", "UPSTREAM_NOTE", OFFER)


@pytest.mark.parametrize("message", ["满100减5", "", "ok", "500_004"])
def test_any_message_blocks_in_2026(message: str) -> None:
    assert blockers(answer_2026(line(message=message)))
    assert blockers(answer_2026(message=message))


@pytest.mark.parametrize(
    "told",
    [
        answer(order(status=False)),
        answer(order(status=False, message="不可下单")),
        answer(order(result_code="500")),
        answer(order(line(result_code="500_004"))),
        answer(order(line(message="500_004"), status=False)),
        answer_2026(result_code="500"),
        answer_2026(line(result_code="500")),
    ],
    ids=["status", "status and words", "code", "line code", "line words", "code 2026", "line code 2026"],
)
def test_a_refusal_of_an_order_or_a_line_blocks(told: Any) -> None:
    assert blockers(told, trade_type="assureTrade")


@pytest.mark.parametrize("code", [None, "", "200"])
def test_a_result_code_of_success_says_nothing(code: str | None) -> None:
    assert findings(answer(order(line(result_code=code), result_code=code))) == []


def test_the_refusal_of_a_line_is_not_told_twice() -> None:
    told = answer(order(line(message="500_005:起批量 3"), status=False, message="不可下单"))
    (found,) = findings(told)
    assert (found.code, found.offer_id) == ("MINIMUM_QUANTITY", OFFER)


@pytest.mark.parametrize(("words", "code"), LINE_CODES)
def test_every_documented_refusal_has_our_code(words: str, code: str) -> None:
    assert refusal_code(f"{words}: 说明") == code
    assert refusal_code(None, words) == code
    if words.startswith("500_"):
        assert refusal_code(f"R{words}:x") == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("FAIL_BIZ_FAIL_BIZ_LESS_THAN_MIX_BEGIN", "MIXED_BATCH"),
        ("FAIL_BIZ_LESS_THAN_MIX_BEGIN", "MIXED_BATCH"),
        ("FAIL_BIZ_UNSUPPORT_MIX", "NO_MIXED_BATCHES"),
        ("FAIL_BIZ_PROXY_RELATED_NOT_FUND", "NO_CONSIGNMENT_RELATION"),
        ("FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY", "MAXIMUM_QUANTITY"),
        ("FAIL_BIZ_FAIL_BIZ_QUANTITY_UNMATCH_SELLUNIT_SCALE", "LOT_MULTIPLE"),
    ],
)
def test_every_code_that_proves_a_refusal_has_a_remedy_too(words: str, code: str) -> None:
    assert refusal_code(words) == code


@pytest.mark.parametrize("words", ["下单失败", "", None, "1500_004"])
def test_a_refusal_nobody_documented_has_the_general_code(words: str | None) -> None:
    assert refusal_code(words) == "UPSTREAM_REFUSES"


@pytest.mark.parametrize(
    ("wanted", "answered", "expected"),
    [
        ([("1", "a")], [("1", "a")], ()),
        ([("1", None)], [("1", "a")], ()),
        ([("1", None)], [("1", None)], ()),
        ([("1", "a"), ("1", "b")], [("1", "b"), ("1", "a")], ()),
        ([("1", "a")], [("1", "b")], ("UNASKED_LINE", "MISSING_LINE")),
        ([("1", "a")], [("1", None)], ("UNASKED_LINE", "MISSING_LINE")),
        ([("1", "a")], [("2", "a")], ("UNASKED_LINE", "MISSING_LINE")),
        ([("1", "a")], [("1", "a"), ("2", "b")], ("UNASKED_LINE",)),
        ([("1", "a"), ("2", "b")], [("1", "a")], ("MISSING_LINE",)),
        ([("1", "a")], [("1", "a"), ("1", "a")], ("LINE_TWICE",)),
        ([("1", None)], [("1", "a"), ("1", "b")], ("LINE_TWICE",)),
    ],
    ids=str,
)
def test_the_lines_of_the_answer_are_the_lines_that_were_asked_for(
    wanted: list[tuple[str, str | None]], answered: list[tuple[str, str | None]], expected: tuple[str, ...]
) -> None:
    own: Basket = basket(*(Line(offer_id=offer, spec_id=sku, quantity=1) for offer, sku in wanted))
    lines = [line(offer_id=offer, spec_id=sku, unit_price=100, amount=100) for offer, sku in answered]
    goods = 100 * len(lines)
    assert blockers(answer(order(*lines, goods=goods, sum_payment=goods + 600)), own) == set(expected)


def test_lines_are_matched_over_all_orders_of_a_split() -> None:
    own = basket(Line(offer_id="1", quantity=2), Line(offer_id="2", quantity=2))
    one, two = (order(line(offer_id=each, spec_id=None)) for each in ("1", "2"))
    assert [(f.severity, f.code, f.details) for f in findings(answer(one, two), own)] == [
        ("notes", "SPLIT", {"count": 2})
    ]
    assert blockers(answer(one, one), own) == {"LINE_TWICE", "MISSING_LINE"}


def test_the_basket_is_previewed_once_for_each_seller_in_the_order_they_were_named() -> None:
    lines = [Line(offer_id=str(n), quantity=1, seller_open_id=seller) for n, seller in enumerate("abac", 1)]
    assert [(ref, [each.offer_id for each in group]) for ref, group in basket(*lines).parts()] == [
        ("PO1-1", ["1", "3"]),
        ("PO1-2", ["2"]),
        ("PO1-3", ["4"]),
    ]
    assert [ref for ref, _ in basket().parts()] == ["PO1"]


def test_what_blocks_makes_a_purchase_not_orderable() -> None:
    assert not purchase(answer(no_cross_border_pay=(OFFER,))).orderable
    assert purchase(answer(consignment=(OFFER,))).orderable
    assert purchase(answer(order(line(spec_id=SKU, message="预售"), status=True))).orderable


def told_of(found: list[Finding]) -> list[tuple[str, str, str | None, object]]:
    return [(each.severity, each.code, each.offer_id, each.details.get("message")) for each in found]


def test_a_line_that_is_answered_twice_is_named() -> None:
    lines = [Line(offer_id=each, quantity=2) for each in ("1", "2")]
    one, two = (line(offer_id=each, spec_id=None) for each in ("1", "2"))
    twice = answer(order(one, two, goods=11600, sum_payment=12200), order(two))
    assert [(each.code, each.offer_id) for each in findings(twice, basket(*lines)) if each.severity == "blocks"] == [
        ("LINE_TWICE", "2")
    ]


@pytest.mark.parametrize("status", [True, None])
def test_what_is_said_of_a_whole_answer_that_did_not_fail_is_a_note(status: bool | None) -> None:
    assert told_of(findings(answer(status=status, message="满200减20"))) == [
        ("notes", "UPSTREAM_NOTE", None, "满200减20")
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"status": False, "message": "500_001:下架"},
        {"result_code": "500", "message": "500_001:下架"},
        {"result_code": "500_001", "message": "不可下单"},
        {"result_code": "500_001"},
    ],
    ids=str,
)
def test_what_is_said_of_a_whole_answer_that_failed_is_told_by_its_meaning(said: dict[str, Any]) -> None:
    [found] = findings(answer(**said))
    assert (found.severity, found.code, found.offer_id) == ("blocks", "NOT_SELLABLE", OFFER)
    assert found.details["message"] == said.get("message", "500_001")


def test_a_note_of_a_line_and_of_an_order_is_told_in_its_words() -> None:
    noted = answer(order(line(message="限时价"), status=True, message="满200减20"))
    assert told_of(findings(noted)) == [
        ("notes", "UPSTREAM_NOTE", OFFER, "限时价"),
        ("notes", "UPSTREAM_NOTE", None, "满200减20"),
    ]


def test_any_words_of_2026_refuse_so_that_neither_sums_nor_the_other_lines_have_to_be_there() -> None:
    own = basket(*(Line(offer_id=each, quantity=2) for each in ("1", "2")))
    unpriced: dict[str, Any] = {"goods": None, "carriage": None, "sum_payment": None, "total_payment": None}
    refused = answer_2026(line(offer_id="1", spec_id=None), **unpriced, message="新规则")
    assert blockers(refused, own, "assureTrade") == {"UPSTREAM_REFUSES"}


def test_sums_that_disagree_are_told_apart_from_sums_that_are_not_there() -> None:
    def missing(**changed: Any) -> list[object]:
        return [each.details.get("missing") for each in findings(answer(order(**changed)))]

    assert (missing(goods=5700), missing(goods=None)) == ([False], [True])


def test_words_of_2026_about_a_line_refuse_its_order_so_that_no_sums_have_to_be_there() -> None:
    unpriced: dict[str, Any] = {"goods": None, "carriage": None, "sum_payment": None, "total_payment": None}
    assert blockers(answer_2026(line(message="新规则"), **unpriced), trade_type="assureTrade") == {"UPSTREAM_REFUSES"}


def test_an_order_of_2026_that_is_refused_unpriced_takes_no_trade_type_from_the_others() -> None:
    own = basket(*(Line(offer_id=each, quantity=2) for each in ("1", "2")))
    unpriced: dict[str, Any] = {"goods": 0, "carriage": 0, "sum_payment": 0, "total_payment": 0}
    refused = answer_2026(line(offer_id="1", spec_id=None, unit_price=0, amount=0, message="新规则"), **unpriced)
    sound = answer_2026(line(offer_id="2", spec_id=None), trade_types=("fxassure",))
    orders = (refused.orders[0].model_copy(update={"trade_types": ()}), *sound.orders)
    both = sound.model_copy(update={"orders": orders})

    assert part(both, own).trade_type == "fxassure"
    assert blockers(both, own) == {"UPSTREAM_REFUSES"}


def test_a_part_is_sent_with_the_seller_the_note_and_the_account_that_were_meant() -> None:
    lines = (Line(offer_id=OFFER, quantity=2, seller_open_id="seller"),)
    wanted = basket(*lines, ali_id="buyer", flow="general")
    made = part_of("PO1-2", lines, answer(order(flow=None)), wanted, None, "a note")

    assert (made.part_ref, made.seller_open_id, made.note, made.ali_id) == ("PO1-2", "seller", "a note", "buyer")
    assert (made.lines, made.flow, made.trade_type) == (lines, "general", "assureTrade")


@pytest.mark.parametrize(
    ("answered", "payable", "missing"),
    [(("1",), 6400, ["2"]), (("1",), 0, []), ((), 6400, []), ((), 0, [])],
    ids=["lines and price", "lines alone", "price alone", "neither"],
)
def test_a_line_is_missing_where_a_refused_order_tells_lines_and_a_price(
    answered: tuple[str, ...], payable: int, missing: list[str]
) -> None:
    own = basket(Line(offer_id="1", quantity=2), Line(offer_id="2", quantity=1))
    lines = tuple(line(offer_id=each, spec_id=None) for each in answered)
    refused = order(status=False, sum_payment=payable).model_copy(update={"lines": lines})
    told = findings(answer(refused), own)

    assert [found.offer_id for found in told if found.code == "MISSING_LINE"] == missing
