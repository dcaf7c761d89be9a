"""The page of a server over stdio: it listens when a link is first needed, and one process serves a ledger."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from mcp import Client

from orders_server.app.page_on_demand import OnDemandPage
from orders_server.http.pages import listen_on_this_machine
from support.house import Buyer, House, order_of

pytestmark = pytest.mark.anyio


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@asynccontextmanager
async def buyer(house: House, port: int, **settings: Any) -> AsyncGenerator[Buyer]:
    """A client of a server as stdio runs one, whose page is at `port` or after it."""
    settings = {"page_url": f"http://localhost:{port}", **settings}
    page = OnDemandPage(house.settings(**settings))
    async with house.server(page=page, **settings) as server, Client(server) as client:
        page.attach(server.page_parts)
        try:
            yield Buyer(client, None)
        finally:
            await page.close()


async def link(buyer: Buyer) -> str | None:
    """The link that the result of a call names."""
    previewed = await buyer.preview(("plain", 3))
    waiting = await buyer.said("create_order", **order_of(previewed))
    urls = [way["url"] for way in waiting["ways_to_approve"] if way.get("url")]
    if urls:
        assert urls[0] in waiting["summary"]
        assert urls[0].endswith(f"/approvals/{previewed['purchase_ref']}")
    return urls[0].partition("/approvals")[0] if urls else None


async def status(origin: str) -> int:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{origin}/approvals/pair")).status_code


async def test_nothing_listens_before_a_link_is_needed(house: House) -> None:
    port = free_port()
    async with buyer(house, port) as client:
        await client.said("list_orders")
        with pytest.raises(httpx.ConnectError):
            await status(f"http://localhost:{port}")
        assert await link(client) == f"http://localhost:{port}"
        assert await status(f"http://localhost:{port}") == 200
    with pytest.raises(httpx.ConnectError):
        await status(f"http://localhost:{port}")


async def test_a_second_server_of_the_same_ledger_names_the_page_of_the_first(house: House) -> None:
    port = free_port()
    async with buyer(house, port) as first, buyer(house, port) as second:
        assert await link(first) == await link(second) == f"http://localhost:{port}"


async def test_the_second_server_takes_over_once_the_first_is_gone(house: House) -> None:
    port = free_port()
    async with buyer(house, port) as second:
        async with buyer(house, port) as first:
            assert await link(first) == await link(second)
        assert await link(second) == f"http://localhost:{port}"
        assert await status(f"http://localhost:{port}") == 200


async def test_where_something_else_listens_the_next_free_port_is_taken(house: House) -> None:
    port = free_port()
    taken = listen_on_this_machine(port)
    other = {"store": f"sqlite:///{house.folder}/other.sqlite3"}
    try:
        async with buyer(house, port) as first, buyer(house, port, **other) as stranger:
            assert await link(first) == f"http://localhost:{port + 1}"
            assert await link(stranger) == f"http://localhost:{port + 2}"
    finally:
        for each in taken:
            each.close()


async def test_a_public_address_is_named_as_it_is_and_nothing_listens(house: House) -> None:
    async with buyer(house, 0, page_url="https://orders.example.com") as client:
        assert await link(client) == "https://orders.example.com"


async def test_only_a_process_of_the_same_ledger_knows_the_answer(house: House) -> None:
    port = free_port()
    async with buyer(house, port) as client, httpx.AsyncClient(trust_env=False) as http:
        await link(client)
        at = f"http://localhost:{port}/approvals/whoami"
        answers = [(await http.get(at, params={"nonce": nonce * 32})).json() for nonce in ("a", "b")]
        assert answers[0] != answers[1]
        assert (await http.get(at)).status_code == 404
        assert (await http.get(at, params={"nonce": "<script>"})).status_code == 404


async def test_the_page_alone_answers_no_other_path_and_no_other_host(house: House) -> None:
    port = free_port()
    async with buyer(house, port) as client, httpx.AsyncClient(trust_env=False) as http:
        await link(client)
        at = f"http://localhost:{port}"
        assert (await http.get(f"{at}/mcp")).status_code == 404
        assert (await http.get(f"{at}/")).status_code == 404
        for host in ("evil.example", f"evil.example:{port}", "localhost.evil.example"):
            assert (await http.get(f"{at}/approvals/pair", headers={"Host": host})).status_code == 421
