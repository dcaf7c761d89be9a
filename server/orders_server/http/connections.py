"""A connection has a time to ask in and a number that it must not exceed: nobody has shown a token yet."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

ASKING_SECONDS = 30
"""From the first moment, or the first byte of a later request, to the last byte of its body."""
MOST = 500
"""Connections at once; below the 1,024 descriptors that a process commonly has, of which a purchase needs some.
Whoever comes when they are taken gets the place of one that asks nothing."""

_ANSWERED = (3, 0.0)
"""How a connection stands whose request is being answered."""


class Connection(H11Protocol):
    """uvicorn's, which by itself waits without end for a request that was begun or never came."""

    _asking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Wait for a request; where too many are open, one of them is closed."""
        super().connection_made(transport)
        self._wait_or_not()
        if len(self.connections) > MOST:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        self._wait_or_not()

    def on_response_complete(self) -> None:
        """Go on to the next request, a part of which may have come already."""
        super().on_response_complete()
        self._wait_or_not()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        """Close the connection by which least is lost; this one where requests are being answered on all others."""
        there: list[Connection] = [
            each for each in self.connections if isinstance(each, Connection) and not each.transport.is_closing()
        ]
        if len(there) > MOST:
            least = min((each for each in there if each is not self), key=Connection._standing)
            (self if least._standing() == _ANSWERED else least).transport.abort()

    def _standing(self) -> tuple[int, float]:
        """Lowest for one that never asked, then one that was answered, then one whose request is still arriving, the
        oldest of each first; highest for one whose request is being answered."""
        if self._asking is None:
            return _ANSWERED
        if not self.cycle:
            return 0, self._asking.when()
        return 1 if self.cycle.response_complete else 2, self._asking.when()

    def _wait_or_not(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()
        elif self._asking is None:
            self._asking = self.loop.call_later(ASKING_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None


def give_up(connection: object) -> None:
    """Close `connection` if a part of its request's body is missing: nothing of that was begun."""
    if isinstance(connection, Connection) and connection.conn.their_state is h11.SEND_BODY:
        connection.transport.abort()
