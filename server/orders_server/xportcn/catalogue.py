"""The two calls of the catalogue: the look-up of one offer, with a short deadline, and a search by keywords."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from orders_server.xportcn.offer_cache import OfferCache, TransientFailure
from orders_server.xportcn.offer_detail import read_offer
from orders_server.xportcn.offer_fields import picture_reader
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
"""A description is HTML of tens of kilobytes, and an offer may have hundreds of SKUs."""
BOUNDS = Bounds(most_values=150_000, longest_text=MOST_BYTES)
"""Fifty values for each of two thousand SKUs, and half as many again. The longest text is the description."""
_LATE = frozenset({Unavailability.NO_ANSWER, Unavailability.NO_CONNECTION})
_TRANSIENT = frozenset({Unavailability.BUSY, Unavailability.CLOCK})
"""Failures that have nothing to do with the offer."""


@dataclass(frozen=True)
class ProductEndpoints:
    """Settings for what the contract leaves open about the catalogue (CONTRACT 10.1)."""

    product_path: str = PRODUCT_PATH
    """If empty, no offer is looked up."""
    search_path: str = SEARCH_PATH
    language: str = "en"
    """The language of the translations that come with the seller's own words."""
    seconds: float = 3
    """The deadline of one look-up, including the wait for its turn."""
    picture_origins: Collection[str] = ()
    """Origins of pictures that are accepted besides 1688's own hosts."""


class Catalogue:
    """Looks up and searches offers. `ask` makes one call and returns its document; `reads` limits calls at once."""

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
        self._cache = OfferCache(clock)

    async def offer(self, offer_id: str) -> Offer:
        """One offer, from the cache or the API. Raises OfferUnknown."""
        if not self._endpoints.product_path:
            raise OfferUnknown(WhyUnknown.OFF)
        if not OFFER_ID.fullmatch(offer_id):
            raise OfferUnknown(WhyUnknown.NOT_FOUND)
        return await self._cache.offer((offer_id, self._endpoints.language), partial(self._look_up, offer_id))

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
    if error.kind in _TRANSIENT:
        return TransientFailure(WhyUnknown.REFUSED, error.why)
    return OfferUnknown(WhyUnknown.LATE if error.kind in _LATE else WhyUnknown.UNREADABLE, error.why)
