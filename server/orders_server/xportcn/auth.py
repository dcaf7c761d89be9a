"""The system headers of every call (CONTRACT 2.2), made anew for each attempt."""

from collections.abc import Callable, Generator
from datetime import datetime
from typing import Literal

import httpx

from orders_server.xportcn.signature import signature


class SignedHeaders(httpx.Auth):
    """Adds access-key, timestamp, nonce-str, user-id and signature; each attempt has its own nonce and timestamp."""

    def __init__(
        self,
        access_key: str,
        access_secret: str,
        user_id: str,
        *,
        unit: Literal["ms", "s"],
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._access_key = access_key
        self._access_secret = access_secret
        self._user_id = user_id
        self._per_second = 1000 if unit == "ms" else 1
        self._clock = clock
        self._random_bytes = random_bytes

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign `request` and send it once."""
        timestamp = str(int(self._clock().timestamp() * self._per_second))
        nonce = self._random_bytes(16).hex()
        request.headers.update(
            {
                "access-key": self._access_key,
                "timestamp": timestamp,
                "nonce-str": nonce,
                "user-id": self._user_id,
                "signature": signature(self._access_key, timestamp, nonce, self._access_secret),
            }
        )
        yield request
