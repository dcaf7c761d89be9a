"""Request bodies of the endpoints (CONTRACT 3.1, 4.1, 5, 6, 10.1 and 10.4)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from orders_tools.money import yuan
from orders_tools.offers.model import OfferQuery
from orders_tools.orders.model import OrderQuery
from orders_tools.purchase.model import Address, Line, Part

_CHINA = timezone(timedelta(hours=8))
OFFER_ID = re.compile(r"[1-9][0-9]{0,19}")
PAGE_OF_OFFERS = 20


def preview_body(lines: Sequence[Line], address: Address, flow: str | None, ali_id: str | None) -> dict[str, Any]:
    """The body of a preview; only given fields are sent."""
    return _given({"aliId": ali_id, "flow": flow}) | _goods(lines, address)


def create_body(part: Part, address: Address) -> dict[str, Any]:
    """The body of a create call: the previewed lines, and what the preview chose for them."""
    named = {
        "aliId": part.ali_id,
        "flow": part.flow,
        "outOrderId": part.part_ref,
        "message": part.note,
        "tradeType": part.trade_type,
    }
    return _given(named) | _goods(part.lines, address)


def list_body(query: OrderQuery) -> dict[str, Any]:
    """The body of a list call; it asks for the buyer's notes, because a reference may have come back only there.

    The upstream answers from the current table unless the body asks for the old orders (CONTRACT 5).
    """
    table = {"isHis": True} if query.history else {}
    return {"page": query.page, "pageSize": query.page_size, "needMemoInfo": True, **table} | _given(
        {
            "orderStatus": query.status,
            "outOrderId": query.out_order_id,
            "createStartTime": _stamp(query.created_from),
            "createEndTime": _stamp(query.created_to),
        }
    )


def detail_body(order_id: str) -> dict[str, Any]:
    """The body of a detail call."""
    return {"webSite": "1688", "orderId": order_id}


def offer_body(offer_id: str, language: str) -> dict[str, Any]:
    """The body of a product look-up; `country` says which language to translate into (CONTRACT 10.1)."""
    return {"offerId": int(offer_id), "country": language, "outMemberId": ""}


def search_body(query: OfferQuery, language: str) -> dict[str, Any]:
    """The body of a search by keywords."""
    return {
        "keyword": query.keywords,
        "beginPage": query.page,
        "pageSize": PAGE_OF_OFFERS,
        "country": language,
        "outMemberId": "",
    } | _given(
        {
            "priceStart": None if query.price_from is None else yuan(query.price_from),
            "priceEnd": None if query.price_to is None else yuan(query.price_to),
        }
    )


def _given(fields: dict[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _goods(lines: Sequence[Line], address: Address) -> dict[str, Any]:
    return {"addressParam": _address(address), "cargoParamList": [_cargo(line) for line in lines]}


def _address(address: Address) -> dict[str, Any]:
    # districtCode overrides the written names (CONTRACT 9.5), so it is only sent if the caller gave it.
    return {
        "fullName": address.full_name,
        "mobile": address.mobile,
        "phone": address.phone,
        "postCode": address.post_code,
        "provinceText": address.province,
        "cityText": address.city,
        "areaText": address.area,
        "townText": address.town,
        "address": address.street,
    } | _given({"districtCode": address.district_code})


def _cargo(line: Line) -> dict[str, Any]:
    if not OFFER_ID.fullmatch(line.offer_id):
        raise ValueError("an offer id of digits was expected")
    return {
        "offerId": int(line.offer_id),  # a JSON number by contract; Python writes every digit of it
        "quantity": line.quantity,
    } | _given(
        {
            "specId": line.spec_id,
            "sellerOpenId": line.seller_open_id,
            "productNo": line.product_no,
            "container": line.container,
        }
    )


def _stamp(moment: datetime | None) -> str | None:
    """A time as the list takes it: yyyyMMddHHmmssSSS+0800."""
    if moment is None:
        return None
    local = moment.astimezone(_CHINA)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}+0800"
