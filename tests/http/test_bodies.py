"""Bodies: how many bytes of them are held, when they are given back, and what the sender of a refused one can read."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from orders_server.http import bodies, connections
from orders_server.http.bodies import BODY_LIMIT, BodyLimits
from support.house import House
from support.web import HEADERS, INITIALIZE, TOKEN, plain_http, port_of, web

pytestmark = pytest.mark.anyio
SECONDS = 20
HELD = 60_000
"""Bytes of a body that is held; two of them are more than the limit of these tests."""
START = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n"


async def initialize(http: httpx.AsyncClient, size: int = 0) -> httpx.Response:
    """A call that is answered with 200; `size` makes its body longer."""
    return await http.post("/mcp", content=json.dumps(INITIALIZE) + " " * size, headers=HEADERS)


async def until(http: httpx.AsyncClient, status: int, size: int = HELD) -> httpx.Response:
    """The first answer of this status."""
    with anyio.fail_after(SECONDS):
        while (answer := await initialize(http, size)).status_code != status:
            pass
    return answer


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "HELD_LIMIT", 100_000)
    monkeypatch.setattr(bodies, "_UNWANTED_SECONDS", 0.05)


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("length", [b"Content-Length: 90000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n15f90\r\n"])
async def test_a_body_for_which_there_is_no_room_is_503_until_another_has_gone(house: House, length: bytes) -> None:
    async with web(house) as url, plain_http(url) as http:
        async with await anyio.connect_tcp("127.0.0.1", port_of(url)) as holding:
            await holding.send(START + length + b" " * HELD)
            refused = await until(http, 503)
            again = await initialize(http, HELD)
            small = await initialize(http)
            chunked = await http.post("/mcp", content=_chunks(HELD), headers=HEADERS)
        await until(http, 200)

    assert (refused.text, refused.headers["retry-after"]) == ("too many bodies at once", "1")
    assert "mcp-session-id" not in refused.headers
    assert [answer.status_code for answer in (again, small, chunked)] == [503, 200, 503]


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 10_000):
        yield b" " * 10_000


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("ending", ["late", "over the limit", "answered", "no JSON"])
async def test_however_a_request_ends_its_bytes_are_given_back(
    house: House, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    rest = {"late": b"", "over the limit": b" " * 40_000, "answered": b" " * 29_000, "no JSON": b"x" * 29_000}[ending]
    if ending == "late":
        monkeypatch.setattr(connections, "ASKING_SECONDS", 0.3)
    monkeypatch.setattr(bodies, "BODY_LIMIT", 90_000)
    start = START + b"".join(f"{name}: {value}\r\n".encode() for name, value in HEADERS.items())
    async with web(house) as url, plain_http(url) as http:
        for _ in range(3):
            async with await anyio.connect_tcp("127.0.0.1", port_of(url)) as holding:
                await holding.send(start + b"Transfer-Encoding: chunked\r\n\r\n")
                await holding.send(f"{HELD:x}\r\n".encode() + b" " * HELD + b"\r\n")
                await until(http, 503)
                if rest:
                    await holding.send(f"{len(rest):x}\r\n".encode() + rest + b"\r\n0\r\n\r\n")
                await until(http, 200)


async def test_bytes_are_given_back_whatever_becomes_of_the_call() -> None:
    async def arriving() -> Message:
        return {"type": "http.request", "body": b"x" * 1000, "more_body": False}

    async def sent(message: Message) -> None:
        pass

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        assert held.held == 1000
        raise ValueError("a fault")

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        assert held.held == 1000
        await asyncio.Event().wait()

    scope: Scope = {"type": "http", "headers": [(b"content-length", b"1000")]}
    held = BodyLimits(fails)
    with pytest.raises(ValueError, match="a fault"):
        await held(scope, arriving, sent)
    assert held.held == 0

    held = BodyLimits(waits)
    with anyio.move_on_after(0.01) as cut:
        await held(scope, arriving, sent)
    assert cut.cancelled_caught
    assert held.held == 0


def written_then_read(url: str, head: str, size: int, *, chunked: bool = False) -> str:
    """The first line of the answer that a client reads which writes `size` bytes first."""
    with socket.create_connection(("127.0.0.1", port_of(url)), timeout=SECONDS) as client:
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        client.sendall(f"POST /mcp HTTP/1.1\r\n{head}Connection: close\r\n{length}\r\n\r\n".encode())
        piece = b" " * 65536
        for _ in range(0, size, len(piece)):
            client.sendall(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
        if chunked:
            client.sendall(b"0\r\n\r\n")
        return client.makefile().readline().strip()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Host: localhost\r\nAuthorization: Bearer " + TOKEN, 413),
        ("Host: localhost", 401),
        ("Host: evil.example.com", 421),
        ("Host: localhost\r\nOrigin: https://evil.example.com", 403),
    ],
)
async def test_a_client_that_writes_first_and_reads_then_is_told_why_its_body_is_not_taken(
    house: House, head: str, status: int, chunked: bool
) -> None:
    size = BODY_LIMIT + 1024 * 1024
    async with web(house, http_token=SecretStr(TOKEN)) as url:
        line = await asyncio.to_thread(written_then_read, url, head + "\r\n", size, chunked=chunked)

    assert line.startswith(f"HTTP/1.1 {status} ")


@pytest.mark.parametrize("close", [{}, {"Connection": "close"}])
async def test_an_ordinary_client_is_told_that_its_body_is_too_long(house: House, close: dict[str, str]) -> None:
    async with web(house) as url, plain_http(url) as http:
        answer = await http.post("/mcp", content=b" " * (BODY_LIMIT + 1024 * 1024), headers={**HEADERS, **close})
        next_one = await initialize(http)

    assert (answer.status_code, next_one.status_code) == (413, 200)


@pytest.mark.parametrize("bound", ["_UNWANTED_SECONDS", "_UNWANTED_BYTES"])
async def test_only_so_much_of_an_unwanted_body_is_read_and_only_so_long(
    house: House, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(bodies, "_UNWANTED_SECONDS", 0.1 if bound == "_UNWANTED_SECONDS" else SECONDS * 2)
    monkeypatch.setattr(bodies, "_UNWANTED_BYTES", 100_000 if bound == "_UNWANTED_BYTES" else 10**9)
    async with web(house) as url, await anyio.connect_tcp("127.0.0.1", port_of(url)) as client:
        await client.send(START + b"Content-Length: 5000000\r\n\r\n" + b" " * 200_000)
        with anyio.fail_after(SECONDS):
            assert (await client.receive()).startswith(b"HTTP/1.1 413 ")


async def test_a_client_that_asks_first_is_told_before_it_writes(house: House) -> None:
    async with web(house) as url, await anyio.connect_tcp("127.0.0.1", port_of(url)) as client:
        await client.send(START + b"Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n")
        with anyio.fail_after(bodies._UNWANTED_SECONDS - 1):  # pyright: ignore[reportPrivateUsage]
            assert (await client.receive()).startswith(b"HTTP/1.1 413 ")
