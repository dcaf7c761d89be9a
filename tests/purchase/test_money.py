"""Money: whole fen inside, decimal text at the edges, never a float."""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orders_tools
from orders_tools.money import fen_from_text, fen_from_yuan, yuan, yuan_or_none

MONEY_ROOMS = (
    "money.py",
    "purchase/model.py",
    "purchase/records.py",
    "results/builders.py",
    "results/create_outcomes.py",
    "rules/preview_rules.py",
    "rules/price_drift.py",
)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("64", 6400),
        ("64.0", 6400),
        ("64.00", 6400),
        ("64.5", 6450),
        ("64.05", 6405),
        ("64.050000", 6405),
        ("0.01", 1),
        ("0", 0),
        ("064.00", 6400),
        ("999999999999.99", 99999999999999),
    ],
)
def test_a_plain_amount_is_read(text: str, fen: int) -> None:
    assert fen_from_text(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-64",
        "+64",
        "64.",
        ".5",
        "64.001",
        "64,00",
        "1,000",
        "6.4e1",
        "¥64",
        "64 CNY",
        "64.00 ",
        "0x40",
        "½",
        "NaN",
        "Infinity",
        "64.00\n",
        "1" * 13,
        "64..0",
        "64.0.0",
        "6_4",
    ],
)
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="plain text"):
        fen_from_text(text)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(6400, "64.00"), (1, "0.01"), (0, "0.00"), (-3989, "-39.89"), (-5, "-0.05"), (10**15, "1" + "0" * 13 + ".00")],
)
def test_fen_are_written_as_yuan_with_two_digits(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_what_is_not_known_stays_not_known() -> None:
    assert yuan_or_none(None) is None
    assert yuan_or_none(0) == "0.00"


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.integers(0, 10**14 - 1))
def test_writing_and_reading_give_the_same_fen(fen: int) -> None:
    assert fen_from_text(yuan(fen)) == fen == fen_from_yuan(Decimal(yuan(fen)))


@pytest.mark.parametrize("amount", ["0.001", "64.005", "NaN", "Infinity", "1e15", "-1e400", "1e-50"])
def test_what_is_no_whole_number_of_fen_is_refused(amount: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - two sentences
        fen_from_yuan(Decimal(amount))


def test_a_long_amount_is_not_rounded() -> None:
    assert fen_from_yuan(Decimal("123456789012345.67")) == 12345678901234567
    with pytest.raises(ValueError, match="fen is left over"):
        fen_from_yuan(Decimal("123456789012345.670000000000000000000001"))


def test_the_rules_never_compute_with_floats() -> None:
    floats: list[str] = []
    for name in MONEY_ROOMS:
        room = Path(orders_tools.__file__).parent / name
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Name) and node.id == "float"
            divided = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            written = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if named or divided or written:
                floats.append(f"{name}: {ast.unparse(node)}")
    assert floats == []
