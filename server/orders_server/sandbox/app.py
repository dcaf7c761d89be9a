"""The ASGI application: four POST endpoints behind one gate, one request at a time."""

import threading
from collections.abc import Callable, Mapping
from typing import ClassVar

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from orders_server.sandbox import ids
from orders_server.sandbox.enquiries import list_orders, order_detail
from orders_server.sandbox.fields import Fields
from orders_server.sandbox.gate import Gate
from orders_server.sandbox.options import SandboxOptions
from orders_server.sandbox.ordering import OrderDesk
from orders_server.sandbox.orders import OrderRecord
from orders_server.sandbox.refusals import SUCCESS, Refusal, wrong_parameter
from orders_server.sandbox.replies import Cut, Data, Page, Reply
from orders_server.sandbox.store import OrderStore
from orders_server.sandbox.wire import Json, JsonObject, parse, render

_Answer = Callable[["Sandbox", JsonObject], Reply]


class Sandbox:
    """The simulated API behind the routes; tests reach it as app.state.sandbox."""

    PREVIEW: ClassVar[str] = "/api/alibaba/ka/order/create/preview"
    CREATE: ClassVar[str] = "/api/alibaba/ka/order/create"
    LIST: ClassVar[str] = "/api/alibaba/ka/order/list"
    DETAIL: ClassVar[str] = "/api/alibaba/ka/order/detail"

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._gate = Gate(options)
        self._store = OrderStore(options.store)
        self._desk = OrderDesk(options, self._store)
        self._lock = threading.Lock()
        self._requests = 0
        self._admitted = dict.fromkeys((self.PREVIEW, self.CREATE, self.LIST, self.DETAIL), 0)

    @property
    def create_calls(self) -> int:
        """How many create requests passed the signature check, whatever came of them."""
        return self._admitted[self.CREATE]

    @property
    def preview_calls(self) -> int:
        """How many preview requests passed the signature check, whatever came of them."""
        return self._admitted[self.PREVIEW]

    def orders(self) -> list[OrderRecord]:
        """The orders in the store, oldest first; money in fen."""
        return self._store.orders()

    def answer(self, path: str, headers: Mapping[str, str], content: bytes) -> Response:
        """The response to one POST. It may wait for the store, so it belongs on a thread of its own."""
        with self._lock:
            self._requests += 1
            try:
                self._gate.admit(headers, self._options.clock())
                self._admitted[path] += 1
                reply = self._reply(path, _body(content))
            except Refusal as refusal:
                return self._envelope(refusal.code, refusal.message, None)
            match reply:
                case Data(value):
                    return self._envelope(SUCCESS, "成功", value)
                case Page(status, html):
                    return HTMLResponse(html, status)
                case Cut(promised_bytes):
                    return _CutResponse(promised_bytes)

    def _reply(self, path: str, body: JsonObject) -> Reply:
        if path == self.PREVIEW:
            return self._desk.preview(body)
        if path == self.CREATE:
            return self._desk.create(body)
        enquiry = list_orders if path == self.LIST else order_detail
        return Data(enquiry(Fields(body), self._store.orders()))

    def _envelope(self, code: int, message: str, data: Json) -> Response:
        envelope: JsonObject = {
            "requestId": ids.request_id(self._options.seed, self._requests),
            "code": code,
            "developId": ids.develop_id(self._options.seed),
            "msg": message,
            "data": data,
        }
        return Response(render(envelope), media_type="application/json;charset=UTF-8")


class _CutResponse(Response):
    """Promises a body and sends none; the server then drops the connection."""

    def __init__(self, promised_bytes: int) -> None:
        super().__init__(media_type="application/json;charset=UTF-8")
        self.headers["content-length"] = str(promised_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})


def _body(content: bytes) -> JsonObject:
    try:
        return parse(content.decode())
    except ValueError:
        raise wrong_parameter("body") from None


def create_app(options: SandboxOptions) -> Starlette:
    """The sandbox as an ASGI application; app.state.sandbox gives its orders and counts of calls."""
    sandbox = Sandbox(options)

    async def endpoint(request: Request) -> Response:
        content = await request.body()
        return await to_thread.run_sync(sandbox.answer, request.url.path, request.headers, content)

    paths = (Sandbox.PREVIEW, Sandbox.CREATE, Sandbox.LIST, Sandbox.DETAIL)
    app = Starlette(routes=[Route(path, endpoint, methods=["POST"]) for path in paths])
    app.state.sandbox = sandbox
    return app
