"""How uvicorn serves an application of ours."""

import uvicorn
from starlette.types import ASGIApp

from orders_server.http.connections import Connection

_BACKLOG = 128
"""The length of the queue of connections that are not accepted yet."""


def config(app: ASGIApp) -> uvicorn.Config:
    """The configuration that serves `app`."""
    return uvicorn.Config(
        app,
        http=Connection,
        backlog=_BACKLOG,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
