"""Arguments of `list_orders` and `get_order`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from orders_tools.arguments.base import ClosedArguments, PurchaseRef
from orders_tools.arguments.parsing import code, code_text, problem, read_page_size, read_time, text_line, time_value
from orders_tools.errors import ArgumentFault, ArgumentProblem
from orders_tools.orders.cursor import decode
from orders_tools.vocabulary import OrderStatus

_STATUSES: tuple[str, ...] = OrderStatus.__args__


def _status(value: Any) -> str:
    text = code_text(value).lower().replace(" ", "_").replace("-", "_")
    if text and text not in _STATUSES:
        raise problem(
            ArgumentProblem.UNKNOWN_VALUE, nearest=get_close_matches(text, _STATUSES, 3, 0.4) or list(_STATUSES)
        )
    return text


def _check_cursor(cursor: str) -> str:
    try:
        if cursor:
            decode(cursor)
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
        datetime | None, time_value(end=False), Field(description="ISO date or time; without a zone it is China time")
    ] = None
    created_to: Annotated[
        datetime | None, time_value(end=True), Field(description="as created_from; the day is included")
    ] = None
    purchase_ref: Annotated[PurchaseRef, Field(description="only orders of this purchase")] = ""
    page_size: Annotated[int, Field(ge=1, le=50, description="orders per page"), BeforeValidator(read_page_size)] = 20
    cursor: Annotated[
        str,
        text_line(600),
        AfterValidator(_check_cursor),
        Field(description="next_cursor of the page before; other filters stay as they were"),
    ] = ""

    @classmethod
    def cross_field_faults(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        try:
            first, last = (
                read_time(given.get("created_from"), end=False),
                read_time(given.get("created_to"), end=True),
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
    def cross_field_faults(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        if _is_filled(given.get("order_id")) == _is_filled(given.get("purchase_ref")):
            yield ArgumentFault("(arguments)", ArgumentProblem.EXACTLY_ONE, {"names": "order_id, purchase_ref"})


def _is_filled(value: Any) -> bool:
    try:
        return bool(code_text(value))
    except PydanticCustomError:
        return True
