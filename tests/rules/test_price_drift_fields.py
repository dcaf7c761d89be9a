"""Every field of the re-preview made worse by itself: a difference, or listed here with why it is none."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from orders_tools.purchase.likeness import LEDGER_FINDINGS
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, Generation, Line, PreviewAnswer
from orders_tools.purchase.records import Finding, Purchase
from orders_tools.rules.preview_rules import findings_of, part_of
from orders_tools.rules.price_drift import Difference, approved_amounts, differences
from orders_tools.vocabulary import IssueCode
from support.a_purchase import answer, basket, line, order, purchase

SELLERS = basket(
    Line(offer_id="1", quantity=1, spec_id="a", seller_open_id="one"),
    Line(offer_id="1", quantity=1, spec_id="b", seller_open_id="one"),
    Line(offer_id="2", quantity=1, seller_open_id="two"),
)
CHEAP, DEAR = {"unit_price": 1000, "amount": 1000}, {"unit_price": 3000, "amount": 3000}


def told(generation: Generation) -> list[PreviewAnswer]:
    """What the API says of two sellers' parts, one of them split, with all that it can say without refusing."""
    terms: dict[str, Any] = {"discount": 500, "surcharge": 100}
    if generation == "2025":
        terms |= {"flow": "general", "status": True}
    else:
        terms |= {"trade_types": None}

    def fee(fen: int) -> dict[str, int]:
        return {"total_payment": fen + 100} if generation == "2026" else {}

    own = {"promotions": ("省1", "满2送1"), "sku_id": "71"}
    orders = [
        order(line(offer_id="1", spec_id="a", **own, **CHEAP), goods=1000, sum_payment=1600, **fee(1600), **terms),
        order(line(offer_id="1", spec_id="b", **own, **DEAR), goods=3000, sum_payment=3600, **fee(3600), **terms),
        order(line(offer_id="2", spec_id=None, **own, **DEAR), goods=3000, sum_payment=3600, **fee(3600), **terms),
    ]
    whole: dict[str, Any] = {"status": True} if generation == "2025" else {}
    return [
        answer(*orders[:2], generation=generation, **whole),
        answer(orders[2], generation=generation, **whole),
    ]


def of_sellers(answers: Sequence[PreviewAnswer], **changed: Any) -> Purchase:
    """The purchase of both sellers' parts as it would be stored."""
    parts = [
        part_of(part_ref, lines, each, SELLERS, None, "")
        for (part_ref, lines), each in zip(SELLERS.parts(), answers, strict=True)
    ]
    found = tuple(finding for part in parts for finding in findings_of(part))
    return purchase(wanted=SELLERS, **{"parts": tuple(parts), "findings": found, **changed})


WORSE: dict[str, dict[str, list[Any]]] = {
    "PreviewAnswer": {
        "generation": ["2025", "2026"],
        "status": [False, None],
        "result_code": ["500_004"],
        "message": ["运费另计"],
        "orders": [()],
        "carriage_by_description": [("1", "2"), ("9",)],
        "consignment": [("1", "2"), ("9",)],
        "no_cross_border_pay": [("1", "2"), ("9",)],
    },
    "AnsweredOrder": {
        "flow": ["fenxiaonew", None],
        "trade_types": [(), ("period",), None],
        "goods": [None, 3500, 0],
        "carriage": [None, 900],
        "sum_payment": [None, 9900, 36],
        "total_payment": [None, 9900, 37],
        "discount": [499, 0, None],
        "surcharge": [101, 99900],
        "status": [False, None],
        "result_code": ["500_004"],
        "message": ["满减已结束", "500_004 库存不足"],
        "lines": [()],
    },
    "AnsweredLine": {
        "offer_id": ["3"],
        "spec_id": ["c"],
        "sku_id": ["72", None],
        "unit_price": [None, 3300],
        "amount": [None, 3100, 30],
        "promotions": [(), ("省1",)],
        "result_code": ["500_004"],
        "message": ["预售，30 天后发货"],
        "unit_price_exact": ["3300.5"],
    },
}
"""For each field the ways in which it gets worse, or is no longer said."""

HARMLESS = {
    ("PreviewAnswer", "generation", "2025"): "this form says as much and more",
    ("PreviewAnswer", "status", None): "it refuses nothing; a refusal has other words too",
    ("PreviewAnswer", "carriage_by_description", ("9",)): "the offer is not of the basket",
    ("PreviewAnswer", "consignment", ("9",)): "the offer is not of the basket",
    ("PreviewAnswer", "no_cross_border_pay", ("9",)): "the offer is not of the basket",
    ("AnsweredOrder", "flow", None): "the channel asked for is the one that is sent",
    ("AnsweredOrder", "trade_types", None): "in 2026 nothing else was said before",
    ("AnsweredOrder", "status", None): "it refuses nothing; a refusal has other words too",
    ("AnsweredLine", "sku_id", None): "spec_id says which SKU is ordered, and that is compared",
    ("AnsweredLine", "unit_price", None): "the amount of the line is what is paid, and that is compared",
    ("AnsweredLine", "unit_price", 3300): "the amount of the line is what is paid, and that is compared",
    ("AnsweredLine", "unit_price_exact", "3300.5"): "the amount of the line is what is paid, and that is compared",
}
"""Why a field may get worse in this way."""


def worsened(answers: Sequence[PreviewAnswer]) -> Iterator[tuple[tuple[str, str, Any], list[PreviewAnswer]]]:
    """Each field of each answer, order and line made worse alone, with the name of what was done."""

    def with_orders(number: int, orders: Sequence[AnsweredOrder]) -> list[PreviewAnswer]:
        changed = answers[number].model_copy(update={"orders": tuple(orders)})
        return [changed if each is answers[number] else each for each in answers]

    for number, whole in enumerate(answers):
        for field, values in WORSE["PreviewAnswer"].items():
            for value in values:
                changed = whole.model_copy(update={field: value})
                yield ("PreviewAnswer", field, value), [changed if each is whole else each for each in answers]
        for place, own in enumerate(whole.orders):
            others = [*whole.orders[:place]], [*whole.orders[place + 1 :]]
            for field, values in WORSE["AnsweredOrder"].items():
                for value in values:
                    changed_order = own.model_copy(update={field: value})
                    yield (
                        ("AnsweredOrder", field, value),
                        with_orders(number, [*others[0], changed_order, *others[1]]),
                    )
            for field, values in WORSE["AnsweredLine"].items():
                for value in values:
                    changed_line = own.lines[0].model_copy(update={field: value})
                    changed_order = own.model_copy(update={"lines": (changed_line,)})
                    yield (
                        ("AnsweredLine", field, value),
                        with_orders(number, [*others[0], changed_order, *others[1]]),
                    )


@pytest.mark.parametrize("model", [PreviewAnswer, AnsweredOrder, AnsweredLine])
def test_the_walk_sees_every_field(model: Any) -> None:
    assert set(WORSE[model.__name__]) == set(model.model_fields)


def silent(generation: Generation) -> set[tuple[str, str, Any]]:
    """What got worse without being a difference."""
    approved = of_sellers(told(generation))
    assert approved.orderable, approved.findings
    assert differences(approved, of_sellers(told(generation))) == []
    return {
        what
        for what, changed in worsened(told(generation))
        if changed != told(generation) and not differences(approved, of_sellers(changed))
    }


def test_a_field_that_got_worse_by_itself_is_a_difference_or_harmless_for_a_reason() -> None:
    assert silent("2025") | silent("2026") == set(HARMLESS)


NOTE = Finding(severity="notes", code=IssueCode.UPSTREAM_NOTE, offer_id="1", details={"message": "包邮"})
BLOCKER = Finding(severity="blocks", code=IssueCode.NOT_SELLABLE, offer_id="1")
WARNING = Finding(severity="warns", code=IssueCode.CONSIGNMENT, offer_id="1")


def new(before: Sequence[Finding], after: Sequence[Finding]) -> list[tuple[str, str | None, str | None]]:
    """What is new among findings alone."""
    one, other = (of_sellers(told("2025"), findings=tuple(findings)) for findings in (before, after))
    return [(each.what, each.offer_id, each.after) for each in differences(one, other)]


def changed(finding: Finding, **fields: Any) -> Finding:
    return finding.model_copy(update=fields)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [WARNING], [("warning", "1", "CONSIGNMENT")]),
        ([WARNING], [], []),
        ([NOTE], [], []),
        ([NOTE, WARNING], [WARNING, NOTE], []),
        ([WARNING], [WARNING, NOTE], [("note", "1", "UPSTREAM_NOTE")]),
        ([WARNING], [WARNING, changed(WARNING, offer_id="2")], [("warning", "2", "CONSIGNMENT")]),
        ([WARNING], [WARNING, changed(WARNING, severity="blocks")], [("blocker", "1", "CONSIGNMENT")]),
        ([WARNING], [changed(WARNING, severity="blocks")], [("blocker", "1", "CONSIGNMENT")]),
        ([WARNING], [WARNING, BLOCKER], [("blocker", "1", "NOT_SELLABLE")]),
        ([WARNING], [changed(WARNING, code=IssueCode("CARRIAGE"))], [("warning", "1", "CARRIAGE")]),
        ([NOTE], [changed(NOTE, details={"message": "不包邮"})], [("note", "1", "UPSTREAM_NOTE")]),
        ([NOTE], [NOTE, changed(NOTE, details={"message": "不包邮"})], [("note", "1", "UPSTREAM_NOTE")]),
        ([NOTE], [NOTE, NOTE], [("note", "1", "UPSTREAM_NOTE")]),
        ([NOTE, NOTE], [NOTE, NOTE], []),
        ([changed(NOTE, details={"b": 1, "a": (2,)})], [changed(NOTE, details={"a": [2], "b": 1})], []),
        (
            [],
            [changed(WARNING, code=IssueCode.CARRIAGE_BY_DESCRIPTION)],
            [("carriage", "1", "CARRIAGE_BY_DESCRIPTION")],
        ),
    ],
    ids=str,
)
def test_findings_are_compared_by_all_that_they_say_and_as_often_as_they_say_it(
    before: list[Finding], after: list[Finding], expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert new(before, after) == expected


@pytest.mark.parametrize("code", sorted(LEDGER_FINDINGS))
def test_what_is_known_of_other_purchases_is_no_difference_between_two_previews(code: IssueCode) -> None:
    assert new([], [Finding(severity="blocks", code=code, details={"purchase_ref": "PO1"})]) == []


def priced(*amounts: int) -> Purchase:
    """Two sellers' parts, the first split in two orders, at these amounts of goods."""
    first, second, third = (
        order(line(offer_id=offer, spec_id=spec, unit_price=None, amount=fen), goods=fen, carriage=0, sum_payment=fen)
        for (offer, spec), fen in zip([("1", "a"), ("1", "b"), ("2", None)], amounts, strict=True)
    )
    return of_sellers([answer(first, second), answer(third)])


def money(found: Sequence[Difference]) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(each.what, each.offer_id, each.before, each.after) for each in found]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((9_900, 29_900, 30_000), []),
        ((5_000, 15_000, 15_000), []),
        ((4_999, 29_900, 30_000), [("magnitude", None, "100.00", "49.99")]),
        ((10_000, 30_000, 300), [("magnitude", None, "300.00", "3.00")]),
        (
            (100, 300, 300),
            [
                ("magnitude", None, "700.00", "7.00"),
                ("magnitude", None, "100.00", "1.00"),
                ("magnitude", None, "300.00", "3.00"),
            ],
        ),
        ((10_100, 29_000, 30_000), [("line", "1", "100.00", "101.00")]),
        ((10_000, 30_000, 30_100), [("total", None, "700.00", "701.00"), ("line", "2", "300.00", "301.00")]),
        ((10_000, 30_200, 29_900), [("total", None, "700.00", "701.00"), ("line", "1", "300.00", "302.00")]),
    ],
)
def test_an_honest_fall_is_no_difference_and_a_line_that_rose_or_a_total_of_another_magnitude_is(
    after: tuple[int, ...], expected: list[tuple[str, str | None, str | None, str | None]]
) -> None:
    assert money(differences(priced(10_000, 30_000, 30_000), priced(*after))) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"surcharge": None}, {"surcharge": 0}, []),
        ({"surcharge": None}, {"surcharge": 99_900}, [("surcharge", None, None, "999.00")]),
        ({"surcharge": 100}, {"surcharge": 101}, [("surcharge", None, "1.00", "1.01")]),
        ({"surcharge": 101}, {"surcharge": 100}, []),
        ({"surcharge": 100}, {"surcharge": None}, []),
        ({"discount": 100}, {"discount": 99}, [("discount", None, "1.00", "0.99")]),
        ({"discount": 100}, {"discount": None}, [("discount", None, "1.00", None)]),
        ({"discount": None}, {"discount": 100}, []),
        ({"discount": 100}, {"discount": 50, "carriage": 500, "sum_payment": 6300}, []),
    ],
    ids=str,
)
def test_a_surcharge_that_rose_and_a_discount_that_shrank_at_the_same_price_are_told(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, str | None, str | None, str | None]]
) -> None:
    one, other = (purchase(answer(order(**fields))) for fields in (before, after))
    assert money(differences(one, other)) == expected


def test_of_two_orders_the_one_that_lost_is_told_although_the_other_gained() -> None:
    goods = [line(offer_id="1", spec_id=each, amount=2900) for each in ("a", "b")]
    two = basket(*(Line(offer_id="1", quantity=1, spec_id=each) for each in ("a", "b")))

    def surcharged(*fen: int) -> Purchase:
        orders = [
            order(own, goods=2900, sum_payment=3500, surcharge=each) for own, each in zip(goods, fen, strict=True)
        ]
        return purchase(answer(*orders), wanted=two)

    assert money(differences(surcharged(500, 0), surcharged(0, 500))) == [("surcharge", None, "0.00", "5.00")]
    turned = surcharged(0, 500)
    parts = [
        part.model_copy(update={"answer": part.answer.model_copy(update={"orders": part.answer.orders[::-1]})})
        for part in turned.parts
    ]
    assert differences(surcharged(0, 500), turned.model_copy(update={"parts": tuple(parts)})) == []
    assert approved_amounts(surcharged(1, 2).parts[0], parts[0]) == (3500, 3500)


def test_what_was_approved_is_known_for_each_order_by_its_lines() -> None:
    before, after = priced(10_000, 30_000, 30_000).parts[0], priced(9_000, 29_000, 30_000).parts[0]
    turned = after.model_copy(update={"answer": after.answer.model_copy(update={"orders": after.answer.orders[::-1]})})
    other = after.model_copy(update={"answer": answer(order(line(offer_id="9")), after.answer.orders[1])})
    assert approved_amounts(before, after) == (10_000, 30_000)
    assert approved_amounts(before, turned) == (30_000, 10_000)
    assert approved_amounts(before, other) == (None, 30_000)
