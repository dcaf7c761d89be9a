"""Lenient field types: an unreadable value is None and its field is noted, so that the rest can be used."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from orders_server.xportcn.wire import Wire, WireAmount, WireFen, WireId, WireText, WireYuan, as_list, as_object

WHOLE = ""
"""Noted if a part of an answer has the wrong type, so that none of its fields can be read."""
_LAST, _FIRST = -10, 14
"""The positions of the last and the first digit that an amount in yuan may have, counted from whole yuan."""


def is_nothing(value: Any) -> bool:
    """Whether a value is empty, in any type: PHP writes [] for an empty object."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _lenient(value: Any, read: Callable[[Any], Any], info: ValidationInfo) -> Any:
    if is_nothing(value):
        return None
    try:
        found = read(value)
    except ValueError:
        found = None
    if found is None and isinstance(info.context, set):
        info.context.add(info.field_name)  # pyright: ignore[reportUnknownMemberType]
    return found


def _plain_text(value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Like `_noted`; a list or an object does not count as text."""
    if as_list(value) is None and as_object(value) is None:
        return _lenient(value, read, info)
    return _lenient(value, lambda _: None, info)


def _price(value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Like `_noted`, for an amount that may have fractions of a fen. Too many digits for a price are unreadable."""

    def price(value: Any) -> Decimal | None:
        amount: Decimal = read(value)
        return amount if int(amount.as_tuple().exponent) >= _LAST and amount.adjusted() <= _FIRST else None

    return _lenient(value, price, info)


MaybeText = Annotated[WireText, WrapValidator(_plain_text)]
MaybeWords = Annotated[WireText, WrapValidator(_lenient)]
"""Text, or a list or an object as JSON."""
MaybeId = Annotated[WireId, WrapValidator(_lenient)]
MaybeFen = Annotated[WireFen, WrapValidator(_lenient)]
MaybeYuan = Annotated[WireYuan, WrapValidator(_lenient)]
MaybePrice = Annotated[WireAmount, WrapValidator(_price)]
"""A price in yuan; it may have fractions of a fen."""

_Model = TypeVar("_Model", bound=Wire)


def read_part(model: type[_Model], content: Any, unreadable: set[str]) -> _Model:
    """`content` as `model`, whose fields all have the types above. Adds the names of unreadable fields to `noted`."""
    fields = as_object(content)
    if fields is None and not is_nothing(content):
        unreadable.add(WHOLE)
    return model.model_validate(fields or {}, context=unreadable)


def read_rows(content: Any) -> list[Any] | None:
    """`content` as a list without its nulls; None if it is not a list."""
    items = [] if is_nothing(content) else as_list(content)
    return None if items is None else [item for item in items if item is not None]
