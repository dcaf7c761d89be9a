"""Answers as public documents print them (CONTRACT 3 to 6); shortened where a field does not matter here."""

import copy
import json
from typing import Any

PREVIEW_2026: dict[str, Any] = {
    "requestId": "a4ad5d30dd2e45adbf0569ed4b44ae6e",
    "code": 200,
    "developId": "1023561483696472887",
    "msg": "成功",
    "data": [
        {
            "sumCarriage": 600,
            "sumPayment": 6400,
            "sumTotalPayment": 6561,
            "sumPaymentNoCarriage": 5800,
            "orderItemTOList": [
                {
                    "amount": 5800,
                    "message": None,
                    "finalUnitPrice": 2900,
                    "specId": "530ad00177264564503ec3b848650652",
                    "skuId": 5736673805656,
                    "offerId": 889512351602,
                    "openOfferId": "+vIWvlcT2JMpWVABRdm+WQ==",
                }
            ],
        }
    ],
}
"""The Order Preview page of 2026-04-24."""

PREVIEW_2025: dict[str, Any] = {
    "postFeeByDescOfferList": [],
    "consignOfferList": [],
    "unsupportedCrossBorderPayOfferList": [],
    "orderPreviewResuslt": [
        {
            "tradeModeNameList": ["nzassure"],
            "status": True,
            "taoSampleSinglePromotion": False,
            "sumPayment": 4400,
            "sumCarriage": 800,
            "sumPaymentNoCarriage": 3600,
            "flowFlag": "general",
            "cargoList": [
                {
                    "amount": 36,
                    "finalUnitPrice": 18,
                    "specId": "eb81c61de14f4adb405ffcc2c8a4a3fb",
                    "skuId": 3332085412530,
                    "offerId": 548818919805,
                    "cargoPromotionList": [],
                }
            ],
            "shopPromotionList": [],
            "tradeModelList": [
                {
                    "tradeType": "nzassure",
                    "name": "担保交易",
                    "description": "买家下单5天内全款支付。",
                    "opSupport": True,
                }
            ],
        }
    ],
    "success": True,
}
"""The `data` of 1688's own preview sample, in the form of the page of 2025-09-15."""

CREATED_FLAT: dict[str, Any] = {"totalSuccessAmount": 156800, "orderId": "87407346014789305", "success": False}
"""1688's single order, printed flat and with `success` false."""

CREATED_WRAPPED: dict[str, Any] = {
    "result": {
        "success": True,
        "orderList": [
            {"postFee": 48000, "orderAmmount": 4848000, "discount": 0, "orderId": "105581756010628640"},
            {"postFee": 50000, "orderAmmount": 5050000, "discount": 0, "orderId": "105637283010628640"},
        ],
    },
    "success": True,
}
"""1688's several orders."""

LISTED: dict[str, Any] = {
    "result": [
        {
            "baseInfo": {
                "businessType": "cn",
                "completeTime": "20180806104425000+0800",
                "createTime": "20180801104333000+0800",
                "id": 196965465451498520,
                "refund": 0,
                "shippingFee": 0,
                "status": "cancel",
                "totalAmount": 0.01,
                "discount": -3989,
                "refundPayment": 0,
                "idOfStr": 196965465451498520,
                "receiverInfo": {
                    "toFullName": "<receiver>",
                    "toDivisionCode": "330782",
                    "toArea": "浙江省 金华市 义乌市",
                },
                "closeReason": "BUYER_NO_PAY",
                "sumProductPayment": 39.9,
            },
            "nativeLogistics": {
                "area": "义乌市",
                "city": "金华市",
                "contactPerson": "<receiver>",
                "province": "浙江省",
            },
            "productItems": [
                {
                    "itemAmount": 0.01,
                    "name": "夏季亚麻九分裤",
                    "price": 39.9,
                    "productID": 574273466269,
                    "quantity": 1,
                    "skuID": 3753684468637,
                    "status": "cancel",
                    "unit": "件",
                    "skuInfos": [{"name": "颜色", "value": "深灰色"}, {"name": "尺码", "value": "3XL"}],
                    "entryDiscount": -3989,
                    "specId": "7a2087a6594c7d6030d8ff5c42c8a2e8",
                    "statusStr": "交易取消",
                }
            ],
        }
    ],
    "totalRecord": 537,
}
"""The order list of 1688; `idOfStr` is a number in it."""

DETAILED: dict[str, Any] = {
    "result": {
        "baseInfo": {
            "allDeliveredTime": "20170913231916000-0700",
            "createTime": "20170913231708000-0700",
            "id": 58218860983545944,
            "payTime": "20170913231727000-0700",
            "refund": 0,
            "shippingFee": 6,
            "status": "waitbuyerreceive",
            "totalAmount": 6.15,
            "discount": 0,
            "refundStatus": "waitselleragree",
            "idOfStr": "58218860983545941",
            "receiverInfo": {"toFullName": "<receiver>", "toArea": "浙江省 杭州市 滨江区 长河街道"},
            "sumProductPayment": 0.3,
        },
        "nativeLogistics": {
            "address": "<street>",
            "area": "滨江区",
            "city": "杭州市",
            "contactPerson": "<receiver>",
            "mobile": "10000000000",
            "province": "浙江省",
            "logisticsItems": [
                {
                    "deliveredTime": "20170913231917000-0700",
                    "status": "alreadysend",
                    "logisticsBillNo": "不需要物流",
                    "subItemIds": "58218860984545941,58218860985545941",
                }
            ],
        },
        "productItems": [
            {
                "itemAmount": 0.3,
                "name": "测试扫码购富光勿拍2L*6件",
                "price": 0.3,
                "productID": 547486647009,
                "quantity": 1,
                "skuID": 3315536521048,
                "unit": "箱",
                "skuInfos": [{"name": "颜色", "value": "白色"}, {"name": "容量", "value": "1.1L-2L"}],
                "specId": "28b952ec96c8b5c3ab0affc1b74923f0",
                "statusStr": "等待卖家发货",
                "gmtPayExpireTime": "2018-02-07 15:27:58",
                "subItemIDString": "128403042259997715",
            },
            {
                "itemAmount": 0.05,
                "name": "鞋子",
                "price": 0.1,
                "productID": 558700975520,
                "quantity": 1,
                "unit": "双",
                "status": "waitbuyerreceive",
            },
        ],
    }
}
"""The order detail of 1688; its `id` has lost digits."""


def raw(document: Any) -> bytes:
    """A document as it travels."""
    return json.dumps(document, ensure_ascii=False).encode()


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of `document` with `value` at `path`."""
    whole = copy.deepcopy(document)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return whole


def without(document: Any, path: tuple[str | int, ...]) -> Any:
    """A copy of `document` that lacks the field at `path`."""
    whole = copy.deepcopy(document)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return whole


def wrapped(data: Any, *, code: Any = 200, msg: Any = "成功") -> bytes:
    """`data` in the envelope of every answer (CONTRACT 2.4)."""
    return raw(
        {"requestId": "4cfda0b725184ab8a1e3ee3b9051ec35", "code": code, "developId": "1", "msg": msg, "data": data}
    )
