"""Odd values for every field of an order that is read, and what of the order each of them hides."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

Kind = Literal["text", "id", "amount", "time", "object", "list", "words"]
Path = tuple[str | int, ...]
REMOVED = object()
ODD: dict[str, Any] = {
    "null": None,
    "nothing": "",
    "an empty list": [],
    "an empty object": {},
    "a list": [1],
    "an object": {"a": 1},
    "a text": "odd words",
    "a number": 7,
    "a part of a fen": Decimal("0.035"),
    "too long": "长" * 5000,
    "removed": REMOVED,
}
_LISTS_AND_OBJECTS = {"a list", "an object"}
_TEXTS = {"a text", "a number", "a part of a fen", "too long"}
HIDDEN_BY: dict[Kind, set[str]] = {
    "text": _LISTS_AND_OBJECTS,
    "words": set(),
    "id": {*_LISTS_AND_OBJECTS, "a part of a fen", "too long"},
    "amount": {*_LISTS_AND_OBJECTS, "a text", "a part of a fen", "too long"},
    "time": {*_LISTS_AND_OBJECTS, *_TEXTS},
    "object": {"a list", *_TEXTS},
    "list": {"an object", *_TEXTS},
}
"""The odd values of which nothing can be read, by what a field should be. One that says nothing hides nothing."""


@dataclass(frozen=True)
class Field:
    """A field of an order: where it stands, what it should be, and what of the order cannot be told without it."""

    path: Path
    kind: Kind
    tells: str

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


def _fields(where: Path, tells: str, kinds: dict[Kind, str]) -> Iterator[Field]:
    for kind, names in kinds.items():
        for name in names.split():
            yield Field((*where, name), kind, tells)


BASE, ITEM, PARCEL = ("baseInfo",), ("productItems", 0), ("nativeLogistics", "logisticsItems", 0)
FIELDS = [
    *_fields(BASE, "status", {"text": "status"}),
    *_fields(BASE, "refund", {"text": "refundStatus refundStatusForAs"}),
    *_fields(BASE, "closing", {"text": "closeReason closeOperateType"}),
    *_fields(BASE, "payable", {"amount": "totalAmount"}),
    *_fields(BASE, "amounts", {"amount": "sumProductPayment shippingFee refund"}),
    *_fields(BASE, "times", {"time": "createTime payTime allDeliveredTime receivingTime confirmedTime completeTime"}),
    *_fields(BASE, "times", {"amount": "payTimeout", "id": "payTimeoutType"}),
    *_fields(BASE, "amounts", {"amount": "discount"}),
    *_fields(BASE, "reference", {"words": "buyerFeedback"}),
    *_fields(BASE, "consignee", {"object": "receiverInfo"}),
    *_fields((*BASE, "receiverInfo"), "consignee", {"text": "toFullName toMobile toPhone toArea"}),
    *_fields((), "lines", {"list": "productItems"}),
    *_fields(ITEM, "lines", {"id": "productID specId", "text": "quantity"}),
    *_fields(ITEM, "line_details", {"id": "skuID subItemID subItemIDString", "text": "name unit status statusStr"}),
    *_fields(ITEM, "line_details", {"text": "productSnapshotUrl"}),
    *_fields(ITEM, "line_details", {"text": "logisticsStatus", "amount": "itemAmount", "list": "skuInfos"}),
    *_fields(ITEM, "refund", {"text": "refundStatus"}),
    *_fields((*ITEM, "skuInfos", 0), "line_details", {"text": "value"}),
    *_fields((), "parcels", {"object": "nativeLogistics"}),
    *_fields(("nativeLogistics",), "parcels", {"list": "logisticsItems"}),
    *_fields(("nativeLogistics",), "consignee", {"text": "contactPerson mobile telephone province city area address"}),
    *_fields(PARCEL, "parcels", {"text": "logisticsCompanyName logisticsBillNo status"}),
    *_fields(PARCEL, "parcels", {"words": "subItemIds"}),
    *_fields(PARCEL, "parcels", {"time": "deliveredTime"}),
    Field(("productItems", 0), "object", "lines"),
    Field(("nativeLogistics", "logisticsItems", 0), "object", "parcels"),
]
"""Every field that decides nothing, as far as one is read."""

DECIDING = [
    Field((), "object", ""),
    Field(BASE, "object", ""),
    Field((*BASE, "idOfStr"), "id", ""),
    Field((*BASE, "id"), "id", ""),
    Field((*BASE, "outOrderId"), "words", "reference"),
]
"""The fields by which an order is known: its id, and the reference that it carries."""


def with_odd(order: dict[str, Any], field: Field, name: str) -> Any:
    """A copy of an order with the odd value of this name in that field, or as it is where it has no such place."""
    value = ODD[name]
    if not field.path:
        return None if value is REMOVED else value
    changed = copy.deepcopy(order)
    inner: Any = changed
    for step, following in pairwise(field.path):
        if isinstance(step, str):
            inner.setdefault(step, {} if isinstance(following, str) else [{}])
        elif len(inner) <= step:
            inner.append({})
        inner = inner[step]
    last = field.path[-1]
    if value is not REMOVED and isinstance(last, int):
        inner[last:] = [value]
    elif value is not REMOVED:
        inner[last] = value
    elif isinstance(last, str):
        inner.pop(last, None)
    else:
        del inner[last:]
    return changed
