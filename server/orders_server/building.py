"""The one place that puts a server together."""

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from orders_server.mcp_binding.server import OrdersServer
from orders_server.opening import Services, utc_now
from orders_server.quiet import quiet_libraries
from orders_server.settings import Settings


@asynccontextmanager
async def build_server(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    missing: str = "",
) -> AsyncGenerator[OrdersServer]:
    """A server for `settings`, ready to be run; what it opened is closed at the end of the block.

    Where `missing` says which credentials are, every call is refused with that.
    """
    quiet_libraries()
    async with Services(settings, clock=clock, random_bytes=random_bytes, missing=missing) as services:
        yield OrdersServer(
            services, language=settings.language, templates=settings.templates, state_seconds=settings.preview_ttl
        )
