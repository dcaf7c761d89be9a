"""The hostile upstream with a catalogue: titles, attributes, seller, unit and status in the words that it is given."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from .hostile import FIRST_OFFER, HARMLESS, Hostile

PICTURE = "https://cbu01.alicdn.com/img/ibank/O1CN01_!!1-0-cib.jpg"
SELLER = "BBB0123456789abcdef"
MOST_SKUS = 50


class HostileCatalogue(Hostile):
    """Offer FIRST_OFFER + n has the n-th text in every field, its SKUs that and those after it."""

    skus = MOST_SKUS

    def app(self) -> Starlette:
        kinds: dict[str, Callable[[Any], Any]] = {
            "/api/alibaba/ka/product/detail/get": self._product,
            "/api/alibaba/ka/product/keywords/query": self._search,
        }
        routes = [Route(path, self._answering(made), methods=["POST"]) for path, made in kinds.items()]
        return Starlette(routes=[*super().app().routes, *routes])

    def _product(self, body: Any) -> Any:
        text = self._text(body["offerId"])
        number = int(body["offerId"]) - FIRST_OFFER
        several: list[str] = [self.texts[(number + place) % len(self.texts)] for place in range(self.skus)]
        offer: dict[str, Any] = {
            "offerId": body["offerId"],
            "subject": text,
            "subjectTrans": f"t {text}",
            "description": text,
            "productImage": {"images": [text, PICTURE], "whiteImage": text},
            "productSkuInfos": [self._sku(place, each) for place, each in enumerate(several)],
            "productSaleInfo": {"quoteType": text, "unitInfo": {"unit": text, "transUnit": text}, "priceRangeList": []},
            "status": text,
            "sellerOpenId": SELLER,
            "companyName": text,
        }
        return {"code": 200, "msg": text, "data": {"success": "true", "message": text, "result": offer}}

    def _sku(self, place: int, text: str) -> dict[str, Any]:
        names = {"attributeName": text, "attributeNameTrans": f"t {text}", "value": text, "valueTrans": f"v {text}"}
        pictures = {"skuImageUrl": text if place % 2 else PICTURE}
        return {"specId": f"s{place}", "skuId": place + 1, "price": text, "skuAttributes": [{**names, **pictures}]}

    def _search(self, body: Any) -> Any:
        rows: list[dict[str, Any]] = [
            {
                "offerId": FIRST_OFFER + number,
                "subject": text,
                "subjectTrans": f"t {text}",
                "imageUrl": text,
                "priceInfo": {"price": text},
                "monthSold": 321,
                "promotionURL": text,
            }
            for number, text in enumerate(self.texts)
        ]
        return {"code": 200, "msg": "", "data": {"data": rows, "totalRecords": len(rows)}}

    def _create(self, body: Any) -> Any:
        """An order of all lines but one: what else a create call could say is no word of the catalogue."""
        *placed, refused = body["cargoParamList"]
        number = int(placed[0]["offerId"])
        failed = {"offerId": refused["offerId"], "errorCode": "E", "errorMessage": HARMLESS}
        base = {"idOfStr": str(number * 10), "status": "waitbuyerpay"}
        return {"code": 200, "msg": "", "data": {"baseInfo": base, "failedOfferList": [failed]}}

    def _previewed(self, item: Any, text: str) -> dict[str, Any]:
        order = super()._previewed(item, text)
        for line in order.get("cargoList", []):
            line.update(specId="s0", skuId="1")
        return order
