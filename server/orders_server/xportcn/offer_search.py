"""Reads one page of a search by keywords (CONTRACT 10.4). Offers without an id are skipped."""

from collections.abc import Iterator
from typing import Any

from orders_server.xportcn.offer_content import content_of
from orders_server.xportcn.offer_fields import (
    TITLE,
    PictureReader,
    WireFound,
    WireFoundPage,
    WirePriceInfo,
    count,
    cut,
    objects,
    price,
    translation,
)
from orders_server.xportcn.requests import OFFER_ID, PAGE_OF_OFFERS
from orders_server.xportcn.tolerance import is_nothing, read_part
from orders_server.xportcn.wire import Unreadable, as_list
from orders_tools.offers.model import FoundOffer, OfferPage

_CONTENT_FIELDS = ("totalRecords", "totalPage", "currentPage")
_MOST_ROWS = 100
"""More than one call asks for, in case the API ignores the page size."""


def read_offer_page(document: Any, page: int, picture: PictureReader) -> OfferPage:
    """Page number `page` of a search.

    Raises:
        UpstreamRefused: the answer says that the call failed.
        Unreadable: the answer has no list.
    """
    content = content_of(document, _CONTENT_FIELDS)
    bare = as_list(content)
    wire = read_part(WireFoundPage, {"data": bare} if bare is not None else content, set())
    rows = wire.result if is_nothing(wire.data) else wire.data
    if as_list(rows) is None and not is_nothing(rows):
        raise Unreadable("the field data.data")
    offers = objects(rows, _MOST_ROWS)
    return OfferPage(
        offers=tuple(_read_offers(offers, picture)),
        total=count(wire.totalRecords),
        has_more=bool(offers) and _has_more(wire, page, len(offers)),
    )


def _has_more(wire: WireFoundPage, page: int, rows: int) -> bool:
    """Whether another page may follow: by the number of pages, or of offers, or because this page is full."""
    if (pages := count(wire.totalPage)) is not None:
        return page < pages
    size = count(wire.pageSize, 1) or PAGE_OF_OFFERS
    if (total := count(wire.totalRecords)) is not None:
        return page * size < total
    return rows >= size


def _read_offers(rows: list[dict[str, Any]], picture: PictureReader) -> Iterator[FoundOffer]:
    for row in rows:
        wire = read_part(WireFound, row, set())
        if wire.offerId and OFFER_ID.fullmatch(wire.offerId):
            yield FoundOffer(
                offer_id=wire.offerId,
                title=cut(wire.subject, TITLE),
                title_translated=translation(wire.subjectTrans, wire.subject, TITLE),
                price=price(read_part(WirePriceInfo, wire.priceInfo, set()).price),
                min_quantity=count(wire.minOrderQuantity, 1),
                sold_last_month=count(wire.monthSold),
                picture=picture(wire.imageUrl),
            )
