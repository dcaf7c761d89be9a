"""`get_offer`: one offer of the catalogue with its SKUs. A line of a purchase names an SKU by its `spec_id`."""

from collections.abc import Mapping
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.offers import OfferArguments
from orders_tools.offers.lookup import look_up
from orders_tools.offers.skus import matching_first
from orders_tools.ports import Purchasing
from orders_tools.results.offer_views import offer_detail, sku_descriptions
from orders_tools.results.offers import OfferDetail
from orders_tools.results.products import offer_url
from orders_tools.results.redaction import redactions_for
from orders_tools.vocabulary import WhyUnknown

MOST_SKUS = 50
"""How many SKUs one answer shows. `matching` chooses which."""


async def get_offer(purchasing: Purchasing, given: Mapping[str, Any]) -> OfferDetail:
    """The offer, or why it is not known. Prices are the catalogue's, as CNY text.

    Raises:
        ToolFault: INVALID_ARGUMENT.
    """
    arguments = read_arguments(OfferArguments, given)
    offer = await look_up(purchasing.upstream, arguments.offer_id)
    if isinstance(offer, WhyUnknown):
        return _unknown(purchasing, arguments.offer_id, offer)
    skus, matches = matching_first(offer.skus, arguments.matching)
    shown = offer.model_copy(update={"skus": tuple(skus[:MOST_SKUS])})
    shown = redactions_for(purchasing.policy.consignees).redact(shown)
    result = offer_detail(shown, len(skus), sandbox=purchasing.sandbox)
    foreign = purchasing.texts.language == "en"
    result.summary = purchasing.texts.render(
        "offer",
        offer=result.model_dump(),
        translation=result.title_translated if foreign else None,
        variants=sku_descriptions(shown, translated=foreign),
        matches=matches if arguments.matching else None,
    )
    return result


def _unknown(purchasing: Purchasing, offer_id: str, why: WhyUnknown) -> OfferDetail:
    result = OfferDetail(
        offer_id=offer_id, known=False, why=why, url=offer_url(offer_id), sandbox=purchasing.sandbox, summary=""
    )
    result.summary = purchasing.texts.render(
        "offer", offer=result.model_dump(), translation=None, variants=[], matches=None
    )
    return result
