"""The fields of 1688's TradeInfo that are read (CONTRACT 5 and 6), and which part of an order each belongs to."""

from collections.abc import Mapping
from typing import Any

from orders_server.xportcn.tolerance import MaybeFen, MaybeId, MaybePrice, MaybeText, MaybeWords, MaybeYuan
from orders_server.xportcn.wire import Wire
from orders_tools.vocabulary import UnreadPart


class WireReceiver(Wire):
    toFullName: MaybeText = None
    toMobile: MaybeText = None
    toPhone: MaybeText = None
    toArea: MaybeText = None


class WireBase(Wire):
    id: MaybeId = None
    idOfStr: MaybeId = None
    status: MaybeText = None
    refundStatus: MaybeText = None
    refundStatusForAs: MaybeText = None
    closeReason: MaybeText = None
    closeOperateType: MaybeText = None
    totalAmount: MaybeYuan = None
    sumProductPayment: MaybeYuan = None
    shippingFee: MaybeYuan = None
    refund: MaybeYuan = None
    discount: MaybeFen = None
    createTime: MaybeText = None
    payTime: MaybeText = None
    allDeliveredTime: MaybeText = None
    receivingTime: MaybeText = None
    confirmedTime: MaybeText = None
    completeTime: MaybeText = None
    payTimeout: MaybeFen = None
    payTimeoutType: MaybeId = None
    outOrderId: MaybeWords = None
    buyerFeedback: MaybeWords = None
    receiverInfo: Any = None


class WireSkuInfo(Wire):
    name: MaybeText = None
    value: MaybeText = None


class WireItem(Wire):
    productID: MaybeId = None
    subItemID: MaybeId = None
    subItemIDString: MaybeId = None
    logisticsStatus: MaybeText = None
    refundStatus: MaybeText = None
    specId: MaybeId = None
    skuID: MaybeId = None
    name: MaybeText = None
    quantity: MaybeText = None
    unit: MaybeText = None
    price: MaybePrice = None
    itemAmount: MaybeYuan = None
    statusStr: MaybeText = None
    status: MaybeText = None
    gmtPayExpireTime: MaybeText = None
    productSnapshotUrl: MaybeText = None
    skuInfos: Any = None


class WireParcel(Wire):
    logisticsCompanyName: MaybeText = None
    logisticsBillNo: MaybeText = None
    status: MaybeText = None
    deliveredTime: MaybeText = None
    subItemIds: MaybeWords = None


class WireLogistics(Wire):
    contactPerson: MaybeText = None
    mobile: MaybeText = None
    telephone: MaybeText = None
    province: MaybeText = None
    city: MaybeText = None
    area: MaybeText = None
    address: MaybeText = None
    logisticsItems: Any = None


class WireTrade(Wire):
    baseInfo: Any = None
    buyerFeedback: MaybeWords = None
    productItems: Any = None
    nativeLogistics: Any = None


class WirePage(Wire):
    totalRecord: MaybeFen = None
    total: MaybeFen = None


OF_BASE: Mapping[str, UnreadPart] = {
    "status": "status",
    "refundStatus": "refund",
    "refundStatusForAs": "refund",
    "closeReason": "closing",
    "closeOperateType": "closing",
    "totalAmount": "payable",
    "sumProductPayment": "amounts",
    "shippingFee": "amounts",
    "refund": "amounts",
    "discount": "amounts",
    "payTimeoutType": "times",
    "outOrderId": "reference",
    "buyerFeedback": "reference",
}
"""The part of an order to which each field of `baseInfo` belongs; all other fields are times."""

OF_LINE: Mapping[str, UnreadPart] = {
    "": "lines",
    "productID": "lines",
    "specId": "lines",
    "quantity": "lines",
    "refundStatus": "refund",
    "gmtPayExpireTime": "times",
}
"""The part of a line to which each of its fields belongs; all other fields are details."""

OF_LOGISTICS: Mapping[str, UnreadPart] = {"": "parcels", "logisticsItems": "parcels"}
"""The part to which each field of `nativeLogistics` belongs; all other fields are about the consignee."""
