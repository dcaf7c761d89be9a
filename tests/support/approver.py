"""Another system that answers as an approver, by what is documented and with none of our code."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from support.receiver import Message

SECRET = "0123456789-the-secret-of-the-hook"


def signature(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    """HMAC-SHA256 over the time, a point and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(message: Message) -> bool:
    """Whether a message of the hook carries the signature that is documented."""
    headers = message.headers
    return headers["x-xportcn-signature"] == signature(message.body, headers["x-xportcn-timestamp"])


@dataclass
class Answer:
    """What a decision led to."""

    status: int
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Approver:
    """Sends decisions over what it was told."""

    http: httpx.AsyncClient
    clock: Callable[[], datetime]
    told: dict[str, Any]
    path: str = ""

    def body(self, decision: str = "approve", **changed: Any) -> bytes:
        """The usual decision, with some of it changed; None leaves a field out."""
        content = {"decision": decision, "digest": self.told["digest"], "name": "Budget desk", **changed}
        return json.dumps({name: value for name, value in content.items() if value is not None}).encode()

    def stamp(self, seconds: float = 0) -> str:
        """The time, as the headers write it."""
        return str(int(self.clock().timestamp() + seconds))

    def headers(self, body: bytes, timestamp: str | None = None, secret: str = SECRET) -> dict[str, str]:
        """The headers that sign a decision."""
        stamped = self.stamp() if timestamp is None else timestamp
        return {"X-Xportcn-Timestamp": stamped, "X-Xportcn-Signature": signature(body, stamped, secret)}

    async def send(self, body: bytes, headers: dict[str, str] | None = None, path: str = "") -> Answer:
        """What a decision leads to, signed unless it brings headers of its own."""
        given = self.headers(body) if headers is None else headers
        response = await self.http.post(path or self.path, content=body, headers=given)
        return Answer(response.status_code, response.content)
