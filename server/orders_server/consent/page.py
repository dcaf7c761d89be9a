"""The approval page: its routes. A GET changes nothing; every POST proves that its form was shown in this browser."""

import logging
import re
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from orders_server.consent import page_answers, page_passkeys, page_reading
from orders_server.consent.hook import decision_route
from orders_server.consent.page_frame import Handler, nothing_there, refused, trouble
from orders_server.consent.page_parts import PageParts, Visit
from orders_server.consent.page_paths import ROOT
from orders_server.consent.page_security import PageHeaders, TooLarge, is_own_form, language_of, read_body
from orders_tools.errors import StoreUnavailable, ToolFault

_NONCE = re.compile(r"[0-9a-f]{32,64}")
_REF = ROOT + "/{ref:str}"
_READ: dict[str, Handler] = {
    ROOT: page_reading.list_page,
    f"{ROOT}/": page_reading.list_page,
    f"{ROOT}/passkey": page_passkeys.passkey_form,
    f"{ROOT}/picture/{{ref:str}}/{{number:int}}": page_reading.picture,
    _REF: page_reading.order,
    f"{_REF}/result": page_reading.result,
}
_WRITTEN: dict[str, Handler] = {
    f"{ROOT}/sign-out": page_reading.sign_out,
    f"{ROOT}/passkey": page_passkeys.register,
    f"{ROOT}/passkey/options": page_passkeys.register_options,
    f"{ROOT}/passkey/vouch": page_passkeys.vouch,
    f"{ROOT}/passkey/vouch/options": page_passkeys.vouch_options,
    f"{_REF}/approve": page_answers.approve,
    f"{_REF}/decline": page_answers.decline,
    f"{_REF}/look": page_reading.look,
    f"{_REF}/passkey": page_passkeys.approve,
    f"{_REF}/passkey/options": page_passkeys.approve_options,
}
"""What a paired browser can read and send; names that are fixed come before references."""
_log = logging.getLogger(__name__)


def approval_app(parts: Callable[[], Awaitable[PageParts]]) -> ASGIApp:
    """The pages below /approvals. `parts` opens what they work with, once."""
    pages = _Pages(parts)
    routes = [
        Route(f"{ROOT}/static/{{name:str}}", _static),
        Route(f"{ROOT}/whoami", pages.whoami),
        decision_route(parts),
        Route(f"{ROOT}/pair", pages.endpoint(page_reading.pair_form, paired=False), methods=["GET"]),
        Route(f"{ROOT}/pair", pages.endpoint(page_reading.pair, paired=False), methods=["POST"]),
        *(Route(path, pages.endpoint(handler), methods=["POST"]) for path, handler in _WRITTEN.items()),
        *(Route(path, pages.endpoint(handler), methods=["GET"]) for path, handler in _READ.items()),
        Route(ROOT + "/{rest:path}", pages.endpoint(_nothing), methods=["GET", "POST"]),
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return PageHeaders(app)


class _Pages:
    """Looks at each request before its page does: which form it is, and whose browser."""

    def __init__(self, parts: Callable[[], Awaitable[PageParts]]) -> None:
        self._parts = parts

    def endpoint(self, handler: Handler, *, paired: bool = True) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                body = await read_body(request) if request.method == "POST" else b""
                parts = await self._parts()
            except TooLarge:
                return Response(status_code=413)
            except (StoreUnavailable, ToolFault) as error:
                _log.warning("the approval page cannot be opened: %s", error)
                return Response("the server's ledger or its settings cannot be used", 503)
            return await _guarded(_visit(request, parts, body), handler, paired=paired)

        return answer

    async def whoami(self, request: Request) -> Response:
        """Proves to another process of the same ledger that this one serves its page."""
        nonce = request.query_params.get("nonce", "")
        if not _NONCE.fullmatch(nonce):
            return Response(status_code=404)
        try:
            parts = await self._parts()
        except (StoreUnavailable, ToolFault):
            return Response(status_code=503)
        return JSONResponse({"answer": parts.proofs.answer(nonce)})


def _visit(request: Request, parts: PageParts, body: bytes) -> Visit:
    cookie = request.cookies.get(parts.proofs.cookie_name, "")
    language = language_of(request.headers.get("accept-language", ""), parts.purchasing.texts.language)
    return Visit(request, parts, language, cookie, None, body)


async def _guarded(visit: Visit, handler: Handler, *, paired: bool) -> Response:
    try:
        visit = await visit.identified()
        if visit.request.method == "POST" and not is_own_form(visit.request, visit.parts.origin):
            return refused(visit)
        if visit.visitor is None and paired:
            return page_reading.pairing(visit) if visit.request.method == "GET" else refused(visit)
        return await handler(visit)
    except StoreUnavailable as error:
        _log.warning("the approval page cannot use the ledger: %s", error)
        return trouble(visit)


async def _nothing(visit: Visit) -> Response:
    return nothing_there(visit)


async def _static(request: Request) -> Response:
    return await page_reading.static_file(request.path_params["name"])
