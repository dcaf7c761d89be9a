"""A price of an order: a part of a fen is one, and what no price can be is noted and not shown."""

from decimal import Decimal

import pytest

from orders_server.xportcn.tolerance import MaybePrice, MaybeText, read_part
from orders_server.xportcn.wire import Wire


class Row(Wire):
    price: MaybePrice | None = None
    name: MaybeText | None = None


@pytest.mark.parametrize("written", ["0.035", "0.0000000001", "0.1234567890", "999999999999999", "-3.50", "0"], ids=str)
def test_a_price_is_read_to_the_tenth_digit(written: str) -> None:
    noted = set[str]()

    assert read_part(Row, {"price": written}, noted).price == Decimal(written)
    assert noted == set()


@pytest.mark.parametrize("number", ["1E-10", "0.1234567890", "1E+14", "999999999999999.99", "0E-10"])
def test_a_price_may_be_a_number_as_well(number: str) -> None:
    noted = set[str]()

    assert read_part(Row, {"price": Decimal(number)}, noted).price == Decimal(number)
    assert noted == set()


NO_PRICES = ["1E-11", "0.12345678901", "1000000000000000", "1E+15", "NaN", "Infinity"]


@pytest.mark.parametrize("written", ["free", *NO_PRICES, *map(Decimal, NO_PRICES), Decimal("0E-11")], ids=repr)
def test_what_no_price_can_be_is_noted_by_its_name(written: object) -> None:
    noted = set[str]()

    assert read_part(Row, {"price": written}, noted).price is None
    assert noted == {"price"}


@pytest.mark.parametrize("written", [["mug"], {"a": "mug"}, Decimal("1E+40")], ids=["a list", "an object", "a number"])
def test_what_is_no_text_is_noted_by_its_name(written: object) -> None:
    noted = set[str]()

    assert read_part(Row, {"name": written}, noted).name is None
    assert noted == {"name"}
