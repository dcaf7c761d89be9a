"""The approval page as its own process, for a phone or where the server runs over stdio."""

import asyncio
import signal
import sys

import click

from orders_server.app.server import build_server
from orders_server.http.listener import Place, listen, place, url_host
from orders_server.http.pages import PageServer, listen_on_this_machine, origin_of, refuse_in_clear
from orders_server.settings import Settings


async def serve_page(settings: Settings, host: str, port: str) -> None:
    """Serve the approval page at `host` and `port` until SIGTERM or SIGINT; an order that is being made is recorded.

    Raises:
        CannotServe: listening at the address is impossible, or would send sessions in clear.
    """
    asked = place(host, port)
    refuse_in_clear(settings, asked)
    listeners = listen_on_this_machine(int(port)) if host == "localhost" else [listen(asked)]
    own_port = listeners[0].getsockname()[1]
    origin = origin_of(settings, own_port)
    async with build_server(settings) as server:
        pages = PageServer(settings, asked, lambda: server.page_parts(origin))
        await server.page_parts(origin)  # so that a ledger that cannot be used is said now
        pages.start(listeners)
        click.echo(f"listening at {_address(asked, own_port)}, links name {origin}/approvals", err=True)
        await _stopped()
        await pages.stop()


def _address(asked: Place, port: int) -> str:
    return f"http://{url_host(asked.asked)}:{port}"


async def _stopped() -> None:
    stopping = asyncio.Event()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()
