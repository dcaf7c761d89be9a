"""`/healthz`: the process answers. `/readyz`: the settings are usable and the store is writable."""

import asyncio
import logging
import time
from collections.abc import Callable

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from orders_server.mcp.server import OrdersServer
from orders_tools.errors import StoreUnavailable

HEALTH_PATHS = ("/healthz", "/readyz")
_LOOKING_SECONDS = 5
_KEPT_SECONDS = 1
_log = logging.getLogger(__name__)


def add_health(server: OrdersServer) -> None:
    """Give `server` the two paths. Their answers name no file, no address and no setting's value."""

    async def healthz(_: Request) -> Response:
        return _answer(200, {"alive": True})

    readiness = Readiness(server)

    async def readyz(_: Request) -> Response:
        reason = await readiness.why_not()
        return _answer(200, {"ready": True}) if reason is None else _answer(503, {"ready": False, "reason": reason})

    for path, endpoint in zip(HEALTH_PATHS, (healthz, readyz), strict=True):
        server.custom_route(path, methods=["GET"])(endpoint)


class Readiness:
    """Checks whether a call could be served: one check at a time, whose result is kept for a second.

    Anybody who reaches the server may ask, so many requests must not cause many checks.
    """

    def __init__(self, server: OrdersServer, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._look: asyncio.Task[str | None] | None = None
        self._found_at = 0.0

    async def why_not(self) -> str | None:
        """Why a call cannot be served now; None if it can. The log has the details."""
        look = self._look
        if look is None or (look.done() and self._clock() - self._found_at >= _KEPT_SECONDS):
            look = self._look = asyncio.create_task(self._look_once())
        # One caller may go away while others wait for the same check.
        return await asyncio.shield(look)

    async def _look_once(self) -> str | None:
        try:
            return await self._reason()
        finally:
            self._found_at = self._clock()

    async def _reason(self) -> str | None:
        try:
            with anyio.fail_after(_LOOKING_SECONDS):
                await self._server.check_store()
        except StoreUnavailable as error:
            _log.warning("not ready: the store cannot be used: %s", error)
            return "the store cannot be used"
        except TimeoutError:
            return "the store does not answer"
        except Exception:
            _log.exception("not ready: what the settings name cannot be used")
            return "what the settings name cannot be used"
        return None


def _answer(status: int, content: dict[str, object]) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})
