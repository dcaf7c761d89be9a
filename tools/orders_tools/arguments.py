"""The arguments of the four tools: what a model may write, what is forgiven, and every fault at once.

A validator here names its problem and nothing else; the sentence about it is a text of `orders_prompts`. What was
written is never repeated in a fault, because it may be a person's name or number; a place is named as our table has it.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from orders_prompts.inert import unseen
from orders_tools.districts import contradiction
from orders_tools.faults import ArgumentFault, InvalidArguments
from orders_tools.money import fen_from_text
from orders_tools.purchase import Address, Line
from orders_tools.results import OrderStatus

NOTE_LIMIT = 500
"""Characters of a buyer's note (CONTRACT 9.9)."""
LINE_LIMIT = 50
"""Lines of one purchase (CONTRACT 9.9: at most 50 SKU lines an order)."""
CHINA = timezone(timedelta(hours=8))

_SAFE_INTEGER = 2**53 - 1
_OFFER_LINK = re.compile(r"(?:https?://)?(?:detail\.|m\.)?1688\.com/offer/(\d{1,20})\.html(?:[?#].*)?", re.IGNORECASE)


def problem(name: str, **details: Any) -> PydanticCustomError:
    """A named problem with an argument; `details` fills its sentence."""
    return PydanticCustomError("problem", "{name}", {"name": name, **details})  # pyright: ignore[reportArgumentType]


_FULL_WIDTH = {0x3000: " ", **{point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}}


def _plain(value: Any) -> Any:
    """Full-width digits and letters folded, outer blanks gone; other types as they are."""
    return value.translate(_FULL_WIDTH).strip() if isinstance(value, str) else value


def _code_text(value: Any) -> str:
    """Ids and numbers that are written as text; an integer is taken as long as no host can have rounded it."""
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > _SAFE_INTEGER:
            raise problem("id_too_big")
        return str(value)
    if not isinstance(value, str):
        raise problem("not_text")
    return value


def _words(limit: int) -> BeforeValidator:
    def read(value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise problem("not_text")
        text = " ".join(unicodedata.normalize("NFC", value).split())
        if hidden := unseen(text):
            raise problem("unseen_characters", characters=", ".join(hidden[:5]))
        if len(text) > limit:
            raise problem("too_long", limit=limit, length=len(text))
        return text

    return BeforeValidator(read)


def _code(pattern: str, name: str) -> BeforeValidator:
    shape = re.compile(pattern)

    def read(value: Any) -> str:
        text = _code_text(value)
        if text and not shape.fullmatch(text):
            raise problem(name)
        return text

    return BeforeValidator(read)


def _required(text: str) -> str:
    if not text:
        raise problem("missing")
    return text


def _offer_id(value: Any) -> str:
    text = _code_text(value)
    if link := _OFFER_LINK.fullmatch(text):
        text = link[1]
    if not re.fullmatch(r"[1-9][0-9]{0,19}", text):
        raise problem("not_an_offer_id")
    return text


def _quantity(value: Any) -> int:
    value = _plain(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 999_999_999:
        raise problem("not_a_quantity")
    return value


def _json_text(value: Any) -> Any:
    """What a JSON document inside a string says, where the string holds one."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


class ClosedArguments(BaseModel):
    """Arguments that refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


Required = AfterValidator(_required)
OfferId = Annotated[
    str,
    BeforeValidator(_offer_id),
    Field(description="1688 offer id as text, or a detail.1688.com offer link"),
]


class LineArguments(ClosedArguments):
    offer_id: OfferId
    quantity: Annotated[int, Field(ge=1, description="in the offer's sale unit"), BeforeValidator(_quantity)]
    spec_id: Annotated[
        str,
        _code(r"[A-Za-z0-9_-]{1,64}", "not_a_code"),
        Field(description="SKU id from the offer; leave out where the offer has no SKUs"),
    ] = ""
    seller_open_id: Annotated[
        str, _code(r"[A-Za-z0-9+/=_-]{1,128}", "not_a_code"), Field(description="seller's open id, to group lines")
    ] = ""
    product_no: Annotated[str, _words(64), Field(description="your product number")] = ""
    container: Annotated[str, _words(64), Field(description="your container number")] = ""
    label: Annotated[
        str,
        _words(60),
        Field(description="what you call this product, at most 60 characters; shown to the person, never sent"),
    ] = ""

    def line(self) -> Line:
        """The line as the rules see it: what is empty was not given."""
        return Line(
            offer_id=self.offer_id,
            quantity=self.quantity,
            **{name: getattr(self, name) or None for name in _OPTIONAL_LINE_FIELDS},
        )


_OPTIONAL_LINE_FIELDS = tuple(name for name in LineArguments.model_fields if name not in {"offer_id", "quantity"})


def _agrees(code: str, info: ValidationInfo) -> str:
    """A district code that does not send the goods to another place than is written (CONTRACT 9.5)."""
    if code and (readings := contradiction(code, info.data.get("province", ""), info.data.get("city", ""))):
        raise problem("district_elsewhere", of_code=readings[0], written=readings[1])
    return code


class AddressArguments(ClosedArguments):
    full_name: Annotated[str, _words(60), Required, Field(description="consignee's name")]
    mobile: Annotated[
        str, _code(r"\+?[0-9](?:[ -]?[0-9]){4,19}", "not_a_phone"), Required, Field(description="mobile number")
    ]
    province: Annotated[str, _words(40), Required, Field(description="province, in Chinese")]
    city: Annotated[str, _words(40), Required, Field(description="city, in Chinese")]
    street: Annotated[str, _words(200), Required, Field(description="street address, at most 200 characters")]
    area: Annotated[str, _words(40), Field(description="district or county, in Chinese")] = ""
    town: Annotated[str, _words(40), Field(description="town or sub-district")] = ""
    post_code: Annotated[str, _code(r"[0-9]{6}", "not_a_post_code"), Field(description="6 digits")] = ""
    phone: Annotated[str, _code(r"\+?[0-9](?:[ -]?[0-9]){4,19}", "not_a_phone"), Field(description="landline")] = ""
    district_code: Annotated[
        str,
        _code(r"[0-9]{6}", "not_a_district_code"),
        AfterValidator(_agrees),
        Field(description="6-digit county code; overrides the written province and city, so leave it out if unsure"),
    ] = ""


ADDRESS_FIELDS = tuple(AddressArguments.model_fields)


def _address(value: Any, info: ValidationInfo) -> Any:
    """A whole address, or the one that a consignee's name stands for (names come with the validation context)."""
    value = _json_text(value)
    if not isinstance(value, str):
        return value
    context: Mapping[str, Mapping[str, Address]] = info.context or {}
    consignees = context.get("consignees", {})
    name = value.strip()
    if name not in consignees:
        raise problem("unknown_consignee", nearest=get_close_matches(name, consignees, 3, 0.4) or sorted(consignees))
    return consignees[name].model_dump()


def _no_repeats(lines: list[LineArguments]) -> list[LineArguments]:
    if not lines:
        raise problem("no_lines")
    if len(lines) > LINE_LIMIT:
        raise problem("too_many_lines", limit=LINE_LIMIT, length=len(lines))
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(lines):
        first = seen.setdefault((line.offer_id, line.spec_id), number)
        if first != number:
            raise problem("repeated_line", first=f"lines[{first}]", second=f"lines[{number}]")
    return lines


def _within_room(note: str, info: ValidationInfo) -> str:
    """A note that leaves room for what is put at its end (it comes with the validation context)."""
    context: Mapping[str, int] = info.context or {}
    room = NOTE_LIMIT - context.get("note_suffix", 0)
    if len(note) > room:
        raise problem("too_long", limit=room, length=len(note))
    return note


PurchaseRef = Annotated[str, _code(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "not_a_reference")]


class PreviewArguments(ClosedArguments):
    lines: Annotated[
        list[LineArguments],
        BeforeValidator(_json_text),
        AfterValidator(_no_repeats),
        Field(description="what to buy: 1 to 50 lines, each offer and SKU once"),
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
        _code(r"[A-Za-z0-9_]{1,40}", "not_a_code"),
        Field(description="1688 ordering channel such as general or fenxiaonew; leave out to use the operator's"),
    ] = ""
    buyer_message: Annotated[
        str,
        _words(NOTE_LIMIT),
        AfterValidator(_within_room),
        Field(description="note to the seller, at most 500 characters together with the reference at its end"),
    ] = ""
    purchase_ref: Annotated[
        PurchaseRef, Field(description="your own number for this purchase, never used before; made for you if absent")
    ] = ""


def _token(value: Any) -> str:
    if not isinstance(value, str):
        raise problem("not_text")
    return value.strip()


def _total(value: Any) -> str:
    value = _plain(value)
    if isinstance(value, float | bool):
        raise problem("not_a_total")
    text = _code_text(value)
    try:
        fen_from_text(text)
    except ValueError:
        raise problem("not_a_total") from None
    return text


class CreateArguments(ClosedArguments):
    preview_token: Annotated[str, BeforeValidator(_token), Field(description="from preview_order, copied exactly")]
    expected_total: Annotated[
        str,
        BeforeValidator(_total),
        Field(description='totals.payable that the person agreed to, as text in CNY, such as "64.00"'),
    ]


def _read_moment(text: str, *, end: bool) -> datetime:
    try:
        day = datetime.combine(date.fromisoformat(text), time.min, CHINA)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return day + timedelta(days=1, milliseconds=-1) if end else day


def _moment(*, end: bool) -> BeforeValidator:
    def read(value: Any) -> Any:
        value = _plain(value)
        if value in (None, ""):
            return None
        if not isinstance(value, str):
            raise problem("not_a_time")
        try:
            moment = _read_moment(value, end=end)
        except (ValueError, OverflowError):
            raise problem("not_a_time") from None
        if not 2000 <= moment.year <= 2100:
            raise problem("not_a_time")
        return moment

    return BeforeValidator(read, json_schema_input_type=str)


_STATUSES: tuple[str, ...] = OrderStatus.__args__


def _status(value: Any) -> str:
    text = _code_text(value).lower().replace(" ", "_").replace("-", "_")
    if text and text not in _STATUSES:
        raise problem("unknown_value", nearest=get_close_matches(text, _STATUSES, 3, 0.4) or list(_STATUSES))
    return text


def _page_size(value: Any) -> int:
    if value is None:
        return 20
    value = _plain(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 50:
        raise problem("not_a_page_size")
    return value


class ListArguments(ClosedArguments):
    status: Annotated[
        str,
        BeforeValidator(_status),
        Field(description="only orders in this status", json_schema_extra={"enum": ["", *_STATUSES]}),
    ] = ""
    created_from: Annotated[
        datetime | None, _moment(end=False), Field(description="ISO date or time; without a zone it is China time")
    ] = None
    created_to: Annotated[
        datetime | None, _moment(end=True), Field(description="as created_from; the day is included")
    ] = None
    purchase_ref: Annotated[PurchaseRef, Field(description="only orders of this purchase")] = ""
    page_size: Annotated[int, Field(ge=1, le=50, description="orders per page"), BeforeValidator(_page_size)] = 20
    cursor: Annotated[
        str, _words(600), Field(description="next_cursor of the page before; other filters stay as they were")
    ] = ""

    @model_validator(mode="after")
    def _from_before_to(self) -> "ListArguments":
        if self.created_from and self.created_to and self.created_from > self.created_to:
            raise problem("times_reversed")
        return self


OrderId = Annotated[str, _code(r"[A-Za-z0-9_-]{1,64}", "not_a_code")]


class GetArguments(ClosedArguments):
    order_id: Annotated[OrderId, Field(description="1688 order id as text; give this or purchase_ref")] = ""
    purchase_ref: Annotated[PurchaseRef, Field(description="the purchase's reference; give this or order_id")] = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> "GetArguments":
        if bool(self.order_id) == bool(self.purchase_ref):
            raise problem("exactly_one", names="order_id, purchase_ref")
        return self


_Arguments = TypeVar("_Arguments", bound=BaseModel)


def read_arguments(
    model: type[_Arguments], given: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> _Arguments:
    """`given` as `model`.

    Raises:
        InvalidArguments: with every fault of the call, each with its path.
    """
    try:
        return model.model_validate(dict(given), context=dict(context or {}))
    except ValidationError as error:
        raise InvalidArguments([*_faults(error, model), *_uncounted(error, given)]) from None


def _uncounted(error: ValidationError, given: Mapping[str, Any]) -> list[ArgumentFault]:
    """Too many lines, where a fault inside one of them kept them from being counted."""
    lines = _json_text(given.get("lines"))
    inner = any(detail["loc"][:1] == ("lines",) and len(detail["loc"]) > 1 for detail in error.errors())
    if not inner or not isinstance(lines, list):
        return []
    count = len(cast("list[Any]", lines))
    return (
        [ArgumentFault("lines", "too_many_lines", {"limit": LINE_LIMIT, "length": count})] if count > LINE_LIMIT else []
    )


def _faults(error: ValidationError, model: type[BaseModel]) -> list[ArgumentFault]:
    found: dict[tuple[str, str], ArgumentFault] = {}
    for detail in error.errors(include_url=False, include_input=False):
        # An address is a whole one or a name: pydantic names the branch in the path, and only the first one counts.
        steps = list(detail["loc"])
        if steps[:1] == ["address"] and len(steps) > 1 and steps.pop(1) == "str":
            continue
        fault = ArgumentFault(_path(steps), *_named(detail["type"], detail.get("ctx", {}), steps, model))
        found.setdefault((fault.path, fault.problem), fault)
    return list(found.values())


def _path(steps: list[int | str]) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path or "(arguments)"


_TYPE_PROBLEMS = {
    "missing": "missing",
    "list_type": "not_a_list",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "dict_type": "not_an_object",
}


def _named(
    kind: str, context: Mapping[str, Any], steps: list[int | str], model: type[BaseModel]
) -> tuple[str, dict[str, Any]]:
    if kind == "problem":
        return context["name"], {key: value for key, value in context.items() if key != "name"}
    if kind == "extra_forbidden":
        return "unknown_name", {"nearest": get_close_matches(str(steps[-1]), _names_at(steps, model), 2, 0.5)}
    return _TYPE_PROBLEMS.get(kind, "not_readable"), {}


def _names_at(steps: list[int | str], model: type[BaseModel]) -> list[str]:
    if len(steps) == 1:
        return list(model.model_fields)
    return list(ADDRESS_FIELDS if steps[0] == "address" else LineArguments.model_fields)
