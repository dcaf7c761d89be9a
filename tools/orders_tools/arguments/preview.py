"""Arguments of `preview_order`: lines, consignee, note."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from orders_tools.arguments.base import ClosedArguments, PurchaseRef
from orders_tools.arguments.districts import contradiction
from orders_tools.arguments.parsing import (
    code,
    code_text,
    parse_json_text,
    problem,
    read_offer_id,
    read_quantity,
    required,
    text_line,
)
from orders_tools.errors import ArgumentFault, ArgumentProblem
from orders_tools.purchase.model import Address, Line

NOTE_LIMIT = 500
"""The most characters of a buyer's note (CONTRACT 9.9)."""
LINE_LIMIT = 500
"""The most lines of one purchase. A purchase with more than 50 is ordered in parts."""

Required = AfterValidator(required)
OfferId = Annotated[
    str,
    BeforeValidator(read_offer_id),
    Field(description="1688 offer id as text, or a detail.1688.com offer link"),
]


class LineArguments(ClosedArguments):
    offer_id: OfferId
    quantity: Annotated[int, Field(ge=1, description="in the offer's sale unit"), BeforeValidator(read_quantity)]
    spec_id: Annotated[
        str,
        code(r"[A-Za-z0-9_-]{1,64}", ArgumentProblem.NOT_A_CODE),
        Field(description="SKU id from the offer; leave out where the offer has no SKUs"),
    ] = ""
    seller_open_id: Annotated[
        str,
        code(r"[A-Za-z0-9+/=_-]{1,128}", ArgumentProblem.NOT_A_CODE),
        Field(description="seller's open id, to group lines"),
    ] = ""
    product_no: Annotated[str, text_line(64, numbers=True), Field(description="your product number")] = ""
    container: Annotated[str, text_line(64, numbers=True), Field(description="your container number")] = ""
    label: Annotated[
        str,
        text_line(60),
        Field(description="what you call this product, at most 60 characters; shown to the person, never sent"),
    ] = ""

    def to_line(self) -> Line:
        """The line as the rules see it; an empty field counts as absent."""
        return Line(
            offer_id=self.offer_id,
            quantity=self.quantity,
            **{name: getattr(self, name) or None for name in _OPTIONAL_LINE_FIELDS},
        )


_OPTIONAL_LINE_FIELDS = tuple(name for name in LineArguments.model_fields if name not in {"offer_id", "quantity"})


def _check_district(district_code: str, info: ValidationInfo) -> str:
    """Checks that a district code does not contradict the written place (CONTRACT 9.5)."""
    province, city = info.data.get("province", ""), info.data.get("city", "")
    if district_code and (readings := contradiction(district_code, province, city)):
        raise problem(ArgumentProblem.DISTRICT_ELSEWHERE, of_code=readings[0], written=readings[1])
    return district_code


class AddressArguments(ClosedArguments):
    full_name: Annotated[str, text_line(60), Required, Field(description="consignee's name")]
    mobile: Annotated[
        str,
        code(r"\+?[0-9](?:[ -]?[0-9]){4,19}", ArgumentProblem.NOT_A_PHONE),
        Required,
        Field(description="mobile number"),
    ]
    province: Annotated[str, text_line(40), Required, Field(description="province, in Chinese")]
    city: Annotated[str, text_line(40), Required, Field(description="city, in Chinese")]
    street: Annotated[str, text_line(200), Required, Field(description="street address, at most 200 characters")]
    area: Annotated[str, text_line(40), Field(description="district or county, in Chinese")] = ""
    town: Annotated[str, text_line(40), Field(description="town or sub-district")] = ""
    post_code: Annotated[str, code(r"[0-9]{6}", ArgumentProblem.NOT_A_POST_CODE), Field(description="6 digits")] = ""
    phone: Annotated[
        str, code(r"\+?[0-9](?:[ -]?[0-9]){4,19}", ArgumentProblem.NOT_A_PHONE), Field(description="landline")
    ] = ""
    district_code: Annotated[
        str,
        code(r"[0-9]{6}", ArgumentProblem.NOT_A_DISTRICT_CODE),
        AfterValidator(_check_district),
        Field(description="6-digit county code; overrides the written province and city, so leave it out if unsure"),
    ] = ""


def _address(value: Any, info: ValidationInfo) -> Any:
    """An address, or the one of a named consignee (the names are in the validation context)."""
    value = parse_json_text(value)
    if not isinstance(value, str):
        return value
    context: Mapping[str, Mapping[str, Address]] = info.context or {}
    consignees = context.get("consignees", {})
    name = value.strip()
    if name not in consignees:
        raise problem(
            ArgumentProblem.UNKNOWN_CONSIGNEE, nearest=get_close_matches(name, consignees, 3, 0.4) or sorted(consignees)
        )
    return consignees[name].model_dump()


def _lines(value: Any) -> Any:
    """Lines as a list of objects; accepts JSON text and a single object."""
    parsed = parse_json_text(value)
    if isinstance(parsed, dict) and LineArguments.model_fields.keys() & cast("dict[str, Any]", parsed).keys():
        return [parsed]
    return [parse_json_text(line) for line in cast("list[Any]", parsed)] if isinstance(parsed, list) else value


def _line_key(line: Any) -> tuple[str, str] | None:
    """The offer and SKU that identify a line; None if they cannot be read."""
    try:
        return read_offer_id(line["offer_id"]), code_text(line.get("spec_id"))
    except (KeyError, TypeError, AttributeError, PydanticCustomError):
        return None


def _check_length(note: str, info: ValidationInfo) -> str:
    """Checks that a note leaves room for the reference at its end (its length is in the validation context)."""
    context: Mapping[str, int] = info.context or {}
    room = NOTE_LIMIT - context.get("note_suffix", 0)
    if len(note) > room:
        raise problem(ArgumentProblem.TOO_LONG, limit=room, length=len(note))
    return note


class PreviewArguments(ClosedArguments):
    lines: Annotated[
        list[LineArguments],
        BeforeValidator(_lines),
        Field(description="what to buy: 1 to 500 lines, each offer and SKU once"),
    ]
    address: Annotated[
        AddressArguments | str,
        Field(
            description="where to send it, or the name of a consignee from the operator's settings",
            union_mode="left_to_right",
        ),
        BeforeValidator(_address),
    ]
    flow: Annotated[
        str,
        code(r"[A-Za-z0-9_]{1,40}", ArgumentProblem.NOT_A_CODE),
        Field(description="1688 ordering channel such as general or fenxiaonew; leave out to use the operator's"),
    ] = ""
    buyer_message: Annotated[
        str,
        text_line(NOTE_LIMIT),
        AfterValidator(_check_length),
        Field(description="note to the seller, at most 500 characters together with the reference at its end"),
    ] = ""
    purchase_ref: Annotated[
        PurchaseRef, Field(description="your own number for this purchase, never used before; made for you if absent")
    ] = ""

    @classmethod
    def cross_field_faults(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        lines = _lines(given.get("lines"))
        if not isinstance(lines, list):
            return
        keys = [_line_key(line) for line in cast("list[Any]", lines)]
        if not keys:
            yield ArgumentFault("lines", ArgumentProblem.NO_LINES)
        if len(keys) > LINE_LIMIT:
            yield ArgumentFault("lines", ArgumentProblem.TOO_MANY_LINES, {"limit": LINE_LIMIT, "length": len(keys)})
        seen: dict[tuple[str, str], int] = {}
        for number, key in enumerate(keys):
            first = seen.setdefault(key, number) if key else number
            if first != number:
                details = {"first": f"lines[{first}]", "second": f"lines[{number}]"}
                yield ArgumentFault("lines", ArgumentProblem.REPEATED_LINE, details)
                break
