"""Limits the bytes of request bodies in memory, and lets a client that is still writing read the answer."""

from collections import deque

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 4 * 1024 * 1024
"""The most bytes of one request body."""
HELD_LIMIT = 32 * 1024 * 1024
"""The most bytes of all request bodies together, while their requests arrive or are being answered."""
_RETRY_SECONDS = 1
_UNWANTED_BYTES = 2 * BODY_LIMIT
_UNWANTED_SECONDS = 3


class BodyLimits:
    """Reads a body completely before anything else. A body over the limit is answered with 413, one for which there is
    no room beside the others with 503.

    Bytes that arrived count until their request ends, however that happens.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.held: int = 0
        """The current bytes of all bodies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _has_body(scope):
            return await self._app(scope, receive, send)
        body, size, arrived, more = deque[Message](), 0, 0, True
        refusal = self._refusal(0, int(Headers(scope=scope).get("content-length", 0)))
        try:
            while more and not refusal:
                message = await receive()
                if message["type"] != "http.request":
                    return None  # the client has gone
                body.append(message)
                more, arrived = bool(message.get("more_body")), len(message.get("body", b""))
                refusal = self._refusal(size, arrived)
                size, self.held = size + arrived, self.held + arrived
            if not refusal:
                return await self._app(scope, _replay(body, receive), send)
            body.clear()
            size, self.held = 0, self.held - size
            return await refusal(scope, receive, send)
        finally:
            self.held -= size

    def _refusal(self, size: int, more: int) -> Response | None:
        """The refusal of a body of `size` bytes if `more` are added; None if they are allowed."""
        if size + more > BODY_LIMIT:
            return Response("Request body too large", 413)
        if self.held + more > HELD_LIMIT:
            return Response("too many bodies at once", 503, {"Retry-After": str(_RETRY_SECONDS)})
        return None


class UnreadBodies:
    """Reads and discards the rest of a body for a moment if its request is answered before the body arrived.

    A connection that is closed while its client still writes is reset, and the client never sees the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A client that sent Expect writes nothing until it gets 100 Continue.
        writes, more = "expect" not in Headers(scope=scope), _has_body(scope)

        async def receive_tracked() -> Message:
            nonlocal writes, more
            writes = True
            message = await receive()
            more = message.get("more_body", False)
            return message

        async def drain_and_send(message: Message) -> None:
            nonlocal more
            if more and writes:
                read = 0
                with anyio.move_on_after(_UNWANTED_SECONDS):
                    while more and read < _UNWANTED_BYTES:
                        read += len((await receive_tracked()).get("body", b""))
                more = False
            await send(message)

        await self._app(scope, receive_tracked, drain_and_send)


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _replay(body: deque[Message], receive: Receive) -> Receive:
    """A `receive` that first returns the messages in `body`, and frees each one as it is returned."""

    async def replayed() -> Message:
        return body.popleft() if body else await receive()

    return replayed
