"""The approval page over HTTP: beside MCP at one address, or alone in a process of its own."""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from orders_server.consent.page import approval_app
from orders_server.consent.page_parts import PageParts
from orders_server.consent.page_paths import path_of
from orders_server.hooks.guest import GuestServer
from orders_server.http.auth import Beside, HostAndOrigin, transport_security
from orders_server.http.bodies import BodyLimits, UnreadBodies
from orders_server.http.listener import CannotServe, Place, listen, place
from orders_server.http.request_log import RequestLog
from orders_server.http.uvicorn_config import config
from orders_server.settings import Settings
from orders_tools.purchase.records import Purchase

PAGE_PORT = 8766
_FINISH_SECONDS = 8
_log = logging.getLogger(__name__)


def origin_of(settings: Settings, port: int) -> str:
    """The public address of a page of this process at `port`: the one that is set, or this machine's."""
    return settings.page_url if "page_url" in settings.model_fields_set else f"http://localhost:{port}"


def refuse_in_clear(settings: Settings, place: Place) -> None:
    """Refuse to listen where other machines can connect, unless the page's public address is https.

    Raises:
        CannotServe: sessions would travel in clear.
    """
    if not place.is_loopback and urlsplit(settings.page_url).scheme != "https":
        raise CannotServe(
            f"cannot listen on {place.asked}: other machines can reach it, and XPORTCN_PAGE_URL names no https address"
        )


class PageAt:
    """Gives links to a page that is served at `origin`."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    async def address(self, purchase: Purchase) -> str | None:
        """The link to the page for this purchase."""
        return f"{self._origin}{path_of(purchase.basket.purchase_ref)}"


class PageServer:
    """Serves nothing but the approval page, at one or more listeners, until it is stopped."""

    def __init__(self, settings: Settings, asked: Place, parts: Callable[[], Awaitable[PageParts]]) -> None:
        app = Beside(_nothing_else, approval_app(parts))
        self._log = RequestLog(HostAndOrigin(BodyLimits(app), transport_security(settings, asked)), frozenset())
        self._guest = GuestServer(config(UnreadBodies(self._log)))
        self._serving: asyncio.Task[None] | None = None

    def start(self, listeners: Sequence[socket.socket]) -> None:
        """Answer requests from now on."""
        self._serving = asyncio.create_task(self._guest.serve(list(listeners)))

    async def stop(self) -> None:
        """Accept no more, and wait for orders that are being made."""
        self._log.stop()
        self._guest.stop_accepting()
        await self._log.wait_until_idle(_FINISH_SECONDS)
        self._guest.should_exit = True
        if self._serving is not None:
            await self._serving


async def _nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    from starlette.responses import Response

    await Response(status_code=404)(scope, receive, send)


def listen_on_this_machine(port: int) -> list[socket.socket]:
    """Listeners at `port` of localhost, which may mean an IPv4 or an IPv6 address.

    Raises:
        CannotServe: something else listens there.
    """
    listeners = [listen(place("127.0.0.1", port))]
    try:
        own_port = listeners[0].getsockname()[1]
        listeners.append(socket.create_server(("::1", own_port), family=socket.AF_INET6))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            listeners[0].close()
            raise CannotServe(f"cannot listen on ::1, port {port}: address already in use") from None
    return listeners
