"""A scripted upstream: it does to each create call what its script says, and keeps a record of what it executed.

It is written from the contract alone. It shares no code with the client that calls it or with the sandbox.
"""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, NoReturn

import httpx

ACCESS_KEY, ACCESS_SECRET, USER_ID = "torture-key", "torture-secret", "torture-user"
PREVIEW, CREATE, LIST, DETAIL = (
    "/alibaba/ka/order/create/preview",
    "/alibaba/ka/order/create",
    "/alibaba/ka/order/list",
    "/alibaba/ka/order/detail",
)
PRODUCT = "/alibaba/ka/product/detail/get"
"""Answered for every offer, and told of none but its title: the catalogue decides nothing."""
Profile = Literal["echoed", "note", "ignored"]
"""Where an order's reference comes back: as `outOrderId`, only inside the buyer's note, or nowhere."""
PROFILES: tuple[Profile, ...] = ("echoed", "note", "ignored")
LAGS = (0, 8, 83, 600)
"""Virtual seconds before list and detail show an order."""
Twist = Literal[
    "as_first", "dearer", "cheaper", "split", "other_line", "blocker", "warned", "by_description", "hundredth"
]
"""How the upstream's offer differs from the first one."""
Proof = Literal["placed", "refused", "nothing"]
"""What an answer proves to whoever reads it."""
_CHINA = timezone(timedelta(hours=8))
_UNIT, _CARRIAGE = 1_000, 500
_LISTED: Mapping[Twist, str] = {"warned": "consignOfferList", "by_description": "postFeeByDescOfferList"}
"""Twists of 2025 that only name the offers in a list of the answer."""


class Lost(Exception):
    """No whole answer comes back; `how` says what the caller's connection sees."""

    def __init__(self, how: Literal["connect", "connect_timeout", "read", "read_timeout", "disconnected"]) -> None:
        super().__init__(how)
        self.how = how


@dataclass(frozen=True)
class Reply:
    """One answer, byte for byte."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Order:
    """An order that exists, whoever made it. Money in fen."""

    order_id: str
    reference: str | None
    note: str
    lines: tuple[tuple[str, str | None, int], ...]
    goods: int
    carriage: int
    made_at: datetime
    visible_at: datetime

    @property
    def total(self) -> int:
        return self.goods + self.carriage


@dataclass(frozen=True)
class Executed:
    """One create call that was carried out."""

    number: int
    reference: str
    order_ids: tuple[str, ...]
    lines: tuple[tuple[str, str | None, int], ...]
    total: int
    at: datetime
    visible_at: datetime
    consignee: Mapping[str, Any]
    sent: str
    """SHA-256 of the body that was sent."""


@dataclass(frozen=True)
class Fault:
    """What befalls a create call: whether it is carried out, what comes back, and what that proves."""

    executes: bool
    proof: Proof
    answer: Callable[["ScriptedUpstream", Sequence[Order]], Reply]


@dataclass
class ScriptedUpstream:
    """The API with one caller. `faults` are used up one a create call; `offers` sets the twist at a preview call."""

    clock: Callable[[], datetime]
    seed: int
    profile: Profile = "echoed"
    lag: float = 0
    form: Literal["2025", "2026"] = "2025"
    faults: list[str] = field(default_factory=list[str])
    offers: dict[int, Twist] = field(default_factory=dict[int, Twist])
    twist: Twist = "as_first"
    twist_inside_create: Twist | None = None
    on_create: Callable[[str], None] | None = None
    executed: list[Executed] = field(default_factory=list[Executed])
    orders: list[Order] = field(default_factory=list[Order])
    sends: Counter[str] = field(default_factory=Counter[str])
    proven_not_executed: Counter[str] = field(default_factory=Counter[str])
    calls: Counter[str] = field(default_factory=Counter[str])
    nonces: Counter[str] = field(default_factory=Counter[str])
    unsigned: int = 0
    reference: str = ""
    """The reference of the last create call."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def answer(self, path: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """The answer to one call. Raises Lost where none arrives."""
        if not self._signed(headers):
            self.unsigned += 1
            return refusal("401", "signature error")
        if path.endswith(PRODUCT):
            offer_id = str(json.loads(content)["offerId"])
            return success({"offerId": offer_id, "subject": f"商品{offer_id}"})
        rooms = {PREVIEW: self._preview, CREATE: self._create, LIST: self._list, DETAIL: self._detail}
        room = next((name for name in rooms if path.endswith(name)), None)
        if room is None:
            return Reply(404, b"no such path")
        self.calls[room] += 1
        return rooms[room](json.loads(content), content)

    def foreign_order(
        self,
        lines: tuple[tuple[str, str | None, int], ...],
        reference: str | None = None,
        note: str = "",
        made_at: datetime | None = None,
    ) -> Order:
        """An order of the same account that none of our calls made, now or at another time."""
        now = made_at or self.clock()
        goods = sum(_UNIT * quantity for _, _, quantity in lines)
        order = Order(self.new_order_id(), reference, note, lines, goods, _CARRIAGE, now, now)
        self.orders.append(order)
        return order

    def _signed(self, headers: Mapping[str, str]) -> bool:
        nonce = headers.get("nonce-str", "")
        self.nonces[nonce] += 1
        written = headers.get("access-key", "") + headers.get("timestamp", "") + nonce + ACCESS_SECRET
        expected = hashlib.md5(written.encode(), usedforsecurity=False).hexdigest().upper()
        return headers.get("signature") == expected and headers.get("user-id") == USER_ID

    def new_order_id(self) -> str:
        return str(self._random.randrange(10**18, 9 * 10**18))

    def _preview(self, body: Mapping[str, Any], _: bytes) -> Reply:
        self.twist = self.offers.get(self.calls[PREVIEW], self.twist)
        orders = [self._offered(group) for group in _groups(_lines(body), self.twist)]
        if self.form == "2026":
            return success(orders)
        lists: dict[str, list[int]] = {
            "postFeeByDescOfferList": [],
            "consignOfferList": [],
            "unsupportedCrossBorderPayOfferList": [],
        }
        offers = [int(offer) for offer, _, _ in _lines(body)]
        if self.twist in _LISTED:
            lists[_LISTED[self.twist]] = offers
        return success({"orderPreviewResuslt": orders, **lists})

    def _offered(self, lines: Sequence[tuple[str, str | None, int]]) -> dict[str, Any]:
        unit = _unit(self.twist)
        offered = [(f"{offer}9" if self.twist == "other_line" else offer, spec, many) for offer, spec, many in lines]
        per = 1 if self.form == "2026" else 100
        blocked = self.twist == "blocker"
        rows = [
            {
                "offerId": int(offer),
                "specId": spec,
                "skuId": int(offer) + 7,
                "amount": unit * many // per if per == 1 else unit * many / per,
                "finalUnitPrice": unit // per if per == 1 else unit / per,
                "message": "500_004 库存不足" if blocked else None,
                **({} if per == 1 else {"resultCode": "500_004" if blocked else None}),
            }
            for offer, spec, many in offered
        ]
        goods = sum(unit * many for _, _, many in offered)
        carriage = _carriage(self.twist)
        sums = {"sumPayment": goods + carriage, "sumCarriage": carriage, "sumPaymentNoCarriage": goods}
        if self.form == "2026":
            return {**sums, "sumTotalPayment": goods + carriage, "orderItemTOList": rows}
        return {
            **sums,
            "status": not blocked,
            "resultCode": None,
            "message": None,
            "flowFlag": "fenxiaonew",
            "tradeModeNameList": ["assureTrade"],
            "tradeModelList": [{"tradeType": "assureTrade", "opSupport": True}],
            "cargoList": rows,
        }

    def _create(self, body: Mapping[str, Any], content: bytes) -> Reply:
        reference = self.reference = str(body.get("outOrderId"))
        self.sends[reference] += 1
        if self.on_create is not None:
            self.on_create(reference)
        fault = FAULTS[self.faults.pop(0) if self.faults else "none"]
        made = self._execute(reference, body, content) if fault.executes else []
        if fault.proof == "refused":
            self.proven_not_executed[reference] += 1
        return fault.answer(self, made)

    def _execute(self, reference: str, body: Mapping[str, Any], content: bytes) -> list[Order]:
        twist = self.twist_inside_create or self.twist
        made = [
            Order(
                order_id=self.new_order_id(),
                reference=reference,
                note=str(body.get("message", "")),
                lines=tuple(group),
                goods=sum(_unit(twist) * quantity for _, _, quantity in group),
                carriage=_carriage(twist),
                made_at=self.clock(),
                visible_at=self.clock() + timedelta(seconds=self.lag * (1 + position)),
            )
            for position, group in enumerate(_groups(_lines(body), twist))
        ]
        self.orders += made
        self.executed.append(
            Executed(
                number=self.calls[CREATE],
                reference=reference,
                order_ids=tuple(order.order_id for order in made),
                lines=tuple(line for order in made for line in order.lines),
                total=sum(order.total for order in made),
                at=self.clock(),
                visible_at=max(order.visible_at for order in made),
                consignee=body["addressParam"],
                sent=hashlib.sha256(content).hexdigest(),
            )
        )
        return made

    def _list(self, body: Mapping[str, Any], _: bytes) -> Reply:
        found = sorted(self._visible(), key=lambda order: order.made_at, reverse=True)
        if self.profile == "echoed" and body.get("outOrderId"):
            found = [order for order in found if order.reference == body["outOrderId"]]
        first, last = body.get("createStartTime", ""), body.get("createEndTime", "9")
        found = [order for order in found if first <= _stamp(order.made_at) <= last]
        start = (int(body.get("page", 1)) - 1) * int(body.get("pageSize", 20))
        page = found[start : start + int(body.get("pageSize", 20))]
        return success({"result": [self._told(order) for order in page], "totalRecord": len(found)})

    def _detail(self, body: Mapping[str, Any], _: bytes) -> Reply:
        order = next((order for order in self._visible() if order.order_id == body["orderId"]), None)
        return refusal("500", "ORDER_NOT_EXIST") if order is None else success(self._told(order))

    def _visible(self) -> list[Order]:
        return [order for order in self.orders if order.visible_at <= self.clock()]

    def _told(self, order: Order) -> dict[str, Any]:
        base: dict[str, Any] = {
            "id": int(order.order_id) // 100 * 100,
            "idOfStr": order.order_id,
            "status": "waitbuyerpay",
            "totalAmount": order.total / 100,
            "sumProductPayment": order.goods / 100,
            "shippingFee": order.carriage / 100,
            "createTime": _stamp(order.made_at),
            "payTimeout": 432_000,
            "payTimeoutType": 0,
        }
        if self.profile == "echoed" and order.reference:
            base["outOrderId"] = order.reference
        if self.profile != "ignored" and order.note:
            base["buyerFeedback"] = order.note
        rows = [
            {"productID": int(offer), "specId": spec, "skuID": int(offer) + 7, "name": "goods", "quantity": quantity}
            for offer, spec, quantity in order.lines
        ]
        return {"baseInfo": base, "productItems": rows}


class ScriptedTransport(httpx.AsyncBaseTransport):
    """The scripted upstream in place of a network.

    `held` lets a test keep back the answer to a create call, and `passes` is told of the seconds that a hung call took.
    """

    def __init__(self, upstream: ScriptedUpstream, passes: Callable[[float], None] | None = None) -> None:
        self.upstream = upstream
        self.passes = passes
        self.held: Callable[[], Awaitable[object]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the script, or the fault that httpx would raise."""
        content = await request.aread()
        try:
            reply = self.upstream.answer(request.url.path, request.headers, content)
        except Lost as lost:
            if lost.how == "read_timeout" and self.passes is not None:
                self.passes(30)
            _raise(lost, request)
        if self.held is not None and request.url.path.endswith(CREATE):
            await self.held()
        return httpx.Response(reply.status, stream=httpx.ByteStream(reply.body), request=request)


def _raise(lost: Lost, request: httpx.Request) -> NoReturn:
    kinds: dict[str, type[httpx.TransportError]] = {
        "connect": httpx.ConnectError,
        "connect_timeout": httpx.ConnectTimeout,
        "read": httpx.ReadError,
        "read_timeout": httpx.ReadTimeout,
        "disconnected": httpx.RemoteProtocolError,
    }
    raise kinds[lost.how](lost.how, request=request)


def success(data: Any) -> Reply:
    """A whole envelope with code 200."""
    return _envelope(200, "成功", data)


def refusal(code: str, message: str, data: Any = None) -> Reply:
    """A whole envelope with another code."""
    return _envelope(int(code), message, data)


def _envelope(code: int, message: str, data: Any) -> Reply:
    content = {"requestId": "0", "code": code, "developId": "1023561483696472887", "msg": message, "data": data}
    return Reply(200, json.dumps(content, ensure_ascii=False).encode())


def _lines(body: Mapping[str, Any]) -> list[tuple[str, str | None, int]]:
    return [(str(row["offerId"]), row.get("specId"), int(row["quantity"])) for row in body["cargoParamList"]]


def _groups(lines: Sequence[tuple[str, str | None, int]], twist: Twist) -> list[list[tuple[str, str | None, int]]]:
    """Lines by the order that they become: offers that end in 5 travel alone, and all do once the split changed."""
    if twist == "split":
        return [[line] for line in lines]
    alone = [[line] for line in lines if line[0].endswith("5")]
    rest = [line for line in lines if not line[0].endswith("5")]
    return [*([rest] if rest else []), *alone]


def _unit(twist: Twist) -> int:
    return {"dearer": _UNIT + 250, "cheaper": _UNIT - 100, "hundredth": _UNIT // 100}.get(twist, _UNIT)


def _carriage(twist: Twist) -> int:
    return _CARRIAGE // 100 if twist == "hundredth" else _CARRIAGE


def _stamp(moment: datetime) -> str:
    local = moment.astimezone(_CHINA)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}+0800"


def _result(made: Sequence[Order], **changed: Any) -> dict[str, Any]:
    """1688's result of a create call: several orders leave the single fields empty."""
    if len(made) == 1:
        order = made[0]
        own: dict[str, Any] = {"orderId": order.order_id, "totalSuccessAmount": order.total, "postFee": order.carriage}
    else:
        rows = [{"orderId": each.order_id, "orderAmmount": each.total, "postFee": each.carriage} for each in made]
        own = {"orderId": "", "orderList": rows}
    return {"success": True, **own, **changed}


def _whole(made: Sequence[Order]) -> Reply:
    return success({"result": _result(made)})


def _lost(how: Any) -> Callable[[ScriptedUpstream, Sequence[Order]], Reply]:
    def answer(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
        raise Lost(how)

    return answer


def _page(status: int) -> Callable[[ScriptedUpstream, Sequence[Order]], Reply]:
    return lambda upstream, made: Reply(status, b"<html><body><h1>Bad Gateway</h1></body></html>")


def _cut(share: float) -> Callable[[ScriptedUpstream, Sequence[Order]], Reply]:
    def answer(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
        body = _whole(made).body
        return Reply(200, body[: int(len(body) * share)])

    return answer


def _said(code: str, message: str) -> Callable[[ScriptedUpstream, Sequence[Order]], Reply]:
    return lambda upstream, made: refusal(code, message)


def _as_numbers(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
    rows = [{"orderId": int(each.order_id), "orderAmmount": each.total} for each in made]
    return success(rows if len(rows) > 1 else {"orderId": int(made[0].order_id)})


def _of_another(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
    """The answer that somebody else's call should have had."""
    return _whole([upstream.foreign_order((("680000000001", None, 3),), "SOMEBODY-ELSE-1")])


def _refused_beside(
    data: Callable[["ScriptedUpstream"], Any], message: str = "500_004 库存不足"
) -> Callable[["ScriptedUpstream", Sequence[Order]], Reply]:
    return lambda upstream, made: refusal("500", message, data(upstream))


def _of_nobody(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
    """The id of an order that does not exist."""
    return success({"success": True, "orderId": upstream.new_order_id(), "totalSuccessAmount": 2_500})


def _of_long_ago(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
    """An order of years before, which carries our reference."""
    long_ago = datetime(2020, 5, 20, 7, 40, tzinfo=UTC)
    lines = (("610000000001", None, 2),)
    return _whole([upstream.foreign_order(lines, upstream.reference, f"[{upstream.reference}]", long_ago)])


def _many(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
    """More orders than were previewed; all but those that were made do not exist."""
    ids = [*(order.order_id for order in made), *(upstream.new_order_id() for _ in range(30))]
    return success({"success": True, "orderId": "", "orderList": [{"orderId": each} for each in ids]})


def _aside(upstream: ScriptedUpstream, made: Sequence[Order]) -> Reply:
    """The ids of what was made, where create names no orders."""
    return success({"success": True, "log": [{"orderId": order.order_id} for order in made]})


BUSY = "系统繁忙,请重试!"
FAULTS: dict[str, Fault] = {
    "none": Fault(True, "placed", lambda upstream, made: _whole(made)),
    "dropped_before": Fault(False, "nothing", _lost("disconnected")),
    "dropped_after": Fault(True, "nothing", _lost("disconnected")),
    "reset_after": Fault(True, "nothing", _lost("read")),
    "hung_before": Fault(False, "nothing", _lost("read_timeout")),
    "hung_after": Fault(True, "nothing", _lost("read_timeout")),
    "page_500_before": Fault(False, "nothing", _page(500)),
    "page_500_after": Fault(True, "nothing", _page(500)),
    "page_502_before": Fault(False, "nothing", _page(502)),
    "page_502_after": Fault(True, "nothing", _page(502)),
    "page_503_after": Fault(True, "nothing", _page(503)),
    "cut_at_a_tenth": Fault(True, "nothing", _cut(0.1)),
    "cut_in_half": Fault(True, "nothing", _cut(0.5)),
    "cut_before_the_end": Fault(True, "nothing", _cut(0.97)),
    "empty_body": Fault(True, "nothing", _cut(0)),
    "unreadable_after": Fault(True, "nothing", lambda upstream, made: Reply(200, b"\xff\xfe\x00garbage")),
    "unreadable_before": Fault(False, "nothing", lambda upstream, made: Reply(200, b"\xff\xfe\x00garbage")),
    "success_false_with_id": Fault(True, "placed", lambda upstream, made: success(_result(made, success=False))),
    "ids_as_numbers": Fault(True, "placed", _as_numbers),
    "refused_short_stock": Fault(False, "refused", _said("500", "500_004 610000000001 库存不足")),
    "refused_minimum": Fault(False, "refused", _said("500", "500_005 最小起订量 10")),
    "busy_after": Fault(True, "nothing", _said("500", BUSY)),
    "busy_before": Fault(False, "nothing", _said("500", BUSY)),
    "code_400_after": Fault(True, "nothing", _said("400", "AddressId invalid:AddressId invalid")),
    "success_without_id": Fault(True, "nothing", lambda upstream, made: success({"success": True})),
    "success_without_data": Fault(True, "nothing", lambda upstream, made: success(None)),
    "never_connected": Fault(False, "refused", _lost("connect")),
    "connect_timeout": Fault(False, "refused", _lost("connect_timeout")),
    "answer_of_another_after": Fault(True, "nothing", _of_another),
    "answer_of_another_before": Fault(False, "nothing", _of_another),
    "refused_with_our_reference": Fault(
        False, "refused", _refused_beside(lambda upstream: {"orderNo": upstream.reference, "success": False})
    ),
    "refused_with_our_ids": Fault(
        False, "refused", _refused_beside(lambda _: {"offerId": 610000000001, "skuId": 610000000008})
    ),
    "refused_beside_success_after": Fault(True, "nothing", _refused_beside(lambda _: {"success": True})),
    "refused_with_an_amount_after": Fault(
        True, "nothing", _refused_beside(lambda _: {"orderList": [{"orderId": None, "orderAmmount": 2_500}]})
    ),
    "refused_with_a_number_after": Fault(True, "nothing", _refused_beside(lambda _: {"trace": 22571646248703})),
    "refused_and_created_after": Fault(
        True, "nothing", _refused_beside(lambda _: None, "offer no exist in cache, created")
    ),
    "refused_by_a_beginning_after": Fault(True, "nothing", _refused_beside(lambda _: None, "offer no exist in cache")),
    "id_of_nobody_before": Fault(False, "nothing", _of_nobody),
    "id_of_nobody_after": Fault(True, "nothing", _of_nobody),
    "id_of_long_ago_before": Fault(False, "nothing", _of_long_ago),
    "id_of_long_ago_after": Fault(True, "nothing", _of_long_ago),
    "more_ids_than_previewed_after": Fault(True, "nothing", _many),
    "ids_in_a_side_branch_after": Fault(True, "nothing", _aside),
}
"""Every way to misbehave. "before" and "after" say whether the answer was lost before the order was made or after."""
