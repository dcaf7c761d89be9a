"""The two state machines as they are drawn and as they are enforced."""

import inspect
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from orders_tools.purchase import states
from orders_tools.purchase.states import IN_DOUBT, PLACEMENT_SOURCES, TOKEN_SOURCES, PlacementState, TokenState

DRAWN = inspect.getdoc(states) or ""
TOKEN_DRAWN, PLACEMENT_DRAWN = DRAWN.split("Placement (")
MACHINES: list[Any] = [(TokenState, TOKEN_SOURCES, TOKEN_DRAWN), (PlacementState, PLACEMENT_SOURCES, PLACEMENT_DRAWN)]

Sources = Mapping[Any, frozenset[Any]]


def exits(sources: Sources, state: StrEnum) -> set[Any]:
    return {to for to, origins in sources.items() if state in origins}


def reachable(sources: Sources, start: StrEnum) -> set[Any]:
    seen, edge = {start}, [start]
    while edge:
        new = exits(sources, edge.pop()) - seen
        seen |= new
        edge += new
    return seen


def _above(rows: list[str], row: int, column: int) -> str:
    """The state from which a line of the drawing comes down in this column, or "" where none does."""
    while row > 0 and (rows[row - 1] + " " * column)[column] in "|+^":
        row -= 1
    words = re.finditer("[a-z_]+", rows[row - 1])
    return next((word[0] for word in words if word.start() <= column <= word.end()), "")


def _arrows(drawn: str) -> set[tuple[str, str]]:
    """From where to where the arrows lead; an arrow that turns up ends in "^"."""
    rows = drawn.split("\n")
    found: set[tuple[str, str]] = set()
    for row, text in enumerate(rows):
        for arrow in re.finditer(r"\+[-+]*-\+(?![-+>])|[-+]*-> ((?:[a-z_]+ \| )*[a-z_]+)", text):
            before = re.search("([a-z_]+) $", text[: arrow.start()])
            corners = [place for place in range(arrow.start(), arrow.end()) if text[place] == "+"]
            origins = {_above(rows, row, place) for place in corners} | {before[1] if before else ""}
            targets = arrow[1].split(" | ") if arrow[1] else [_above(rows, row, arrow.start())]
            found |= {(origin, target) for origin in origins - {""} for target in targets if origin != target}
    return found


@pytest.mark.parametrize(("machine", "sources", "drawn"), MACHINES, ids=["token", "placement"])
def test_the_drawing_shows_the_moves_that_there_are_and_no_others(
    machine: type[StrEnum], sources: Sources, drawn: str
) -> None:
    moves = {(origin.value, to.value) for to, origins in sources.items() for origin in origins}
    itself = {("open", "open")}  # a no closes a dialog that is open, and the token stays as it was
    assert _arrows(drawn) == moves - itself
    assert {state for move in moves for state in move} == set(machine)


@pytest.mark.parametrize(
    ("sources", "start", "machine"),
    [(TOKEN_SOURCES, TokenState.OPEN, TokenState), (PLACEMENT_SOURCES, PlacementState.CLAIMED, PlacementState)],
    ids=["token", "placement"],
)
def test_every_state_can_be_reached_from_the_first(sources: Sources, start: StrEnum, machine: type[StrEnum]) -> None:
    assert reachable(sources, start) == set(machine)


def test_only_a_no_in_the_dialog_leads_back_to_the_first_state() -> None:
    assert TOKEN_SOURCES[TokenState.OPEN] == {TokenState.OPEN, TokenState.APPROVED}
    assert PlacementState.CLAIMED not in PLACEMENT_SOURCES


@pytest.mark.parametrize(
    "state", [TokenState.CLAIMED, TokenState.DECLINED, TokenState.PRICE_CHANGED, TokenState.EXPIRED]
)
def test_a_token_that_is_used_up_stays_so(state: TokenState) -> None:
    assert exits(TOKEN_SOURCES, state) == set()


@pytest.mark.parametrize("state", [PlacementState.PLACED, PlacementState.PARTLY_PLACED, PlacementState.REJECTED])
def test_a_placement_that_is_settled_stays_so(state: PlacementState) -> None:
    assert exits(PLACEMENT_SOURCES, state) == set()


def test_only_an_approved_token_is_claimed() -> None:
    assert TOKEN_SOURCES[TokenState.CLAIMED] == {TokenState.APPROVED}


def test_an_approved_token_expires_like_an_open_one() -> None:
    assert TOKEN_SOURCES[TokenState.EXPIRED] == {TokenState.OPEN, TokenState.APPROVED}


def test_what_was_sent_is_never_sent_again() -> None:
    assert PLACEMENT_SOURCES[PlacementState.DISPATCHED] == {PlacementState.CLAIMED}
    for state in PlacementState:
        if state is not PlacementState.CLAIMED:
            assert PlacementState.DISPATCHED not in exits(PLACEMENT_SOURCES, state)


def test_the_unknown_is_only_ever_settled() -> None:
    settled = {PlacementState.PLACED, PlacementState.PARTLY_PLACED, PlacementState.REJECTED}
    assert exits(PLACEMENT_SOURCES, PlacementState.UNKNOWN) == settled
    assert PLACEMENT_SOURCES[PlacementState.UNKNOWN] == {PlacementState.DISPATCHED}


def test_in_doubt_is_every_state_in_which_an_order_may_exist_unseen() -> None:
    assert {state for state in PlacementState if exits(PLACEMENT_SOURCES, state)} == IN_DOUBT
