"""The two calls of the catalogue: one offer, soon or not at all, and a search by keywords."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from orders_server.xportcn.offer_detail import read_offer
from orders_server.xportcn.offer_fields import picture_reader
from orders_server.xportcn.offer_memory import OfferMemory, Passing
from orders_server.xportcn.offer_search import read_offer_page
from orders_server.xportcn.requests import OFFER_ID, offer_body, search_body
from orders_server.xportcn.retry import ReadFailed, Reads
from orders_server.xportcn.wire import Bounds, Unreadable
from orders_tools.offers.model import Offer, OfferPage, OfferQuery
from orders_tools.ports import OfferUnknown, UpstreamRefused, UpstreamUnavailable
from orders_tools.vocabulary import Unavailability, WhyUnknown

PRODUCT_PATH = "/alibaba/ka/product/detail/get"
SEARCH_PATH = "/alibaba/ka/product/keywords/query"
MOST_BYTES = 4 * 1024 * 1024
"""The description is HTML of tens of kilobytes, and an offer may have hundreds of SKUs."""
BOUNDS = Bounds(most_values=150_000, longest_text=MOST_BYTES)
"""Fifty values for each of two thousand SKUs and as much again; the longest text is the description."""
_LATE = frozenset({Unavailability.NO_ANSWER, Unavailability.NO_CONNECTION})
_PASSING = frozenset({Unavailability.BUSY, Unavailability.CLOCK})
"""A refusal of the call as such."""


@dataclass(frozen=True)
class ProductEndpoints:
    """What the contract leaves open about the catalogue (CONTRACT 10.1)."""

    product_path: str = PRODUCT_PATH
    """Empty where no offer is to be looked up."""
    search_path: str = SEARCH_PATH
    language: str = "en"
    """Into which titles and attributes are translated; the seller's own words come beside it."""
    seconds: float = 3
    """For one look-up, waiting for its place included."""
    picture_origins: Collection[str] = ()
    """Whose pictures are taken beside those of 1688's own hosts."""


class Catalogue:
    """Offers by `ask`, which gives the document that answers one call, in the places of `reads`."""

    def __init__(
        self,
        ask: Callable[[str, dict[str, Any]], Awaitable[Any]],
        endpoints: ProductEndpoints,
        reads: Reads,
        clock: Callable[[], datetime],
    ) -> None:
        self._ask = ask
        self._endpoints = endpoints
        self._reads = reads
        self._picture = picture_reader(endpoints.picture_origins)
        self._memory = OfferMemory(clock)

    async def offer(self, offer_id: str) -> Offer:
        """One offer, remembered or asked for. Raises OfferUnknown."""
        if not self._endpoints.product_path:
            raise OfferUnknown(WhyUnknown.OFF)
        if not OFFER_ID.fullmatch(offer_id):
            raise OfferUnknown(WhyUnknown.NOT_FOUND)
        return await self._memory.offer((offer_id, self._endpoints.language), partial(self._look_up, offer_id))

    async def offers(self, query: OfferQuery) -> OfferPage:
        """One page of a search. Raises UpstreamUnavailable or UpstreamRefused."""
        body = search_body(query, self._endpoints.language)
        document = await self._reads.look(partial(self._ask, self._endpoints.search_path, body))
        try:
            return read_offer_page(document, query.page, self._picture)
        except Unreadable as error:
            raise UpstreamUnavailable(f"its search could not be read: {error.where}", answered=True) from error

    async def _look_up(self, offer_id: str) -> Offer:
        body = offer_body(offer_id, self._endpoints.language)
        one_try = partial(self._ask, self._endpoints.product_path, body)
        try:
            document = await self._reads.glance(one_try, self._endpoints.seconds)
            return read_offer(document, offer_id, self._picture)
        except TimeoutError:
            raise OfferUnknown(WhyUnknown.LATE) from None
        except UpstreamRefused as error:
            raise OfferUnknown(WhyUnknown.REFUSED, error.message or error.code) from None
        except Unreadable as error:
            raise OfferUnknown(WhyUnknown.UNREADABLE, error.where) from None
        except ReadFailed as error:
            raise _unknown(error) from None


def _unknown(error: ReadFailed) -> OfferUnknown:
    if error.kind in _PASSING:
        return Passing(WhyUnknown.REFUSED, error.why)
    return OfferUnknown(WhyUnknown.LATE if error.kind in _LATE else WhyUnknown.UNREADABLE, error.why)
