"""Sends one HTTP call once, and limits the size of its answer."""

import zlib
from dataclasses import dataclass
from typing import Any

import httpx

from orders_server.xportcn.wire import Unreadable, Unwieldy

MOST_BYTES = 1024 * 1024
"""The largest body that is read, before and after decompression: twenty kilobytes for each of fifty orders."""


@dataclass(frozen=True)
class HttpAnswer:
    """An HTTP answer that arrived whole, its content decompressed."""

    status: int
    headers: httpx.Headers
    content: bytes


async def send(http: httpx.AsyncClient, path: str, body: dict[str, Any], most: int | None = None) -> HttpAnswer:
    """POST `body` once and wait for the whole answer, at most `most` bytes. A redirect is treated like any answer.

    Raises:
        Unreadable: the content is too large, its compression is broken, or it was not requested.
        httpx.TransportError: the connection failed; with `ConnectError` and `ConnectTimeout`, no byte of the call was
            sent.
    """
    async with http.stream("POST", path, json=body, follow_redirects=False) as response:
        return HttpAnswer(response.status_code, response.headers, await _content(response, most or MOST_BYTES))


async def _content(response: httpx.Response, most: int) -> bytes:
    """The content, decompressed here because httpx would expand a whole chunk a thousandfold before we could stop."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise Unreadable("a body in an encoding that was not asked for")
    length = response.headers.get("content-length", "")
    if length.isdigit() and (len(length) > 12 or int(length) > most):
        raise _too_large(most)
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    content, arrived = bytearray(), 0
    async for chunk in response.aiter_raw():
        arrived += len(chunk)
        try:
            content += unzip.decompress(chunk, most + 1 - len(content)) if unzip else chunk
        except zlib.error:
            raise Unreadable("a body that is not compressed as it says") from None
        if max(arrived, len(content)) > most:
            raise _too_large(most)
    if unzip and not unzip.eof:
        raise Unreadable("a compressed body that was cut off")
    return bytes(content)


def _too_large(most: int) -> Unwieldy:
    return Unwieldy(f"a body of more than {most // 1024 // 1024} MiB")
