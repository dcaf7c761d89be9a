"""Switches for what no document says (CONTRACT 12); each default is this sandbox's own guess."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_type_hints

_T = TypeVar("_T")


def _switch(default: _T, shows: str) -> _T:
    return field(default=default, metadata={"shows": shows})


@dataclass(frozen=True)
class Switches:
    """One setting for each undocumented behaviour of the live API.

    Raises:
        ValueError: a switch does not have a given value; the message names all such values and the possible ones.
    """

    timestamp_unit: Literal["both", "ms", "s"] = _switch("both", "the unit of the timestamp header that is taken")
    nonces: Literal["once", "replayed"] = _switch("once", "whether a nonce is taken once or again and again")
    signed_user: Literal["no", "yes"] = _switch("no", "whether user-id is signed, between nonce and secret")
    ids: Literal["mixed", "numbers", "text"] = _switch(
        "mixed", "how ids stand in answers; mixed is as 1688 prints them"
    )
    develop_id: Literal["text", "number"] = _switch("text", "how developId stands in the envelope")
    out_order_id: Literal["echoed", "dropped", "refused"] = _switch(
        "echoed", "what create does with outOrderId: keep it, ignore it, or refuse the call"
    )
    repeated_out_order_id: Literal["second-order", "refused", "first-order"] = _switch(
        "second-order", "what a create with a used outOrderId gets: another order, a refusal, or the first order again"
    )
    preview_first: Literal["unchecked", "checked"] = _switch(
        "unchecked", "whether create refuses lines that this sandbox has not previewed just so since it started"
    )
    sellers: Literal["one", "several"] = _switch("one", "how many sellers one call may name")
    create_answer: Literal["wrapped", "flat", "orders", "own"] = _switch(
        "wrapped", "create's answer: 1688's result, the same flat, whole orders, or orderId beside an orderNo"
    )
    charge: Literal["payment", "total-payment"] = _switch(
        "payment", "what create charges: sumPayment, or sumTotalPayment with Xportcn's fee"
    )
    list_path: str = _switch("/alibaba/ka/order/list", "the path of the order list, or several with commas between")
    detail_path: str = _switch("/alibaba/ka/order/detail", "the path of the order details")
    list_answer: Literal["result", "bare", "list", "records"] = _switch(
        "result", "where the list has its orders: under that name, or bare"
    )
    list_rows: Literal["usual", "large", "odd"] = _switch(
        "usual",
        "how the list has its orders: large is 70 KB each, odd a price below a fen, [] for {} and rows without an id",
    )
    product_answers: Literal[
        "plain",
        "two-envelopes",
        "array",
        "numbers-as-text",
        "prices-as-numbers",
        "untranslated",
        "other-offer",
        "refused",
        "late",
        "off",
    ] = _switch(
        "plain",
        "how the catalogue answers: other-offer is about another one, late never, off as where there is no such path",
    )
    page_limit: int = _switch(50, "the most orders of one page, whatever pageSize asks for")
    note: Literal["asked", "always", "never"] = _switch("asked", "when the list returns the buyer's note")
    statuses: Literal["1688", "messages", "upper"] = _switch(
        "1688", "the words for an order's status: 1688's, those of the push messages, or 1688's in upper case"
    )
    error_http: Literal["200", "400", "500"] = _switch("200", "the HTTP status of a refusal")
    error_place: Literal["message", "code", "data", "document", "lines"] = _switch(
        "message",
        "where 1688's code travels: msg, code, data.errorCode, a JSON document in data.errorMsg, or each line",
    )
    error_data: Literal["null", "absent"] = _switch("null", "what stands for data where there is none")

    def __post_init__(self) -> None:
        faults = [fault for name in SWITCHES if (fault := _fault_of(name, getattr(self, name)))]
        if faults:
            raise ValueError("; ".join(faults))


@dataclass(frozen=True)
class Switch:
    """One switch: what it decides, its default, and its values; none listed where it takes any path or count."""

    shows: str
    default: str
    values: tuple[str, ...]


def _table() -> dict[str, Switch]:
    hints = get_type_hints(Switches)
    return {
        each.name: Switch(each.metadata["shows"], str(each.default), get_args(hints[each.name]))
        for each in fields(Switches)
    }


SWITCHES: Mapping[str, Switch] = MappingProxyType(_table())


def switches_from(assignments: Iterable[str]) -> tuple[Switches, list[str]]:
    """The switches set by texts such as "ids=text", and every fault in them; for one name, the last text counts."""
    chosen: dict[str, Any] = {}
    faults: list[str] = []
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        if name not in SWITCHES:
            faults.append(f"unknown switch {name}; known: {', '.join(SWITCHES)}")
            continue
        read = int(value) if name == "page_limit" and value.isascii() and value.isdigit() else value
        if fault := _fault_of(name, read):
            faults.append(fault)
        else:
            chosen[name] = read
    return Switches(**chosen), faults


def _fault_of(name: str, value: object) -> str | None:
    values = SWITCHES[name].values
    if values:
        return None if value in values else f"switch {name} is one of {', '.join(values)}"
    if name == "page_limit":
        return None if isinstance(value, int) and value > 0 else f"switch {name} is a whole number above 0"
    paths = value.split(",") if isinstance(value, str) and name == "list_path" else [value]
    right = all(isinstance(path, str) and path.startswith("/") for path in paths)
    return None if right else f"switch {name} is a path that starts with /"
