"""Servers of raw bytes on loopback."""

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.buffered import BufferedByteStream
from anyio.streams.tls import TLSListener

_MOST = 1024 * 1024


@asynccontextmanager
async def listening(
    serve: Callable[[BufferedByteStream], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncGenerator[int]:
    """A port of 127.0.0.1 whose every connection is given to `serve` and closed after it.

    None is left open at the end: a task group knows a connection from the moment it is taken.
    """

    async def each(stream: ByteStream) -> None:
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream, anyio.IncompleteRead):
            async with stream:
                await serve(BufferedByteStream(stream))

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    taking = TLSListener(listener, tls, standard_compatible=False) if tls else listener
    async with taking, anyio.create_task_group() as serving:
        serving.start_soon(taking.serve, each)
        yield listener.extra(SocketAttribute.local_port)
        serving.cancel_scope.cancel()


async def request(stream: BufferedByteStream) -> tuple[str, bytes]:
    """The next request of HTTP: its head and its body."""
    head = (await stream.receive_until(b"\r\n\r\n", _MOST)).decode()
    _, _, length = head.lower().partition("content-length: ")
    return head, await stream.receive_exactly(int(length.partition("\r\n")[0] or 0))
