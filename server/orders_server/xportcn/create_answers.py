"""What a create call came back with. The form of the answer is not public (CONTRACT 4.2): every candidate is read,
and an order id anywhere in it counts."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orders_server.xportcn.failures import unwrapped
from orders_server.xportcn.trade_info import trade_order
from orders_server.xportcn.wire import (
    Envelope,
    Unreadable,
    Wire,
    WireFen,
    WireId,
    WireText,
    as_list,
    as_object,
    read,
    read_json,
)
from orders_tools.ports import CreateReply
from orders_tools.purchase import FailedLine, PlacedOrder

_ID_NAMES = ("orderid", "idofstr", "orderids", "orderidlist", "tradeid", "orderno")
"""Names, in lower case, under which an order's id may stand; the first that is filled names the order."""


_ORDER_ID = re.compile(r"(?=.*[1-9])[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{15,20}(?![0-9])")


class WireFailedLine(Wire):
    offerId: WireId = None
    specId: WireId = None
    errorCode: WireId = None
    errorMessage: WireText = None


class WireOrder(Wire):
    """One order of 1688's result: amounts are fen (CONTRACT 9.3), `orderAmmount` is spelled so."""

    orderId: WireId = None
    orderAmmount: WireFen = None
    totalSuccessAmount: WireFen = None
    postFee: WireFen = None


def create_reply(content: bytes, part_ref: str = "") -> CreateReply:
    """The body of an answer to create, whatever its HTTP status, as evidence; `part_ref` is what was sent."""
    try:
        body = read_json(content)
        envelope = read(Envelope, body, "envelope")
    except Unreadable as error:
        return CreateReply(connected=True, complete=False, failure=error.where)
    # A sister of this API answers without an envelope: then the whole body is what was made.
    made = envelope.data if "data" in (as_object(body) or {}) else body
    orders = {order.order_id: order for order in _orders(made)}
    for order_id in _ids(body):
        orders.setdefault(order_id, PlacedOrder(order_id=order_id))
    return CreateReply(
        connected=True,
        complete=envelope.code is not None,
        code=envelope.code,
        message=envelope.msg,
        orders=tuple(orders.values()),
        failed_lines=tuple(_failed_lines(made)),
        holds_a_long_number=any(text != part_ref and _LONG_NUMBER.search(text) for text in _words_of(body)),
    )


def _objects(content: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document that could describe an order, outermost first."""
    for item in as_list(content) or ():
        yield from _objects(item)
    if fields := as_object(content):
        yield fields
        for name in ("result", "orderList", "data"):
            yield from _objects(fields.get(name))


def _orders(data: Any) -> Iterator[PlacedOrder]:
    for fields in _objects(data):
        order_id = next((each for each in map(_read_id, _own_ids(fields)) if each), None)
        if order_id is None:
            continue
        try:
            if "baseInfo" in fields:
                yield trade_order(fields, "data").placed()
            else:
                order = read(WireOrder, fields, "data")
                amount = order.totalSuccessAmount if order.orderAmmount is None else order.orderAmmount
                yield PlacedOrder(order_id=order_id, payable=amount, carriage=order.postFee)
        except Unreadable:
            yield PlacedOrder(order_id=order_id)  # an order exists, whatever else cannot be read of it


def _own_ids(fields: dict[str, Any]) -> list[Any]:
    """What may be the id of the order that an object describes, the surest first; 1688's before the API's own."""
    base = as_object(fields.get("baseInfo")) or {}
    return [base.get("idOfStr"), base.get("id"), *(fields.get(name) for name in ("orderId", "tradeId", "orderNo"))]


def _failed_lines(data: Any) -> Iterator[FailedLine]:
    for fields in _objects(data):
        for item in as_list(fields.get("failedOfferList")) or ():
            yield _failed_line(item)
        for item in as_list(fields.get("orderList")) or ():
            part = as_object(item) or {}
            if not any(_ids(part)):
                yield _failed_line({"errorCode": part.get("resultCode"), "errorMessage": part.get("message")})


def _failed_line(item: Any) -> FailedLine:
    try:
        line = read(WireFailedLine, item, "data")
    except Unreadable:
        line = WireFailedLine()
    code, message = unwrapped(line.errorCode, line.errorMessage)
    return FailedLine(offer_id=line.offerId, spec_id=line.specId, code=code, message=message)


def _ids(content: Any) -> Iterator[str]:
    """Every order id in a document, under whatever roof; the API's own number only where 1688's is not beside it."""
    for item in as_list(content) or ():
        yield from _ids(item)
    by_name = {name.lower().replace("_", ""): value for name, value in (as_object(content) or {}).items()}
    inner = [order_id for name, value in by_name.items() if name not in _ID_NAMES for order_id in _ids(value)]
    own = [order_id for name in _ID_NAMES for order_id in _read_ids(by_name.get(name))]
    if own and not (inner and not any(_read_ids(by_name.get(name)) for name in _ID_NAMES[:-1])):
        yield from own if {"orderids", "orderidlist"} & by_name.keys() else own[:1]
    yield from inner


def _read_ids(value: Any) -> list[str]:
    candidates = as_list(value) if isinstance(value, list) else [value]
    return [order_id for order_id in map(_read_id, candidates or ()) if order_id]


def _read_id(value: Any) -> str | None:
    """`value` where it can be an order's id: stand-ins such as 0, -1 or "N/A" are none."""
    try:
        order_id = read(WireOrder, {"orderId": value}, "data").orderId
    except Unreadable:
        return None
    return order_id if order_id and _ORDER_ID.fullmatch(order_id) else None


def _words_of(content: Any) -> Iterator[str]:
    """Every text, number and field name in a document, as plain text; the ids of the call itself left out."""
    for item in as_list(content) or ():
        yield from _words_of(item)
    for name, value in (as_object(content) or {}).items():
        yield name
        if name not in {"requestId", "developId"}:
            yield from _words_of(value)
    if isinstance(content, str):
        yield unicodedata.normalize("NFKC", content).strip()
    elif isinstance(content, Decimal):
        yield f"{content:f}"
