"""Amounts that do not prove the total block; a unit mix-up is never orderable (B7, decision 8)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_tools.purchase.model import AnsweredOrder, Basket, Generation, Line, PreviewAnswer
from support.a_purchase import OFFER, answer, answer_2026, basket, blockers, findings, line, order, purchase

SKUS = ("a", "b", "c")
PROVING = ("goods", "carriage", "sum_payment", "amount", "unit_price")
"""The amounts that the total is proved by, in either form; `total_payment` is of 2026 alone."""


@st.composite
def valid(draw: st.DrawFn, step: int = 1) -> tuple[Basket, AnsweredOrder, Generation]:
    amounts = [step * draw(st.integers(1, 10**7)) for _ in range(draw(st.integers(1, 3)))]
    carriage = step * draw(st.integers(1, 10**5))
    generation = draw(st.sampled_from(("2025", "2026")))
    quantity = draw(st.integers(1, 20))
    lines = [
        line(spec_id=sku, amount=amount * quantity, unit_price=amount)
        for sku, amount in zip(SKUS, amounts, strict=False)
    ]
    goods = sum(amounts) * quantity
    fee = draw(st.integers(0, goods // 10))
    told = order(
        *lines,
        goods=goods,
        carriage=carriage,
        sum_payment=goods + carriage,
        total_payment=goods + carriage + fee if generation == "2026" else None,
        trade_types=None if generation == "2026" else ("assureTrade",),
    )
    wanted = basket(*(Line(offer_id=OFFER, quantity=quantity, spec_id=each.spec_id) for each in lines))
    return wanted, told, generation


def in_the_other_unit(told: AnsweredOrder, field: str, direction: str) -> AnsweredOrder:
    def other(amount: int) -> int:
        return amount * 100 if direction == "fen for yuan" else amount // 100

    if field in {"amount", "unit_price"}:
        first, *rest = told.lines
        changed = first.model_copy(update={field: other(getattr(first, field))})
        return told.model_copy(update={"lines": (changed, *rest)})
    return told.model_copy(update={field: other(getattr(told, field))})


DIRECTIONS = ("fen for yuan", "yuan for fen")
MANY = settings(derandomize=True, max_examples=40, deadline=None)


@MANY
@given(valid())
def test_amounts_that_add_up_block_nothing(made: tuple[Basket, AnsweredOrder, Generation]) -> None:
    wanted, told, generation = made
    assert blockers(answer(told, generation=generation), wanted, "assureTrade") == set()


@pytest.mark.parametrize("field", PROVING)
@MANY
@given(made=valid())
def test_an_amount_in_fen_where_yuan_belong_blocks(made: tuple[Basket, AnsweredOrder, Generation], field: str) -> None:
    wanted, told, generation = made
    mixed = in_the_other_unit(told, field, "fen for yuan")
    assert "SUMS_DISAGREE" in blockers(answer(mixed, generation=generation), wanted, "assureTrade")


@pytest.mark.parametrize("field", PROVING)
@MANY
@given(made=valid(step=100))
def test_an_amount_in_yuan_where_fen_belong_blocks(made: tuple[Basket, AnsweredOrder, Generation], field: str) -> None:
    wanted, told, generation = made
    mixed = in_the_other_unit(told, field, "yuan for fen")
    assert "SUMS_DISAGREE" in blockers(answer(mixed, generation=generation), wanted, "assureTrade")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_total_payment_in_the_other_unit_blocks(direction: str) -> None:
    told = answer_2026(total_payment=6500).orders[0]
    mixed = in_the_other_unit(told, "total_payment", direction)
    assert blockers(answer(mixed, generation="2026"), trade_type="assureTrade") == {"SUMS_DISAGREE"}


@pytest.mark.parametrize("total", [0 - 5, 1, 6399])
def test_a_total_payment_below_the_sum_it_should_hold_blocks(total: int) -> None:
    assert blockers(answer_2026(total_payment=total), trade_type="assureTrade") == {"SUMS_DISAGREE"}


@pytest.mark.parametrize(("total", "expected"), [(6400, set[str]()), (12800, set[str]()), (12801, {"SUMS_DISAGREE"})])
def test_a_fee_is_at_most_the_order_itself(total: int, expected: set[str]) -> None:
    assert blockers(answer_2026(total_payment=total), trade_type="assureTrade") == expected


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("base", [answer(), answer_2026()], ids=["2025", "2026"])
def test_a_unit_price_in_the_other_unit_blocks(direction: str, base: PreviewAnswer) -> None:
    mixed = in_the_other_unit(base.orders[0], "unit_price", direction)
    assert blockers(base.model_copy(update={"orders": (mixed,)}), trade_type="assureTrade") == {"SUMS_DISAGREE"}


@pytest.mark.parametrize(
    ("unit_price", "quantity", "amount", "plausible"),
    [
        (1000, 3, 3000, True),
        (1000, 3, 300, True),
        (1000, 3, 299, False),
        (1000, 3, 3300, True),
        (1000, 3, 3301, False),
        (1000, 3, 1000, True),
        (1000, 30, 1000, False),
        (1, 1, 1, True),
        (1, 1, 2, False),
        (5, 1, 6, True),
        (9, 1, 10, True),
        (9, 1, 11, False),
        (0, 1, 1, False),
        (1, 1, 0, False),
        (-1000, 3, 3000, False),
        (None, 3, 1, True),
    ],
)
def test_an_amount_is_of_one_unit_with_unit_price_and_quantity(
    unit_price: int | None, quantity: int, amount: int, plausible: bool
) -> None:
    told = order(line(unit_price=unit_price, amount=amount), goods=amount, sum_payment=amount + 600)
    own = basket(Line(offer_id=OFFER, quantity=quantity, spec_id="530ad00177264564503ec3b848650652"))
    assert blockers(answer(told), own) == (set() if plausible else {"SUMS_DISAGREE"})


@pytest.mark.parametrize(
    ("exact", "amount", "expected"),
    [
        ("290.5", 581, set[str]()),
        ("290.5", 58_100, {"SUMS_DISAGREE"}),
        ("290.5", 58, {"SUMS_DISAGREE"}),
        ("0.25", 1, set[str]()),
        ("0.2", 1, {"SUMS_DISAGREE"}),
    ],
)
def test_a_unit_price_below_a_fen_is_held_against_the_amount_as_exactly_as_it_was_told(
    exact: str, amount: int, expected: set[str]
) -> None:
    cheap = line(unit_price=None, unit_price_exact=exact, amount=amount)
    assert blockers(answer(order(cheap, goods=amount, sum_payment=amount + 600))) == expected


def test_one_line_of_another_unit_blocks_among_others_that_are_right() -> None:
    lines = (Line(offer_id="1", quantity=2), Line(offer_id="2", quantity=2))
    right, wrong = line(offer_id="1", spec_id=None), line(offer_id="2", spec_id=None, unit_price=29, amount=5800)
    told = order(right, wrong, goods=11600, sum_payment=12200)
    assert blockers(answer(told), basket(*lines)) == {"SUMS_DISAGREE"}


def test_a_promotion_may_make_a_line_cheaper_than_its_unit_price() -> None:
    reduced = order(line(unit_price=1390, amount=1321), goods=1321, carriage=350, sum_payment=1671)
    one = basket(Line(offer_id=OFFER, quantity=1, spec_id="530ad00177264564503ec3b848650652"))
    assert blockers(answer(reduced), one) == set()


@pytest.mark.parametrize("field", ["goods", "carriage", "sum_payment"])
def test_a_sum_that_is_not_said_blocks(field: str) -> None:
    told = answer(order(**{field: None}))
    (found,) = [each for each in findings(told) if each.severity == "blocks"]
    assert (found.code, found.details) == ("SUMS_DISAGREE", {"missing": True})


def test_a_line_whose_amount_is_not_said_blocks() -> None:
    assert blockers(answer(order(line(amount=None)))) == {"SUMS_DISAGREE"}


@pytest.mark.parametrize(
    "changed",
    [
        {"goods": 5801},
        {"carriage": 601},
        {"sum_payment": 6401},
        {"goods": 5700, "carriage": 700},
        {"goods": 7000, "carriage": -600},
    ],
    ids=str,
)
def test_sums_that_disagree_by_a_single_fen_block(changed: dict[str, Any]) -> None:
    assert blockers(answer(order(**changed))) == {"SUMS_DISAGREE"}


def test_a_negative_carriage_blocks_even_where_it_adds_up() -> None:
    assert blockers(answer(order(carriage=-600, sum_payment=5200))) == {"SUMS_DISAGREE"}


def test_a_purchase_for_nothing_blocks() -> None:
    free = order(line(amount=0, unit_price=0), goods=0, carriage=0, sum_payment=0)
    assert blockers(answer(free)) == {"ZERO_PRICE"}
    assert "ZERO_PRICE" in blockers(answer_2026(total_payment=0), trade_type="assureTrade")


def test_discount_and_surcharge_are_never_added() -> None:
    told = purchase(answer(order(discount=500, surcharge=70)))
    assert told.orderable
    assert told.payable == 6400


def test_payable_is_the_sum_of_all_orders_and_unknown_with_the_first_unknown_one() -> None:
    lines = (Line(offer_id="1", quantity=2), Line(offer_id="2", quantity=2))
    orders = [order(line(offer_id=each, spec_id=None)) for each in ("1", "2")]
    assert purchase(answer(*orders), wanted=basket(*lines)).payable == 12800
    halves = [orders[0], orders[1].model_copy(update={"sum_payment": None})]
    assert purchase(answer(*halves), wanted=basket(*lines)).payable is None


def test_every_order_of_a_split_is_added_up_by_itself() -> None:
    lines = (Line(offer_id="1", quantity=2), Line(offer_id="2", quantity=2))
    one, two = (order(line(offer_id=each, spec_id=None)) for each in ("1", "2"))
    assert blockers(answer(one, two), basket(*lines)) == set()
    wrong = two.model_copy(update={"goods": 5700, "sum_payment": 6300})
    assert blockers(answer(one, wrong), basket(*lines)) == {"SUMS_DISAGREE"}
