"""Money: integer fen inside, decimal text at the edges, never a float."""

import re
from decimal import Decimal, localcontext
from typing import Annotated, NewType

from pydantic import Field

Fen = NewType("Fen", int)
"""An amount in fen, the hundredth part of a yuan."""

YUAN_PATTERN = r"^-?\d+\.\d\d$"
Yuan = Annotated[str, Field(pattern=YUAN_PATTERN)]
"""An amount in CNY as decimal text with two digits, such as "64.00"."""

CURRENCY = "CNY"

_TOTAL = re.compile(r"(?P<yuan>\d{1,12})(?:\.(?P<part>\d{1,2})0*)?")


def yuan(fen: int) -> str:
    """`fen` as decimal text in CNY: 6400 gives "64.00"."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole}.{part:02d}"


def yuan_or_none(fen: int | None) -> str | None:
    """Like `yuan`; None stays None, for an amount that the upstream did not give."""
    return None if fen is None else yuan(fen)


def fen_from_yuan(amount: Decimal) -> Fen:
    """An amount in yuan as fen.

    Raises:
        ValueError: the amount is not a whole number of fen, or too large to be money.
    """
    with localcontext() as context:
        context.prec = 40
        if not amount.is_finite() or abs(amount.adjusted()) > 14:
            raise ValueError("not an amount of money")
        fen = amount * 100
        if fen != fen.to_integral_value():
            raise ValueError("a part of a fen is left over")
        return Fen(int(fen))


def fen_from_text(text: str) -> Fen:
    """What "64", "64.0" or "64.00" says, in fen.

    Raises:
        ValueError: the text is no plain amount in yuan with at most two digits that count.
    """
    match = _TOTAL.fullmatch(text)
    if match is None:
        raise ValueError('write the amount in yuan as plain text, such as "64.00"')
    return Fen(int(match["yuan"]) * 100 + int((match["part"] or "").ljust(2, "0")))
