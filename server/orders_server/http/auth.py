"""Who may call: checks Origin on every path, Host and bearer token on every path except the two health paths.

Health probes use addresses that no setting can know, and only learn whether the server is healthy.
"""

import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from orders_server.consent.page_paths import is_page
from orders_server.http.health import HEALTH_PATHS
from orders_server.http.listener import CannotServe, Place, url_host
from orders_server.settings import Settings

_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_PLACE = re.compile(r"(\[[0-9a-f:.]+\]|[^:/@\[\]]+)(:[0-9]{1,5})?")
_ORIGIN = re.compile(rf"[a-z][a-z0-9+.-]*://{_PLACE.pattern}")
_OWN_HOST = (b"host", b"localhost")
_DISCOVERY = "/.well-known/"
_HARD_TO_GUESS = 32
"""The length from which a token cannot be guessed."""
_READABLE_HEADERS = ("Mcp-Session-Id", "X-Request-Id", "WWW-Authenticate")


def refuse_without_token(settings: Settings, place: Place) -> None:
    """Refuse to listen where other machines can connect, if no token is set: whoever connects can buy.

    Raises:
        CannotServe: no token is set, and the address is not loopback.
    """
    if settings.http_token is None and not place.is_loopback:
        raise CannotServe(
            f"cannot listen on {place.asked}: other machines can reach it, and XPORTCN_HTTP_TOKEN is not set"
        )


def is_easy_to_guess(settings: Settings) -> bool:
    """Whether the token is set and shorter than it should be."""
    return settings.http_token is not None and len(settings.http_token.get_secret_value()) < _HARD_TO_GUESS


def transport_security(settings: Settings, place: Place) -> TransportSecuritySettings:
    """The accepted Host and Origin headers.

    Names of this machine are always accepted: a browser that sends one is on it. Its own pages are accepted only if no
    other machine can reach the server.
    """
    hosts = [*_THIS_MACHINE, *settings.http_hosts]
    if not place.is_everywhere:
        hosts += [url_host(place.asked.lower()), url_host(str(place.ip))]
    if "page_url" in settings.model_fields_set:
        hosts.append(urlsplit(settings.page_url).netloc)
    own_pages = [f"http://{name}" for name in _THIS_MACHINE] if place.is_loopback else []
    return TransportSecuritySettings(
        allowed_hosts=_with_any_port(hosts), allowed_origins=[*settings.http_origins, *_with_any_port(own_pages)]
    )


def _with_any_port(names: Sequence[str]) -> list[str]:
    """The names, and each name without a port also with any port."""
    open_ended = [name for name in names if not name.rpartition(":")[2].isdigit()]
    return [*names, *(f"{name}:*" for name in open_ended)]


def guard(app: ASGIApp, settings: Settings, security: TransportSecuritySettings, pages: ASGIApp) -> ASGIApp:
    """`app` behind the checks of Host and Origin, CORS if origins are set, and the token if one is set.

    The approval `pages` are beside it: people have no token, and their own guards look at cookie, code and form.
    """
    if settings.http_token is not None:
        app = BearerToken(app, settings.http_token.get_secret_value())
    if settings.http_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.http_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("*",),
            expose_headers=_READABLE_HEADERS,
        )
    return HostAndOrigin(Beside(app, pages), security)


class Beside:
    """The approval page at its paths, `app` everywhere else."""

    def __init__(self, app: ASGIApp, pages: ASGIApp) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._pages if is_page(scope["path"]) else self._app)(scope, receive, send)


class HostAndOrigin:
    """Answers 421 to a foreign Host and 403 to a foreign Origin by the SDK's rules, on every path.

    The SDK compares case, accepts anything as a port and takes the first of several origins; this class does not.
    """

    def __init__(self, app: ASGIApp, security: TransportSecuritySettings) -> None:
        self._app = app
        self._rules = TransportSecurityMiddleware(security)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [_lower_case(*header) for header in scope["headers"]]
        if scope["path"] in HEALTH_PATHS:
            headers = [header for header in headers if header[0] != b"host"] + [_OWN_HOST]
        scope = {**scope, "headers": headers}
        # A form of the approval page may have the origin null; the page looks at it together with what else it proves.
        checked = [header for header in headers if header[0] != b"origin"] if is_page(scope["path"]) else headers
        looked_at = {**scope, "headers": checked}
        refusal = _refuse_malformed(looked_at) or await self._rules.validate_request(Request(looked_at))
        await (refusal or self._app)(scope, receive, send)


def _lower_case(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return name, value.lower() if name in (b"host", b"origin") else value


def _refuse_malformed(scope: Scope) -> Response | None:
    """The refusal of a malformed Host or Origin. The SDK checks whether a well-formed one is accepted."""
    headers = Headers(scope=scope)
    if not _PLACE.fullmatch(headers.get("host", "")):
        return Response("Invalid Host header", 421)
    origins = headers.getlist("origin")
    if len(origins) > 1 or any(origin and not _ORIGIN.fullmatch(origin) for origin in origins):
        return Response("Invalid Origin header", 403)
    return None


class BearerToken:
    """Answers 401 and nothing else to a request without the token.

    A refused client looks for OAuth and has to learn that there is none, so discovery paths are answered with 404.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(_DISCOVERY):
            await Response(status_code=404)(scope, receive, send)
        elif scope["path"] in HEALTH_PATHS or self._is_right(scope):
            await self._app(scope, receive, send)
        else:
            await Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)

    def _is_right(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1:
            return False
        scheme, _, token = given[0].partition(b" ")
        # Compare first and in constant time, so that the duration of the answer reveals nothing.
        return secrets.compare_digest(token.strip(), self._token) and scheme.lower() == b"bearer"
