"""Readers of single arguments: what a model may write for one value, what is forgiven, what is refused.

A reader names its problem and nothing else; the sentence about it is a text of `orders_prompts`. What was written is
never repeated in a problem, because it may be a person's name or number.
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
"""How the value of no value reads where a host or a model has made a text of it."""


_FULL_WIDTH = {0x3000: " ", **{point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}}


def problem(name: ArgumentProblem, **details: Any) -> PydanticCustomError:
    """A named problem with an argument; `details` fills its sentence."""
    return PydanticCustomError("problem", "{name}", {"name": name, **details})  # pyright: ignore[reportArgumentType]


def _normalize(value: Any) -> Any:
    """Full-width digits and letters folded, outer blanks gone; None for "null"; other types as they are."""
    text = value.translate(_FULL_WIDTH).strip() if isinstance(value, str) else value
    return None if isinstance(text, str) and text in _NULL_TEXTS else text


def code_text(value: Any) -> str:
    """Ids and numbers that are written as text; an integer is taken as long as no host can have rounded it."""
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
    """Words on one line, of characters that a person can see, at most `limit` of them; "" for none.

    With `numbers` a whole number is taken as the digits that name something.
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
    """A code of the shape `pattern`, whose problem is `name` otherwise; "" for none."""

    shape = re.compile(pattern)

    def read(value: Any) -> str:
        text = code_text(value)
        if text and not shape.fullmatch(text):
            raise problem(name)
        return text

    return BeforeValidator(read)


def required(text: str) -> str:
    """`text` where there is one."""
    if not text:
        raise problem(ArgumentProblem.MISSING)
    return text


def read_offer_id(value: Any) -> str:
    """The id of an offer, written as one or as a link to its page."""
    text = code_text(value)
    if link := _OFFER_LINK.fullmatch(text):
        text = link[1] or link[2]
    if not re.fullmatch(r"[1-9][0-9]{0,19}", text):
        raise problem(ArgumentProblem.NOT_AN_OFFER_ID)
    return text


def read_quantity(value: Any) -> int:
    """How many, from 1 to 999999999. 1688 takes parts of a unit too, such as metres; this server orders whole ones."""
    number = _whole_number(value)
    if number is None and _is_fraction(value):
        raise problem(ArgumentProblem.NOT_WHOLE)
    if number is None or not 1 <= number <= 999_999_999:
        raise problem(ArgumentProblem.NOT_A_QUANTITY)
    return number


def _whole_number(value: Any) -> int | None:
    """`value` as a whole number, written as one, as 3.0 or as text; None where it is none. True is not 1."""
    value = _normalize(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(?:\.0{1,9})?", value):
        return int(value.partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_fraction(value: Any) -> bool:
    """Whether `value` is a positive number, written as one or as text, that is not whole."""
    value = _normalize(value)
    if isinstance(value, str):
        return bool(re.fullmatch(r"[0-9]{0,9}\.[0-9]{1,20}", value)) and float(value) > 0
    return isinstance(value, float) and math.isfinite(value) and value > 0


def parse_json_text(value: Any) -> Any:
    """What a JSON document inside a string says, where the string holds one."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def read_token(value: Any) -> str:
    """A preview token as it was written; whether it is one is for the ledger to say."""
    if not isinstance(value, str):
        raise problem(ArgumentProblem.NOT_TEXT)
    return value.strip()


def read_total(value: Any) -> str:
    """A total in yuan, as text; a JSON fraction is none."""
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
    """A date or time with a zone, China time where none is written; a bare day is its first moment, or its last."""
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
    """Which page, from 1 to 1000; the first where nothing is said."""
    if _normalize(value) is None:
        return 1
    number = _whole_number(value)
    if number is None or not 1 <= number <= 1000:
        raise problem(ArgumentProblem.NOT_A_PAGE)
    return number


def read_page_size(value: Any) -> int:
    """How many orders a page has, from 1 to 50; 20 where nothing is said."""
    if _normalize(value) is None:
        return 20
    number = _whole_number(value)
    if number is None or not 1 <= number <= 50:
        raise problem(ArgumentProblem.NOT_A_PAGE_SIZE)
    return number
