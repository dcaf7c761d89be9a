"""A uvicorn server in a process that handles signals itself."""

from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from orders_server.hooks.connection import WatchedConnection


class GuestServer(uvicorn.Server):
    """A uvicorn server that handles no signals. It stops in two steps: `stop_accepting`, then `should_exit`."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def stop_accepting(self) -> None:
        """Accept no new connections. Open ones stay, except those whose request has not arrived completely."""
        for listening in self.servers if self.started else ():
            listening.close()
        open_now: list[object] = list(self.server_state.connections)
        for connection in open_now:
            if isinstance(connection, WatchedConnection) and connection.lacks_body:
                connection.abort()
