"""The arguments of the four tools as they are published: names, readers and descriptions, and every fault at once."""

from collections.abc import Iterator, Mapping
from datetime import datetime
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
)
from pydantic_core import PydanticCustomError

from orders_prompts.inert import PLAIN_ID
from orders_tools.argument_faults import faults_of
from orders_tools.argument_readers import (
    code,
    code_text,
    json_text,
    moment,
    problem,
    read_moment,
    read_offer_id,
    read_page_size,
    read_quantity,
    read_token,
    read_total,
    required,
    words,
)
from orders_tools.cursors import place_of
from orders_tools.districts import contradiction
from orders_tools.faults import ArgumentFault, ArgumentProblem, InvalidArguments
from orders_tools.purchase import Address, Line
from orders_tools.results import OrderStatus

NOTE_LIMIT = 500
"""Characters of a buyer's note (CONTRACT 9.9)."""
LINE_LIMIT = 50
"""Lines of one purchase (CONTRACT 9.9: at most 50 SKU lines an order)."""


class ClosedArguments(BaseModel):
    """Arguments that refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    def as_a_whole(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        """What is wrong with `given` across its fields; told beside the faults of single ones."""
        yield from ()


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
    product_no: Annotated[str, words(64, numbers=True), Field(description="your product number")] = ""
    container: Annotated[str, words(64, numbers=True), Field(description="your container number")] = ""
    label: Annotated[
        str,
        words(60),
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


def _agrees(district_code: str, info: ValidationInfo) -> str:
    """A district code that does not send the goods to another place than is written (CONTRACT 9.5)."""
    province, city = info.data.get("province", ""), info.data.get("city", "")
    if district_code and (readings := contradiction(district_code, province, city)):
        raise problem(ArgumentProblem.DISTRICT_ELSEWHERE, of_code=readings[0], written=readings[1])
    return district_code


class AddressArguments(ClosedArguments):
    full_name: Annotated[str, words(60), Required, Field(description="consignee's name")]
    mobile: Annotated[
        str,
        code(r"\+?[0-9](?:[ -]?[0-9]){4,19}", ArgumentProblem.NOT_A_PHONE),
        Required,
        Field(description="mobile number"),
    ]
    province: Annotated[str, words(40), Required, Field(description="province, in Chinese")]
    city: Annotated[str, words(40), Required, Field(description="city, in Chinese")]
    street: Annotated[str, words(200), Required, Field(description="street address, at most 200 characters")]
    area: Annotated[str, words(40), Field(description="district or county, in Chinese")] = ""
    town: Annotated[str, words(40), Field(description="town or sub-district")] = ""
    post_code: Annotated[str, code(r"[0-9]{6}", ArgumentProblem.NOT_A_POST_CODE), Field(description="6 digits")] = ""
    phone: Annotated[
        str, code(r"\+?[0-9](?:[ -]?[0-9]){4,19}", ArgumentProblem.NOT_A_PHONE), Field(description="landline")
    ] = ""
    district_code: Annotated[
        str,
        code(r"[0-9]{6}", ArgumentProblem.NOT_A_DISTRICT_CODE),
        AfterValidator(_agrees),
        Field(description="6-digit county code; overrides the written province and city, so leave it out if unsure"),
    ] = ""


def _address(value: Any, info: ValidationInfo) -> Any:
    """A whole address, or the one that a consignee's name stands for (names come with the validation context)."""
    value = json_text(value)
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
    """Lines as a list of objects, where they come as JSON text or as the one object there is."""
    written = json_text(value)
    if isinstance(written, dict) and LineArguments.model_fields.keys() & cast("dict[str, Any]", written).keys():
        return [written]
    return [json_text(line) for line in cast("list[Any]", written)] if isinstance(written, list) else value


def _line_key(line: Any) -> tuple[str, str] | None:
    """What tells a line from others, as far as it can be read."""
    try:
        return read_offer_id(line["offer_id"]), code_text(line.get("spec_id"))
    except (KeyError, TypeError, AttributeError, PydanticCustomError):
        return None


def _within_room(note: str, info: ValidationInfo) -> str:
    """A note that leaves room for what is put at its end (it comes with the validation context)."""
    context: Mapping[str, int] = info.context or {}
    room = NOTE_LIMIT - context.get("note_suffix", 0)
    if len(note) > room:
        raise problem(ArgumentProblem.TOO_LONG, limit=room, length=len(note))
    return note


PurchaseRef = Annotated[str, code(rf"(?=.{{1,40}}\Z){PLAIN_ID}", ArgumentProblem.NOT_A_REFERENCE)]


class PreviewArguments(ClosedArguments):
    lines: Annotated[
        list[LineArguments],
        BeforeValidator(_lines),
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
        code(r"[A-Za-z0-9_]{1,40}", ArgumentProblem.NOT_A_CODE),
        Field(description="1688 ordering channel such as general or fenxiaonew; leave out to use the operator's"),
    ] = ""
    buyer_message: Annotated[
        str,
        words(NOTE_LIMIT),
        AfterValidator(_within_room),
        Field(description="note to the seller, at most 500 characters together with the reference at its end"),
    ] = ""
    purchase_ref: Annotated[
        PurchaseRef, Field(description="your own number for this purchase, never used before; made for you if absent")
    ] = ""

    @classmethod
    def as_a_whole(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
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


class CreateArguments(ClosedArguments):
    expected_total: Annotated[
        str,
        BeforeValidator(read_total),
        Field(description='totals.payable that the person agreed to, as text in CNY, such as "64.00"'),
    ]
    preview_token: Annotated[str, BeforeValidator(read_token), Field(description="from preview_order, copied exactly")]


_STATUSES: tuple[str, ...] = OrderStatus.__args__


def _status(value: Any) -> str:
    text = code_text(value).lower().replace(" ", "_").replace("-", "_")
    if text and text not in _STATUSES:
        raise problem(
            ArgumentProblem.UNKNOWN_VALUE, nearest=get_close_matches(text, _STATUSES, 3, 0.4) or list(_STATUSES)
        )
    return text


def _own_cursor(cursor: str) -> str:
    try:
        if cursor:
            place_of(cursor)
    except ValueError:
        raise problem(ArgumentProblem.NOT_A_CURSOR) from None
    return cursor


class ListArguments(ClosedArguments):
    status: Annotated[
        str,
        BeforeValidator(_status),
        Field(description="only orders in this status", json_schema_extra={"enum": ["", *_STATUSES]}),
    ] = ""
    created_from: Annotated[
        datetime | None, moment(end=False), Field(description="ISO date or time; without a zone it is China time")
    ] = None
    created_to: Annotated[
        datetime | None, moment(end=True), Field(description="as created_from; the day is included")
    ] = None
    purchase_ref: Annotated[PurchaseRef, Field(description="only orders of this purchase")] = ""
    page_size: Annotated[int, Field(ge=1, le=50, description="orders per page"), BeforeValidator(read_page_size)] = 20
    cursor: Annotated[
        str,
        words(600),
        AfterValidator(_own_cursor),
        Field(description="next_cursor of the page before; other filters stay as they were"),
    ] = ""

    @classmethod
    def as_a_whole(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        try:
            first, last = (
                read_moment(given.get("created_from"), end=False),
                read_moment(given.get("created_to"), end=True),
            )
        except PydanticCustomError:
            return
        if first and last and first > last:
            yield ArgumentFault("(arguments)", ArgumentProblem.TIMES_REVERSED)


OrderId = Annotated[str, code(r"[A-Za-z0-9_-]{1,64}", ArgumentProblem.NOT_A_CODE)]


class GetArguments(ClosedArguments):
    order_id: Annotated[OrderId, Field(description="1688 order id as text; give this or purchase_ref")] = ""
    purchase_ref: Annotated[PurchaseRef, Field(description="the purchase's reference; give this or order_id")] = ""

    @classmethod
    def as_a_whole(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        if _is_filled(given.get("order_id")) == _is_filled(given.get("purchase_ref")):
            yield ArgumentFault("(arguments)", ArgumentProblem.EXACTLY_ONE, {"names": "order_id, purchase_ref"})


def _is_filled(value: Any) -> bool:
    try:
        return bool(code_text(value))
    except PydanticCustomError:
        return True


_Arguments = TypeVar("_Arguments", bound=ClosedArguments)


def read_arguments(
    model: type[_Arguments], given: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> _Arguments:
    """`given` as `model`.

    Raises:
        InvalidArguments: with every fault of the call, each with its path.
    """
    across = list(model.as_a_whole(given))
    try:
        read = model.model_validate(dict(given), context=dict(context or {}))
    except ValidationError as error:
        raise InvalidArguments([*faults_of(error, model), *across]) from None
    if across:
        raise InvalidArguments(across)
    return read
