"""The approval page of a server over stdio: nothing listens before the first link to it is needed."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orders_server.settings import Settings

if TYPE_CHECKING:
    from orders_server.consent.page_parts import PageParts
    from orders_server.http.pages import PageServer
    from orders_tools.purchase.records import Purchase

_MOST_PORTS = 20
_ASKING_SECONDS = 2
_log = logging.getLogger(__name__)
OpenParts = Callable[[str], Awaitable["PageParts"]]
"""Opens what the page at an origin works with."""


class OnDemandPage:
    """Gives links to the page. It serves the page itself where no other process of the same ledger does.

    A public address on another host is served by somebody else, so that its links are given as they are.
    """

    def __init__(self, settings: Settings, first_port: int | None = None) -> None:
        self._settings = settings
        self._port = first_port or urlsplit(settings.page_url).port or 80
        self._open_parts: OpenParts | None = None
        self._lock = asyncio.Lock()
        self._server: PageServer | None = None
        self._origin: str | None = None

    def attach(self, open_parts: OpenParts) -> None:
        """Use these parts."""
        self._open_parts = open_parts

    async def address(self, purchase: "Purchase") -> str | None:
        """The link to the page for this purchase; None if no page can be served on this machine."""
        from orders_server.consent.page_paths import path_of  # the first reply does not need it

        path = path_of(purchase.basket.purchase_ref)
        if urlsplit(self._settings.page_url).hostname != "localhost":
            return f"{self._settings.page_url}{path}"
        async with self._lock:
            if self._server is None:
                self._origin = await self._find_or_start()
        return f"{self._origin}{path}" if self._origin else None

    async def close(self) -> None:
        """Stop serving, after orders that are being made."""
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def _find_or_start(self) -> str | None:
        assert self._open_parts is not None
        for port in range(self._port, self._port + _MOST_PORTS):
            origin = f"http://localhost:{port}"
            parts = await self._open_parts(origin)
            if await _serves_this_ledger(port, parts) or self._start(port, origin):
                return origin
        _log.warning("no port from %s to %s is free for the approval page", self._port, self._port + _MOST_PORTS - 1)
        return None

    def _start(self, port: int, origin: str) -> bool:
        from orders_server.http.listener import CannotServe, place
        from orders_server.http.pages import PageServer, listen_on_this_machine

        open_parts = self._open_parts
        assert open_parts is not None
        try:
            listeners = listen_on_this_machine(port)
        except CannotServe:
            return False
        self._server = PageServer(self._settings, place("127.0.0.1", port), lambda: open_parts(origin))
        self._server.start(listeners)
        return True


async def _serves_this_ledger(port: int, parts: "PageParts") -> bool:
    """Whether a process with the same key and ledger serves the page at `port`."""
    import httpx

    nonce = secrets.token_hex(16)
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_ASKING_SECONDS) as http:
            reply = await http.get(f"http://127.0.0.1:{port}/approvals/whoami", params={"nonce": nonce})
        return reply.json().get("answer") == parts.proofs.answer(nonce)
    except (httpx.HTTPError, ValueError, AttributeError):
        return False
