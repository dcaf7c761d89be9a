"""Readers of single argument values: which spellings are accepted and which are refused.

A reader only names its problem; the sentence comes from a text of `orders_prompts`. A problem never repeats the value,
because it may be a person's name or number.
"""

import json
import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone
from functools import partial
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from orders_prompts.inert import unseen
from orders_tools.errors import ArgumentProblem
from orders_tools.money import fen_from_text

CHINA = timezone(timedelta(hours=8))

_SAFE_INTEGER = 2**53 - 1
_OFFER_LINK = re.compile(
    r"(?:(?:https?:)?//)?"
    r"(?:(?:detail\.|m\.|detail\.m\.)?1688\.com/offer/(\d{1,20})(?:\.html?)?/?"
    r"|detail\.m\.1688\.com/page/index\.html?\?(?:[^#&]*&)*offerId=(\d{1,20})(?=[&#]|\Z))"
    r"(?:[?#&].*)?",
    re.IGNORECASE,
)
_NULL_TEXTS = frozenset({"null", "None", "undefined"})
"""How hosts and models spell a missing value as text."""


_FULL_WIDTH = {0x3000: " ", **{point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}}


def problem(name: ArgumentProblem, **details: Any) -> PydanticCustomError:
    """A named problem with an argument; `details` fills its sentence."""
    return PydanticCustomError("problem", "{name}", {"name": name, **details})  # pyright: ignore[reportArgumentType]


def _normalize(value: Any) -> Any:
    """Converts full-width characters and strips blanks; None for "null"; other types stay as they are."""
    text = value.translate(_FULL_WIDTH).strip() if isinstance(value, str) else value
    return None if isinstance(text, str) and text in _NULL_TEXTS else text


def code_text(value: Any) -> str:
    """An id or number as text. An integer is accepted if it is small enough that no host can have rounded it."""
    value = _normalize(value)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > _SAFE_INTEGER:
            raise problem(ArgumentProblem.ID_TOO_BIG)
        return str(value)
    if not isinstance(value, str):
        raise problem(ArgumentProblem.NOT_TEXT)
    return value


def text_line(limit: int, *, numbers: bool = False) -> BeforeValidator:
    """One line of visible text with at most `limit` characters; "" for none.

    With `numbers`, a whole number is accepted as text.
    """

    def read(value: Any) -> str:
        if numbers and isinstance(value, int):
            value = code_text(value)
        if value is None or _normalize(value) is None:
            return ""
        if not isinstance(value, str):
            raise problem(ArgumentProblem.NOT_TEXT)
        text = " ".join(unicodedata.normalize("NFC", value).split())
        if hidden := unseen(text):
            raise problem(ArgumentProblem.UNSEEN_CHARACTERS, characters=", ".join(hidden[:5]))
        if len(text) > limit:
            raise problem(ArgumentProblem.TOO_LONG, limit=limit, length=len(text))
        return text

    return BeforeValidator(read)


def code(pattern: str, name: ArgumentProblem) -> BeforeValidator:
    """A code that matches `pattern`, else the problem `name`; "" for none."""

    shape = re.compile(pattern)

    def read(value: Any) -> str:
        text = code_text(value)
        if text and not shape.fullmatch(text):
            raise problem(name)
        return text

    return BeforeValidator(read)


def required(text: str) -> str:
    """`text`, which must not be empty."""
    if not text:
        raise problem(ArgumentProblem.MISSING)
    return text


def read_offer_id(value: Any) -> str:
    """An offer id, given as an id or as a link to the offer's page."""
    text = code_text(value)
    if link := _OFFER_LINK.fullmatch(text):
        text = link[1] or link[2]
    if not re.fullmatch(r"[1-9][0-9]{0,19}", text):
        raise problem(ArgumentProblem.NOT_AN_OFFER_ID)
    return text


def read_quantity(value: Any) -> int:
    """A quantity from 1 to 999999999. 1688 also takes fractions, such as of a metre; this server orders whole units."""
    number = _whole_number(value)
    if number is None and _is_fraction(value):
        raise problem(ArgumentProblem.NOT_WHOLE)
    if number is None or not 1 <= number <= 999_999_999:
        raise problem(ArgumentProblem.NOT_A_QUANTITY)
    return number


def _whole_number(value: Any) -> int | None:
    """`value` as a whole number, given as 3, 3.0 or text; None if it is not one. True is not 1."""
    value = _normalize(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(?:\.0{1,9})?", value):
        return int(value.partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_fraction(value: Any) -> bool:
    """Whether `value` is a positive number that is not whole, as a number or as text."""
    value = _normalize(value)
    if isinstance(value, str):
        return bool(re.fullmatch(r"[0-9]{0,9}\.[0-9]{1,20}", value)) and float(value) > 0
    return isinstance(value, float) and math.isfinite(value) and value > 0


def parse_json_text(value: Any) -> Any:
    """The content of a JSON document in a string; any other value unchanged."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def read_token(value: Any) -> str:
    """A preview token as given; the ledger decides whether it exists."""
    if not isinstance(value, str):
        raise problem(ArgumentProblem.NOT_TEXT)
    return value.strip()


def read_total(value: Any) -> str:
    """A total in yuan, as text; a JSON fraction is refused."""
    value = _normalize(value)
    if isinstance(value, float | bool):
        raise problem(ArgumentProblem.NOT_A_TOTAL)
    text = code_text(value)
    try:
        fen_from_text(text)
    except ValueError:
        raise problem(ArgumentProblem.NOT_A_TOTAL) from None
    return text


def read_price(value: Any) -> int | None:
    """A price in yuan, as text or a whole number, in fen; None for none."""
    if _normalize(value) is None or value == "":
        return None
    try:
        return fen_from_text(read_total(value))
    except PydanticCustomError:
        raise problem(ArgumentProblem.NOT_A_PRICE) from None


def _parse_time(text: str, *, end: bool) -> datetime:
    try:
        day = datetime.combine(date.fromisoformat(text), time.min, CHINA)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return day + timedelta(days=1, milliseconds=-1) if end else day


def read_time(value: Any, *, end: bool) -> datetime | None:
    """A time with a zone, by default China time; a date alone means its first moment, or its last with `end`."""
    value = _normalize(value)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise problem(ArgumentProblem.NOT_A_TIME)
    try:
        moment = _parse_time(value, end=end)
    except (ValueError, OverflowError):
        raise problem(ArgumentProblem.NOT_A_TIME) from None
    if not 2000 <= moment.year <= 2100:
        raise problem(ArgumentProblem.NOT_A_TIME)
    return moment


def time_value(*, end: bool) -> BeforeValidator:
    """`read_moment` as a validator."""
    return BeforeValidator(partial(read_time, end=end), json_schema_input_type=str)


def read_page(value: Any) -> int:
    """The number of the page, from 1 to 1000; 1 by default."""
    return _number_up_to(value, 1000, 1, ArgumentProblem.NOT_A_PAGE)


def read_page_size(value: Any) -> int:
    """The number of orders per page, from 1 to 50; 20 by default."""
    return _number_up_to(value, 50, 20, ArgumentProblem.NOT_A_PAGE_SIZE)


def _number_up_to(value: Any, most: int, default: int, name: ArgumentProblem) -> int:
    if _normalize(value) is None:
        return default
    number = _whole_number(value)
    if number is None or not 1 <= number <= most:
        raise problem(name)
    return number
