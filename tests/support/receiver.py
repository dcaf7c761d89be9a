"""An HTTP server on loopback that takes messages as told, and keeps them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio.streams.buffered import BufferedByteStream

from orders_server.consent.notices import LOOK_SECONDS
from orders_tools.consent.patience import Patience
from support.house import House
from support.sockets import listening, request

SOON = 10
"""Seconds after which a message that has not come is not coming."""


@dataclass
class Message:
    """A request as it came: its head line, its headers in lower case, its body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def text(self) -> str:
        """What Apprise's JSON shows: the title and the text below it."""
        return f"{self.content['title']}\n{self.content['message']}"


@dataclass
class Receiver:
    """Takes messages; answers with the next of `statuses`, or with 200, once `open` is set."""

    port: int = 0
    statuses: list[str] = field(default_factory=list[str])
    messages: list[Message] = field(default_factory=list[Message])
    open: asyncio.Event = field(default_factory=asyncio.Event)
    _arrived: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue["Message"])

    @property
    def address(self) -> str:
        """Its address for Apprise, with a secret in it."""
        return f"json://127.0.0.1:{self.port}/hush-s3cret"

    async def next(self) -> Message:
        """The next message that nobody has looked at."""
        return await asyncio.wait_for(self._arrived.get(), SOON)

    async def take(self, stream: BufferedByteStream) -> None:
        head, body = await request(stream)
        line, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
        message = Message(line, headers, body)
        self.messages.append(message)
        self._arrived.put_nowait(message)
        await self.open.wait()
        status = self.statuses.pop(0) if self.statuses else "200 OK"
        await stream.send(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


@asynccontextmanager
async def receiving(*statuses: str, hangs: bool = False) -> AsyncGenerator[Receiver]:
    """A receiver that answers at once, unless it hangs."""
    receiver = Receiver(statuses=list(statuses))
    if not hangs:
        receiver.open.set()
    async with listening(receiver.take) as port:
        receiver.port = port
        yield receiver


class Looks:
    """Pauses of the server, each of which ends when the test says so."""

    def __init__(self, house: House) -> None:
        self._turns: defaultdict[float, asyncio.Queue[None]] = defaultdict(asyncio.Queue)
        house.patience = Patience(0, self.sleep)

    async def sleep(self, seconds: float) -> None:
        await self._turns[seconds].get()

    def pass_one(self, seconds: float = LOOK_SECONDS) -> None:
        """End a pause of this length."""
        self._turns[seconds].put_nowait(None)
