"""The signature of the hook, in both directions: HMAC-SHA256 over the time, a point and the body."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

TIMESTAMP_HEADER = "X-Xportcn-Timestamp"
"""Whole seconds since 1970."""
SIGNATURE_HEADER = "X-Xportcn-Signature"
"""`v1=` and the signature in lower-case hexadecimal."""
OLDEST = timedelta(minutes=5)
"""How old a signature may be."""
_AHEAD = timedelta(seconds=30)
"""How far the other system's clock may be ahead of ours."""
_VERSION = "v1="


class HookSignatures:
    """Signs and verifies with the secret that both systems know."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def headers(self, body: bytes, now: datetime) -> dict[str, str]:
        """The headers that sign `body`."""
        timestamp = str(int(now.timestamp()))
        return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: f"{_VERSION}{self._of(timestamp, body)}"}

    def verified(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
        """The name under which a signature is used once; None if it is not ours, or not of these minutes."""
        timestamp, given = headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
        expected = self._of(timestamp, body)
        if not hmac.compare_digest(given.encode(), f"{_VERSION}{expected}".encode()):
            return None
        if not re.fullmatch(r"[0-9]{1,11}", timestamp):
            return None
        age = now.timestamp() - int(timestamp)
        if not -_AHEAD.total_seconds() <= age <= OLDEST.total_seconds():
            return None
        return hashlib.sha256(expected.encode()).hexdigest()

    def _of(self, timestamp: str, body: bytes) -> str:
        return hmac.new(self._secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
