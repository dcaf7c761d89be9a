"""Servers of a house on loopback, by their real HTTP, and real clients of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from mcp import Client

from orders_server.http.app import run_http
from orders_server.http.listener import listen, place
from support.house import Buyer, House, Person

TOKEN = "a-token-of-the-operator-0123456789"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@asynccontextmanager
async def web(house: House, **settings: Any) -> AsyncGenerator[str]:
    """A server of the house on a free port of 127.0.0.1; its address without a path."""
    asked = place("127.0.0.1", 0)
    listener = listen(asked)
    stopping = asyncio.Event()
    async with house.server(**settings) as server:
        running = asyncio.create_task(run_http(server, house.settings(**settings), asked, listener, stopping))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopping.set()
            await running


@asynccontextmanager
async def caller(base_url: str, mode: str, person: Person | None = None) -> AsyncGenerator[Buyer]:
    """A real client of the server at `base_url`."""
    client = Client(f"{base_url}/mcp", mode=mode, elicitation_callback=person, read_timeout_seconds=30)
    async with client:
        yield Buyer(client, person)


def port_of(base_url: str) -> int:
    """The port of `base_url`."""
    return int(base_url.rpartition(":")[2])


@asynccontextmanager
async def plain_http(base_url: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Plain HTTP to the server at `base_url`."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=10) as http:
        yield http
