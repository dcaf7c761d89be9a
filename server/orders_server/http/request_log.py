"""Gives each request an id and one log line; a stopping server finishes requests in progress and accepts no more."""

import asyncio
import logging
import time
from typing import Any
from uuid import uuid4

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orders_server.consent.page_paths import ROOT, is_page
from orders_server.http.logs import request_id

_log = logging.getLogger(__name__)
_METHODS = frozenset({"GET", "POST", "DELETE", "OPTIONS", "HEAD", "PUT", "PATCH"})


class RequestLog:
    """Counts the calls in progress. `paths` are the paths that the log may name."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    def stop(self) -> None:
        """Answer every new request with 503 from now on."""
        self._stopping = True

    async def wait_until_idle(self, seconds: float) -> bool:
        """Wait up to `seconds` for the calls in progress. Returns whether all were answered."""
        with anyio.move_on_after(seconds):
            await self._idle.wait()
        return not self._calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own_id, began, status = uuid4().hex, time.perf_counter(), 0
        request_id.set(own_id)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", own_id.encode())]}
            await send(message)

        try:
            await self._dispatch(scope, receive, send_with_id)
        finally:
            duration = round((time.perf_counter() - began) * 1000, 1)
            _log.info("request", extra={"fields": self._line(scope, status, duration)})

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._stopping:
            headers = {"Retry-After": "5", "Connection": "close"}
            await Response("the server is stopping", 503, headers, "text/plain")(scope, receive, send)
        elif scope["method"] != "POST":
            # A GET in MCP is an endless stream, so nothing waits for it.
            await self._app(scope, receive, send)
        else:
            self._calls += 1
            self._idle.clear()
            try:
                await self._app(scope, receive, send)
            finally:
                self._calls -= 1
                if not self._calls:
                    self._idle.set()

    def _line(self, scope: Scope, status: int, duration: float) -> dict[str, Any]:
        """The line of one request; status null: the client had gone.

        Unknown paths and methods are logged as "other", and a page's path without its reference: both may be secrets.
        """
        path = ROOT if is_page(scope["path"]) else scope["path"] if scope["path"] in self._paths else "other"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        return {"method": method, "path": path, "status": status or None, "duration_ms": duration}
