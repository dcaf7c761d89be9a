"""The client over a real loopback connection: what the network does, and what is said of it."""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from anyio.streams.buffered import BufferedByteStream

from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.connections import connect
from orders_server.xportcn.pieces import MOST_TOO_LARGE
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import CreateReply, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import judge
from support.one_part import ADDRESS, LINES, PART
from support.sockets import listening, request

from .documented_answers import CREATED_FLAT, DETAILED, LISTED, PREVIEW_2025, PREVIEW_2026, raw, wrapped

pytestmark = pytest.mark.anyio

SECONDS = 0.4
PATIENT = 20
"""Where an answer comes, however busy the machine is."""
MOMENT = datetime(2026, 5, 20, 7, 40, tzinfo=UTC)


@dataclass
class Upstream:
    """A socket that answers as told and counts the requests it was sent."""

    port: int = 0
    patience: float = PATIENT
    tries: tuple[int, ...] = (3,)
    pieces: int = 0
    requests: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])


@asynccontextmanager
async def answering(answer: bytes, *, hang: bool = False) -> AsyncGenerator[Upstream]:
    """Send `answer` to every request and close, or keep the line open in silence."""
    upstream = Upstream()

    async def serve(stream: BufferedByteStream) -> None:
        head, body = await request(stream)
        upstream.requests.append((head.split(" ")[1], json.loads(body)))
        await stream.send(answer)
        if hang:
            await anyio.sleep_forever()

    async with listening(serve) as upstream.port:
        yield upstream


@asynccontextmanager
async def client(port: int, seconds: float = PATIENT) -> AsyncGenerator[XportcnClient]:
    endpoints = Endpoints("/list", "/detail", read_timeout=seconds, create_timeout=seconds)
    base_url = f"http://127.0.0.1:{port}/api"
    async with connect(base_url, None, endpoints, clock=lambda: MOMENT, chance=lambda: 0.0) as upstream:
        yield upstream


def http_answer(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


JSON = wrapped(CREATED_FLAT)
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
NO_ANSWER = {
    "closes without a word": (b"", False),
    "closes inside the head": (b"HTTP/1.1 200 OK\r\nContent-", False),
    "closes inside the body": (http_answer(JSON[:40], length=len(JSON)), False),
    "hangs before the head": (b"", True),
    "hangs inside the body": (http_answer(JSON[:-1], length=len(JSON)), True),
    "no HTTP at all": (b"\x00\x01\x02 SSH-2.0\r\n\r\n", False),
    "502 with HTML": (http_answer(HTML, "502 Bad Gateway", "Content-Type: text/html"), False),
    "200 with HTML": (http_answer(HTML, "200 OK", "Content-Type: text/html"), False),
    "200 with nothing": (http_answer(b""), False),
    "a redirect": (http_answer(b"", "302 Found", "Location: /api/elsewhere"), False),
    "a redirect that keeps the method": (http_answer(b"", "307 Temporary Redirect", "Location: /api/elsewhere"), False),
    "gzip that is none": (http_answer(JSON, "200 OK", "Content-Encoding: gzip"), False),
    "an envelope without a code": (http_answer(b'{"msg": "500_004"}', "500 Internal Server Error"), False),
    "a number beyond all numbers": (http_answer(b'{"code": 200, "data": {"orderId": 1, "amount": 1e9999999}}'), False),
    "a number below all numbers": (http_answer(b'{"code": 200, "data": [{"amount": 1e-9999999}]}'), False),
    "a number beyond all doubles": (http_answer(b'{"code": 500, "msg": "500_004", "data": 1e400}'), False),
    "nested too deeply": (http_answer(b'{"code": 200, "data": ' + b"[" * 64 + b"]" * 64 + b"}"), False),
    "a gateway's refusal": (http_answer(b'{"error_code": "gw.QosAppFrequencyLimit"}', "400 Bad Request"), False),
}


NOT_AGAIN = ("a redirect", "a redirect that keeps the method", "an envelope without a code")
_NUMBERS = ("a number beyond all numbers", "a number below all numbers", "a number beyond all doubles")
SPOILT = (*_NUMBERS, "nested too deeply")
"""The same question gets the same answer; a list is asked for in pieces."""


@pytest.fixture(params=NO_ANSWER, ids=str)
async def silent(request: pytest.FixtureRequest) -> AsyncGenerator[Upstream]:
    answer, hang = NO_ANSWER[request.param]
    async with answering(answer, hang=hang) as upstream:
        limited = request.param == "a gateway's refusal"  # a read would wait 2 s, which its deadline does not allow
        upstream.patience = SECONDS if hang or limited else PATIENT
        upstream.tries = (1,) if limited or request.param in (*NOT_AGAIN, *SPOILT) else (1, 2) if hang else (3,)
        upstream.pieces = 1 + MOST_TOO_LARGE if request.param in SPOILT else 0
        yield upstream


async def test_a_create_call_without_a_clear_answer_is_unknown_and_was_sent_once(silent: Upstream) -> None:
    async with client(silent.port, silent.patience) as upstream:
        reply = await upstream.create(PART, ADDRESS)
    assert (reply.connected, reply.complete, reply.orders) == (True, False, ())
    assert judge(reply).state is PlacementState.UNKNOWN
    assert [path for path, _ in silent.requests] == ["/api/alibaba/ka/order/create"]


async def test_a_preview_without_a_clear_answer_is_unavailable_after_three_tries(silent: Upstream) -> None:
    async with client(silent.port, silent.patience) as upstream:
        with pytest.raises(UpstreamUnavailable):
            await upstream.preview(LINES, ADDRESS, None)
    assert {path for path, _ in silent.requests} == {"/api/alibaba/ka/order/create/preview"}
    assert len(silent.requests) in silent.tries


async def test_a_list_without_a_clear_answer_is_unavailable_after_three_tries(silent: Upstream) -> None:
    async with client(silent.port, silent.patience) as upstream:
        with pytest.raises(UpstreamUnavailable):
            await upstream.orders(OrderQuery())
    assert {path for path, _ in silent.requests} == {"/api/list"}
    assert len(silent.requests) - silent.pieces in silent.tries


async def test_an_order_that_cannot_be_read_is_unavailable_and_not_missing() -> None:
    async with answering(http_answer(HTML, "502 Bad Gateway")) as server, client(server.port) as upstream:
        with pytest.raises(UpstreamUnavailable):
            await upstream.order("1")
    assert [path for path, _ in server.requests] == ["/api/detail"] * 3


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


async def test_a_connection_that_is_refused_proves_that_nothing_was_sent(closed_port: int) -> None:
    async with client(closed_port) as upstream:
        reply = await upstream.create(PART, ADDRESS)
    assert (reply.connected, reply.failure) == (False, "ConnectError")
    assert (judge(reply).state, judge(reply).evidence) == (PlacementState.REJECTED, "never_connected")


async def test_a_connection_that_is_refused_makes_reads_unavailable(closed_port: int) -> None:
    async with client(closed_port) as upstream:
        with pytest.raises(UpstreamUnavailable, match="ConnectError"):
            await upstream.preview(LINES, ADDRESS, None)


async def test_the_deadline_ends_a_call_that_trickles() -> None:
    loop = asyncio.get_running_loop()
    async with (
        answering(http_answer(JSON[:-1], length=len(JSON)), hang=True) as silent,
        client(silent.port, SECONDS) as upstream,
    ):
        began = loop.time()
        reply = await upstream.create(PART, ADDRESS)
        assert SECONDS * 0.9 < loop.time() - began < PATIENT / 2
    assert reply.failure == "TimeoutError"


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Internal Server Error", "502 Bad Gateway"])
async def test_what_the_envelope_says_counts_whatever_the_http_status(status: str) -> None:
    refusal = wrapped(None, code=500, msg="500_004:库存不足")
    for body, state in ((JSON, PlacementState.PLACED), (refusal, PlacementState.REJECTED)):
        async with answering(http_answer(body, status)) as server, client(server.port) as upstream:
            assert judge(await upstream.create(PART, ADDRESS)).state is state


async def test_a_compressed_answer_is_read() -> None:
    body = gzip.compress(JSON)
    async with (
        answering(http_answer(body, "200 OK", "Content-Encoding: gzip")) as server,
        client(server.port) as upstream,
    ):
        reply: CreateReply = await upstream.create(PART, ADDRESS)
    assert [order.order_id for order in reply.orders] == ["87407346014789305"]


@pytest.mark.parametrize(
    ("body", "generation"), [(wrapped(PREVIEW_2025), "2025"), (raw(PREVIEW_2026), "2026")], ids=["2025", "2026"]
)
async def test_a_preview_of_either_form_arrives(body: bytes, generation: str) -> None:
    async with answering(http_answer(body)) as server, client(server.port) as upstream:
        assert (await upstream.preview(LINES, ADDRESS, "general")).generation == generation
    ((_, sent),) = server.requests
    assert (sent["flow"], sent["cargoParamList"]) == ("general", [{"offerId": 889512351602, "quantity": 2}])


async def test_a_refused_preview_carries_code_and_words() -> None:
    refusal = http_answer(wrapped(None, code=500, msg="500_005:起批量 3"))
    async with answering(refusal) as server, client(server.port) as upstream:
        with pytest.raises(UpstreamRefused) as refused:
            await upstream.preview(LINES, ADDRESS, None)
    assert (refused.value.code, refused.value.message) == ("500", "500_005:起批量 3")


async def test_a_page_and_an_order_arrive() -> None:
    async with answering(http_answer(wrapped(LISTED))) as server, client(server.port) as upstream:
        assert (await upstream.orders(OrderQuery())).total == 537
    for data in (DETAILED, DETAILED["result"]):
        async with answering(http_answer(wrapped(data))) as server, client(server.port) as upstream:
            order = await upstream.order("58218860983545941")
        assert order is not None
        assert order.order_id == "58218860983545941"


@pytest.mark.parametrize(
    "body",
    [
        wrapped(None),
        wrapped(None, code="ORDER_NOT_EXIST", msg=""),
        wrapped(None, code=500, msg="ORDER_NOT_EXIST:订单不存在"),
        wrapped(None, code="400_3", msg="x"),
    ],
)
async def test_an_order_that_does_not_exist_is_none(body: bytes) -> None:
    async with answering(http_answer(body)) as server, client(server.port) as upstream:
        assert await upstream.order("1") is None


async def test_another_refusal_of_a_detail_is_no_missing_order() -> None:
    refusal = http_answer(wrapped(None, code=610, msg="signature"))
    async with answering(refusal) as server, client(server.port) as upstream:
        with pytest.raises(UpstreamRefused):
            await upstream.order("1")
