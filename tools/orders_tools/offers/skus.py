"""Describes and searches the SKUs of an offer."""

import unicodedata
from collections.abc import Sequence

from orders_tools.offers.model import Attribute, OfferSku


def variant(attributes: Sequence[Attribute], *, translated: bool = False) -> str:
    """An SKU's attributes in one line, such as 颜色: 米白; 尺码: L, in the seller's words or translated."""
    return "; ".join(
        f"{each.name_translated or each.name}: {each.value_translated or each.value}"
        if translated
        else f"{each.name}: {each.value}"
        for each in attributes
    )


def matching_first(skus: Sequence[OfferSku], wanted: str) -> tuple[list[OfferSku], int]:
    """The SKUs sorted by how many words of `wanted` their attributes contain, and how many SKUs contain all of them."""
    words = _fold(wanted).split()
    hits = {id(sku): sum(word in _searchable_words(sku) for word in words) for sku in skus}
    ordered = sorted(skus, key=lambda sku: -hits[id(sku)])
    return ordered, sum(count == len(words) for count in hits.values())


def _searchable_words(sku: OfferSku) -> str:
    return _fold(f"{variant(sku.attributes)} {variant(sku.attributes, translated=True)}")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
