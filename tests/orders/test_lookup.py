"""The order list asked for one purchase: what is asked, what counts as its order, and what leaves a doubt."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from orders_tools.orders.lookup import (
    UNREADABLE_ORDER,
    has_reference,
    ids_by_reference,
    orders_by_reference,
    orders_of_send_window,
    search_by_reference,
)
from orders_tools.orders.model import OrderPage, OrderQuery, UnreadRow
from orders_tools.ports import UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.records import Placement
from orders_tools.purchase.states import PlacementState
from support.a_purchase import answer, part
from support.told import NOW, Told, asking, order, page

pytestmark = pytest.mark.anyio
OURS, OTHER = order("1", out_order_id="PO1"), order("2", out_order_id="PO2")
NO_ID, NO_REFERENCE = UnreadRow(mark="a", out_order_id="PO1"), UnreadRow(mark="b")
ODD = UnreadRow(mark="c", out_order_id="PO2")
REFUSED, AWAY = UpstreamRefused("500", "no"), UpstreamUnavailable("no")
BY_NUMBER = OrderQuery(out_order_id="PO1", page_size=50)
OLD = BY_NUMBER.model_copy(update={"history": True})


@pytest.mark.parametrize(
    ("number", "note", "ours"),
    [
        ("PO1", None, True),
        ("PO2", "[PO1]", False),
        ("po1", None, False),
        (None, "please hurry [PO1]  ", True),
        (None, "[PO1] please", False),
        (None, "PO1", False),
        ("", "[PO1]", True),
        (None, None, False),
    ],
)
def test_an_order_carries_the_reference_as_its_number_or_at_the_end_of_its_note(
    number: str | None, note: str | None, ours: bool
) -> None:
    assert has_reference(order("1", out_order_id=number, note=note), "PO1") is ours


def test_a_note_that_is_missing_ends_in_nothing() -> None:
    assert not has_reference(order("1"), "X")


@pytest.mark.parametrize(
    ("pages", "since", "found", "unread", "asked"),
    [
        ([page(OURS, OTHER)], None, ["1"], 0, [BY_NUMBER]),
        ([page(OTHER), page(OURS)], None, ["1"], 0, [BY_NUMBER, OLD]),
        ([page(OTHER), REFUSED], None, [], 0, [BY_NUMBER, OLD]),
        ([page(unread=[NO_ID]), AWAY], None, [], 1, [BY_NUMBER, OLD]),
        ([page(unread=[NO_ID]), page(unread=[NO_ID, NO_REFERENCE])], None, [], 3, [BY_NUMBER, OLD]),
        ([page(unread=[NO_ID, NO_REFERENCE])], timedelta(days=79), [], 2, [BY_NUMBER]),
        ([page(OTHER, unread=[NO_REFERENCE])], timedelta(days=79), [], 0, [BY_NUMBER]),
        ([page(OURS, unread=[NO_REFERENCE, ODD])], timedelta(days=79), ["1"], 1, [BY_NUMBER]),
        ([page()], timedelta(days=80), [], 0, [BY_NUMBER, OLD]),
    ],
)
async def test_a_purchase_is_asked_for_by_its_number_and_among_old_orders_where_it_may_be_one(
    pages: list[Any], since: timedelta | None, found: list[str], unread: int, asked: list[OrderQuery]
) -> None:
    told = Told(pages)
    dispatched: datetime | None = NOW - since if since else None
    orders, more = await search_by_reference(asking(told), "PO1", dispatched)

    assert ([each.order_id for each in orders], more) == (found, unread)
    assert told.asked == asked


async def test_old_orders_are_not_asked_for_where_the_operator_says_there_are_none() -> None:
    told = Told([page(OTHER)])

    assert await search_by_reference(asking(told, order_history=False), "PO1", None) == ([], 0)
    assert told.asked == [BY_NUMBER]


async def test_what_may_be_the_order_and_cannot_be_read_is_no_answer() -> None:
    dispatched = NOW - timedelta(days=1)
    with pytest.raises(UpstreamUnavailable) as unavailable:
        await orders_by_reference(asking(Told([page(unread=[NO_ID])])), "PO1", dispatched)
    told = Told([page(OURS, unread=[NO_ID])])
    found = await orders_by_reference(asking(told), "PO1", dispatched)
    nothing = Told([page()])

    assert (unavailable.value.why, unavailable.value.answered) == (UNREADABLE_ORDER, True)
    assert [each.order_id for each in found] == ["1"]
    assert await orders_by_reference(asking(nothing), "PO1", dispatched) == []
    assert (told.asked, nothing.asked) == ([BY_NUMBER], [BY_NUMBER])


@pytest.mark.parametrize(
    ("number", "note", "made"),
    [
        ("PO1", None, True),
        ("po_1", None, True),
        ("PO1-1", None, True),
        ("PO1-2", None, True),
        ("PO1-3", None, False),
        ("PO13", None, False),
        (None, "quick [a] [po1-2] ", True),
        (None, "quick [PO1]!", False),
        (None, "PO1", False),
        (None, " [PO1", False),
        (None, "PO1]", True),
        (None, "[PO1] [other]", False),
        (None, None, False),
    ],
)
async def test_what_was_made_for_a_purchase_is_known_however_its_reference_is_written(
    number: str | None, note: str | None, made: bool
) -> None:
    told = Told([page(order("7", out_order_id=number, note=note))])
    found = await ids_by_reference(asking(told), "PO1", ["PO1-1", "PO1-2"])

    assert found == (["7"] if made else [])
    assert [query.out_order_id for query in told.asked] == ["PO1-1", "PO1-2"]
    assert {query.page_size for query in told.asked} == {50}


async def test_an_order_that_is_found_under_two_references_is_named_once() -> None:
    both = page(OURS)

    assert await ids_by_reference(asking(Told([both, both])), "PO1", ["PO1-1", "PO1-2"]) == ["1"]


def full(start: int, **named: Any) -> OrderPage:
    """A page of fifty orders of others."""
    return page(*(order(str(number), out_order_id=f"X{number}") for number in range(start, start + 50)), **named)


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([page(unread=[NO_ID])], UNREADABLE_ORDER),
        ([page(unread=[NO_REFERENCE])], UNREADABLE_ORDER),
        ([page(OTHER, unread=[NO_REFERENCE])], None),
        ([page(OTHER, unread=[NO_ID])], UNREADABLE_ORDER),
        ([full(100), page(unread=[NO_REFERENCE])], None),
        ([page(OURS, unread=[NO_ID])], None),
        ([page(OTHER, partial=True)], "too large"),
        ([page(order("2", created_at=NOW), partial=True), page(OTHER)], None),
        ([AWAY], "no"),
    ],
)
async def test_what_cannot_be_read_before_the_send_is_no_answer_where_it_may_be_of_the_purchase(
    pages: list[Any], why: str | None
) -> None:
    if why is None:
        assert await ids_by_reference(asking(Told(pages)), "PO1", ["PO1"]) in (["1"], [])
        return
    with pytest.raises(UpstreamUnavailable) as unavailable:
        await ids_by_reference(asking(Told(pages)), "PO1", ["PO1"])
    assert why in unavailable.value.why
    assert unavailable.value.too_large is (why == "too large")
    assert unavailable.value.answered is (why != "no")


PLACEMENT = Placement(
    part_ref="PO1",
    token="PV-1",
    state=PlacementState.UNKNOWN,
    part=part(answer()),
    deadline=NOW + timedelta(seconds=60),
    dispatched_at=NOW,
    verdict=None,
)
WINDOW = OrderQuery(
    page_size=50, created_from=NOW - timedelta(minutes=10), created_to=NOW + timedelta(minutes=10, seconds=60)
)


def at(order_id: str, seconds: float) -> Any:
    return order(order_id, created_at=NOW + timedelta(seconds=seconds))


def until(seconds: float) -> OrderQuery:
    return WINDOW.model_copy(update={"created_to": NOW + timedelta(seconds=seconds)})


@pytest.mark.parametrize(
    ("pages", "ids", "asked"),
    [
        ([page(OURS, OTHER)], 2, [WINDOW]),
        ([full(100), full(200), page(OURS)], 101, [(WINDOW, 1), (WINDOW, 2), (WINDOW, 3)]),
        ([full(100), full(100), page(OURS)], 100, [(WINDOW, 1), (WINDOW, 2)]),
        ([page(*full(100).orders, OURS), page(OTHER)], 51, [WINDOW]),
        ([page(*full(100).orders[:49], unread=[NO_ID]), page(OTHER)], 50, [(WINDOW, 1), (WINDOW, 2)]),
        ([page(unread=[NO_ID] * 50), page(OTHER)], 1, [(WINDOW, 1), (WINDOW, 2)]),
        ([full(100 * number) for number in range(1, 8)], 250, [(WINDOW, number) for number in range(1, 6)]),
        ([page(at("1", 30.5), at("2", 20.5), partial=True), page(OTHER)], 3, [WINDOW, until(21)]),
        ([page(at("1", 30), order("2"), partial=True), page(OTHER)], 3, [WINDOW, until(31)]),
        ([page(order("2"), partial=True), page(OTHER)], 1, [WINDOW]),
        ([page(at("1", 659.5), partial=True), page(OTHER)], 1, [WINDOW]),
        ([page(at("1", 658.5), partial=True), page(OTHER)], 2, [WINDOW, until(659)]),
    ],
)
async def test_orders_of_the_time_are_read_page_by_page_as_far_as_there_are_pages(
    pages: list[Any], ids: int, asked: list[Any]
) -> None:
    told = Told(pages)
    found = [each.order_id async for each in orders_of_send_window(asking(told), PLACEMENT)]
    queries = [each if isinstance(each, OrderQuery) else each[0].model_copy(update={"page": each[1]}) for each in asked]

    assert len(found) == ids
    assert told.asked == queries


async def test_after_a_page_read_in_part_the_first_page_of_the_rest_is_asked_for() -> None:
    told = Told([full(100), page(at("1", 30), partial=True), page(OTHER)])
    _ = [each async for each in orders_of_send_window(asking(told), PLACEMENT)]

    assert [(query.page, query.created_to) for query in told.asked] == [
        (1, WINDOW.created_to),
        (2, WINDOW.created_to),
        (1, NOW + timedelta(seconds=31)),
    ]


async def test_what_was_never_sent_has_no_time_to_look_at() -> None:
    told = Told([page(OURS)])
    unsent = PLACEMENT.model_copy(update={"dispatched_at": None})

    assert [each async for each in orders_of_send_window(asking(told), unsent)] == []
    assert told.asked == []
