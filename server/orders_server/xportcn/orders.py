"""Reads existing orders in 1688's TradeInfo form (CONTRACT 5 and 6), where money is in yuan.

Only an order's id decides whether the order can be read. Any other unreadable field is None and listed in `unread`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar

from orders_server.xportcn.errors import data_refusal
from orders_server.xportcn.order_fields import (
    OF_BASE,
    OF_LINE,
    OF_LOGISTICS,
    WireBase,
    WireItem,
    WireLogistics,
    WirePage,
    WireParcel,
    WireReceiver,
    WireSkuInfo,
    WireTrade,
)
from orders_server.xportcn.tolerance import read_part, read_rows
from orders_server.xportcn.wire import Unreadable, Wire, as_list, as_object
from orders_tools.money import fen_from_yuan
from orders_tools.orders.model import (
    SHIPMENTS,
    Moment,
    OrderPage,
    Receiver,
    UnreadRow,
    UpstreamLine,
    UpstreamOrder,
    UpstreamParcel,
    order_status,
)
from orders_tools.vocabulary import UnreadPart

_MOST_ROWS = 1000
"""Far more rows than are requested at once, in case the API ignores the page size."""
CHINA = timezone(timedelta(hours=8))
_LONGEST_PAY_TIMEOUT = 366 * 24 * 3600
_WHOLE_QUANTITY = re.compile(r"(\d{1,9})(?:\.0+)?")
_STREET = re.compile(r"[路街巷弄号]|大道|\d")
_REGION = re.compile(r"^[^\d路巷弄号]*[省市区县州盟旗乡镇街道]$")
_ITEM_ID = re.compile(r"[A-Za-z0-9_-]+")
_SNAPSHOT = re.compile(r"https://([a-z0-9-]+\.)+1688\.com/[A-Za-z0-9._/?=&%-]{0,400}")
_Model = TypeVar("_Model", bound=Wire)
_STAMP = re.compile(r"(\d{14})(\d{3})([+-]\d{4})")


def trade_order(content: Any, where: str) -> UpstreamOrder:
    """The order in one TradeInfo. `idOfStr` is the id; `id` may have lost digits (CONTRACT 9.4).

    Raises:
        Unreadable: it is not a TradeInfo, or has no id.
    """
    return _Trade(content, where).order()


class _Trade:
    """Converts one TradeInfo, and notes which parts of it could not be read."""

    def __init__(self, content: Any, where: str) -> None:
        self._unread: set[UnreadPart] = set()
        trade = read_part(WireTrade, content, set())
        unreadable: set[str] = set()
        self._base = base = read_part(WireBase, trade.baseInfo, unreadable)
        order_id = None if "idOfStr" in unreadable else base.idOfStr or base.id
        if not order_id:
            raise Unreadable(f"the field {where}.baseInfo.idOfStr")
        self._order_id = order_id
        self._unread |= {OF_BASE.get(name, "times") for name in unreadable - {"id"}}
        self._note = base.buyerFeedback or trade.buyerFeedback
        self._short = self._part(WireReceiver, base.receiverInfo, {}, "consignee")
        self._whole = self._part(WireLogistics, trade.nativeLogistics, OF_LOGISTICS, "consignee")
        self._items = [self._part(WireItem, row, OF_LINE, "line_details") for row in self._rows(trade.productItems)]

    def order(self) -> UpstreamOrder:
        """The converted order."""
        base = self._base
        refunds = [base.refundStatus, base.refundStatusForAs, *(item.refundStatus for item in self._items)]
        status = order_status(base.status or "", *refunds)
        if not base.status:
            self._unread.add("status")
        return UpstreamOrder(
            order_id=self._order_id,
            status=status,
            upstream_status=base.status or "",
            goods=base.sumProductPayment,
            carriage=base.shippingFee,
            discount=base.discount or None,
            refund=base.refund or None,
            payable=base.totalAmount,
            created_at=self._moment(base.createTime),
            pay_by=self._pay_by() if status == "awaiting_payment" else None,
            out_order_id=base.outOrderId or None,
            note=self._note,
            close_reason=base.closeReason or "",
            closer=base.closeOperateType or "",
            receiver=_receiver(self._short, self._whole),
            timeline=tuple(self._timeline(closed=status == "cancelled")),
            lines=tuple(map(self._line, self._items)),
            parcels=tuple(self._parcels()),
            unread=tuple(sorted(self._unread)),
        )

    def _part(self, model: type[_Model], content: Any, of: Mapping[str, UnreadPart], usual: UnreadPart) -> _Model:
        unreadable: set[str] = set()
        made = read_part(model, content, unreadable)
        self._unread |= {of.get(name, usual) for name in unreadable}
        return made

    def _rows(self, content: Any, tells: UnreadPart = "lines") -> list[Any]:
        found = read_rows(content)
        if found is None:
            self._unread.add(tells)
        return found or []

    def _moment(self, text: str | None, tells: UnreadPart = "times") -> datetime | None:
        moment = _moment(text)
        if text and moment is None:
            self._unread.add(tells)
        return moment

    def _pay_by(self) -> datetime | None:
        created = _moment(self._base.createTime)
        seconds = self._base.payTimeout or 0
        if created and 0 < seconds <= _LONGEST_PAY_TIMEOUT and self._base.payTimeoutType in {None, "0"}:
            return created + timedelta(seconds=seconds)
        texts = list(filter(None, (item.gmtPayExpireTime for item in self._items)))
        expiries = list(filter(None, map(_china_moment, texts)))
        if len(expiries) < len(texts):
            self._unread.add("times")
        return min(expiries, default=None)

    def _timeline(self, *, closed: bool) -> Iterator[Moment]:
        """The order's events with their times. For a closed order, 1688 also gives its end as `completeTime`."""
        base = self._base
        for what, text in (
            ("created", base.createTime),
            ("paid", base.payTime),
            ("shipped", base.allDeliveredTime),
            ("received", base.receivingTime),
            ("confirmed", base.confirmedTime),
            ("closed" if closed else "completed", base.completeTime),
        ):
            if moment := self._moment(text):
                yield Moment.model_validate({"what": what, "at": moment})

    def _line(self, item: WireItem) -> UpstreamLine:
        if item.productID is None or item.quantity is None:
            self._unread.add("lines")  # its product or quantity is unknown
        price, exact = _price(item.price)
        variants = [
            self._part(WireSkuInfo, row, {}, "line_details") for row in self._rows(item.skuInfos, "line_details")
        ]
        return UpstreamLine(
            offer_id=item.productID,
            spec_id=item.specId,
            sku_id=item.skuID,
            product=item.name or "",
            variant=", ".join(filter(None, (info.value for info in variants))),
            pieces=_pieces(item.quantity),
            quantity=f"{(item.quantity or '').removesuffix('.0')} {item.unit or ''}".strip(),
            unit_price=price,
            unit_price_exact=exact,
            amount=item.itemAmount,
            status=item.statusStr or item.status or "",
            item_id=item.subItemIDString or item.subItemID,
            shipment=SHIPMENTS.get(item.logisticsStatus or ""),
            snapshot_url=item.productSnapshotUrl if _SNAPSHOT.fullmatch(item.productSnapshotUrl or "") else None,
        )

    def _parcels(self) -> Iterator[UpstreamParcel]:
        for row in self._rows(self._whole.logisticsItems, "parcels"):
            parcel = self._part(WireParcel, row, {}, "parcels")
            yield UpstreamParcel(
                carrier=parcel.logisticsCompanyName or "",
                tracking_number=parcel.logisticsBillNo or "",
                status=parcel.status or "",
                shipped_at=self._moment(parcel.deliveredTime, "parcels"),
                item_ids=tuple(_ITEM_ID.findall(parcel.subItemIds or "")),
            )


def order_page(data: Any) -> OrderPage:
    """The page in the `data` of the order list: a list of TradeInfo, bare or under one of the usual names.

    An order without an id is in `unread` and does not hide the others.

    Raises:
        Unreadable: there is no list.
        UpstreamRefused: it says that it failed, and contains no order.
    """
    found: Any = data
    total: int | None = None
    if (fields := as_object(data)) is not None:
        found = next((fields[name] for name in ("result", "list", "records", "rows", "orders") if name in fields), None)
        counts = read_part(WirePage, fields, set())
        total = counts.total if counts.totalRecord is None else counts.totalRecord
    items = as_list(found)
    if not items and (refusal := data_refusal(data)):
        raise refusal
    if items is None:
        raise Unreadable("the field data, which holds no list of orders")
    if len(items) > _MOST_ROWS:
        raise Unreadable(f"the field data, which holds more than {_MOST_ROWS} orders")
    orders: list[UpstreamOrder] = []
    unread: list[UnreadRow] = []
    for number, row in enumerate(items):
        try:
            orders.append(trade_order(row, f"data[{number}]"))
        except Unreadable:
            unread.append(_unread_row(row))
    return OrderPage(orders=tuple(orders), total=total, unread=tuple(unread))


def _unread_row(row: Any) -> UnreadRow:
    """A row for an order without an id: enough to recognise it again, and the reference that it carries."""
    written = json.dumps(row, sort_keys=True, default=str).encode()
    trade = read_part(WireTrade, row, set())
    base = read_part(WireBase, trade.baseInfo, set())
    return UnreadRow(
        mark=hashlib.blake2b(written, digest_size=6).hexdigest(),
        out_order_id=base.outOrderId,
        note=base.buyerFeedback or trade.buyerFeedback,
    )


def _moment(text: str | None) -> datetime | None:
    """A time such as 20180102211113000+0800; None if it is missing or unreadable."""
    match = _STAMP.fullmatch(text or "")
    try:
        return datetime.strptime(f"{match[1]}{match[2]}000{match[3]}", "%Y%m%d%H%M%S%f%z") if match else None
    except ValueError:
        return None


def _china_moment(text: str | None) -> datetime | None:
    """A time such as 2018-02-07 15:27:58, which is China time (CONTRACT 11.11, inferred)."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None


def _receiver(short: WireReceiver, whole: WireLogistics) -> Receiver | None:
    written = " ".join(filter(None, map(_place, (whole.province, whole.city, whole.area))))
    # Without separators, the end of the region cannot be told from the beginning of the street.
    words = (short.toArea or "").split()
    region = written or (" ".join(filter(None, map(_place, words[:3]))) if len(words) > 1 else "")
    name = whole.contactPerson or short.toFullName or ""
    mobile = whole.mobile or short.toMobile or short.toPhone or ""
    receiver = Receiver(
        name=name,
        mobile=mobile,
        region=region,
        names=tuple(filter(None, (short.toFullName,))),
        numbers=tuple(filter(None, (short.toMobile, short.toPhone, whole.telephone))),
        streets=tuple(filter(None, (whole.address, _street(words)))),
    )
    return receiver if any(receiver.model_dump().values()) else None


def _street(words: list[str]) -> str:
    """The part of an address that follows the region and, if there is one, the town."""
    streets = (number for number, word in enumerate(words) if number > 3 or not _REGION.search(word))
    return " ".join(words[next(streets, len(words)) :])


def _place(text: str | None) -> str:
    """The name of a province, city or county; nothing if it looks like a street."""
    name = next(iter((text or "").split()), "")
    return "" if _STREET.search(name) else name


def _price(amount: Decimal | None) -> tuple[int | None, str | None]:
    """A price as whole fen, or as decimal yuan text if it is not a whole number of fen."""
    if amount is None:
        return None, None
    try:
        return fen_from_yuan(amount), None
    except ValueError:
        return None, f"{amount:f}"


def _pieces(quantity: str | None) -> int | None:
    match = _WHOLE_QUANTITY.fullmatch(quantity or "")
    return int(match[1]) if match else None
