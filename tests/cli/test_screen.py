"""What a person types and reads at a terminal: sums as people write them, lines as wide as the screen."""

import pytest
from rich.cells import cell_len

from orders_server.cli.terminal import parse_amount, wrap


@pytest.mark.parametrize(
    "typed", ["711.35", " 711.35 CNY", "CNY711.35", "¥711.35", "￥ 711.35", "711.35元", "711.35 rmb"]
)
def test_a_total_is_taken_as_people_write_it(typed: str) -> None:
    assert parse_amount(typed) == 71135


@pytest.mark.parametrize(
    "typed", ["", "y", "yes", "711.35 USD", "$711.35", "711,35", "7 11.35", "¥", "711.355", "-711.35"]
)
def test_anything_else_is_no_total(typed: str) -> None:
    assert parse_amount(typed) is None


def test_lines_are_wrapped_by_words_and_wide_characters_take_two_cells() -> None:
    line = "Address: 『浙江省杭州市滨江区江南大道』 " + "seven words of a rather long street name " * 3 + "浙江省" * 20
    for width in (30, 60, 80):
        pieces = wrap(line, width)
        assert all(cell_len(piece) <= width for piece in pieces)
        assert all(piece.startswith("    ") for piece in pieces[1:])
        assert "".join("".join(pieces).split()) == "".join(line.split())
        assert not any(piece.rstrip().endswith(" rath") for piece in pieces)
