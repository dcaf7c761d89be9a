"""uvicorn's server as a guest in the process, which somebody else ends."""

from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from orders_server.hooks.connection import WatchedConnection


class GuestServer(uvicorn.Server):
    """It takes no signals, and stops in two steps: `accept_no_more`, then `should_exit`."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def stop_accepting(self) -> None:
        """Take no new connection; those that are open stay, but for the ones whose request has not arrived whole."""
        for listening in self.servers if self.started else ():
            listening.close()
        open_now: list[object] = list(self.server_state.connections)
        for connection in open_now:
            if isinstance(connection, WatchedConnection) and connection.lacks_body:
                connection.abort()
