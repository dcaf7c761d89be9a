"""Limits the idle time and number of connections, because nothing is authenticated yet."""

import asyncio

from orders_server.hooks.connection import Progress, WatchedConnection

ASKING_SECONDS = 30
"""The time from connecting, or from the first byte of a later request, to the last byte of the body."""
MOST = 500
"""Connections at once; below the usual 1,024 descriptors of a process, of which a purchase needs some.
A further connection takes the place of an idle one."""


class Connection(WatchedConnection):
    """A connection that is closed if its request takes too long; uvicorn alone would wait without end."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Wait for a request; if too many connections are open, close one of them."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_progress(self) -> None:
        """Wait for the client from now on, or no longer."""
        if not self.awaits_client:
            self._stop_waiting()
        elif self._timer is None:
            self._timer = self.loop.call_later(ASKING_SECONDS, self.abort)

    def _make_room(self) -> None:
        """Close the connection with the least to lose; this one if all others are being answered."""
        there = self.open_connections
        if len(there) > MOST:
            least = min((each for each in there if each is not self), key=_priority)
            (self if least.progress is Progress.BEING_ANSWERED else least).abort()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def waits_until(self) -> float:
        """The loop's time at which the connection is closed unless it makes progress; 0 if it is not waiting."""
        return self._timer.when() if self._timer else 0.0


def _priority(connection: WatchedConnection) -> tuple[Progress, float]:
    """Sort key by progress, then by age: the connection with the lowest key is closed first."""
    return connection.progress, connection.waits_until if isinstance(connection, Connection) else 0.0
