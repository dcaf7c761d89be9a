"""`/healthz`: the process answers. `/readyz`: a call would find a store and settings that can be used."""

import logging

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from orders_server.mcp_binding.server import OrdersServer
from orders_tools.faults import StoreUnavailable

HEALTH_PATHS = ("/healthz", "/readyz")
_LOOKING_SECONDS = 5
_log = logging.getLogger(__name__)


def add_health(server: OrdersServer) -> None:
    """Give `server` the two paths. Their answers name no file, no address and no setting's value."""

    async def healthz(_: Request) -> Response:
        return _answer(200, {"alive": True})

    async def readyz(_: Request) -> Response:
        reason = await why_not_ready(server)
        return _answer(200, {"ready": True}) if reason is None else _answer(503, {"ready": False, "reason": reason})

    for path, endpoint in zip(HEALTH_PATHS, (healthz, readyz), strict=True):
        server.custom_route(path, methods=["GET"])(endpoint)


async def why_not_ready(server: OrdersServer) -> str | None:
    """What keeps a call from being served now; None if nothing does. The log has the details."""
    try:
        with anyio.fail_after(_LOOKING_SECONDS):
            purchasing = await server.purchasing()
            await purchasing.ledger.in_doubt(purchasing.owner)
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
