"""What a create call came back with. The form of the answer is not public (CONTRACT 4.2): every candidate is read,
and an order id anywhere in it counts."""

from collections.abc import Iterator
from typing import Annotated, Any

from orders_server.xportcn.trade_info import trade_order
from orders_server.xportcn.wire import (
    Envelope,
    NoneIsEmpty,
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

_ID_NAMES = ("orderid", "idofstr", "orderids", "tradeid", "orderno")
"""Names, in lower case, under which an order's id may stand; the first that is filled names the order."""


class WireFailedLine(Wire):
    offerId: WireId = None
    specId: WireId = None
    errorCode: WireId = None
    errorMessage: WireText = None


class WireOrder(Wire):
    """One order of 1688's result: amounts are fen (CONTRACT 9.3), `orderAmmount` is spelled so."""

    orderId: WireId = None
    orderNo: WireId = None
    orderAmmount: WireFen = None
    totalSuccessAmount: WireFen = None
    postFee: WireFen = None
    failedOfferList: Annotated[tuple[WireFailedLine, ...], NoneIsEmpty] = ()


def create_reply(content: bytes) -> CreateReply:
    """The body of an answer to create, whatever its HTTP status, as evidence."""
    try:
        body = read_json(content)
        envelope = read(Envelope, body, "envelope")
    except Unreadable as error:
        return CreateReply(connected=True, complete=False, failure=error.where)
    orders = {order.order_id: order for order in _orders(envelope.data)}
    for order_id in _ids(body):
        orders.setdefault(order_id, PlacedOrder(order_id=order_id))
    return CreateReply(
        connected=True,
        complete=envelope.code is not None,
        code=envelope.code,
        message=envelope.msg,
        orders=tuple(orders.values()),
        failed_lines=tuple(_failed_lines(envelope.data)),
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
        try:
            if "baseInfo" in fields:
                yield trade_order(fields, "data").placed()
                continue
            order = read(WireOrder, fields, "data")
        except Unreadable:
            continue  # its id is found by `_ids`; amounts that cannot be read are left out
        order_id = order.orderId or order.orderNo
        if _is_id(order_id):
            amount = order.totalSuccessAmount if order.orderAmmount is None else order.orderAmmount
            yield PlacedOrder(order_id=order_id or "", payable=amount, carriage=order.postFee)


def _failed_lines(data: Any) -> Iterator[FailedLine]:
    for fields in _objects(data):
        try:
            failed = read(WireOrder, {"failedOfferList": fields.get("failedOfferList")}, "data").failedOfferList
        except Unreadable:
            continue
        for line in failed:
            yield FailedLine(offer_id=line.offerId, spec_id=line.specId, code=line.errorCode, message=line.errorMessage)


def _ids(content: Any) -> Iterator[str]:
    """Every order id in a document, under whatever roof."""
    for item in as_list(content) or ():
        yield from _ids(item)
    fields = as_object(content) or {}
    by_name = {name.lower(): value for name, value in fields.items()}
    own = [order_id for name in _ID_NAMES for order_id in _read_ids(by_name.get(name))]
    yield from own[:1] if "orderids" not in by_name else own
    for name, value in fields.items():
        if name.lower() not in _ID_NAMES:
            yield from _ids(value)


def _read_ids(value: Any) -> list[str]:
    candidates = as_list(value) if isinstance(value, list) else [value]
    return [order_id for order_id in map(_read_id, candidates or ()) if order_id]


def _read_id(value: Any) -> str | None:
    try:
        order_id = read(WireOrder, {"orderId": value}, "data").orderId
    except Unreadable:
        return None
    return order_id if _is_id(order_id) else None


def _is_id(order_id: str | None) -> bool:
    return order_id is not None and order_id.strip("0 ") != "" and order_id.lower() not in {"null", "none"}
