"""The SKUs of an offer: in one line of words, and by what is asked of them."""

import unicodedata
from collections.abc import Sequence

from orders_tools.offers.model import Attribute, OfferSku


def variant(attributes: Sequence[Attribute], *, translated: bool = False) -> str:
    """What tells an SKU from the others, in the seller's words or as translated, such as 颜色: 米白; 尺码: L."""
    return "; ".join(
        f"{each.name_translated or each.name}: {each.value_translated or each.value}"
        if translated
        else f"{each.name}: {each.value}"
        for each in attributes
    )


def matching_first(skus: Sequence[OfferSku], wanted: str) -> tuple[list[OfferSku], int]:
    """The SKUs, those first whose attributes hold most of the words wanted, and how many hold every one of them."""
    words = _fold(wanted).split()
    held = {id(sku): sum(word in _all_words(sku) for word in words) for sku in skus}
    ordered = sorted(skus, key=lambda sku: -held[id(sku)])
    return ordered, sum(count == len(words) for count in held.values())


def _all_words(sku: OfferSku) -> str:
    return _fold(f"{variant(sku.attributes)} {variant(sku.attributes, translated=True)}")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
