"""JSON with exact digits in both directions; no number is ever a binary float."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TypeAlias, cast

Json: TypeAlias = "bool | int | str | Decimal | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]


def yuan(fen: int) -> Decimal:
    """The amount in yuan, in as few digits as it needs: 1390 fen is 13.9, 3600 fen is 36 (samples of CONTRACT 3.2)."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return Decimal(f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip("."))


def upstream_time(moment: datetime) -> str:
    """The moment as yyyyMMddHHmmssSSS+0800 (CONTRACT 5)."""
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}{moment:%z}"


def render(value: Json) -> str:
    """The JSON text of a value; a Decimal keeps exactly its digits."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool | int):
        return "null" if value is None else str(value).lower()
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{render(name)}:{render(item)}" for name, item in value.items()) + "}"
    return "[" + ",".join(render(item) for item in value) + "]"


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("JSON has no number for this")
    return str(value)


def parse(text: str) -> dict[str, Json]:
    """The JSON object in a text, fractions as Decimal; ValueError for anything else and for text beyond UTF-8."""
    try:
        value: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        body = cast("dict[str, Json]", value)
        render(body).encode()
    except (RecursionError, ArithmeticError) as fault:
        raise ValueError("not a JSON document this side can hold") from fault
    return body


def _refuse_constant(name: str) -> Decimal:
    raise ValueError(f"{name} is not JSON")
