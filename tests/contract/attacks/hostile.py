"""An upstream that writes what it is told into every text field its answers have. It verifies nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orders_server.xportcn.signs import Signs

HARMLESS = "无害 words"
"""What stands in every field of the answer that an attack is compared with: words, and no plain id."""
FIRST_OFFER = 700_000_000_000
_ORDER = 710_000_000_000
_CREATED = "20260520154000000+0800"
_ID_LIMIT = 128
"""Characters that an id on the wire may have; beyond, the whole answer is unreadable."""


def attacks() -> list[str]:
    """The corpus: texts that sellers, carriers, the upstream or a caller could write. `[text, times]` is a flood."""
    written: Mapping[str, Sequence[Any]] = json.loads(Path(__file__).with_name("attacks.json").read_text("utf-8"))
    return [
        each if isinstance(each, str) else each[0] * each[1] + "".join(each[2:])
        for several in written.values()
        for each in several
    ]


class Hostile:
    """The four calls of the API, their texts taken from `texts`: the line of offer FIRST_OFFER + n has the n-th.

    `form` picks how a preview answers, `made` how a create call does; `order` is the text of one whole order, and
    `refusal` the code and words with which every call is refused. `shift` moves each line on to a later text.
    `consignee` is who receives every order, where that is no text of `texts`.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.form: str = "noted"
        self.made: str = "failed lines"
        self.order: str | None = None
        self.refusal: tuple[str, str] | None = None
        self.consignee: Mapping[str, str] = {}
        self.shift = 0
        self.sent = FIRST_OFFER
        self.body: Any = None
        self.calls = 0
        self.has_orders = True
        """Whether its list holds any; where not, a look before a send is over at once."""

    def app(self) -> Starlette:
        kinds: dict[str, Callable[[Any], Any]] = {
            "/api/alibaba/ka/order/create/preview": self._preview,
            "/api/alibaba/ka/order/create": self._create,
            "/api/alibaba/ka/order/list": self._list,
            "/api/alibaba/ka/order/detail": self._detail,
        }
        return Starlette(routes=[Route(path, self._answering(made), methods=["POST"]) for path, made in kinds.items()])

    def _answering(self, made: Callable[[Any], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.calls += 1
            body = made(await request.json()) if self.refusal is None else None
            if body is None:
                code, words = self.refusal or ("500", "busy")
                body = {"requestId": words, "developId": words, "code": code[-_ID_LIMIT:], "msg": words, "data": None}
            return Response(json.dumps(body), media_type="application/json")

        return answer

    def _text(self, offer_id: Any) -> str:
        number = int(offer_id) - FIRST_OFFER
        return self.texts[(number + self.shift) % len(self.texts)]

    def _preview(self, body: Any) -> Any:
        asked = [(item, self._text(item["offerId"])) for item in body["cargoParamList"]]
        if self.form == "failed":
            return _envelope({"success": False, "errorCode": asked[0][1][-_ID_LIMIT:], "errorMsg": asked[0][1]})
        orders = [self._previewed(item, text) for item, text in asked]
        if self.form.startswith("2026"):
            return _envelope(orders)
        unsupported = [text[-_ID_LIMIT:] for _, text in asked]
        lists = ("postFeeByDescOfferList", "consignOfferList", "unsupportedCrossBorderPayOfferList")
        return _envelope({"orderPreviewResuslt": orders, **dict.fromkeys(lists, unsupported)})

    def _previewed(self, item: Any, text: str) -> dict[str, Any]:
        short, newer, refused = text[-_ID_LIMIT:], self.form.startswith("2026"), self.form.endswith("refused")
        line: dict[str, Any] = {
            "offerId": f"{text[-100:]} {item['offerId']}" if self.form == "strange" else item["offerId"],
            "specId": short,
            "skuId": short,
            "openOfferId": short,
            "amount": 1000 if newer else 10.0,
            "finalUnitPrice": 1000 if newer else 10.0,
            "message": text if refused or not newer else None,
            "resultCode": short if refused else None,
        }
        order: dict[str, Any] = {"sumPayment": 1500, "sumCarriage": 500, "sumPaymentNoCarriage": 1000}
        if newer:
            return {**order, "sumTotalPayment": 1600, "orderItemTOList": [line]}
        promotion = {"promotionId": text, "text": text, "desc": text, "selected": True, "discountFee": 0}
        line["cargoPromotionList"] = [promotion] * 4
        return {
            **order,
            "status": not refused,
            "resultCode": short if refused else "200",
            "message": text,
            "flowFlag": f"{text[:40]} {item['offerId']}",
            "tradeModeNameList": [f"{text} {item['offerId']}"] if self.form == "strange" else ["fxassure", text],
            "tradeModelList": [{"tradeType": "x", "name": text, "description": text, "tradeWay": text}],
            "shopPromotionList": [promotion],
            "payChannelInfos": [{"name": text, "amountLimit": 1}],
            "cargoList": [line],
        }

    def _create(self, body: Any) -> Any:
        texts = [self._text(item["offerId"]) for item in body["cargoParamList"]]
        self.body = body
        self.sent = body["cargoParamList"][0]["offerId"]
        if self.made == "refused":
            return {"code": texts[0][-_ID_LIMIT:], "msg": f"500_004 {texts[0]}", "data": None}
        if self.made == "unclear":
            return {"code": texts[0][-_ID_LIMIT:], "msg": texts[0], "data": texts[0]}
        failed = [
            {"offerId": text[-_ID_LIMIT:], "specId": text[-_ID_LIMIT:], "errorCode": "E", "errorMessage": text}
            for text in self.texts
        ]
        codes = [{"errorCode": text[-_ID_LIMIT:], "errorMessage": None} for text in self.texts]
        told = [{"resultCode": text[-_ID_LIMIT:], "message": text, "orderId": ""} for text in self.texts]
        # A word that could be a sign of an order makes the outcome unknown, which is tried by itself.
        parts = [part if Signs([]).fails(part) else {**part, "resultCode": "E", "message": HARMLESS} for part in told]
        own = _ORDER + int(self.sent) - FIRST_OFFER  # no two calls make the same order
        base = {"idOfStr": texts[0][-_ID_LIMIT:], "id": own, "status": "waitbuyerpay"}
        data = {"baseInfo": base, "failedOfferList": [*failed, *codes], "orderList": parts, "message": texts[0]}
        return {"code": 200, "msg": texts[0], "data": data}

    def _list(self, body: Any) -> Any:
        texts = list(self.texts) if self.has_orders else list[str]()
        return _envelope([self._received(_trade(text, self._alike(n))) for n, text in enumerate(texts)])

    def _received(self, trade: dict[str, Any]) -> dict[str, Any]:
        """`trade` with this upstream's own consignee, in the words of both places where an order names one."""
        if own := self.consignee:
            places = " ".join((own["province"], own["city"], own["area"], own["street"]))
            trade["baseInfo"]["receiverInfo"] = {"toFullName": own["full_name"], "toArea": places}
            trade["nativeLogistics"] |= {
                **{name: own[name] for name in ("mobile", "province", "city", "area")},
                "contactPerson": f"{own['full_name']} 先生",
                "telephone": own["phone"],
                "address": own["street"],
            }
        return trade

    def _alike(self, number: int) -> dict[str, Any]:
        """An order that could be the one in doubt: it has its lines and its total, and no number of the buyer's."""
        if self.made != "unclear":
            return {}
        item = {"productID": self.sent, "quantity": 1}
        return {"lines": [item], "id": f"{self.texts[number][-100:]} {number}"}

    def _detail(self, body: Any) -> Any:
        if self.order is None:
            return None
        lines = [_item(text) for text in self.texts]
        parcels = [_parcel(text) for text in self.texts]
        return _envelope(self._received(_trade(self.order, {"lines": lines}, parcels)))


def _envelope(data: Any) -> Any:
    return {"requestId": HARMLESS, "code": 200, "msg": HARMLESS, "data": data}


def _item(text: str) -> dict[str, Any]:
    short = text[-_ID_LIMIT:]
    return {
        "productID": short,
        "specId": short,
        "skuID": short,
        "name": text,
        "quantity": 1,
        "unit": "件",
        "statusStr": text,
        "status": text,
        "skuInfos": [{"name": text, "value": text}],
        "gmtPayExpireTime": text,
    }


def _parcel(text: str) -> dict[str, Any]:
    return {"logisticsCompanyName": text, "logisticsBillNo": text, "status": text, "deliveredTime": text}


def _trade(text: str, changed: Mapping[str, Any], parcels: Sequence[Any] = ()) -> dict[str, Any]:
    """An order whose every text is `text`; with an id of its own it carries no number of the buyer's."""
    own = {"outOrderId": text} if "id" not in changed else {}
    base = {
        "idOfStr": changed.get("id", text[-_ID_LIMIT:]),
        "status": text,
        "refundStatus": text,
        "totalAmount": 15.0,
        "createTime": _CREATED,
        "payTime": text,
        "payTimeoutType": text[-_ID_LIMIT:],
        "buyerFeedback": text,
        "receiverInfo": {"toFullName": text, "toMobile": text, "toPhone": text, "toArea": text},
        **own,
    }
    place = dict.fromkeys(("mobile", "province", "city", "area", "address"), text)
    return {
        "baseInfo": base,
        "productItems": changed.get("lines", [_item(text)]),
        "nativeLogistics": {**place, "contactPerson": f"{text} 先生", "logisticsItems": list(parcels)},
    }
