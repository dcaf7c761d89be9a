"""The ASGI application: POST endpoints behind one gate, one request at a time, and pictures without a gate."""

import threading
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import ClassVar

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from orders_sandbox import ids
from orders_sandbox.dialect import apply_switches, list_form
from orders_sandbox.enquiries import list_orders, order_detail
from orders_sandbox.fields import Fields
from orders_sandbox.gate import Gate
from orders_sandbox.history import history
from orders_sandbox.json_text import Json, JsonObject, parse, render
from orders_sandbox.options import SandboxOptions
from orders_sandbox.order_desk import OrderDesk
from orders_sandbox.orders import OrderRecord
from orders_sandbox.pictures import picture
from orders_sandbox.products import offer_detail, search_page
from orders_sandbox.refusal_answers import SUCCEEDED, Call, Content, refusal_answer
from orders_sandbox.refusals import SUCCESS, Refusal, wrong_parameter
from orders_sandbox.replies import Cut, Data, Half, Page, Reply, Silence
from orders_sandbox.responses import BrokenResponse, HangingResponse
from orders_sandbox.store import OrderStore

_ROOT = "/api"


class Sandbox:
    """The simulated API behind the routes; tests reach it as app.state.sandbox."""

    PREVIEW: ClassVar[str] = f"{_ROOT}/alibaba/ka/order/create/preview"
    CREATE: ClassVar[str] = f"{_ROOT}/alibaba/ka/order/create"
    PRODUCT: ClassVar[str] = f"{_ROOT}/alibaba/ka/product/detail/get"
    SEARCH: ClassVar[str] = f"{_ROOT}/alibaba/ka/product/keywords/query"

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._gate = Gate(options)
        start = options.clock()
        self._store = OrderStore(options.store, lambda: history(options.seed, options.history, start))
        self._desk = OrderDesk(options, self._store)
        self._lock = threading.Lock()
        self._requests = 0
        self._lists = tuple(f"{_ROOT}{path}" for path in options.switches.list_path.split(","))
        detail = f"{_ROOT}{options.switches.detail_path}"
        self.paths = (self.PREVIEW, self.CREATE, *self._lists, detail, self.PRODUCT, self.SEARCH)
        self._admitted = dict.fromkeys(self.paths, 0)

    @property
    def create_calls(self) -> int:
        """The number of create requests that passed the signature check, whatever their outcome."""
        return self._admitted[self.CREATE]

    @property
    def preview_calls(self) -> int:
        """The number of preview requests that passed the signature check, whatever their outcome."""
        return self._admitted[self.PREVIEW]

    @property
    def product_calls(self) -> int:
        """The number of look-ups of an offer that passed the signature check, whatever their outcome."""
        return self._admitted[self.PRODUCT]

    def orders(self) -> list[OrderRecord]:
        """The orders in the store, oldest first; money in fen."""
        return self._store.orders()

    def answer(self, path: str, headers: Mapping[str, str], content: bytes) -> Response:
        """The response to one POST. It may wait for the store, so call it in a separate thread."""
        with self._lock:
            self._requests += 1
            try:
                self._gate.admit(headers, self._options.clock())
                self._admitted[path] += 1
                reply = self._reply(path, _body(content), f"http://{headers.get('host', '127.0.0.1')}/pictures")
            except Refusal as refusal:
                return self._refused(path, refusal)
            match reply:
                case Data(value):
                    return self._envelope(Content(SUCCESS, SUCCEEDED, value))
                case Page(status, html):
                    return HTMLResponse(html, status)
                case Cut(promised_bytes):
                    return BrokenResponse(promised_bytes)
                case Half(value):
                    body = bytes(self._envelope(Content(SUCCESS, SUCCEEDED, value)).body)
                    return BrokenResponse(len(body), body[: len(body) // 2])
                case Silence():
                    return HangingResponse()

    def _reply(self, path: str, body: JsonObject, pictures: str) -> Reply:
        if path == self.PREVIEW:
            return self._desk.preview(body)
        if path == self.CREATE:
            return self._desk.create(body)
        if path == self.PRODUCT:
            return offer_detail(Fields(body), pictures, self._options.switches)
        if path == self.SEARCH:
            return search_page(Fields(body), pictures, self._options.switches)
        if path in self._lists:
            page = list_orders(Fields(body), self._store.orders(), self._options)
            return Data(list_form(page, self._options.switches))
        return Data(order_detail(Fields(body), self._store.orders(), self._options))

    def _refused(self, path: str, refusal: Refusal) -> Response:
        call = {self.PREVIEW: Call.PREVIEW, self.CREATE: Call.CREATE}.get(path, Call.ENQUIRY)
        return self._envelope(refusal_answer(refusal, call, self._options), int(self._options.switches.error_http))

    def _envelope(self, words: Content, http_status: int = 200) -> Response:
        switches = self._options.switches
        develop_id = ids.develop_id(self._options.seed)
        envelope: dict[str, Json] = {
            "requestId": ids.request_id(self._options.seed, self._requests),
            "code": words.code,
            "developId": int(develop_id) if switches.develop_id == "number" else develop_id,
            "msg": words.message,
            "data": apply_switches(words.data, switches),
        }
        if words.data is None and switches.error_data == "absent":
            del envelope["data"]
        return Response(render(envelope), http_status, media_type="application/json;charset=UTF-8")


def _body(content: bytes) -> JsonObject:
    try:
        return parse(content.decode())
    except ValueError:
        raise wrong_parameter("body") from None


def create_app(options: SandboxOptions) -> Starlette:
    """The sandbox as an ASGI application; app.state.sandbox has its orders and counts of calls.

    Its answers carry the date of the sandbox's own clock.
    """
    sandbox = Sandbox(options)

    async def endpoint(request: Request) -> Response:
        content = await request.body()
        response = await to_thread.run_sync(sandbox.answer, request.url.path, request.headers, content)
        response.headers["date"] = format_datetime(options.clock().astimezone(UTC), usegmt=True)
        return response

    def image(request: Request) -> Response:
        content = picture(request.path_params["number"])
        return Response(content, 200 if content else 404, media_type="image/png")

    routes = [Route(path, endpoint, methods=["POST"]) for path in sandbox.paths]
    app = Starlette(routes=[*routes, Route("/pictures/{number:int}.png", image, methods=["GET"])])
    app.state.sandbox = sandbox
    return app
