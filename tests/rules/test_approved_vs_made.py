"""The lines of the orders that were made, held against those that were sent."""

from typing import Any

import pytest

from orders_tools.orders.model import UpstreamLine
from orders_tools.purchase.model import FailedLine, Line, Part, PlacedOrder
from orders_tools.purchase.records import Finding
from orders_tools.rules.approved_vs_made import has_exactly_lines, lines_made, merge_order, order_differences
from orders_tools.vocabulary import IssueCode
from support.a_purchase import answer, answer_2026, basket, line, order, part
from support.told import NOW, goods
from support.told import order as look

WANTED = basket(
    Line(offer_id="1", spec_id="a", quantity=2),
    Line(offer_id="1", spec_id="b", quantity=1),
    Line(offer_id="2", quantity=3),
)
SENT = part(answer(), WANTED)
ALL = (goods("1", 2, "a"), goods("1", 1, "b"), goods("2", 3, "c"))


@pytest.mark.parametrize(
    ("orders", "held"),
    [
        ([ALL], True),
        ([ALL[:1], ALL[1:]], True),
        ([ALL[:2], (goods("2", 1, "c"),), (goods("2", 2, "c"),)], True),
        ([ALL[::-1]], True),
        ([ALL[:2]], False),
        ([(*ALL, goods("3", 1))], False),
        ([(*ALL, goods("2", 1, "d"))], False),
        ([(*ALL[:2], goods("2", 4, "c"))], False),
        ([(*ALL[:2], goods("2", None, "c"))], False),
        ([(goods("1", 1, "a"), goods("1", 2, "b"), ALL[2])], False),
        ([(goods("1", 2, "x"), *ALL[1:])], False),
        ([(goods("x", 2, "a"), *ALL[1:])], False),
        ([], False),
    ],
)
def test_orders_hold_the_lines_where_they_hold_each_and_nothing_else(
    orders: list[tuple[UpstreamLine, ...]], held: bool
) -> None:
    looks = [look(str(number), lines=lines) for number, lines in enumerate(orders)]

    assert has_exactly_lines(SENT, looks) is held
    unread = [each.model_copy(update={"unread": ("lines",)}) for each in looks]
    assert not has_exactly_lines(SENT, [*looks[1:], *unread[:1]] if looks else [])
    paid = [each.model_copy(update={"unread": ("payable",)}) for each in looks]
    assert has_exactly_lines(SENT, paid) is held


def test_a_quantity_that_is_not_told_is_no_quantity() -> None:
    one = part(answer(), basket(Line(offer_id="1", quantity=1)))

    assert not has_exactly_lines(one, [look("1", lines=(goods("1", None),))])


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        (ALL, ["1/a", "1/b", "2/None"]),
        (ALL[:2], ["1/a", "1/b"]),
        (ALL[2:], ["2/None"]),
        (ALL[:1], None),
        ((*ALL, goods("3", 1)), None),
        ((goods("3", 1),), None),
        ((), None),
    ],
)
def test_a_part_of_the_lines_was_made_where_the_orders_hold_some_offers_whole(
    lines: tuple[UpstreamLine, ...], made: list[str] | None
) -> None:
    found = lines_made(SENT, [look("1", lines=lines)])

    assert (found and [f"{each.offer_id}/{each.spec_id}" for each in found]) == made


def test_what_the_answer_said_of_an_order_stays_and_a_look_adds_the_rest() -> None:
    said = PlacedOrder(order_id="1", payable=6400)
    seen = look("1", payable=7000, carriage=600, pay_by=NOW, status="completed")

    assert merge_order(said, None) == said
    assert merge_order(said, seen) == PlacedOrder(
        order_id="1", payable=6400, carriage=600, status="completed", pay_by=NOW
    )


DIFFER = Finding(severity="warns", code=IssueCode.LINES_DIFFER)


def differences(sent: Part, *lines: tuple[UpstreamLine, ...], orders: int = 1, failed: str = "", **told: Any) -> Any:
    placed = [PlacedOrder(order_id=str(number)) for number in range(orders)]
    looks = [look(str(number), lines=each, **told) for number, each in enumerate(lines)]
    lost = [FailedLine(offer_id=each, spec_id=None, code=None, message=None) for each in failed]
    return order_differences(sent, placed, looks, lost)


def test_other_lines_than_were_sent_are_told_where_all_of_them_are_known() -> None:
    assert differences(SENT, ALL) == []
    assert differences(SENT, ALL[:2]) == [DIFFER]
    assert differences(SENT, ALL[:2], failed="2") == []
    assert differences(SENT, ALL, failed="2") == [DIFFER]
    assert differences(SENT, ALL[:2], orders=2) == []
    assert differences(SENT, ALL[:2], ALL[2:], orders=2) == []
    assert differences(SENT, ()) == []
    assert differences(SENT, ALL[:2], unread=("lines",)) == []


def test_a_total_is_not_held_against_that_of_an_order_of_which_a_line_failed() -> None:
    two = basket(Line(offer_id="1", quantity=1), Line(offer_id="2", quantity=1))
    both = part(answer(order(line(offer_id="1", spec_id=None), line(offer_id="2", spec_id=None))), two)
    failed = [FailedLine(offer_id="2", spec_id=None, code=None, message=None)]

    assert order_differences(both, [PlacedOrder(order_id="1", payable=3500)], [], failed) == []
    assert len(order_differences(both, [PlacedOrder(order_id="1", payable=3500)], [])) == 1


def test_what_was_approved_is_told_apart_only_where_it_was_not_what_was_previewed_last() -> None:
    with_fee = part(answer_2026()).model_copy(update={"approved": (6561,)})
    [found] = order_differences(with_fee, [PlacedOrder(order_id="1", payable=7000)], [])

    assert found.details == {"approved": "64.00", "expected": "64.00", "charged": "70.00"}
