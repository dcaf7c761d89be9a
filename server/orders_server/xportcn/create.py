"""Reads the answer to a create call. Its form is not public (CONTRACT 4.2), so every documented form is read; order ids
in the documented places count, and ids elsewhere are kept apart."""

from collections.abc import Collection, Iterator
from typing import Any

from orders_server.xportcn.errors import unwrap
from orders_server.xportcn.orders import trade_order
from orders_server.xportcn.signs import Signs
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
from orders_tools.purchase.model import FailedLine, Part, PlacedOrder
from orders_tools.rules.create_evidence import ORDER_ID, fold

_ID_NAMES = ("orderid", "idofstr", "orderids", "orderidlist", "tradeid", "orderno")
"""Field names, in lower case, that may hold an order id; the first filled one names the order."""
_PLACES = frozenset({"result", "orderlist", "data", "baseinfo"})
"""Field names, in lower case, under which the documented forms hold their orders."""


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


def ids_sent(part: Part) -> frozenset[str]:
    """Every id sent with the create call of `part`, and the SKUs in its preview: none of them is an order id."""
    ids = [part.part_ref, part.seller_open_id]
    for line in part.lines:
        ids += [line.offer_id, line.spec_id, line.product_no, line.container]
    for answered in (line for order in part.answer.orders for line in order.lines):
        ids += [answered.offer_id, answered.spec_id, answered.sku_id]
    return frozenset(filter(None, ids))


def create_reply(content: bytes, sent: Collection[str] = ()) -> CreateReply:
    """The body of an answer to create, whatever its HTTP status, as evidence; `sent` are the ids the call carried."""
    try:
        body = read_json(content)
        envelope = read(Envelope, body, "envelope")
    except Unreadable as error:
        return CreateReply(connected=True, complete=False, failure=error.where)
    # A related API answers without an envelope: then the whole body describes the orders.
    made = envelope.data if "data" in (as_object(body) or {}) else body
    signs, ours = Signs(sent), {fold(each) for each in sent}
    placed = {order_id: PlacedOrder(order_id=order_id) for order_id in _ids(made, _PLACES)}
    placed |= {order.order_id: order for order in _orders(made) if order.order_id in placed}
    named = [order_id for order_id in dict.fromkeys(_ids(body)) if order_id not in placed]
    failed, unnamed = _failed_lines(made, signs)
    return CreateReply(
        connected=True,
        complete=envelope.code is not None,
        code=envelope.code,
        message=envelope.msg,
        orders=tuple(order for order_id, order in placed.items() if fold(order_id) not in ours),
        named=tuple(order_id for order_id in named if fold(order_id) not in ours),
        failed_lines=tuple(failed),
        unnamed_orders=unnamed,
        signs=() if envelope.code in {None, "200"} else tuple(signs.kinds(body)),
    )


def _objects(content: Any) -> Iterator[dict[str, Any]]:
    """All objects in a document that could describe an order, outermost first."""
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
                yield trade_order(fields, "data").to_placed_order()
            else:
                order = read(WireOrder, fields, "data")
                amount = order.totalSuccessAmount if order.orderAmmount is None else order.orderAmmount
                yield PlacedOrder(order_id=order_id, payable=amount, carriage=order.postFee)
        except Unreadable:
            yield PlacedOrder(order_id=order_id)  # an order exists, even if nothing else can be read


def _own_ids(fields: dict[str, Any]) -> list[Any]:
    """Candidates for the id of the order that an object describes, the most certain first: 1688's before the API's."""
    return [_base_id(fields.get("baseInfo")), *(fields.get(name) for name in ("orderId", "tradeId", "orderNo"))]


def _failed_lines(data: Any, signs: Signs) -> tuple[list[FailedLine], int]:
    """The lines that an answer says were not ordered, and the number of orders without an id and without a failure."""
    failed: list[FailedLine] = []
    unnamed = 0
    for fields in _objects(data):
        failed += [_failed_line(item) for item in as_list(fields.get("failedOfferList")) or ()]
        for item in as_list(fields.get("orderList")) or ():
            part = as_object(item) or {}
            if any(_ids(part)):
                continue
            if signs.fails(part):
                failed.append(_failed_line({"errorCode": part.get("resultCode"), "errorMessage": part.get("message")}))
            else:
                unnamed += 1
    return failed, unnamed


def _failed_line(item: Any) -> FailedLine:
    try:
        line = read(WireFailedLine, item, "data")
    except Unreadable:
        line = WireFailedLine()
    code, message = unwrap(line.errorCode, line.errorMessage)
    return FailedLine(offer_id=line.offerId, spec_id=line.specId, code=code, message=message)


def _ids(content: Any, within: Collection[str] | None = None) -> Iterator[str]:
    """All order ids anywhere in the document, or only `within` those names; 1688's id wins over Xportcn's own."""
    for item in as_list(content) or ():
        yield from _ids(item, within)
    by_name = {name.lower().replace("_", ""): value for name, value in (as_object(content) or {}).items()}
    inner: list[str] = []
    for name, value in by_name.items():
        if name == "baseinfo" and (base := _base_id(value)):
            inner.append(base)
        elif name not in _ID_NAMES and (within is None or name in within):
            inner += _ids(value, within)
    own = [order_id for name in _ID_NAMES for order_id in _read_ids(by_name.get(name))]
    if own and not (inner and not any(_read_ids(by_name.get(name)) for name in _ID_NAMES[:-1])):
        yield from own if {"orderids", "orderidlist"} & by_name.keys() else own[:1]
    yield from inner


def _base_id(base: Any) -> str | None:
    """The id in a `baseInfo`: `idOfStr`, because `id` may have lost digits (CONTRACT 9.4)."""
    fields = as_object(base) or {}
    return _read_id(fields.get("idOfStr")) or _read_id(fields.get("id"))


def _read_ids(value: Any) -> list[str]:
    candidates = as_list(value) if isinstance(value, list) else [value]
    return [order_id for order_id in map(_read_id, candidates or ()) if order_id]


def _read_id(value: Any) -> str | None:
    """`value` if it can be an order id; placeholders such as 0, -1 or "N/A" cannot."""
    try:
        order_id = read(WireOrder, {"orderId": value}, "data").orderId
    except Unreadable:
        return None
    return order_id if order_id and ORDER_ID.fullmatch(order_id) else None
