"""`find_offers`: searches 1688's catalogue by keywords. Only a preview gives the price that is paid."""

from collections.abc import Mapping
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.offers import FindArguments
from orders_tools.offers.model import OfferQuery
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.results.builders import refusal_fault, unavailable_fault
from orders_tools.results.offer_views import offer_row
from orders_tools.results.offers import OfferList
from orders_tools.results.redaction import redactions_for


async def find_offers(purchasing: Purchasing, given: Mapping[str, Any]) -> OfferList:
    """One page of the offers found, and whether more follow. Prices are the catalogue's, as CNY text.

    Raises:
        ToolFault: INVALID_ARGUMENT, UPSTREAM_REJECTED or UPSTREAM_UNAVAILABLE.
    """
    arguments = read_arguments(FindArguments, given)
    query = OfferQuery(
        keywords=arguments.keywords,
        page=arguments.page,
        price_from=arguments.price_from,
        price_to=arguments.price_to,
    )
    blanks = redactions_for(purchasing.policy.consignees)
    try:
        page = await purchasing.upstream.offers(query)
    except UpstreamUnavailable as error:
        raise unavailable_fault(error, blanks, "offers") from error
    except UpstreamRefused as error:
        raise refusal_fault(error, blanks) from error
    result = OfferList(
        offers=[offer_row(blanks.redact(offer)) for offer in page.offers],
        page=arguments.page,
        total=page.total,
        has_more=page.has_more,
        sandbox=purchasing.sandbox,
        summary="",
    )
    foreign = purchasing.texts.language == "en"
    translations = [(offer.title_translated or "") if foreign else "" for offer in result.offers]
    result.summary = purchasing.texts.render("offers", page=result.model_dump(), translations=translations)
    return result
