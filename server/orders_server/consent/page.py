"""The approval page: its routes. A GET changes nothing; every POST proves that its form was shown in this browser."""

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from orders_prompts.pages import FILES, page_file, render_page
from orders_server.consent.page_answers import Answers
from orders_server.consent.page_parts import LATELY, PageParts, Visit
from orders_server.consent.page_passkeys import PasskeyPages
from orders_server.consent.page_results import fresh_purchase, outcome_in_short, result_view
from orders_server.consent.page_security import (
    ROOT,
    TooLarge,
    end_session,
    form_fields,
    is_own_form,
    language_of,
    read_body,
    set_session,
)
from orders_server.consent.page_views import path_of, reference_in, row_view
from orders_tools.errors import StoreUnavailable
from orders_tools.settlement.reconciliation import try_to_settle

Handler = Callable[[Visit], Awaitable[Response]]
_MOST_LISTED = 20
_NONCE = re.compile(r"[0-9a-f]{32,64}")
_log = logging.getLogger(__name__)


class ApprovalPages:
    """The pages. `parts` opens what they work with, once; `language` is for browsers that name neither language."""

    def __init__(self, parts: Callable[[], Awaitable[PageParts]]) -> None:
        self._parts = parts
        self._answers = Answers()
        self._passkeys = PasskeyPages(self._answers)

    def routes(self) -> list[BaseRoute]:
        """The routes below /approvals; those with a fixed name come before those with a reference."""
        own = ROOT + "/{ref:str}"
        of_passkeys = self._passkeys
        return [
            Route(f"{ROOT}/static/{{name:str}}", _static),
            Route(f"{ROOT}/whoami", self._whoami),
            Route(ROOT, self._page(_list)),
            Route(f"{ROOT}/", self._page(_list)),
            Route(f"{ROOT}/pair", self._page(_pair_form, paired=False)),
            Route(f"{ROOT}/pair", self._page(_pair, paired=False), methods=["POST"]),
            Route(f"{ROOT}/sign-out", self._page(_sign_out), methods=["POST"]),
            Route(f"{ROOT}/passkey", self._page(of_passkeys.form)),
            Route(f"{ROOT}/passkey", self._page(of_passkeys.register), methods=["POST"]),
            Route(f"{ROOT}/passkey/options", self._page(of_passkeys.register_options), methods=["POST"]),
            Route(f"{ROOT}/passkey/vouch", self._page(of_passkeys.vouch), methods=["POST"]),
            Route(f"{ROOT}/passkey/vouch/options", self._page(of_passkeys.vouch_options), methods=["POST"]),
            Route(f"{ROOT}/picture/{{ref:str}}/{{number:int}}", self._page(_picture)),
            Route(own, self._page(_order)),
            Route(f"{own}/result", self._page(_result)),
            Route(f"{own}/approve", self._page(self._answers.approve), methods=["POST"]),
            Route(f"{own}/decline", self._page(self._answers.decline), methods=["POST"]),
            Route(f"{own}/look", self._page(_look), methods=["POST"]),
            Route(f"{own}/passkey/options", self._page(of_passkeys.approve_options), methods=["POST"]),
            Route(f"{own}/passkey", self._page(of_passkeys.approve), methods=["POST"]),
            Route(ROOT + "/{rest:path}", self._page(_nothing), methods=["GET", "POST"]),
        ]

    def _page(self, handler: Handler, *, paired: bool = True) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                visit = await self._visit(request)
                if request.method == "POST" and not is_own_form(request, visit.parts.origin):
                    return refused(visit)
                if visit.visitor is None and paired:
                    return _pairing(visit) if request.method == "GET" else refused(visit)
                return await handler(visit)
            except TooLarge:
                return Response(status_code=413)
            except StoreUnavailable as error:
                _log.warning("the approval page cannot use the ledger: %s", error)
                return Response(status_code=503, headers={"Retry-After": "5"})

        return endpoint

    async def _visit(self, request: Request) -> Visit:
        body = await read_body(request) if request.method == "POST" else b""
        parts = await self._parts()
        cookie = request.cookies.get(parts.proofs.cookie_name, "")
        visitor = await parts.people.who(cookie) if cookie else None
        otherwise = parts.purchasing.texts.language
        language = language_of(request.headers.get("accept-language", ""), otherwise)
        return Visit(request, parts, language, cookie, visitor, body)

    async def _whoami(self, request: Request) -> Response:
        """Proves to another process of the same ledger that this one serves its page."""
        nonce = request.query_params.get("nonce", "")
        if not _NONCE.fullmatch(nonce):
            return Response(status_code=404)
        try:
            parts = await self._parts()
        except StoreUnavailable:
            return Response(status_code=503)
        return JSONResponse({"answer": parts.proofs.answer(nonce)})


def shown_page(visit: Visit, name: str, status: int = 200, **variables: Any) -> HTMLResponse:
    """A page in the reader's language."""
    person = visit.visitor.name if visit.visitor else None
    html = render_page(visit.language, name, person=person, proof=visit.proof("sign-out"), **variables)
    return HTMLResponse(html, status, {"Content-Language": visit.language, "Vary": "Accept-Language, Cookie"})
