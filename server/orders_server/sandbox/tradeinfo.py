"""An order as 1688 describes it to its buyer, TradeInfo: money in yuan, discounts in fen (CONTRACT 5 and 6)."""

from datetime import datetime, timedelta

from orders_server.sandbox import ids
from orders_server.sandbox.catalogue import Offer, Seller, offer_of
from orders_server.sandbox.orders import OrderLine, OrderRecord
from orders_server.sandbox.purchase_requests import Consignee
from orders_server.sandbox.wire import Json, JsonObject, yuan

AWAITING_PAYMENT = "waitbuyerpay"
_PAY_SECONDS = 432_000
_BUYER_LOGIN = "沙箱采购账号"
_BUYER_USER = 2_211_688_001


def trade_info(order: OrderRecord, with_note: bool, with_logistics: bool) -> JsonObject:
    """The whole description; the list leaves the logistics out, and the buyer's note unless it is asked for."""
    info: dict[str, Json] = {
        "baseInfo": _base_info(order, with_note),
        "productItems": [_product_item(order, line) for line in order.lines],
        "tradeTerms": [_payment_phase(order)],
    }
    if with_logistics:
        info["nativeLogistics"] = _native_logistics(order.consignee)
    return info


def upstream_time(moment: datetime) -> str:
    """The moment as yyyyMMddHHmmssSSS+0800 (CONTRACT 5)."""
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}{moment:%z}"


def _base_info(order: OrderRecord, with_note: bool) -> JsonObject:
    seller = _offer(order.lines[0]).seller
    list_price = sum(line.unit_price * line.quantity for line in order.lines)
    info: dict[str, Json] = {
        "id": int(order.order_id),
        "idOfStr": order.order_id,
        "status": AWAITING_PAYMENT,
        "businessType": "cn",
        "createTime": upstream_time(order.created_at),
        "modifyTime": upstream_time(order.created_at),
        "totalAmount": yuan(order.total),
        "sumProductPayment": yuan(list_price),
        "shippingFee": yuan(order.carriage),
        "discount": order.goods - list_price,
        "refund": 0,
        "refundPayment": 0,
        "tradeType": "50060",
        "tradeTypeCode": order.trade_type,
        "payTimeout": _PAY_SECONDS,
        "payTimeoutType": 0,
        "stepPayAll": False,
        "receiverInfo": _receiver(order.consignee),
        **_parties(seller),
    }
    if order.out_order_id is not None:
        info["outOrderId"] = order.out_order_id
    if with_note and order.message is not None:
        info["buyerFeedback"] = order.message
    return info


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


def _product_item(order: OrderRecord, line: OrderLine) -> JsonObject:
    offer = _offer(line)
    sku = next(sku for sku in offer.skus if sku.spec_id == line.spec_id)
    pay_by = order.created_at + timedelta(seconds=_PAY_SECONDS)
    return {
        "productID": line.offer_id,
        "skuID": sku.sku_id,
        "specId": line.spec_id,
        "subItemID": int(line.sub_item_id),
        "subItemIDString": line.sub_item_id,
        "name": offer.title,
        "skuInfos": [{"name": "颜色", "value": sku.colour}],
        "quantity": line.quantity,
        "quantityFactor": 1,
        "unit": offer.unit,
        "price": yuan(line.unit_price),
        "itemAmount": yuan(line.amount),
        "entryDiscount": line.amount - line.unit_price * line.quantity,
        "refund": 0,
        "status": AWAITING_PAYMENT,
        "statusStr": "等待买家付款",
        "logisticsStatus": 1,
        "type": "common",
        "guaranteesTerms": [],
        "productImgUrl": [],
        "productSnapshotUrl": f"https://trade.1688.com/order/offer_snapshot.htm?order_entry_id={line.sub_item_id}",
        "gmtCreate": upstream_time(order.created_at),
        "gmtModified": upstream_time(order.created_at),
        "gmtPayExpireTime": f"{pay_by:%Y-%m-%d %H:%M:%S}",
    }


def _payment_phase(order: OrderRecord) -> JsonObject:
    phase = ids.phase_id(order.order_id)
    return {"payStatus": "1", "payWay": "1", "phasAmount": yuan(order.total), "phase": phase}


def _native_logistics(consignee: Consignee) -> JsonObject:
    return {
        "contactPerson": consignee.full_name,
        "mobile": consignee.mobile,
        "telephone": consignee.phone,
        "province": consignee.province,
        "city": consignee.city,
        "area": consignee.area,
        "town": consignee.town,
        "address": consignee.address,
        "areaCode": consignee.district_code,
        "zip": consignee.post_code,
        "logisticsItems": [],
    }


def _offer(line: OrderLine) -> Offer:
    offer = offer_of(line.offer_id)
    if offer is None:
        raise LookupError(f"the store holds an order of offer {line.offer_id}, which this sandbox does not sell")
    return offer
