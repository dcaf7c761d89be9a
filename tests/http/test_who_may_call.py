"""What stands before the endpoint: Host and Origin, the token, the limit, CORS; and what the log says of a request."""

import contextlib
import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest
from pydantic import SecretStr

from orders_server.http import connections
from orders_server.http.auth import transport_security
from orders_server.http.listener import place
from orders_server.http.logs import JsonLines, request_id
from support.house import House
from support.web import HEADERS, INITIALIZE, TOKEN, plain_http, web

pytestmark = pytest.mark.anyio
LIMIT = 4 * 1024 * 1024
ORDER = {"preview_token": "PV-" + "0" * 26, "expected_total": "1"}
PAGE = "https://chat.example.com"
NOT_THE_TOKEN = [
    None,
    "",
    "Bearer",
    TOKEN,
    f"Basic {TOKEN}",
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {TOKEN}x",
    f"Bearer {TOKEN.upper()}",
    "Bearer \u00e9",
]
HOSTS_AND_ORIGINS: list[tuple[dict[str, str], int]] = [
    ({}, 200),
    ({"Host": "localhost:8765"}, 200),
    ({"Host": "[::1]:8765"}, 200),
    ({"Host": "localhost"}, 200),
    ({"Host": "orders.example.com"}, 200),
    ({"Host": "orders.example.com:8443"}, 200),
    ({"Host": "10.0.0.7:8765"}, 200),
    ({"Host": "10.0.0.7:8766"}, 421),
    ({"Host": "10.0.0.7"}, 421),
    ({"Host": "evil.example.com"}, 421),
    ({"Host": "127.0.0.1.evil.example.com"}, 421),
    ({"Host": "localhost.evil.example.com:8765"}, 421),
    ({"Host": ""}, 421),
    ({"Host": "LocalHost:8765"}, 200),
    ({"Host": "localhost:"}, 421),
    ({"Host": "localhost:8765.evil.example.com"}, 421),
    ({"Host": "localhost:8765@evil.example.com"}, 421),
    ({"Origin": "http://localhost:6274"}, 200),
    ({"Origin": "http://127.0.0.1"}, 200),
    ({"Origin": PAGE}, 200),
    ({"Origin": "https://chat.example.com:444"}, 403),
    ({"Origin": "http://chat.example.com"}, 403),
    ({"Origin": "https://evil.example.com"}, 403),
    ({"Origin": "https://localhost.evil.example.com"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "HTTP://LocalHost:6274"}, 200),
    ({"Origin": "http://localhost:6274.evil.example.com"}, 403),
    ({"Origin": "http://localhost:6274/"}, 403),
    ({"Host": "evil.example.com", "Origin": PAGE}, 421),
]


async def initialize(http: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await http.post("/mcp", json=INITIALIZE, headers={**HEADERS, **headers})


async def test_only_named_hosts_and_origins_are_answered(house: House) -> None:
    named = {"http_hosts": "orders.example.com, 10.0.0.7:8765", "http_origins": PAGE}
    async with web(house, **named) as url, plain_http(url) as http:
        for headers, status in HOSTS_AND_ORIGINS:
            modern = {**HEADERS, "MCP-Protocol-Version": "2026-07-28", **headers}
            well = [(await http.get(path, headers=headers)).status_code for path in ("/healthz", "/readyz")]
            assert (await initialize(http, **headers)).status_code == status, headers
            # Probes ask by an address that no setting knows.
            assert well == [403 if "Origin" in headers and status == 403 else 200] * 2, headers
            # No request of this generation, so that one let through is told it is malformed.
            answer = await http.post("/mcp", json={}, headers=modern)
            assert answer.status_code == (400 if status == 200 else status), headers


async def test_a_second_origin_is_not_answered(house: House) -> None:
    async with web(house) as url, plain_http(url) as http:
        pages = [("Origin", "http://localhost:6274"), ("Origin", "https://evil.example.com")]
        for headers in (pages, pages[::-1], [pages[0], pages[0]]):
            assert (await http.get("/healthz", headers=headers)).status_code == 403


async def test_an_address_that_others_can_reach_answers_to_itself_and_to_no_page_of_this_machine(house: House) -> None:
    everywhere = transport_security(house.settings(), place("0.0.0.0", 8765))
    one = transport_security(house.settings(), place("192.0.2.7", 8765))

    assert "0.0.0.0" not in everywhere.allowed_hosts
    assert "192.0.2.7:*" in one.allowed_hosts
    assert everywhere.allowed_origins == one.allowed_origins == []


async def test_without_the_right_token_there_is_401_and_nothing_else(house: House) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as url, plain_http(url) as http:
        for given in NOT_THE_TOKEN:
            headers = [*HEADERS.items(), *([] if given is None else [("Authorization", given.encode("latin-1"))])]
            for method, path, content in (
                ("POST", "/mcp", json.dumps(INITIALIZE).encode()),
                ("POST", "/mcp", b"x" * (LIMIT + 1)),
                ("GET", "/mcp", b""),
                ("DELETE", "/mcp", b""),
                ("GET", "/elsewhere", b""),
            ):
                answer = await http.request(method, path, content=content, headers=headers)  # pyright: ignore[reportArgumentType]
                assert (answer.status_code, answer.content) == (401, b""), (given, method, path)
                assert answer.headers["www-authenticate"] == "Bearer"
                assert "mcp-session-id" not in answer.headers


async def test_the_right_token_opens_the_endpoint_and_health_needs_none(house: House) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as url, plain_http(url) as http:
        opened = [
            (await initialize(http, Authorization=f"{scheme} {TOKEN}")).status_code for scheme in ("Bearer", "bearer")
        ]
        twice = await http.post(
            "/mcp", json=INITIALIZE, headers=[*HEADERS.items(), *[("Authorization", f"Bearer {TOKEN}")] * 2]
        )
        health = [(await http.get(path)).status_code for path in ("/healthz", "/readyz")]

    assert opened == [200, 200]
    assert twice.status_code == 401
    assert health == [200, 200]


async def test_a_client_that_was_refused_learns_that_there_is_no_oauth(house: House) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as url, plain_http(url) as http:
        refused = await initialize(http, Authorization="Bearer wrong")
        sought = [
            (await http.get(f"/.well-known/{name}", headers={"Authorization": "Bearer wrong"}))
            for name in ("oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server")
        ]

    assert refused.status_code == 401
    assert [(each.status_code, each.content) for each in sought] == [(404, b"")] * 3
    assert not any("www-authenticate" in each.headers for each in sought)


async def test_the_endpoint_is_the_same_with_a_slash_at_its_end(house: House) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as url, plain_http(url) as http:
        authorized = {**HEADERS, "Authorization": f"Bearer {TOKEN}"}
        opened = await http.post("/mcp/", json=INITIALIZE, headers=authorized)
        refused = await http.post("/mcp/", json=INITIALIZE, headers=HEADERS)
        foreign = await http.post("/mcp/", json=INITIALIZE, headers={**authorized, "Host": "evil.example.com"})
        more = await http.post("/mcp//", json=INITIALIZE, headers=authorized)

    assert [each.status_code for each in (opened, refused, foreign, more)] == [200, 401, 421, 404]


async def test_a_store_that_cannot_be_written_is_not_ready(house: House) -> None:
    async with web(house) as url, plain_http(url) as http:
        well = await http.get("/readyz")
        (house.folder / "ledger.sqlite3").rename(house.folder / "moved.sqlite3")
        with anyio.fail_after(10):
            while (ill := await http.get("/readyz")).status_code == 200:
                pass

    assert well.status_code == 200
    assert ill.json() == {"ready": False, "reason": "the store cannot be used"}


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 65536):
        yield b" " * min(65536, size - start)


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_a_body_over_the_limit_is_413_whether_or_not_its_length_is_said(house: House, version: str) -> None:
    headers = {**HEADERS, "MCP-Protocol-Version": version}
    async with web(house) as url, plain_http(url) as http:
        declared = await http.post("/mcp", content=b" " * (LIMIT + 1), headers=headers)
        chunked = await http.post("/mcp", content=_chunks(LIMIT + 1), headers=headers)
        whole = await http.post("/mcp", content=_chunks(LIMIT), headers=headers)

    assert (declared.status_code, chunked.status_code) == (413, 413)
    assert whole.status_code == 400


async def test_no_page_may_read_answers_unless_origins_are_named(house: House) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,mcp-session-id"}
    own = {"Origin": "http://localhost:6274"}
    async with web(house) as url, plain_http(url) as http:
        preflight = await http.options("/mcp", headers={**asks, **own})
        answer = await initialize(http, **own)
    named: dict[str, Any] = {"http_origins": PAGE, "http_token": SecretStr(TOKEN)}
    async with web(house, **named) as url, plain_http(url) as http:
        opened = await http.options("/mcp", headers={**asks, "Origin": PAGE})
        read = await initialize(http, Origin=PAGE, Authorization=f"Bearer {TOKEN}")
        refused = await initialize(http, Origin=PAGE)
        foreign = await http.options("/mcp", headers={**asks, "Origin": "https://evil.example.com"})

    assert preflight.status_code == 405
    assert [name for each in (preflight, answer) for name in each.headers if name.startswith("access-control")] == []
    assert (opened.status_code, opened.headers["access-control-allow-origin"]) == (200, PAGE)
    assert {"content-type", "mcp-session-id"} <= set(opened.headers["access-control-allow-headers"].split(","))
    assert read.headers["access-control-allow-origin"] == PAGE
    assert "Mcp-Session-Id" in read.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in read.headers
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, PAGE)
    assert (foreign.status_code, foreign.content) == (403, b"Invalid Origin header")


async def test_health_is_told_without_a_word_of_the_machine(house: House) -> None:
    broken = {"store": f"sqlite:///{house.folder}/file/ledger.sqlite3"}
    (house.folder / "file").write_text("not a folder")
    async with web(house) as url, plain_http(url) as http:
        well = [await http.get(path) for path in ("/healthz", "/readyz")]
    async with web(house, **broken) as url, plain_http(url) as http:
        ill = [await http.get(path) for path in ("/healthz", "/readyz")]

    assert [(each.status_code, each.json()) for each in well] == [(200, {"alive": True}), (200, {"ready": True})]
    assert [each.status_code for each in ill] == [200, 503]
    assert ill[1].json() == {"ready": False, "reason": "the store cannot be used"}
    assert str(house.folder) not in ill[1].text


async def test_whatever_else_cannot_be_opened_is_a_reason_without_its_words(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("/a/path/of/this/machine")

    monkeypatch.setattr("orders_server.app.services._compile_texts", broken)
    async with web(house) as url, plain_http(url) as http:
        answer = await http.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["reason"] == "what the settings name cannot be used"


async def test_each_request_is_one_line_with_its_id_and_nothing_that_it_carried(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = "not-for-any-log"
    async with web(house, http_token=SecretStr(TOKEN)) as url, plain_http(url) as http:
        answers = [
            await initialize(http, Authorization=f"Bearer {TOKEN}"),
            await initialize(http, Authorization=f"Bearer {secret}"),
            await initialize(http, Host=secret),
            await http.get(f"/{secret}?token={secret}", headers={"Authorization": f"Bearer {TOKEN}"}),
            await http.get(f"/healthz?{secret}"),
            await http.request("NOT-FOR-ANY-LOG", "/mcp/", headers={"Authorization": f"Bearer {TOKEN}"}),
        ]
    lines = [record for record in caplog.records if record.name == "orders_server.http.request_log"]
    fields: list[dict[str, Any]] = [vars(record)["fields"] for record in lines]
    written = [json.loads(JsonLines().format(record)) for record in caplog.records]

    assert [(line["method"], line["path"], line["status"]) for line in fields] == [
        ("POST", "/mcp", 200),
        ("POST", "/mcp", 401),
        ("POST", "/mcp", 421),
        ("GET", "other", 404),
        ("GET", "/healthz", 200),
        ("other", "/mcp", 405),
    ]
    assert all(line["duration_ms"] >= 0 for line in fields)
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)
    own = [line for line in written if not line["logger"].startswith(("httpx", "httpcore"))]
    assert len(own) >= len(answers)
    unwanted = (TOKEN, secret, secret.upper(), "clientInfo", "capabilities")
    assert [line for line in own if any(word in str(line) for word in unwanted)] == []


async def test_what_a_call_logs_carries_the_id_of_its_own_request(house: House) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    (house.folder / "file").write_text("not a folder")
    async with web(house, store=f"sqlite:///{house.folder}/file/ledger.sqlite3") as url, plain_http(url) as http:
        opened = await initialize(http)
        session = {**HEADERS, "Mcp-Session-Id": opened.headers["mcp-session-id"]}
        call = {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "create_order", "arguments": ORDER},
        }
        logging.getLogger().addHandler(handler)
        try:
            answer = await http.post("/mcp", json=call, headers=session)
        finally:
            logging.getLogger().removeHandler(handler)

    assert "store cannot be used" in answer.text
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    ours = [line["request_id"] for line in lines if line["logger"] == "orders_server.mcp.call_handling"]
    assert ours == [answer.headers["x-request-id"]]


async def test_a_log_line_names_its_request_and_the_kind_of_a_fault_but_not_its_words() -> None:
    try:
        raise ValueError("13912345678")
    except ValueError as error:
        fault = error
    record = logging.LogRecord(
        "a", logging.ERROR, __file__, 1, "it\nfailed", (), (type(fault), fault, fault.__traceback__)
    )
    token = request_id.set("an-id")
    line = JsonLines().format(record)
    request_id.reset(token)

    assert "\n" not in line
    assert "13912345678" not in line
    told = json.loads(line)
    assert (told["message"], told["request_id"], told["exception"]) == ("it\nfailed", "an-id", "ValueError")
    assert told["at"][0].startswith("test_who_may_call.py:")


ASKED = (
    b"",
    b"POST /mcp HTTP/1.1\r\nHost: loc",
    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nPUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
)


@pytest.mark.parametrize("asked", ASKED)
async def test_a_connection_that_does_not_ask_in_time_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch, asked: bytes
) -> None:
    monkeypatch.setattr(connections, "ASKING_SECONDS", 0.1)
    async with web(house) as url, await anyio.connect_tcp("127.0.0.1", int(url.rpartition(":")[2])) as slow:
        await slow.send(asked)
        with anyio.fail_after(3), contextlib.suppress(anyio.BrokenResourceError):
            async for _ in slow:
                pass


async def test_an_answer_may_take_longer_than_asking_for_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ASKING_SECONDS", 0.1)
    async with web(house) as url, plain_http(url) as http:
        opened = await initialize(http)
        session = {**HEADERS, "Mcp-Session-Id": opened.headers["mcp-session-id"]}
        async with http.stream("GET", "/mcp", headers=session) as stream:
            with anyio.move_on_after(0.4) as waited:
                async for _ in stream.aiter_raw():
                    pass

    assert waited.cancelled_caught


async def test_sessions_beyond_the_most_are_not_opened(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders_server.http.app.MOST_SESSIONS", 2)
    async with web(house) as url, plain_http(url) as http:
        answers = [await initialize(http) for _ in range(3)]
        session = {"Mcp-Session-Id": answers[0].headers["mcp-session-id"]}
        await http.delete("/mcp", headers=session)
        answers.append(await initialize(http))

    assert [answer.status_code for answer in answers] == [200, 200, 503, 200]
