"""Responses that break off or never come."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

HANGING = "orders_sandbox.hanging"
"""Set in the scope of a request that will never be answered, so that a stopping server need not wait for it."""


class BrokenResponse(Response):
    """Announces more body than it sends; the server then drops the connection."""

    def __init__(self, promised_bytes: int, sent: bytes = b"") -> None:
        super().__init__(media_type="application/json;charset=UTF-8")
        self.headers["content-length"] = str(promised_bytes)
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._sent:
            await send({"type": "http.response.body", "body": self._sent, "more_body": True})


class HangingResponse(Response):
    """Sends nothing and ends when the caller does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[HANGING] = True
        while (await receive())["type"] != "http.disconnect":
            pass
