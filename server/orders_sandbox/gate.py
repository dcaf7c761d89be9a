"""Checks the five headers of a request (CONTRACT 2.2 and 2.3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import md5

from orders_sandbox import refusals
from orders_sandbox.options import SandboxOptions
from orders_sandbox.refusals import Refusal

_WINDOW_MS = 600 * 1000
_NONCE_LENGTH = 32
_NONCE_MEMORY = timedelta(seconds=1260)


class Gate:
    """Checks access key, user id, timestamp, nonce and signature, in that order, and remembers nonces."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._seen: dict[str, datetime] = {}

    def admit(self, headers: Mapping[str, str], now: datetime) -> None:
        """Returns if the request is accepted; otherwise raises Refusal, with a different code for each header."""
        if headers.get("access-key") != self._options.access_key:
            raise Refusal(refusals.UNKNOWN_ACCESS_KEY, "请求头access-key错误")
        if headers.get("user-id") != self._options.user_id:
            raise Refusal(refusals.WRONG_USER, "请求头user-id错误")
        timestamp = headers.get("timestamp", "")
        if not _is_current(timestamp, now, _DIGITS[self._options.switches.timestamp_unit]):
            raise Refusal(refusals.WRONG_TIMESTAMP, "请求头timestamp错误或已过期")
        nonce = headers.get("nonce-str", "")
        self._check_nonce(nonce, now)
        if headers.get("signature") != self._signature(timestamp, nonce):
            raise Refusal(refusals.WRONG_SIGNATURE, "签名signature错误")

    def _check_nonce(self, nonce: str, now: datetime) -> None:
        if len(nonce) != _NONCE_LENGTH:
            raise Refusal(refusals.WRONG_NONCE, "请求头nonce-str必须为32位")
        self._drop_old(now)
        seen = self._seen.get(nonce)
        if seen is not None and now - seen <= _NONCE_MEMORY and self._options.switches.nonces == "once":
            raise Refusal(refusals.REPEATED_NONCE, "请求头nonce-str重复")
        self._seen.pop(nonce, None)
        self._seen[nonce] = now

    def _drop_old(self, now: datetime) -> None:
        """Drops the nonces that are too old to matter; they are stored in order of arrival."""
        while self._seen:
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] <= _NONCE_MEMORY:
                return
            del self._seen[oldest]

    def _signature(self, timestamp: str, nonce: str) -> str:
        user = self._options.user_id if self._options.switches.signed_user == "yes" else ""
        signed = f"{self._options.access_key}{timestamp}{nonce}{user}{self._options.access_secret}"
        return md5(signed.encode(), usedforsecurity=False).hexdigest().upper()


_DIGITS = {"both": (10, 13), "s": (10,), "ms": (13,)}
"""Seconds have ten digits, milliseconds thirteen; no document says which is right (CONTRACT 2.2)."""


def _is_current(timestamp: str, now: datetime, lengths: tuple[int, ...]) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) in lengths):
        return False
    sent = int(timestamp) * (1000 if len(timestamp) == 10 else 1)
    return abs(sent - int(now.timestamp() * 1000)) <= _WINDOW_MS
