"""How far a uvicorn connection is with its request, from the state in uvicorn and h11."""

import asyncio
from enum import IntEnum

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Progress(IntEnum):
    """How far a connection is with its request; the lower the value, the less is lost by closing it."""

    NEVER_ASKED = 0
    ANSWERED_BEFORE = 1
    ARRIVING = 2
    BEING_ANSWERED = 3


class WatchedConnection(H11Protocol):
    """uvicorn's connection, which calls `on_progress` when its progress may have changed."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.on_progress()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.on_progress()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.on_progress()

    def on_progress(self) -> None:
        """Called whenever the progress may have changed; subclasses override it."""

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    @property
    def awaits_client(self) -> bool:
        """Whether it is waiting for the client to send a request, or the rest of one."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    @property
    def lacks_body(self) -> bool:
        """Whether a part of its request's body is missing."""
        return self.conn.their_state is h11.SEND_BODY

    @property
    def progress(self) -> Progress:
        """How far the connection is with its request."""
        if not self.awaits_client:
            return Progress.BEING_ANSWERED
        if not self.cycle:
            return Progress.NEVER_ASKED
        return Progress.ANSWERED_BEFORE if self.cycle.response_complete else Progress.ARRIVING

    @property
    def open_connections(self) -> list["WatchedConnection"]:
        """The open connections of this server, including this one."""
        watched = (each for each in self.connections if isinstance(each, WatchedConnection))
        return [each for each in watched if not each.transport.is_closing()]
