"""MCP over stdio, until the client disconnects or the process has to stop."""

import asyncio
import logging
import os
import signal
import sys

from orders_server.app.page_on_demand import OnDemandPage
from orders_server.app.server import build_server
from orders_server.app.standard_error import drain_standard_error
from orders_server.mcp.server import OrdersServer
from orders_server.settings import Settings

DRAIN_SECONDS = 10
_log = logging.getLogger(__name__)


async def serve_stdio(settings: Settings, missing: str = "") -> None:
    """Serve one client. On SIGTERM, a create call in progress is answered and recorded before the process ends."""
    page = OnDemandPage(settings)
    async with build_server(settings, missing=missing, page=page) as server:
        page.attach(server.page_parts)
        stopping: list[asyncio.Task[None]] = []
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGTERM, lambda: stopping.append(asyncio.create_task(_stop(server)))
            )
        try:
            await server.run_stdio_async()
        finally:
            await page.close()


async def _stop(server: OrdersServer) -> None:
    if not await server.drain(DRAIN_SECONDS):
        _log.warning("stopped with a create call on its way; its outcome is looked up after the next start")
    drain_standard_error()
    # A thread of the SDK still waits for a line on stdin and cannot be woken, so there is no other way out.
    os._exit(0)
