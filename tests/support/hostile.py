"""A server on loopback that answers with hostile bytes, and the memory that reading them takes.

Run as a program it prints by how many KiB the process grew at its peak: `python -m support.hostile`.
"""

import asyncio
import json
import resource
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context

from anyio.streams.buffered import BufferedByteStream

from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.connections import connect
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import CreateReply, UpstreamRefused, UpstreamUnavailable
from support.one_part import ADDRESS, LINES, PART
from support.sockets import listening, request
from support.thoroughness import THOROUGH

MOMENT = datetime(2026, 5, 20, 7, 40, tzinfo=UTC)
MIB = 1024 * 1024
Chunks = AsyncIterator[bytes]
Answer = Callable[[], Chunks]


def head(*headers: str, status: str = "200 OK") -> bytes:
    """The start of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """An answer in one piece."""

    async def answer() -> Chunks:
        yield head(f"Content-Length: {len(body)}", *headers, status=status) + body

    return answer


def pieces(start: bytes, piece: bytes, times: int, pause: float = 0) -> Answer:
    """An answer whose body is the same piece over and over."""

    async def answer() -> Chunks:
        yield start
        for _ in range(times):
            await asyncio.sleep(pause)
            yield piece

    return answer


def chunked(piece: bytes) -> bytes:
    """`piece` as a chunk of the chunked transfer coding."""
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


@cache
def bomb(mebibytes: int) -> bytes:
    """Blanks in gzip, a thousandth of their size."""
    squeeze, blanks = zlib.compressobj(9, wbits=31), b" " * MIB
    return b"".join(squeeze.compress(blanks) for _ in range(mebibytes)) + squeeze.flush()


def envelope(data: str) -> bytes:
    """A success whose data is `data`, as it stands."""
    return f'{{"code": 200, "msg": "ok", "data": {data}}}'.encode()


GZIP, CHUNKED = "Content-Encoding: gzip", "Transfer-Encoding: chunked"
_KIB = b" " * 1024
SLOW: dict[str, Answer] = {
    "one byte at a time": pieces(head("Content-Length: 1000000"), b" ", 10_000, 0.02),
    "a head that never ends": pieces(b"HTTP/1.1 200 OK\r\nX: ", b"x", 10_000, 0.02),
    "a hundred continues a second": pieces(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 10_000, 0.01),
}
"""Answers that only a deadline ends."""
LARGE: dict[str, Answer] = {
    "50 MB announced": pieces(head("Content-Length: 52428800"), _KIB * 64, 800),
    "50 MB in chunks": pieces(head(CHUNKED), chunked(_KIB * 64), 800),
    "50 MB until the end": pieces(head("Connection: close"), _KIB * 64, 800),
    "a length beyond all lengths": pieces(head(f"Content-Length: {'9' * 20}"), _KIB, 10),
    "headers without end": pieces(head()[:-2], b"X-Header: " + b"x" * 990 + b"\r\n", 10_000),
    "cookies": whole(b"", *(f"Set-Cookie: c{number}={'x' * 900}" for number in range(90))),
}
EXPANDING: dict[str, Answer] = {
    "gzip bomb": whole(bomb(64), GZIP),
    "gzip bomb in small pieces": pieces(head(CHUNKED, GZIP) + chunked(bomb(64)[:-8]), chunked(b"\x00"), 10),
    "gzip with a long tail": pieces(head(CHUNKED, GZIP) + chunked(bomb(1)), chunked(_KIB * 64), 800),
    "numbers": whole(envelope("[" + "1," * 500_000 + "1]")),
    "empty lists": whole(envelope("[" + "[]," * 300_000 + "[]]")),
    "small objects": whole(envelope("[" + '{"a":1},' * 19_000 + "0]")),
    "as many values as are read": whole(envelope("[" + "1," * 39_000 + "1]")),
    "one long text": whole(envelope('"😀' + "x" * (MIB - 100) + '"')),
    "one text that normalizing makes long": whole(envelope('"' + "\ufdfa" * 340_000 + '"')),
    "orders": whole(envelope('{"result": [' + '{"baseInfo":{"status":1}},' * 13_000 + "0]}")),
}
UNREADABLE: dict[str, Answer] = {
    "chunks of garbage": pieces(head(CHUNKED), b"zz\r\nnothing\r\n", 3),
    "a chunk that is too short": whole(head(CHUNKED) + b"ffff\r\nabc\r\n0\r\n\r\n"),
    "NaN": whole(envelope("NaN")),
    "a field twice": whole(b'{"code": 500, "code": 200, "data": []}'),
    "1e400": whole(envelope("1e400")),
    "depth 10,000": whole(envelope("[" * 10_000 + "]" * 10_000)),
    "depth 1,000,000": whole(envelope("[" * 1_000_000 + "]" * 1_000_000)),
    "objects to depth 10,000": whole(envelope('{"a":' * 10_000 + "1" + "}" * 10_000)),
    "HTML": whole(b"<html><body>ok</body></html>", "Content-Type: text/html"),
    "GBK": whole(
        '{"code": 200, "msg": "成功", "data": []}'.encode("gbk"), "Content-Type: application/json;charset=GBK"
    ),
    "UTF-16": whole(envelope("[]").decode().encode("utf-16"), "Content-Type: application/json;charset=UTF-16"),
    "brotli": whole(b"\x0b\x02\x80{}\x03", "Content-Encoding: br"),
    "gzip within gzip": whole(bomb(1), "Content-Encoding: gzip, gzip"),
    "gzip that is cut": whole(bomb(1)[:500], GZIP),
    "gzip that is none": whole(envelope("[]"), GZIP),
    "a switch of protocols": whole(b"", status="101 Switching Protocols"),
    "two answers at once": pieces(b"", head("Content-Length: 0"), 2),
}


EVERY = LARGE | EXPANDING | UNREADABLE
_EVERY_WEIGHED = LARGE | EXPANDING | {name: answer for name, answer in UNREADABLE.items() if "depth" in name}
_ONE_OF_A_KIND = (
    "50 MB in chunks",
    "headers without end",
    "gzip bomb",
    "gzip with a long tail",
    "numbers",
    "small objects",
    "one text that normalizing makes long",
    "depth 1,000,000",
)
WEIGHED = {name: answer for name, answer in _EVERY_WEIGHED.items() if THOROUGH or name in _ONE_OF_A_KIND}
"""Answers whose memory is measured, each in a process of its own."""


@dataclass
class Seen:
    """What reached the server: its port, and the path of each request."""

    port: int = 0
    paths: list[str] = field(default_factory=list[str])


@asynccontextmanager
async def hostile(answer: Answer) -> AsyncGenerator[Seen]:
    """Give `answer` to every request and close; a reader that leaves is not followed."""
    seen = Seen()

    async def serve(stream: BufferedByteStream) -> None:
        head, _ = await request(stream)
        seen.paths.append(head.split(" ")[1])
        async for piece in answer():
            await stream.send(piece)

    async with listening(serve) as seen.port:
        yield seen


@asynccontextmanager
async def client(port: int, seconds: float) -> AsyncGenerator[XportcnClient]:
    """The product's client of that server, whose repeated reads follow at once."""
    endpoints = Endpoints("/list", "/detail", read_timeout=seconds, create_timeout=seconds)
    base_url = f"http://127.0.0.1:{port}/api"
    async with connect(base_url, None, endpoints, clock=lambda: MOMENT, chance=lambda: 0.0) as upstream:
        yield upstream


async def asked(upstream: XportcnClient) -> tuple[list[str], CreateReply]:
    """Why previewing, listing and looking came to nothing, "" where they did not, and the evidence of one create call.

    A refusal that is the upstream's own is "refused". No exception is kept: its frames hold what was read.
    """
    reasons: list[str] = []
    for read in (
        lambda: upstream.preview(LINES, ADDRESS, None),
        lambda: upstream.orders(OrderQuery()),
        lambda: upstream.order("1"),
    ):
        try:
            await read()
            reasons.append("")
        except UpstreamUnavailable as error:
            reasons.append(error.why)
        except UpstreamRefused:
            reasons.append("refused")
    return reasons, await upstream.create(PART, ADDRESS)


def _peak() -> int:
    """The most memory that this process ever had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def _read(answer: Answer) -> None:
    async with hostile(answer) as seen, client(seen.port, 60) as upstream:
        await asked(upstream)


def _growth(name: str) -> int:
    """By how many KiB the peak rises with one answer."""
    before = _peak()
    asyncio.run(_read(WEIGHED[name]))
    return _peak() - before


def _growths() -> dict[str, int]:
    """The growth with each answer, in a process of its own that has read a harmless one before."""
    asyncio.run(_read(whole(envelope("[]"))))
    with get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        return dict(zip(WEIGHED, pool.map(_growth, WEIGHED, chunksize=1), strict=True))


if __name__ == "__main__":
    print(json.dumps(_growths()))
