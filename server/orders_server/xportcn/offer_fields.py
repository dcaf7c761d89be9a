"""The fields that are read from 1688's product answers (CONTRACT 10.2 and 10.4), and how each is read.

Nothing here fails: a field that cannot be read becomes None. Descriptions, videos, selling points and pictures redrawn
by a machine are not read at all.
"""

import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any

from orders_server.xportcn.tolerance import MaybeFen, MaybeId, MaybeText
from orders_server.xportcn.wire import Wire, as_list, as_object
from orders_tools.money import fen_from_yuan

TITLE, NAME, VALUE, SELLER, WORD = 200, 40, 80, 80, 40
"""The maximum length of a title, an attribute's name and value, a seller's name, and any other word."""
_LARGEST_COUNT = 10**12
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,10})?")
_PLAIN = r"[A-Za-z0-9._~!$&*+,;=:@%/?-]{1,400}"
_PICTURE = re.compile(rf"https://([a-z0-9-]+\.)+alicdn\.com/{_PLAIN}", re.IGNORECASE)
_SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OPEN_ID = re.compile(r"[A-Za-z0-9_+/=-]{1,128}")
"""Encrypted ids are written in Base64."""

PictureReader = Callable[[Any], str | None]


class WireAttribute(Wire):
    attributeName: MaybeText = None
    value: MaybeText = None
    attributeNameTrans: MaybeText = None
    valueTrans: MaybeText = None


class WireSku(Wire):
    specId: MaybeId = None
    skuId: MaybeId = None
    skuAttributes: Any = None
    price: Any = None
    promotionPrice: Any = None
    amountOnSale: MaybeFen = None


class WireTier(Wire):
    startQuantity: MaybeFen = None
    price: Any = None
    promotionPrice: Any = None


class WireUnit(Wire):
    unit: MaybeText = None
    transUnit: MaybeText = None


class WireSale(Wire):
    amountOnSale: MaybeFen = None
    priceRangeList: Any = None
    quoteType: MaybeFen = None
    unitInfo: Any = None


class WireImages(Wire):
    images: Any = None
    whiteImage: Any = None


class WireOffer(Wire):
    offerId: MaybeId = None
    subject: MaybeText = None
    subjectTrans: MaybeText = None
    productImage: Any = None
    productSkuInfos: Any = None
    productSaleInfo: Any = None
    minOrderQuantity: MaybeFen = None
    batchNumber: MaybeFen = None
    status: MaybeText = None
    sellerOpenId: MaybeId = None
    companyName: MaybeText = None


class WirePriceInfo(Wire):
    price: Any = None


class WireFound(Wire):
    offerId: MaybeId = None
    subject: MaybeText = None
    subjectTrans: MaybeText = None
    imageUrl: Any = None
    priceInfo: Any = None
    minOrderQuantity: MaybeFen = None
    monthSold: MaybeFen = None


class WireFoundPage(Wire):
    totalRecords: MaybeFen = None
    totalPage: MaybeFen = None
    pageSize: MaybeFen = None
    data: Any = None
    result: Any = None


def cut(text: str | None, most: int) -> str | None:
    """The first `most` characters of a text; None if it is blank."""
    return (text or "").strip()[:most].strip() or None


def translation(text: str | None, original: str | None, most: int) -> str | None:
    """A translation; None if it equals the original, which means that nothing was translated."""
    found = cut(text, most)
    return None if found == cut(original, most) else found


def count(number: int | None, least: int = 0) -> int | None:
    """A number of pieces; None if it is too small or too large to be one."""
    return number if number is not None and least <= number < _LARGEST_COUNT else None


def price(value: Any) -> int | None:
    """A price in fen, from a decimal text in yuan. None for a number, whose unit is unknown (CONTRACT 10.3)."""
    if not isinstance(value, str) or not _PRICE.fullmatch(value.strip()):
        return None
    try:
        return fen_from_yuan(Decimal(value.strip()))
    except ValueError:
        return None


def plain_id(text: str | None) -> str | None:
    """An id that can be sent back unchanged; None for anything else."""
    return text if text and _PLAIN_ID.fullmatch(text) else None


def open_id(text: str | None) -> str | None:
    """Like `plain_id`, for an encrypted id."""
    return text if text and _OPEN_ID.fullmatch(text) else None


def picture_reader(origins: Collection[str]) -> PictureReader:
    """A reader for addresses of pictures: on 1688's own hosts, always as https, or unchanged below one of `origins`."""
    own = re.compile("|".join(rf"{re.escape(each)}/{_PLAIN}" for each in origins)) if origins else None

    def picture(value: Any) -> str | None:
        text = value.strip() if isinstance(value, str) and len(value) < 1000 else ""
        if own and own.fullmatch(text):
            return text
        secure = _SCHEME.sub("https://", text, count=1) if _SCHEME.match(text) else ""
        return secure if _PICTURE.fullmatch(secure) else None

    return picture


def first_picture(values: Iterable[Any], picture: PictureReader) -> str | None:
    """The first valid address of a picture in `values`."""
    return next(filter(None, map(picture, values)), None)


def objects(content: Any, most: int) -> list[dict[str, Any]]:
    """The first `most` objects in a list; anything else in it is skipped."""
    found = (as_object(item) for item in as_list(content) or ())
    return [fields for fields, _ in zip(filter(None, found), range(most), strict=False)]
