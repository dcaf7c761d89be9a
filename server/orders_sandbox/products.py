"""The catalogue's two answers, an offer whole and a search by keywords (CONTRACT 10), in the form of a switch.

Prices are yuan as text. Minimum, lot and stock are those of the preview.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from orders_sandbox.catalogue import CATALOGUE, offer_of
from orders_sandbox.catalogue_words import ENGLISH
from orders_sandbox.fields import Fields
from orders_sandbox.json_text import Json, JsonObject, yuan
from orders_sandbox.offers import Offer, Sku
from orders_sandbox.refusals import wrong_parameter
from orders_sandbox.replies import Data, Page, Reply, Silence
from orders_sandbox.switches import Switches

_LARGEST_INT = 2**31 - 1
_USUAL_PAGE, _LARGEST_PAGE = 20, 50
_STATUSES = {"on sale": "published", "suspended": "member expired"}
_PRICES = frozenset({"price", "promotionPrice", "consignPrice"})
_REFUSED: JsonObject = {"success": False, "code": "400", "message": "没有该商品的查询权限"}
_NOT_THERE = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


def offer_detail(body: Fields, pictures: str, switches: Switches) -> Reply:
    """The requested offer, with its pictures below the address `pictures`; an empty success if there is none."""
    offer_id = body.identifier("offerId")
    if offer_id is None:
        raise wrong_parameter("offerId")
    body.required_text("country")
    body.text("outMemberId")
    if switches.product_answers == "other-offer":
        offer_id = str(CATALOGUE["other-seller" if offer_id == str(CATALOGUE["plain"].offer_id) else "plain"].offer_id)
    offer = offer_of(int(offer_id))
    gone = offer is None or offer.standing == "delisted"
    return _answer(None if gone or offer is None else _whole(offer, pictures), switches)


def search_page(body: Fields, pictures: str, switches: Switches) -> Reply:
    """A page of the offers on sale whose title contains every requested word, in either language."""
    words = body.required_text("keyword").lower().split()
    body.required_text("country")
    page = body.whole("beginPage", 1, _LARGEST_INT) or 1
    size = min(body.whole("pageSize", 1, _LARGEST_INT) or _USUAL_PAGE, _LARGEST_PAGE)
    least, most = _amount(body, "priceStart"), _amount(body, "priceEnd")
    found = [
        offer
        for offer in CATALOGUE.values()
        if offer.standing == "on sale"
        and all(word in f"{offer.title} {ENGLISH[offer.title]}".lower() for word in words)
        and (least is None or least <= yuan(offer.unit_price))
        and (most is None or yuan(offer.unit_price) <= most)
    ]
    rows: list[Json] = [_short(offer, pictures) for offer in found[(page - 1) * size : page * size]]
    if switches.product_answers == "array":
        return Data(rows)
    pages = -(-len(found) // size)
    page_fields = {"totalRecords": len(found), "totalPage": pages, "pageSize": size, "currentPage": page, "data": rows}
    return _answer(page_fields, switches)


def _amount(body: Fields, name: str) -> Decimal | None:
    text = body.text(name)
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise wrong_parameter(name) from None


def _answer(content: JsonObject | None, switches: Switches) -> Reply:
    match switches.product_answers:
        case "late":
            return Silence()
        case "off":
            return Page(404, _NOT_THERE)
        case "refused":
            return Data(_REFUSED)
        case "two-envelopes":
            return Data({"success": True, "code": "200", "message": "成功", "result": content})
        case "array":
            return Data([] if content is None else [content])
        case form:
            return Data(_FORMS.get(form, _plain)(content))


def _plain(content: Json) -> Json:
    return content


def _numbers_as_text(content: Json) -> Json:
    if isinstance(content, int | Decimal) and not isinstance(content, bool):
        return str(content)
    return _in_envelope(content, lambda _, value: _numbers_as_text(value))


def _prices_as_numbers(content: Json) -> Json:
    def price(name: str, value: Json) -> Json:
        return Decimal(value) if name in _PRICES and isinstance(value, str) else _prices_as_numbers(value)

    return _in_envelope(content, price)


def _without_translations(content: Json) -> Json:
    """Titles again in Chinese, and no other translation at all."""
    told = _in_envelope(content, lambda _, value: _without_translations(value))
    if isinstance(told, Mapping):
        again = {"subjectTrans": told["subject"]} if "subjectTrans" in told else {}
        return {name: value for name, value in told.items() if "rans" not in name} | again
    return told


def _in_envelope(content: Json, change: Callable[[str, Json], Json]) -> Json:
    if isinstance(content, Mapping):
        return {name: change(name, value) for name, value in content.items()}
    if isinstance(content, Sequence) and not isinstance(content, str):
        return [change("", value) for value in content]
    return content


_FORMS: Mapping[str, Callable[[Json], Json]] = {
    "numbers-as-text": _numbers_as_text,
    "prices-as-numbers": _prices_as_numbers,
    "untranslated": _without_translations,
}


def _price(fen: int) -> str:
    return str(yuan(fen))


def _least(offer: Offer) -> int:
    return max(offer.minimum, offer.wholesale_minimum)


def _whole(offer: Offer, pictures: str) -> JsonObject:
    return {
        "offerId": offer.offer_id,
        "categoryId": 1031000,
        "subject": offer.title,
        "subjectTrans": ENGLISH[offer.title],
        "description": f'<div><a href="https://detail.1688.com"><img src="{pictures}/{offer.offer_id}.png"/></a></div>',
        "productImage": {"images": [f"{pictures}/{offer.offer_id}.png"], "whiteImage": None},
        "productAttribute": [],
        "productSkuInfos": [_sku(offer, sku, pictures) for sku in offer.skus],
        "productSaleInfo": _sale(offer),
        "minOrderQuantity": _least(offer),
        "batchNumber": offer.lot if offer.lot > 1 else None,
        "status": _STATUSES[offer.standing],
        "sellerOpenId": offer.seller.open_id,
        "companyName": offer.seller.company,
        "soldOut": "1234",
        "isSelect": "false",
        "channelPrice": None,
        "sellingPoint": None,
    }


def _sku(offer: Offer, sku: Sku, pictures: str) -> JsonObject:
    """One variant. Its picture belongs to the colour, which is not always the first attribute."""
    colour = _attribute("颜色", sku.colour) | {"skuImageUrl": f"{pictures}/{sku.sku_id}.png"}
    size = [] if sku.size is None else [_attribute("尺码", sku.size)]
    return {
        "amountOnSale": offer.stock,
        "price": None if offer.tiers else _price(offer.unit_price),
        "promotionPrice": None,
        "consignPrice": None,
        "skuId": sku.sku_id,
        "specId": sku.spec_id,
        "cargoNumber": None,
        "skuAttributes": [*size, colour],
    }


def _attribute(name: str, value: str) -> dict[str, Json]:
    return {
        "attributeId": 3216 if name == "颜色" else 450,
        "attributeName": name,
        "attributeNameTrans": ENGLISH[name],
        "value": value,
        "valueTrans": ENGLISH[value],
        "skuImageUrl": None,
    }


def _sale(offer: Offer) -> JsonObject:
    tiers = ((_least(offer), offer.unit_price), *offer.tiers)
    return {
        "amountOnSale": offer.stock * len(offer.skus),
        "priceRangeList": [
            {"startQuantity": start, "price": _price(price), "promotionPrice": None} for start, price in tiers
        ],
        "quoteType": 2 if offer.tiers else 1,
        "unitInfo": {"unit": offer.unit, "transUnit": ENGLISH[offer.unit]},
        "consignPrice": None,
    }


def _short(offer: Offer, pictures: str) -> JsonObject:
    return {
        "imageUrl": f"{pictures}/{offer.offer_id}.png",
        "subject": offer.title,
        "subjectTrans": ENGLISH[offer.title],
        "offerId": offer.offer_id,
        "priceInfo": {"price": _price(offer.unit_price), "consignPrice": None},
        "repurchaseRate": "12%",
        "monthSold": 321,
        "minOrderQuantity": _least(offer),
        "promotionURL": f"https://detail.1688.com/offer/{offer.offer_id}.html",
    }
