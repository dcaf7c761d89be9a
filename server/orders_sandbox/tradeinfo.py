"""An order as 1688 describes it to its buyer, TradeInfo: money in yuan, discounts in fen (CONTRACT 5 and 6)."""

from datetime import timedelta

from orders_sandbox import ids
from orders_sandbox.catalogue import offer_of
from orders_sandbox.course import (
    AWAITING_PAYMENT,
    AWAITING_SHIPMENT,
    CANCELLED,
    COMPLETED,
    PAY_SECONDS,
    SHIPPED,
    SIGNED,
)
from orders_sandbox.json_text import Json, JsonObject, upstream_time, yuan
from orders_sandbox.offers import Offer, Seller, Sku
from orders_sandbox.order_state import OrderState
from orders_sandbox.orders import OrderLine, OrderRecord
from orders_sandbox.parcels import native_logistics
from orders_sandbox.purchase_requests import Consignee

_BUYER_LOGIN = "沙箱采购账号"
_BUYER_USER = 2_211_688_001


_STATUS_TEXTS = {
    AWAITING_PAYMENT: "等待买家付款",
    AWAITING_SHIPMENT: "等待卖家发货",
    SHIPPED: "等待买家收货",
    SIGNED: "买家已签收",
    COMPLETED: "交易成功",
    CANCELLED: "交易取消",
}
_LINE_REFUNDS = {
    "waitselleragree": "WAIT_SELLER_AGREE",
    "refundsuccess": "REFUND_SUCCESS",
    "refundclose": "REFUND_CLOSE",
}


def trade_info(order: OrderRecord, state: OrderState, with_note: bool, with_logistics: bool) -> JsonObject:
    """The whole description at the time of `state`; the list omits the logistics and usually the note."""
    info: dict[str, Json] = {
        "baseInfo": _base_info(order, state, with_note),
        "productItems": [_product_item(order, state, index) for index in range(len(order.lines))],
        "tradeTerms": [_payment_phase(order, state)],
    }
    if with_logistics:
        info["nativeLogistics"] = native_logistics(order, state)
    return info


def _base_info(order: OrderRecord, state: OrderState, with_note: bool) -> JsonObject:
    seller = _offer(order.lines[0]).seller
    list_price = sum(line.unit_price * line.quantity for line in order.lines)
    info: dict[str, Json] = {
        "id": int(order.order_id),
        "idOfStr": order.order_id,
        "status": state.status,
        "businessType": "cn",
        "createTime": upstream_time(order.created_at),
        "modifyTime": upstream_time(state.modified_at),
        "totalAmount": yuan(order.total + state.rise),
        "sumProductPayment": yuan(list_price),
        "shippingFee": yuan(order.carriage),
        "discount": order.goods + state.rise - list_price,
        "refund": yuan(state.refund),
        "refundPayment": state.refund,
        "tradeType": "50060",
        "tradeTypeCode": order.trade_type,
        "payTimeout": PAY_SECONDS,
        "payTimeoutType": 0,
        "stepPayAll": False,
        "receiverInfo": _receiver(order.consignee),
        **_parties(seller),
        **_history(order, state),
    }
    if order.out_order_id is not None:
        info["outOrderId"] = order.out_order_id
    if with_note and order.message is not None:
        info["buyerFeedback"] = order.message
    return info


def _history(order: OrderRecord, state: OrderState) -> JsonObject:
    """Fields that only exist after their event."""
    moments = {
        "payTime": state.paid_at,
        "allDeliveredTime": state.all_delivered_at,
        "receivingTime": state.receiving_at,
        "confirmedTime": state.confirmed_at,
        "completeTime": state.completed_at,
    }
    fields: dict[str, Json] = {name: upstream_time(moment) for name, moment in moments.items() if moment is not None}
    if state.refund_status is not None:
        fields["refundStatus"] = state.refund_status
    if state.cancelled:
        fields["closeReason"] = order.course.close_reason
        fields["closeOperateType"] = order.course.closed_by
    return fields


def _parties(seller: Seller) -> JsonObject:
    return {
        "buyerID": f"b2b-{_BUYER_USER}",
        "buyerUserId": _BUYER_USER,
        "buyerLoginId": _BUYER_LOGIN,
        "sellerID": f"b2b-{seller.user_id}",
        "sellerUserId": seller.user_id,
        "sellerLoginId": seller.login_id,
        "sellerContact": {"imInPlatform": seller.login_id, "companyName": seller.company},
    }


def _receiver(consignee: Consignee) -> JsonObject:
    places = (consignee.province, consignee.city, consignee.area, consignee.town)
    return {
        "toFullName": consignee.full_name,
        "toDivisionCode": consignee.district_code,
        "toPost": consignee.post_code,
        "toArea": " ".join(place for place in places if place),
    }


def _product_item(order: OrderRecord, state: OrderState, index: int) -> JsonObject:
    line = order.lines[index]
    offer = _offer(line)
    sku = next(sku for sku in offer.skus if sku.spec_id == line.spec_id)
    pay_by = order.created_at + timedelta(seconds=PAY_SECONDS)
    status = state.line_status(index)
    amount = line.amount + (state.rise if index == 0 else 0)
    return {
        "productID": line.offer_id,
        "skuID": sku.sku_id,
        "specId": line.spec_id,
        "subItemID": int(line.sub_item_id),
        "subItemIDString": line.sub_item_id,
        "name": offer.title,
        "skuInfos": _variant(sku),
        "quantity": line.quantity,
        "quantityFactor": 1,
        "unit": offer.unit,
        "price": yuan(line.unit_price),
        "itemAmount": yuan(amount),
        "entryDiscount": amount - line.unit_price * line.quantity,
        "status": status,
        "statusStr": _STATUS_TEXTS[status],
        "logisticsStatus": state.logistics_status(index),
        "type": "common",
        "guaranteesTerms": [],
        "productImgUrl": [f"/pictures/{line.offer_id}.png"],
        "productSnapshotUrl": f"https://trade.1688.com/order/offer_snapshot.htm?order_entry_id={line.sub_item_id}",
        "gmtCreate": upstream_time(order.created_at),
        "gmtModified": upstream_time(state.modified_at),
        "gmtPayExpireTime": f"{pay_by:%Y-%m-%d %H:%M:%S}",
        **_line_refund(order, state, index),
    }


def _variant(sku: Sku) -> Json:
    variants = [{"name": "颜色", "value": sku.colour}]
    return variants if sku.size is None else [*variants, {"name": "尺码", "value": sku.size}]


def _line_refund(order: OrderRecord, state: OrderState, index: int) -> JsonObject:
    """A refund of the whole order is on every line, a smaller one on the first."""
    whole = order.course.refunded >= order.total
    if state.refund_status is None or (index > 0 and not whole):
        return {"refund": 0}
    share = order.lines[index].amount if whole else order.course.refunded
    return {"refund": yuan(share if state.refund else 0), "refundStatus": _LINE_REFUNDS[state.refund_status]}


def _payment_phase(order: OrderRecord, state: OrderState) -> JsonObject:
    """The payment; payStatus 1 unpaid, 2 paid, 4 fully refunded, 6 the seller has it, 8 cancelled before payment."""
    if state.paid_at is None:
        status = "8" if state.cancelled else "1"
    elif state.cancelled:
        status = "4"
    else:
        status = "6" if state.status == COMPLETED else "2"
    phase: dict[str, Json] = {
        "payStatus": status,
        "payWay": "1",
        "phasAmount": yuan(order.total + state.rise),
        "phase": ids.phase_id(order.order_id),
    }
    if state.paid_at is not None:
        phase["payTime"] = upstream_time(state.paid_at)
    return phase


def _offer(line: OrderLine) -> Offer:
    offer = offer_of(line.offer_id)
    if offer is None:
        raise LookupError(f"the store holds an order of offer {line.offer_id}, which this sandbox does not sell")
    return offer
