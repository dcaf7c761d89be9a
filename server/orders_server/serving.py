"""MCP over stdio until the client hangs up or the process is asked to stop."""

import asyncio
import signal
import sys

from orders_server.building import build_server
from orders_server.settings import Settings


async def serve_stdio(settings: Settings) -> None:
    """Serve one client. SIGTERM stops it as a hang-up does: a create call on its way is finished and recorded first."""
    serving = asyncio.create_task(_serve(settings))
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return


async def _serve(settings: Settings) -> None:
    async with build_server(settings) as server:
        await server.run_stdio_async()
