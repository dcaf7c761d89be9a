"""Applies the switches to answers: types of ids, words for a status, form of the list."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from orders_sandbox.course import AWAITING_PAYMENT, AWAITING_SHIPMENT, CANCELLED, COMPLETED, SHIPPED, SIGNED
from orders_sandbox.json_text import Json, JsonObject
from orders_sandbox.switches import Switches

_STATUSES = (AWAITING_PAYMENT, AWAITING_SHIPMENT, SHIPPED, SIGNED, COMPLETED, CANCELLED)
_MESSAGE_WORDS = {
    AWAITING_PAYMENT: "WAITING_FOR_PAYMENT",
    AWAITING_SHIPMENT: "WAITING_FOR_SENT",
    SHIPPED: "WAITING_FOR_RECEIVE",
    SIGNED: "SIGNED",
    COMPLETED: "SUCCESS",
    CANCELLED: "CANCEL",
}
"""The words of the push messages (CONTRACT 8); those for shipped, signed and completed are this sandbox's guess."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "1688": {word: word for word in _STATUSES},
    "messages": _MESSAGE_WORDS,
    "upper": {word: word.upper() for word in _STATUSES},
}
"""1688's status and the word for it, by the value of the switch statuses."""

_IDS = frozenset(
    ("orderId", "id", "idOfStr", "productID", "skuID", "subItemID", "subItemIDString", "offerId", "skuId", "phase")
)
_ID_LISTS = frozenset(("postFeeByDescOfferList", "consignOfferList", "unsupportedCrossBorderPayOfferList"))


def apply_switches(data: Json, switches: Switches) -> Json:
    """The data with the words and types that the switches ask for; the form of lists is unchanged."""
    if switches.ids == "mixed" and switches.statuses == "1688":
        return data
    return _translate(data, switches)


def list_form(page: JsonObject, switches: Switches) -> Json:
    """A page of the list in the form that the switches ask for."""
    rows = cast("Sequence[JsonObject]", page["result"])
    return _LIST_FORMS[switches.list_answer]({**page, "result": _ROWS[switches.list_rows](rows)})


def _large(rows: Sequence[JsonObject]) -> Json:
    return [{**row, "tradeTerms": [{"phaseDescription": "长" * _LONG_TEXT}]} for row in rows]


def _odd(rows: Sequence[JsonObject]) -> Json:
    """Each order with a price below a fen and an empty list for its logistics, between two that have no id."""
    odd: list[Json] = []
    for row in rows:
        items = cast("Sequence[JsonObject]", row["productItems"])
        priced: list[Json] = [{**item, "price": Decimal("0.035"), "skuInfos": ""} for item in items]
        odd.append({**row, "productItems": priced, "nativeLogistics": []})
    return [_WITHOUT_ID, *odd, None] if odd else []


_LONG_TEXT = 70_000 // 3
_WITHOUT_ID: JsonObject = {"baseInfo": [], "productItems": ""}
_ROWS: Mapping[str, Callable[[Sequence[JsonObject]], Json]] = {"usual": list, "large": _large, "odd": _odd}


def _bare(page: JsonObject) -> Json:
    return page["result"]


def _under_name(name: str) -> Callable[[JsonObject], Json]:
    def form(page: JsonObject) -> Json:
        return {name: page["result"], "total": page["totalRecord"], "page": page["page"], "pageSize": page["pageSize"]}

    return form


def _as_it_is(page: JsonObject) -> Json:
    return page


_LIST_FORMS: Mapping[str, Callable[[JsonObject], Json]] = {
    "result": _as_it_is,
    "bare": _bare,
    "list": _under_name("list"),
    "records": _under_name("records"),
}


def _translate(value: Json, switches: Switches) -> Json:
    if isinstance(value, Mapping):
        return {name: _field(name, item, switches) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_translate(item, switches) for item in value]
    return value


def _field(name: str, value: Json, switches: Switches) -> Json:
    if name == "status" and isinstance(value, str):
        return WORDS[switches.statuses].get(value, value)
    if name in _IDS:
        return _identifier(value, switches.ids)
    if name in _ID_LISTS:
        return [_identifier(item, switches.ids) for item in cast("Sequence[Json]", value)]
    return _translate(value, switches)


def _identifier(value: Json, form: str) -> Json:
    if form == "numbers" and isinstance(value, str) and value:
        return int(value)
    return str(value) if form == "text" and isinstance(value, int) else value
