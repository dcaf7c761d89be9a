"""The Xportcn client: its calls and how their answers are read. Reads may be retried; a create call is sent once."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from orders_server.xportcn.catalogue import BOUNDS, MOST_BYTES, Catalogue, ProductEndpoints
from orders_server.xportcn.certificates import certificate_fault
from orders_server.xportcn.clock_skew import ClockSkew
from orders_server.xportcn.create import create_reply, ids_sent
from orders_server.xportcn.envelope import NOT_FOUND, data_of, document_of
from orders_server.xportcn.errors import data_refusal
from orders_server.xportcn.orders import order_page, trade_order
from orders_server.xportcn.pieces import read_in_pieces
from orders_server.xportcn.preview import preview_answer
from orders_server.xportcn.requests import create_body, detail_body, list_body, preview_body
from orders_server.xportcn.retry import ReadFailed, Reads
from orders_server.xportcn.transport import HttpAnswer, send
from orders_server.xportcn.wire import Unreadable, Unwieldy, as_object
from orders_tools.offers.model import Offer, OfferPage, OfferQuery
from orders_tools.orders.model import OrderPage, OrderQuery, UpstreamOrder
from orders_tools.ports import CreateReply, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.model import Address, Line, Part, PreviewAnswer
from orders_tools.vocabulary import Unavailability

PREVIEW_PATH = "/alibaba/ka/order/create/preview"
CREATE_PATH = "/alibaba/ka/order/create"
_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Endpoints:
    """The paths that the contract leaves open, and the limits of calls, in seconds and in number."""

    list_path: str
    detail_path: str
    read_timeout: float
    """For a preview or a read with all its tries."""
    create_timeout: float
    most_reads: int = 6
    """The most previews and reads at the same time."""
    products: ProductEndpoints = field(default_factory=ProductEndpoints)


class XportcnClient:
    """The ordering API over `http`, which has base address and signing. Create calls go over `creating`, if given."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        endpoints: Endpoints,
        *,
        creating: httpx.AsyncClient | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._http = http
        self._creating = creating or http
        self._endpoints = endpoints
        self._clock = clock
        self._chance = chance
        self._skew = ClockSkew(clock)
        self._reads = Reads(endpoints.read_timeout, endpoints.most_reads, chance)
        self._catalogue = Catalogue(self._ask_catalogue, endpoints.products, self._reads, clock)

    def asking_at(self, **paths: str) -> "XportcnClient":
        """A client with other paths for reads, named as in `Endpoints` and `ProductEndpoints`, to try them out."""
        others = {name: path for name, path in paths.items() if name in ProductEndpoints.__dataclass_fields__}
        orders = {name: path for name, path in paths.items() if name not in others}
        endpoints = replace(self._endpoints, products=replace(self._endpoints.products, **others), **orders)
        return XportcnClient(self._http, endpoints, creating=self._creating, clock=self._clock, chance=self._chance)

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far this machine's clock is ahead of the API's, by the last answer to a read; None while unknown."""
        return self._skew.ahead

    async def preview(
        self, lines: Sequence[Line], address: Address, flow: str | None, ali_id: str | None = None
    ) -> PreviewAnswer:
        """The current prices of `lines`, in fen. Raises UpstreamUnavailable or UpstreamRefused."""
        body = preview_body(lines, address, flow, ali_id)
        data = await self._reads.preview(partial(self._ask, PREVIEW_PATH, body))
        try:
            return preview_answer(data)
        except Unreadable as error:
            raise UpstreamUnavailable(f"its preview could not be read: {error.where}") from error

    async def create(self, part: Part, address: Address) -> CreateReply:
        """Send one create call, once. Returns its evidence in every case and raises nothing."""
        body = create_body(part, address)
        try:
            response = await self._send(CREATE_PATH, body, self._endpoints.create_timeout)
        except _NEVER_CONNECTED as error:
            return CreateReply(connected=False, complete=False, failure=type(error).__name__)
        except (httpx.HTTPError, OSError) as error:
            return CreateReply(connected=True, complete=False, failure=type(error).__name__)
        except Unreadable as error:
            return CreateReply(connected=True, complete=False, failure=error.where)
        return create_reply(response.content, ids_sent(part))

    async def orders(self, query: OrderQuery) -> OrderPage:
        """One page of orders, newest first. A page that is too large is read in pieces, in part if there are too many.

        Raises UpstreamUnavailable or UpstreamRefused.
        """
        ends = self._reads.deadline()
        try:
            return await self._page(query, ends)
        except UpstreamUnavailable as error:
            if not error.too_large:
                raise
            return await read_in_pieces(query, partial(self._page, ends=ends), error)

    async def _page(self, query: OrderQuery, ends: float) -> OrderPage:
        one_try = partial(self._ask, self._endpoints.list_path, list_body(query))
        data = await self._reads.look(one_try, ends)
        try:
            return order_page(data)
        except Unreadable as error:
            raise UpstreamUnavailable(f"its order list could not be read: {error.where}", answered=True) from error

    async def order(self, order_id: str) -> UpstreamOrder | None:
        """One order with all details; None if there is none. Raises UpstreamUnavailable or UpstreamRefused."""
        try:
            data = await self._reads.look(partial(self._ask, self._endpoints.detail_path, detail_body(order_id)))
            order = _unwrap_detail(data)
            if (as_object(order) or {}).get("baseInfo") is None and (refusal := data_refusal(data)):
                raise refusal
            return None if data is None else trade_order(order, "data")
        except UpstreamRefused as error:
            if error.code in NOT_FOUND or error.message.startswith(NOT_FOUND):
                return None
            raise
        except Unreadable as error:
            raise UpstreamUnavailable(f"its order could not be read: {error.where}", answered=True) from error

    async def offer(self, offer_id: str) -> Offer:
        """The catalogue data of one offer, within its short deadline. Raises OfferUnknown."""
        return await self._catalogue.offer(offer_id)

    async def offers(self, query: OfferQuery) -> OfferPage:
        """One page of a search by keywords. Raises UpstreamUnavailable or UpstreamRefused."""
        return await self._catalogue.offers(query)

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        """The `data` of a successful answer to one try of a read. Raises Unanswered or UpstreamRefused."""
        return data_of(await self._answer(path, body), self._skew, self._clock())

    async def _ask_catalogue(self, path: str, body: dict[str, Any]) -> Any:
        """Like `_ask`, but returns the whole document of an answer, which may be larger."""
        return document_of(await self._answer(path, body, MOST_BYTES), self._skew, self._clock(), BOUNDS)

    async def _answer(self, path: str, body: dict[str, Any], most: int | None = None) -> HttpAnswer:
        """The answer to one try of a read. Raises Unanswered."""
        try:
            answer = await send(self._http, path, body, most)
        except (httpx.HTTPError, OSError) as error:
            if fault := certificate_fault(error):
                why = f"its certificate is not trusted: {fault}"
                raise ReadFailed(why, Unavailability.NO_CONNECTION, again=False, reason="certificate") from None
            why = f"the connection failed: {type(error).__name__}"
            raise ReadFailed(why, Unavailability.NO_CONNECTION, again=True) from error
        except Unreadable as error:
            unwieldy = isinstance(error, Unwieldy)
            raise ReadFailed(f"it sent {error.where}", again=not unwieldy, unwieldy=unwieldy) from error
        self._skew.note(answer.headers)
        return answer

    async def _send(self, path: str, body: dict[str, Any], seconds: float) -> HttpAnswer:
        async with asyncio.timeout(seconds):
            return await send(self._creating, path, body)


def _unwrap_detail(data: Any) -> Any:
    """A detail answer without the `result` that 1688 puts around it."""
    fields = as_object(data)
    return data if fields is None or "baseInfo" in fields else fields.get("result", data)
