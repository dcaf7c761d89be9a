"""The guards of the approval page: headers, the session's cookie, where a form came from, and what it proves."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orders_prompts.renderer import Language
from orders_server.consent.page_paths import ROOT

MOST_BYTES = 65_536
"""The most bytes of a form or an answer of a passkey."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
"""The headers of every answer: no script or style but ours, in no frame, kept nowhere, telling no other site."""
_CHINESE = re.compile(r"zh\b", re.IGNORECASE)


class TooLarge(Exception):
    """The body of a request is larger than any form of the page."""


class PageHeaders:
    """Adds `HEADERS` to every answer of `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_guarded)


class FormProofs:
    """Proves that a form was shown in one browser, by a secret of this ledger."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, cookie: str, *about: str) -> str:
        """The proof of a form about `about`, for the browser with this cookie."""
        content = "\n".join(("form", cookie, *about))
        return hmac.new(self._secret, content.encode(), hashlib.sha256).hexdigest()

    def holds(self, given: object, cookie: str, *about: str) -> bool:
        """Whether `given` is the proof of such a form."""
        return isinstance(given, str) and hmac.compare_digest(given.encode(), self.of(cookie, *about).encode())

    def answer(self, nonce: str) -> str:
        """What only a process of the same ledger can answer to `nonce`."""
        return hmac.new(self._secret, f"whoami\n{nonce}".encode(), hashlib.sha256).hexdigest()

    @property
    def cookie_name(self) -> str:
        """The name of the session's cookie: each ledger has its own, as browsers share cookies among ports."""
        return f"approvals-{hashlib.sha256(b'cookie' + self._secret).hexdigest()[:8]}"


def is_own_form(request: Request, origin: str) -> bool:
    """Whether a POST comes from a page of ours, which is at `origin` or at the Host that was asked.

    With no-referrer, browsers send a form's origin as null; then Sec-Fetch-Site says where it came from, which no
    script can set.
    """
    headers: Headers = request.headers
    site = headers.get("sec-fetch-site", "")
    if site not in {"", "same-origin"}:
        return False
    given = headers.getlist("origin")
    if given in ([], ["null"]):
        return site == "same-origin"
    return len(given) == 1 and (given[0] == origin or urlsplit(given[0]).netloc == headers.get("host", ""))


def set_session(response: Response, name: str, cookie: str, life: timedelta, *, secure: bool) -> None:
    """Give the browser its session. Lax, as a link in a chat leads here from another site; forms have their proof."""
    # An age and no date, as the clocks of the browser and of this machine may differ.
    age = int(life.total_seconds())
    response.set_cookie(name, cookie, max_age=age, path=ROOT, secure=secure, httponly=True, samesite="lax")


def end_session(response: Response, name: str, *, secure: bool) -> None:
    """Take the session from the browser."""
    response.delete_cookie(name, path=ROOT, secure=secure, httponly=True, samesite="lax")


def language_of(accepted: str, otherwise: Language) -> Language:
    """The reader's language by his browser's Accept-Language: the first of English and Chinese in it."""
    for entry in accepted.split(","):
        name = entry.partition(";")[0].strip()
        if _CHINESE.match(name):
            return "zh"
        if name[:2].lower() == "en":
            return "en"
    return otherwise


async def read_body(request: Request) -> bytes:
    """The body of a request.

    Raises:
        TooLarge: it is larger than any form of the page.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge
    return body


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form; empty where the body is none."""
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20))
    except (UnicodeDecodeError, ValueError):
        return {}
