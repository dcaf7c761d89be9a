"""Orders that exist, in 1688's TradeInfo form (CONTRACT 5 and 6), from the wire to the domain: money in yuan."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from orders_server.xportcn.failures import refused_inside
from orders_server.xportcn.wire import (
    NoneIsEmpty,
    Unreadable,
    Wire,
    WireFen,
    WireId,
    WireText,
    WireYuan,
    as_list,
    as_object,
    read,
)
from orders_tools.orders import (
    SHIPMENTS,
    OrderPage,
    Receiver,
    UpstreamLine,
    UpstreamOrder,
    UpstreamParcel,
    normalised,
)
from orders_tools.results import Moment

CHINA = timezone(timedelta(hours=8))
_LONGEST_PAY_TIMEOUT = 366 * 24 * 3600
_WHOLE_QUANTITY = re.compile(r"(\d{1,9})(?:\.0+)?")
_STREET = re.compile(r"[路街巷弄号]|大道|\d")
_REGION = re.compile(r"^[^\d路巷弄号]*[省市区县州盟旗乡镇街道]$")
_ITEM_ID = re.compile(r"[A-Za-z0-9_-]+")
_STAMP = re.compile(r"(\d{14})(\d{3})([+-]\d{4})")


class WireReceiver(Wire):
    toFullName: WireText = None
    toMobile: WireText = None
    toPhone: WireText = None
    toArea: WireText = None


class WireBase(Wire):
    id: WireId = None
    idOfStr: WireId = None
    status: WireText = None
    refundStatus: WireText = None
    refundStatusForAs: WireText = None
    closeReason: WireText = None
    closeOperateType: WireText = None
    totalAmount: WireYuan = None
    sumProductPayment: WireYuan = None
    shippingFee: WireYuan = None
    refund: WireYuan = None
    discount: WireFen = None
    createTime: WireText = None
    payTime: WireText = None
    allDeliveredTime: WireText = None
    receivingTime: WireText = None
    confirmedTime: WireText = None
    completeTime: WireText = None
    payTimeout: WireFen = None
    payTimeoutType: WireId = None
    outOrderId: WireText = None
    buyerFeedback: WireText = None
    receiverInfo: WireReceiver | None = None


class WireSkuInfo(Wire):
    name: WireText = None
    value: WireText = None


class WireItem(Wire):
    productID: WireId = None
    subItemID: WireId = None
    subItemIDString: WireId = None
    logisticsStatus: WireText = None
    refundStatus: WireText = None
    specId: WireId = None
    skuID: WireId = None
    name: WireText = None
    quantity: WireText = None
    unit: WireText = None
    price: WireYuan = None
    itemAmount: WireYuan = None
    statusStr: WireText = None
    status: WireText = None
    gmtPayExpireTime: WireText = None
    skuInfos: Annotated[tuple[WireSkuInfo, ...], NoneIsEmpty] = ()


class WireParcel(Wire):
    logisticsCompanyName: WireText = None
    logisticsBillNo: WireText = None
    status: WireText = None
    deliveredTime: WireText = None
    subItemIds: WireText = None


class WireLogistics(Wire):
    contactPerson: WireText = None
    mobile: WireText = None
    telephone: WireText = None
    province: WireText = None
    city: WireText = None
    area: WireText = None
    address: WireText = None
    logisticsItems: Annotated[tuple[WireParcel, ...], NoneIsEmpty] = ()


class WireTrade(Wire):
    baseInfo: WireBase
    buyerFeedback: WireText = None
    productItems: Annotated[tuple[WireItem, ...], NoneIsEmpty] = ()
    nativeLogistics: WireLogistics | None = None


class WirePage(Wire):
    totalRecord: WireFen = None
    total: WireFen = None


def trade_order(content: Any, where: str) -> UpstreamOrder:
    """One TradeInfo as the domain has it. `idOfStr` is the id; `id` may have lost digits (CONTRACT 9.4).

    Raises:
        Unreadable: it is no TradeInfo, or has no id or no status.
    """
    trade = read(WireTrade, content, where)
    base = trade.baseInfo
    order_id = base.idOfStr or base.id
    if not order_id:
        raise Unreadable(f"the field {where}.baseInfo.idOfStr")
    if not base.status:
        raise Unreadable(f"the field {where}.baseInfo.status")
    refunds = [base.refundStatus, base.refundStatusForAs, *(item.refundStatus for item in trade.productItems)]
    status = normalised(base.status, *refunds)
    return UpstreamOrder(
        order_id=order_id,
        status=status,
        upstream_status=base.status,
        goods=base.sumProductPayment,
        carriage=base.shippingFee,
        discount=base.discount or None,
        refund=base.refund or None,
        payable=base.totalAmount,
        created_at=_moment(base.createTime),
        pay_by=_pay_by(trade) if status == "awaiting_payment" else None,
        out_order_id=base.outOrderId or None,
        note=base.buyerFeedback or trade.buyerFeedback,
        close_reason=base.closeReason or "",
        closer=base.closeOperateType or "",
        receiver=_receiver(trade),
        timeline=tuple(_timeline(base)),
        lines=tuple(_line(item) for item in trade.productItems),
        parcels=tuple(_parcels(trade)),
    )


def order_page(data: Any) -> OrderPage:
    """The `data` of the order list: a list of TradeInfo, bare or under the names that such lists go by.

    Raises:
        Unreadable: there is no list, or an order in it cannot be read.
        UpstreamRefused: it says itself that it failed, and holds no order.
    """
    rows: Any = data
    total: int | None = None
    if (fields := as_object(data)) is not None:
        rows = next((fields[name] for name in ("result", "list", "records", "rows", "orders") if name in fields), None)
        counts = read(WirePage, fields, "data")
        total = counts.total if counts.totalRecord is None else counts.totalRecord
    items = as_list(rows)
    if not items and (refusal := refused_inside(data)):
        raise refusal
    if items is None:
        raise Unreadable("the field data, which holds no list of orders")
    orders = tuple(trade_order(row, f"data[{number}]") for number, row in enumerate(items))
    return OrderPage(orders=orders, total=total)


def _moment(text: str | None) -> datetime | None:
    """A time such as 20180102211113000+0800; None where there is none or it cannot be read."""
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


def _pay_by(trade: WireTrade) -> datetime | None:
    created = _moment(trade.baseInfo.createTime)
    seconds = trade.baseInfo.payTimeout or 0
    if created and 0 < seconds <= _LONGEST_PAY_TIMEOUT and trade.baseInfo.payTimeoutType in {None, "0"}:
        return created + timedelta(seconds=seconds)
    expiries = filter(None, (_china_moment(item.gmtPayExpireTime) for item in trade.productItems))
    return min(expiries, default=None)


def _receiver(trade: WireTrade) -> Receiver | None:
    short, whole = trade.baseInfo.receiverInfo or WireReceiver(), trade.nativeLogistics or WireLogistics()
    written = " ".join(filter(None, map(_place, (whole.province, whole.city, whole.area))))
    # Written in one word, nobody can tell where the region ends and the street begins.
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
    """What follows the region, and the town where there is one, in an address of these words."""
    streets = (number for number, word in enumerate(words) if number > 3 or not _REGION.search(word))
    return " ".join(words[next(streets, len(words)) :])


def _place(text: str | None) -> str:
    """The name of a province, city or county; nothing where it reads like a street."""
    name = next(iter((text or "").split()), "")
    return "" if _STREET.search(name) else name


def _timeline(base: WireBase) -> Iterator[Moment]:
    for what, text in (
        ("created", base.createTime),
        ("paid", base.payTime),
        ("shipped", base.allDeliveredTime),
        ("received", base.receivingTime),
        ("confirmed", base.confirmedTime),
        ("completed", base.completeTime),
    ):
        if moment := _moment(text):
            yield Moment.model_validate({"what": what, "at": moment})


def _line(item: WireItem) -> UpstreamLine:
    return UpstreamLine(
        offer_id=item.productID,
        spec_id=item.specId,
        sku_id=item.skuID,
        product=item.name or "",
        variant=", ".join(filter(None, (info.value for info in item.skuInfos))),
        pieces=_pieces(item.quantity),
        quantity=f"{(item.quantity or '').removesuffix('.0')} {item.unit or ''}".strip(),
        unit_price=item.price,
        amount=item.itemAmount,
        status=item.statusStr or item.status or "",
        item_id=item.subItemIDString or item.subItemID,
        shipment=SHIPMENTS.get(item.logisticsStatus or ""),
    )


def _pieces(quantity: str | None) -> int | None:
    match = _WHOLE_QUANTITY.fullmatch(quantity or "")
    return int(match[1]) if match else None


def _parcels(trade: WireTrade) -> Iterator[UpstreamParcel]:
    for parcel in (trade.nativeLogistics or WireLogistics()).logisticsItems:
        yield UpstreamParcel(
            carrier=parcel.logisticsCompanyName or "",
            tracking_number=parcel.logisticsBillNo or "",
            status=parcel.status or "",
            shipped_at=_moment(parcel.deliveredTime),
            item_ids=tuple(_ITEM_ID.findall(parcel.subItemIds or "")),
        )
