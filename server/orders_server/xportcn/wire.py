"""Reads the upstream's JSON without losing a digit: numbers stay decimal, ids become text, faults name their field."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from orders_tools.money import fen_from_yuan

_DIGITS_IN_TEXT = re.compile(r"-?\d{1,20}(\.\d{1,10})?")
_LONGEST_NUMBER = 40
_DEEPEST = 64
_MOST_VALUES = 40_000
"""Eight hundred for each of fifty orders. Two bytes become an object of hundreds: limiting the size is not enough."""
_LONGEST_TEXT = 64 * 1024


@dataclass(frozen=True)
class Bounds:
    """Limits for a body that differ from the usual ones: the number of its values, and the length of a text."""

    most_values: int
    longest_text: int


class Unreadable(Exception):
    """An answer that cannot be read; `where` names the field or the fault."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class Unwieldy(Unreadable):
    """An answer that is too large or has one unreadable value, so that a smaller piece of it may be readable."""


def _number(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise Unwieldy("a number with too many digits")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unwieldy("a number that is none") from None
    if abs(number.adjusted()) > _LONGEST_NUMBER:
        raise Unwieldy("a number beyond all sense")
    return number


def _no_constant(name: str) -> Any:
    raise Unwieldy(f"the value {name}, which JSON does not have")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unwieldy("a field that is given twice")
    return fields


def read_json(content: bytes, bounds: Bounds | None = None) -> Any:
    """The document in `content`, every number as an exact Decimal.

    Raises:
        Unreadable: it is not JSON, or has NaN, a duplicate field, or a number, nesting or count beyond the limits.
    """
    bounds = bounds or Bounds(_MOST_VALUES, _LONGEST_TEXT)
    if sum(map(content.count, (b",", b"[", b"{"))) > bounds.most_values:
        raise Unwieldy("a body of too many values")
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            parse_int=_number,
            parse_float=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_without_duplicates,
        )
    except (UnicodeDecodeError, ValueError):
        raise Unreadable("a body that is not JSON") from None
    except RecursionError:
        raise Unwieldy("a body that is nested too deeply") from None
    level: list[Any] = [document]
    large = len(content) > bounds.longest_text
    for _ in range(_DEEPEST):
        if large and any(isinstance(node, str) and len(node) > bounds.longest_text for node in level):
            raise Unwieldy("a text beyond all sense")
        level = [inner for node in level for inner in (as_list(node) or (as_object(node) or {}).values())]
        if not level:
            return document
    raise Unwieldy("a body that is nested too deeply")


def _plain_digits(number: Decimal) -> str:
    if not number.is_finite() or number.adjusted() > 30 or number != number.to_integral_value():
        raise ValueError("not a whole number")
    return f"{number:f}".partition(".")[0]


def _id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return _plain_digits(value)
    if isinstance(value, str) and len(value) <= 128:
        return _encodable(value.strip())
    raise ValueError("neither a number nor a text")


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which cannot be encoded."""
    return text.encode("utf-8", "replace").decode()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}" if abs(value.adjusted()) < 40 else None
    return _encodable(json.dumps(value, ensure_ascii=False, default=str))


def _code(value: Any) -> str | None:
    try:
        return _id(value)
    except ValueError:
        return None


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, str) and _DIGITS_IN_TEXT.fullmatch(value.strip()):
        return Decimal(value.strip())
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return value
    raise ValueError("not an amount")


def _fen(value: Any) -> int | None:
    amount = _amount(value)
    return None if amount is None else int(_plain_digits(amount))


def _yuan(value: Any) -> int | None:
    amount = _amount(value)
    return None if amount is None else fen_from_yuan(amount)


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError("neither true nor false")


def _list(value: Any) -> Any:
    if value is None:
        return []
    items = as_list(value)
    return value if items is None else [item for item in items if item is not None]


WireId = Annotated[str | None, BeforeValidator(_id)]
WireText = Annotated[str | None, BeforeValidator(_text)]
WireFen = Annotated[int | None, BeforeValidator(_fen)]
WireYuan = Annotated[int | None, BeforeValidator(_yuan)]
"""An amount in yuan on the wire, converted to fen."""
WireAmount = Annotated[Decimal | None, BeforeValidator(_amount)]
"""An amount whose unit depends on the form of the answer."""
WireFlag = Annotated[bool | None, BeforeValidator(_flag)]
WireCode = Annotated[str | None, BeforeValidator(_code)]
"""A result code; an unreadable one is None, so that the rest of the answer is still read."""
NoneIsEmpty = BeforeValidator(_list)


class Wire(BaseModel):
    """Fields of an answer: unknown ones are ignored, missing or null ones are None."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, hide_input_in_errors=True)


class Envelope(Wire):
    """The envelope of every answer (CONTRACT 2.4); only code 200 is a success."""

    code: WireCode = None
    msg: WireText = None
    data: Any = None


_Model = TypeVar("_Model", bound=Wire)


def read(model: type[_Model], content: Any, where: str) -> _Model:
    """`content`, found at `where` in the answer, as `model`.

    Raises:
        Unreadable: naming the first field that could not be read, such as data.orderPreviewResuslt[0].sumPayment.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        steps = error.errors(include_url=False, include_input=False)[0]["loc"]
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
        raise Unreadable(f"the field {where}{path}") from None


def as_object(content: Any) -> dict[str, Any] | None:
    """`content` if it is a JSON object, otherwise None."""
    return cast("dict[str, Any]", content) if isinstance(content, dict) else None


def as_list(content: Any) -> list[Any] | None:
    """`content` if it is a JSON array, otherwise None."""
    return cast("list[Any]", content) if isinstance(content, list) else None
