"""What strangers can take of the server without a token: places, and looks at the ledger."""

import asyncio
import contextlib

import anyio
import httpx
import pytest
from anyio.abc import SocketStream
from pydantic import SecretStr

from orders_server.http import connections
from orders_server.http.health import Readiness
from orders_server.ledger.store import Store
from support.house import House
from support.web import HEADERS, INITIALIZE, TOKEN, plain_http, port_of, web

pytestmark = pytest.mark.anyio
SECONDS = 20
START = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n"


async def initialize(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post("/mcp", json=INITIALIZE, headers=HEADERS)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each look at the ledger."""
    made, check = list[int](), Store.check

    async def counted(store: Store) -> None:
        made.append(1)
        await check(store)

    monkeypatch.setattr(Store, "check", counted)
    return made


async def test_a_flood_of_questions_whether_it_is_ready_costs_few_looks(house: House, looks: list[int]) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as url, plain_http(url) as http:
        await http.get("/readyz")
        assert looks == [1]
        looks.clear()
        loop = asyncio.get_running_loop()
        began = loop.time()
        answers = [
            answer for _ in range(4) for answer in await asyncio.gather(*(http.get("/readyz") for _ in range(30)))
        ]
        seconds = loop.time() - began

    assert {answer.status_code for answer in answers} == {200}
    assert len(answers) > 100
    assert len(looks) <= seconds + 1


async def test_one_look_at_a_time_however_long_it_takes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave, check = list[int](), asyncio.Event(), Store.check

    async def slow(store: Store) -> None:
        entered.append(1)
        await leave.wait()
        await check(store)

    async with house.server() as server:
        await server.purchasing()
        monkeypatch.setattr(Store, "check", slow)
        readiness = Readiness(server)
        asked = [asyncio.create_task(readiness.why_not()) for _ in range(20)]
        with anyio.fail_after(SECONDS):
            while not entered:
                await asyncio.sleep(0)
        asked[0].cancel()
        leave.set()
        told = await asyncio.gather(*asked, return_exceptions=True)

    assert len(entered) == 1
    assert isinstance(told[0], asyncio.CancelledError)
    assert told[1:] == [None] * 19


async def test_a_store_that_breaks_is_told_after_a_second_and_so_is_one_that_is_mended(house: House) -> None:
    now, ledger = [1000.0], house.folder / "ledger.sqlite3"
    broken = "the store cannot be used"
    async with house.server() as server:
        readiness = Readiness(server, clock=lambda: now[0])
        assert await readiness.why_not() is None
        sound = ledger.read_bytes()
        for content, before, after in ((b"no ledger" * 1000, None, broken), (sound, broken, None)):
            ledger.write_bytes(content)
            now[0] += 0.9
            assert await readiness.why_not() == before
            now[0] += 0.1
            assert await readiness.why_not() == after


HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def asked(connection: SocketStream, request: bytes = HEALTHZ) -> bool:
    """Whether a request on this connection is answered."""
    await connection.send(request)
    with anyio.fail_after(SECONDS):
        return (await connection.receive()).startswith(b"HTTP/1.1 200 ")


async def is_closed(connection: SocketStream) -> bool:
    """Whether the server closes this connection without a word."""
    try:
        with anyio.fail_after(SECONDS):
            await connection.receive()
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        return True
    return False


async def test_whoever_comes_when_all_places_are_taken_gets_the_place_of_the_oldest_that_never_asked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 3)
    async with web(house) as url, contextlib.AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port_of(url))) for _ in range(3)]
        newest = await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port_of(url)))

        assert await asked(newest)
        assert await is_closed(idle[0])
        assert [await asked(each) for each in idle[1:]] == [True, True]


async def test_of_those_that_ask_nothing_the_one_with_least_to_lose_goes_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 4)
    async with web(house) as url, contextlib.AsyncExitStack() as stack:

        async def connected() -> SocketStream:
            return await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port_of(url)))

        arriving, answered, answered_later, never = [await connected() for _ in range(4)]
        await arriving.send(START + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")
        assert (await arriving.receive()).startswith(b"HTTP/1.1 100 ")
        assert await asked(answered)
        assert await asked(answered_later)
        newer = list[SocketStream]()
        for least in (never, answered, answered_later):
            newer.append(await connected())
            assert await asked(newer[-1])
            assert await is_closed(least)
        for each in newer[:2]:
            await each.send(START + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")
            assert (await each.receive()).startswith(b"HTTP/1.1 100 ")
        newer.append(await connected())
        assert await asked(newer[-1])
        assert await is_closed(newer[2])
        await arriving.send(b"x" * 9)
        assert (await arriving.receive()).startswith(b"HTTP/1.1 4")


async def test_a_request_that_is_being_answered_keeps_its_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 2)
    async with web(house) as url, contextlib.AsyncExitStack() as stack:
        streams = list[SocketStream]()
        async with plain_http(url) as http:
            sessions = [(await initialize(http)).headers["mcp-session-id"] for _ in range(2)]
        for session in sessions:
            head = "".join(f"{name}: {value}\r\n" for name, value in {**HEADERS, "Mcp-Session-Id": session}.items())
            streams.append(await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port_of(url))))
            assert await asked(streams[-1], f"GET /mcp HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        async with await anyio.connect_tcp("127.0.0.1", port_of(url)) as late:
            assert await is_closed(late)
        await streams[0].aclose()
        async with plain_http(url) as http:
            with anyio.fail_after(SECONDS):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        if (await http.get("/healthz")).status_code == 200:
                            break


async def test_a_purchase_goes_on_while_strangers_take_every_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 20)
    async with web(house, http_token=SecretStr(TOKEN)) as url, contextlib.AsyncExitStack() as stack:

        async def strangers() -> None:
            for _ in range(30):
                await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port_of(url)))

        await strangers()
        async with plain_http(url) as http:
            http.headers["Authorization"] = f"Bearer {TOKEN}"
            statuses = list[int]()
            for _ in range(5):
                statuses.append((await initialize(http)).status_code)
                await strangers()
    assert statuses == [200] * 5
