"""The Xportcn client: one HTTP client, one way to send, a deadline on every call."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from orders_server.xportcn.create_answers import create_reply
from orders_server.xportcn.failures import refused
from orders_server.xportcn.preview_answers import preview_answer
from orders_server.xportcn.requests import create_body, detail_body, list_body, preview_body
from orders_server.xportcn.trade_info import order_page, trade_order
from orders_server.xportcn.wire import Envelope, Unreadable, as_object, read, read_json
from orders_tools.orders import OrderPage, OrderQuery, UpstreamOrder
from orders_tools.ports import CreateReply, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase import Address, Line, Part, PreviewAnswer

PREVIEW_PATH = "/alibaba/ka/order/create/preview"
CREATE_PATH = "/alibaba/ka/order/create"
_NOT_FOUND = ("ORDER_NOT_EXIST", "400_3")
_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Endpoints:
    """What the contract leaves open about the calls, with how long each may take in seconds."""

    list_path: str
    detail_path: str
    ali_id: str | None
    read_timeout: float
    create_timeout: float


class XportcnClient:
    """The ordering API over `http`, which carries base address and signing."""

    def __init__(self, http: httpx.AsyncClient, endpoints: Endpoints) -> None:
        self._http = http
        self._endpoints = endpoints

    async def preview(self, lines: Sequence[Line], address: Address, flow: str | None) -> PreviewAnswer:
        """What `lines` would cost. Raises UpstreamUnavailable or UpstreamRefused."""
        data = await self._read(PREVIEW_PATH, preview_body(lines, address, flow, self._endpoints.ali_id))
        try:
            return preview_answer(data)
        except Unreadable as error:
            raise UpstreamUnavailable(f"its preview could not be read: {error.where}") from error

    async def create(self, part: Part, address: Address) -> CreateReply:
        """Send one create call, once; whatever comes of it is told, nothing is raised."""
        body = create_body(part, address, self._endpoints.ali_id)
        try:
            response = await self._send(CREATE_PATH, body, self._endpoints.create_timeout)
        except _NEVER_CONNECTED as error:
            return CreateReply(connected=False, complete=False, failure=type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            return CreateReply(connected=True, complete=False, failure=type(error).__name__)
        return create_reply(response.content, part.part_ref)

    async def orders(self, query: OrderQuery) -> OrderPage:
        """One page of orders, newest first. Raises UpstreamUnavailable or UpstreamRefused."""
        data = await self._read(self._endpoints.list_path, list_body(query))
        try:
            return order_page(data)
        except Unreadable as error:
            raise UpstreamUnavailable(f"its order list could not be read: {error.where}") from error

    async def order(self, order_id: str) -> UpstreamOrder | None:
        """One order whole; None where there is none. Raises UpstreamUnavailable or UpstreamRefused."""
        try:
            data = await self._read(self._endpoints.detail_path, detail_body(order_id))
        except UpstreamRefused as error:
            if error.code in _NOT_FOUND or error.message.startswith(_NOT_FOUND):
                return None
            raise
        if data is None:
            return None
        try:
            return trade_order(_unwrapped(data), "data")
        except Unreadable as error:
            raise UpstreamUnavailable(f"its order could not be read: {error.where}") from error

    async def _read(self, path: str, body: dict[str, Any]) -> Any:
        """The `data` of a successful answer."""
        try:
            response = await self._send(path, body, self._endpoints.read_timeout)
            envelope = read(Envelope, read_json(response.content), "envelope")
        except TimeoutError as error:
            raise UpstreamUnavailable(f"it did not answer within {self._endpoints.read_timeout:g} s") from error
        except httpx.HTTPError as error:
            raise UpstreamUnavailable(f"the connection failed: {type(error).__name__}") from error
        except Unreadable as error:
            raise UpstreamUnavailable(f"it sent {error.where}") from error
        if envelope.code is None:
            raise UpstreamUnavailable(f"HTTP status {response.status_code} without a result code")
        if envelope.code != "200":
            raise refused(envelope)
        return envelope.data

    async def _send(self, path: str, body: dict[str, Any], seconds: float) -> httpx.Response:
        async with asyncio.timeout(seconds):
            return await self._http.post(path, json=body)


def _unwrapped(data: Any) -> Any:
    """A detail answer without the `result` that 1688 puts around it."""
    fields = as_object(data)
    return data if fields is None or "baseInfo" in fields else fields.get("result", data)
