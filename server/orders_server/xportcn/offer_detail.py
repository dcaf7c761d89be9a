"""Reads one offer of the catalogue (CONTRACT 10.2). Only a wrong or missing id is an error."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from orders_server.xportcn.offer_content import content_of
from orders_server.xportcn.offer_fields import (
    NAME,
    SELLER,
    TITLE,
    VALUE,
    WORD,
    PictureReader,
    WireAttribute,
    WireImages,
    WireOffer,
    WireSale,
    WireSku,
    WireTier,
    WireUnit,
    count,
    cut,
    first_picture,
    objects,
    open_id,
    plain_id,
    price,
    translation,
)
from orders_server.xportcn.tolerance import read_part
from orders_server.xportcn.wire import Unreadable, as_list, as_object
from orders_tools.offers.model import Attribute, Offer, OfferSku, PriceTier
from orders_tools.ports import OfferUnknown
from orders_tools.vocabulary import WhyUnknown

_CONTENT_FIELDS = ("offerId", "subject", "productSkuInfos", "productSaleInfo")
_MOST_SKUS, _MOST_ATTRIBUTES, _MOST_TIERS, _MOST_IMAGES = 2000, 10, 20, 50
_MOST_OFFERS = 50
_PRICED_BY: dict[int, Literal["quantity", "sku"]] = {0: "quantity", 1: "sku", 2: "quantity"}


def read_offer(document: Any, asked: str, picture: PictureReader) -> Offer:
    """The offer with the id `asked`. The answer may have it bare, in envelopes or in a list.

    Raises:
        OfferUnknown: the answer is empty or about another offer.
        UpstreamRefused: the answer says that the call failed.
        Unreadable: the answer has no content of the catalogue, or does not say which offer it is about.
    """
    content = content_of(document, _CONTENT_FIELDS)
    if content is None:
        raise OfferUnknown(WhyUnknown.NOT_FOUND)
    rows = objects(content, _MOST_OFFERS) if as_list(content) is not None else [content]
    offers = [read_part(WireOffer, row, set()) for row in rows]
    same = next((offer for offer in offers if offer.offerId == asked), None)
    if same is None and any(offer.offerId for offer in offers):
        raise OfferUnknown(WhyUnknown.OTHER_OFFER)
    if same is None:
        raise Unreadable("the field offerId")
    return _OfferReader(same, picture).offer(asked)


class _OfferReader:
    """Converts one offer. Equal attributes of several SKUs share one object, which saves memory."""

    def __init__(self, wire: WireOffer, picture: PictureReader) -> None:
        self._wire = wire
        self._picture = picture
        self._attributes: dict[Attribute, Attribute] = {}

    def offer(self, offer_id: str) -> Offer:
        wire = self._wire
        sale = read_part(WireSale, wire.productSaleInfo, set())
        unit = read_part(WireUnit, sale.unitInfo, set())
        skus = tuple(self._skus())
        return Offer(
            offer_id=offer_id,
            title=cut(wire.subject, TITLE),
            title_translated=translation(wire.subjectTrans, wire.subject, TITLE),
            picture=first_picture(_images(wire.productImage), self._picture),
            seller_name=cut(wire.companyName, SELLER),
            seller_open_id=open_id(wire.sellerOpenId),
            status=cut(wire.status, WORD),
            unit=cut(unit.unit, WORD),
            unit_translated=cut(unit.transUnit, WORD),
            min_quantity=count(wire.minOrderQuantity, 1),
            lot=count(wire.batchNumber, 1),
            stock=count(sale.amountOnSale),
            priced_by=None if sale.quoteType is None else _PRICED_BY.get(sale.quoteType),
            tiers=tuple(_tiers(sale.priceRangeList)),
            skus=skus,
            skus_whole=_is_complete(skus, wire.productSkuInfos),
        )

    def _skus(self) -> Iterator[OfferSku]:
        for row in objects(self._wire.productSkuInfos, _MOST_SKUS):
            wire = read_part(WireSku, row, set())
            rows = objects(wire.skuAttributes, _MOST_ATTRIBUTES)
            sku = OfferSku(
                spec_id=plain_id(wire.specId),
                sku_id=plain_id(wire.skuId),
                attributes=tuple(self._read_attributes(rows)),
                price=price(wire.price),
                promotion_price=price(wire.promotionPrice),
                stock=count(wire.amountOnSale),
                picture=first_picture((each.get("skuImageUrl") for each in rows), self._picture),
            )
            if sku != _EMPTY_SKU:
                yield sku

    def _read_attributes(self, rows: list[dict[str, Any]]) -> Iterator[Attribute]:
        """The attributes that have a name and a value. A translation does not replace missing words of the seller."""
        for row in rows:
            wire = read_part(WireAttribute, row, set())
            name, value = cut(wire.attributeName, NAME), cut(wire.value, VALUE)
            if name and value:
                attribute = Attribute(
                    name=name,
                    value=value,
                    name_translated=cut(wire.attributeNameTrans, NAME),
                    value_translated=cut(wire.valueTrans, VALUE),
                )
                yield self._attributes.setdefault(attribute, attribute)


_EMPTY_SKU = OfferSku()


def _is_complete(skus: Sequence[OfferSku], content: Any) -> bool:
    rows = as_list(content)
    return (
        rows is not None
        and len(skus) == len([row for row in rows if row is not None])
        and all(sku.spec_id for sku in skus)
    )


def _images(content: Any) -> Iterator[Any]:
    """The seller's own pictures of an offer, the main picture first."""
    wire = read_part(WireImages, as_object(content), set())
    yield from [wire.images] if isinstance(wire.images, str) else (as_list(wire.images) or [])[:_MOST_IMAGES]
    yield wire.whiteImage


def _tiers(content: Any) -> Iterator[PriceTier]:
    for row in objects(content, _MOST_TIERS):
        wire = read_part(WireTier, row, set())
        if (start := count(wire.startQuantity, 1)) is not None:
            yield PriceTier(from_quantity=start, price=price(wire.price), promotion_price=price(wire.promotionPrice))
