"""What may have changed between the yes and the order: honestly cheaper is fine, anything else is not."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_tools.purchase.model import Line, PreviewAnswer
from orders_tools.purchase.records import Finding, Purchase
from orders_tools.rules.price_drift import Difference, differences
from orders_tools.vocabulary import IssueCode
from support.a_purchase import OFFER, answer, answer_2026, basket, line, order, purchase

TWO = basket(Line(offer_id="1", quantity=1), Line(offer_id="2", quantity=1))
ONE_ORDER = answer(order(line(offer_id="1", spec_id=None, amount=2900), line(offer_id="2", spec_id=None, amount=2900)))
HALVES = [
    order(line(offer_id=each, spec_id=None, amount=2900), goods=2900, carriage=300, sum_payment=3200)
    for each in ("1", "2")
]


def changes(before: PreviewAnswer | Purchase, after: PreviewAnswer | Purchase) -> list[Difference]:
    sides = [side if isinstance(side, Purchase) else purchase(side) for side in (before, after)]
    return differences(*sides)


def whats(before: Any, after: Any) -> list[str]:
    return [change.what for change in changes(before, after)]


@pytest.mark.parametrize("told", [answer(), answer_2026()], ids=["2025", "2026"])
def test_the_same_preview_is_no_difference(told: PreviewAnswer) -> None:
    assert changes(told, told) == []


def test_dearer_is_told_with_both_totals_and_the_lines_that_changed() -> None:
    dearer = answer(order(line(unit_price=3000, amount=6000), goods=6000, sum_payment=6600))
    assert changes(answer(), dearer) == [
        Difference(what="total", before="64.00", after="66.00"),
        Difference(what="line", offer_id=OFFER, before="58.00", after="60.00"),
    ]


def test_dearer_by_one_fen_of_carriage_is_told() -> None:
    assert changes(answer(), answer(order(carriage=601, sum_payment=6401))) == [
        Difference(what="total", before="64.00", after="64.01")
    ]


def test_a_higher_fee_alone_is_dearer() -> None:
    assert whats(answer_2026(), answer_2026(total_payment=6562)) == ["total"]


def test_cheaper_is_no_difference() -> None:
    assert changes(answer(), answer(order(line(amount=5700), goods=5700, sum_payment=6300))) == []
    assert changes(answer_2026(), answer_2026(total_payment=6560)) == []


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_only_a_greater_total_or_one_under_half_is_told(before: int, after: int) -> None:
    sides = [
        answer(order(line(unit_price=None, amount=fen), goods=fen, sum_payment=fen + 600)) for fen in (before, after)
    ]
    told = whats(*sides)
    assert ("total" in told) == (after > before)
    assert ("magnitude" in told) == (2 * (after + 600) < before + 600)


def test_a_total_that_is_no_longer_said_is_told() -> None:
    (total, *_) = changes(answer(), answer(order(sum_payment=None)))
    assert (total.what, total.before, total.after) == ("total", "64.00", None)


def test_another_split_is_told() -> None:
    one, halves = purchase(ONE_ORDER, wanted=TWO), purchase(answer(*HALVES), wanted=TWO)
    assert differences(one, halves) == [Difference(what="split", before="1", after="2")]
    assert differences(halves, one) == [Difference(what="split", before="2", after="1")]


def test_the_order_of_orders_and_lines_is_no_split() -> None:
    turned = purchase(answer(*reversed(HALVES)), wanted=TWO)
    assert differences(purchase(answer(*HALVES), wanted=TWO), turned) == []


def test_other_lines_are_told() -> None:
    told = whats(answer(), answer(order(line(spec_id="another"))))
    assert "split" in told
    assert "blocker" in told


def test_a_line_that_is_gone_is_told() -> None:
    fewer = answer(order(line(offer_id="1", spec_id=None, unit_price=5800, amount=5800)))
    told = differences(purchase(ONE_ORDER, wanted=TWO), purchase(fewer, wanted=TWO))
    assert [(change.what, change.offer_id, change.after) for change in told] == [
        ("line", "1", "58.00"),
        ("split", None, "1"),
        ("blocker", "2", "MISSING_LINE"),
    ]


@pytest.mark.parametrize(
    ("after", "code", "offer"),
    [
        (answer(no_cross_border_pay=(OFFER,)), "NO_CROSS_BORDER_PAY", OFFER),
        (answer(order(line(message="500_004"), status=False)), "SHORT_STOCK", OFFER),
        (answer(order(line(amount=5700))), "SUMS_DISAGREE", None),
    ],
)
def test_a_new_blocker_is_told_although_nothing_is_dearer(after: PreviewAnswer, code: str, offer: str | None) -> None:
    told = [(change.what, change.offer_id, change.after) for change in changes(answer(), after)]
    assert told == [("blocker", offer, code)]


def test_a_new_warning_or_note_is_told_and_one_that_is_gone_is_not() -> None:
    for told, what, after in [
        (answer(consignment=(OFFER,)), "warning", "CONSIGNMENT"),
        (answer(carriage_by_description=(OFFER,)), "carriage", "CARRIAGE_BY_DESCRIPTION"),
        (answer(order(message="满减", status=True)), "note", "UPSTREAM_NOTE"),
    ]:
        assert [(change.what, change.after) for change in changes(answer(), told)] == [(what, after)]
        assert changes(told, answer()) == []


def test_a_blocker_that_was_there_is_not_new_but_the_same_of_another_offer_is() -> None:
    block = Finding(severity="blocks", code=IssueCode.NOT_SELLABLE, offer_id="1")
    before = purchase().model_copy(update={"findings": (block,)})
    other = purchase().model_copy(update={"findings": (block, block.model_copy(update={"offer_id": "2"}))})
    assert differences(before, before) == []
    assert [change.offer_id for change in differences(before, other)] == ["2"]


@pytest.mark.parametrize("known", ["CONSIGNMENT", "CARRIAGE_BY_DESCRIPTION"])
def test_a_new_blocker_of_an_offer_that_was_warned_of_already_is_told(known: str) -> None:
    warned: dict[str, Any] = {known.lower(): (OFFER,)}
    told = changes(answer(**warned), answer(**warned, no_cross_border_pay=(OFFER,)))
    assert [(each.what, each.offer_id, each.after) for each in told] == [("blocker", OFFER, "NO_CROSS_BORDER_PAY")]


def test_of_two_lines_the_one_that_got_dearer_is_named() -> None:
    lines = [line(offer_id=each, spec_id=None, unit_price=None, amount=2900) for each in ("1", "2")]
    dearer = [lines[0], lines[1].model_copy(update={"amount": 3000})]
    before = answer(order(*lines, sum_payment=6400))
    after = answer(order(*dearer, goods=5900, sum_payment=6500))
    assert differences(purchase(before, wanted=TWO), purchase(after, wanted=TWO)) == [
        Difference(what="total", before="64.00", after="65.00"),
        Difference(what="line", offer_id="2", before="29.00", after="30.00"),
    ]


def test_of_two_variants_of_one_offer_the_amounts_are_not_mixed_up() -> None:
    wanted = basket(Line(offer_id=OFFER, quantity=1, spec_id="a"), Line(offer_id=OFFER, quantity=1, spec_id="b"))
    both = [line(spec_id=each, unit_price=None, amount=amount) for each, amount in (("a", 2900), ("b", 3000))]
    dearer = [both[0], both[1].model_copy(update={"amount": 3100})]
    before = answer(order(*both, goods=5900, sum_payment=6500))
    after = answer(order(*dearer, goods=6000, sum_payment=6600))
    assert differences(purchase(before, wanted=wanted), purchase(after, wanted=wanted)) == [
        Difference(what="total", before="65.00", after="66.00"),
        Difference(what="line", offer_id=OFFER, before="30.00", after="31.00"),
    ]


def test_a_line_asked_for_without_its_variant_is_the_same_line_whatever_variant_is_shown() -> None:
    wanted = basket(Line(offer_id=OFFER, quantity=2))
    after = answer(order(line(spec_id="another", unit_price=3000, amount=6000), goods=6000, sum_payment=6600))
    told = differences(purchase(answer(), wanted=wanted), purchase(after, wanted=wanted))
    assert told[1] == Difference(what="line", offer_id=OFFER, before="58.00", after="60.00")


def test_a_line_nobody_asked_for_is_told_with_its_amount() -> None:
    extra = line(offer_id="9", spec_id="x", unit_price=None, amount=100)
    told = changes(answer(), answer(order(line(), extra, goods=5900, sum_payment=6500)))
    assert [(each.what, each.offer_id, each.before, each.after) for each in told] == [
        ("total", None, "64.00", "65.00"),
        ("line", "9", None, "1.00"),
        ("split", None, "1", "1"),
        ("blocker", "9", None, "UNASKED_LINE"),
    ]


def test_another_trade_type_or_flow_is_told() -> None:
    assert changes(answer(), answer(order(trade_types=("fxassure",)))) == [
        Difference(what="trade_type", before="assureTrade", after="fxassure")
    ]
    assert changes(answer(), answer(order(flow="general"))) == [Difference(what="flow", before=None, after="general")]


def test_a_trade_type_that_is_no_longer_allowed_is_told() -> None:
    told = changes(answer(), answer(order(trade_types=())))
    assert [(change.what, change.after) for change in told] == [("trade_type", None), ("blocker", "NO_ORDER_MODE")]


def test_every_part_is_compared_with_its_own() -> None:
    sellers = basket(
        Line(offer_id="1", quantity=1, seller_open_id="a"), Line(offer_id="2", quantity=1, seller_open_id="b")
    )
    parts = [answer(each) for each in HALVES]
    changed = [parts[0], answer(HALVES[1].model_copy(update={"flow": "general"}))]
    told = differences(purchase(*parts, wanted=sellers), purchase(*changed, wanted=sellers))
    assert [(change.what, change.after) for change in told] == [("flow", "general")]


def flowing(of_order: str | None, of_part: str | None) -> Purchase:
    """A purchase whose order and part go through these channels."""
    whole = purchase(answer(order(flow=of_order)))
    return whole.model_copy(update={"parts": (whole.parts[0].model_copy(update={"flow": of_part}),)})


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("general", "general"), ("general", "general"), []),
        ((None, "general"), (None, "general"), []),
        ((None, "general"), ("general", "general"), []),
        (("general", "paired"), ("proxy", "paired"), [("general", "proxy")]),
        (("general", "paired"), (None, "paired"), [("general", "paired")]),
        ((None, "paired"), ("proxy", "paired"), [("paired", "proxy")]),
        ((None, "paired"), (None, "proxy"), [("paired", "proxy")]),
    ],
)
def test_another_channel_is_told_with_both(
    before: tuple[str | None, str], after: tuple[str | None, str], told: list[tuple[str, str]]
) -> None:
    found = changes(flowing(*before), flowing(*after))

    assert [(each.what, each.before, each.after) for each in found] == [("flow", *each) for each in told]


def test_a_surcharge_or_a_lost_discount_of_one_fen_is_told() -> None:
    assert whats(answer(), answer(order(surcharge=1))) == ["surcharge"]
    assert whats(answer(order(surcharge=1)), answer(order(surcharge=1))) == []
    assert whats(answer(order(discount=1)), answer()) == ["discount"]
    assert whats(answer(order(discount=1)), answer(order(discount=1))) == []
