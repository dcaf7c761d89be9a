"""Assembles a server."""

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from orders_server.app.logging import quiet_libraries
from orders_server.app.services import Services, utc_now
from orders_server.mcp.server import OrdersServer
from orders_server.settings import LONGEST_TTL, Settings

if TYPE_CHECKING:
    from orders_tools.consent.patience import Patience
    from orders_tools.ports import ApprovalPage

_STATE_SECONDS = 7 * LONGEST_TTL
"""How long a sealed question can come back: longer than any preview is valid, so that the ledger finds it expired."""


@asynccontextmanager
async def build_server(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    missing: str = "",
    program: str | None = None,
    patience: "Patience | None" = None,
    page: "ApprovalPage | None" = None,
) -> AsyncGenerator[OrdersServer]:
    """Yields a server for `settings`, ready to run, and closes what it opened at the end of the block.

    If `missing` names credentials, every call is refused with that message. `program` is the command that its texts
    name for the terminal; by default the one that started this process. `patience` is how a later call waits for a
    person's answer, `page` the approval page that its texts name.
    """
    quiet_libraries()
    services = Services(
        settings,
        clock=clock,
        random_bytes=random_bytes,
        missing=missing,
        program=program,
        patience=patience,
        page=page,
    )
    async with services as services:
        yield OrdersServer(
            services,
            language=settings.language,
            templates=settings.templates,
            state_seconds=_STATE_SECONDS,
            offered=settings.tools.split(","),
        )
