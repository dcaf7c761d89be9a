"""Serves a sandbox on a port of this machine, in the running event loop."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from orders_sandbox.app import create_app
from orders_sandbox.options import SandboxOptions
from orders_sandbox.responses import HANGING

_SILENT = logging.getLogger("orders_sandbox.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_KEEP_ALIVE_SECONDS = 75
"""How long an idle connection is kept, as web servers in front of an API usually do."""
_TICK_SECONDS = 0.1
_LEAVE_SECONDS = 1


class _SilentProtocol(H11Protocol):
    """Logs nothing: uvicorn's own loggers belong to the other server of this process and are not changed."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _SILENT
        self.access_log = False

    def shutdown(self) -> None:
        if HANGING in getattr(self.cycle, "scope", ()):
            self.transport.close()
        super().shutdown()


class _GuestServer(uvicorn.Server):
    """A server that handles no signals and announces when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.leaving = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def leave(self) -> None:
        """Begin to stop at once."""
        self.should_exit = True
        self.leaving.set()

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with anyio.move_on_after(_TICK_SECONDS):
                await self.leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with anyio.move_on_after(_LEAVE_SECONDS):
            while self.server_state.connections or self.server_state.tasks:
                await asyncio.sleep(0.005)
        for task in self.server_state.tasks:
            task.cancel()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections send at once: answers in two writes would each wait 40 ms for an ACK."""
    listener = socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@asynccontextmanager
async def running(options: SandboxOptions, port: int = 0, host: str = "127.0.0.1") -> AsyncGenerator[str, None]:
    """Serves a sandbox while the block runs and yields its base URL, http://127.0.0.1:<port>/api.

    Port 0 takes any free one; a port in use raises OSError. Leaving the block stops it within about a second.
    """
    async with served(create_app(options), port, host) as base_url:
        yield base_url


@asynccontextmanager
async def served(app: Starlette, port: int = 0, host: str = "127.0.0.1") -> AsyncGenerator[str, None]:
    """Like `running`, for a sandbox that the caller made and can ask for its orders."""
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        http=_SilentProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        date_header=False,  # this machine's time, which need not be the sandbox's own
    )
    server = _GuestServer(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if serving.done():
            serving.result()
        yield f"http://{host}:{listener.getsockname()[1]}/api"
    finally:
        server.leave()
        with anyio.move_on_after(3, shield=True):
            await serving
        listener.close()
