"""`serve --http`: both generations of the protocol at one endpoint, until the process is asked to stop."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading

from starlette.types import ASGIApp, Receive, Scope, Send

from orders_server.app.server import build_server
from orders_server.app.standard_error import drain_standard_error
from orders_server.consent.page import approval_app
from orders_server.hooks.guest import GuestServer
from orders_server.http.auth import guard, is_easy_to_guess, refuse_without_token, transport_security
from orders_server.http.bodies import BODY_LIMIT, BodyLimits, UnreadBodies
from orders_server.http.health import HEALTH_PATHS, add_health
from orders_server.http.listener import Place, listen, place, url_host
from orders_server.http.pages import PageAt, origin_of
from orders_server.http.request_log import RequestLog
from orders_server.http.tracing import export_spans
from orders_server.http.uvicorn_config import config
from orders_server.mcp.server import OrdersServer
from orders_server.settings import Settings

MCP_PATH = "/mcp"
MOST_SESSIONS = 1_000
"""Sessions of clients of protocol 2025, about 55 KB each; an unused one ends after half an hour."""
STOP_SECONDS = 9.5
_FINISH_SECONDS = 8
_log = logging.getLogger(__name__)


async def serve_http(settings: Settings, host: str, port: str, missing: str = "") -> None:
    """Serve at `host` and `port` until SIGTERM or SIGINT; a create call in progress is then answered and recorded.

    Raises:
        CannotServe: listening at the address is impossible, or requires a token and none is set.
    """
    asked = place(host, port)
    refuse_without_token(settings, asked)
    listener = listen(asked)
    stopping = asyncio.Event()
    with export_spans():
        page = PageAt(origin_of(settings, listener.getsockname()[1]))
        async with build_server(settings, missing=missing, page=page) as server:
            _stop_on_signals(stopping)
            _say_where(settings, asked, listener)
            await run_http(server, settings, asked, listener, stopping)


async def run_http(
    server: OrdersServer, settings: Settings, asked: Place, listener: socket.socket, stopping: asyncio.Event
) -> None:
    """Answer requests at `listener` until `stopping`; then close it, finish calls in progress and end all streams."""
    add_health(server)
    security = transport_security(settings, asked)
    app = server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        max_request_body_size=BODY_LIMIT,
        max_sessions=MOST_SESSIONS,
        transport_security=security,
    )
    # A redirect would name http, and a client behind TLS would follow it with its body in clear.
    app.router.redirect_slashes = False
    pages = BodyLimits(approval_app(lambda: server.page_parts(origin_of(settings, listener.getsockname()[1]))))
    guarded = guard(BodyLimits(app), settings, security, pages)
    request_log = RequestLog(guarded, frozenset({MCP_PATH, *HEALTH_PATHS}))
    guest = GuestServer(config(_without_slash(UnreadBodies(request_log))))
    async with server.session_manager.run():
        serving = asyncio.create_task(guest.serve([listener]))
        stopped = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait((serving, stopped), return_when=asyncio.FIRST_COMPLETED)
            request_log.stop()
            guest.stop_accepting()
            await _finish(server, request_log)
        finally:
            stopped.cancel()
            guest.should_exit = True
    # The sessions have ended with their streams, so the connections have nothing left to wait for.
    await serving


async def _finish(server: OrdersServer, request_log: RequestLog) -> None:
    """Wait for calls in progress and for create calls whose client has gone."""
    server.end_dialogs()
    await asyncio.gather(request_log.wait_until_idle(_FINISH_SECONDS), server.drain(_FINISH_SECONDS))


def _without_slash(app: ASGIApp) -> ASGIApp:
    """Treat `/mcp/` as `/mcp`, as many people and some clients write it so."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == f"{MCP_PATH}/":
            scope = {**scope, "path": MCP_PATH, "raw_path": MCP_PATH.encode()}
        await app(scope, receive, send)

    return call


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    # A thread, because the export of the last spans and the end of the interpreter block the loop.
    leaving = threading.Timer(STOP_SECONDS, _leave)
    leaving.daemon = True

    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            leaving.start()

    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)


def _leave() -> None:
    _log.warning("stopped before every call was answered; a purchase that was sent is looked up after the next start")
    drain_standard_error()
    os._exit(0)


def _say_where(settings: Settings, asked: Place, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    _log.info("listening", extra={"fields": {"url": f"http://{url_host(host)}:{port}{MCP_PATH}"}})
    if is_easy_to_guess(settings):
        _log.warning("XPORTCN_HTTP_TOKEN is easy to guess: it has fewer than 32 characters")
    if asked.is_everywhere and not settings.http_hosts:
        _log.warning("only names of this machine are answered: name the others in XPORTCN_HTTP_HOSTS")
