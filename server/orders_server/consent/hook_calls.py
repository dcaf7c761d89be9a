"""Tells another system of a purchase that waits, by a signed call; it may answer as an approver."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

import httpx
from pydantic_core import to_json

from orders_server.consent.hook_signatures import HookSignatures
from orders_server.consent.notice_content import Notice
from orders_server.xportcn.certificates import ssl_context

_SECONDS = 5


class HookCalls:
    """Sends messages to the hook's address."""

    name = "the hook"

    def __init__(
        self, url: str, signatures: HookSignatures, clock: Callable[[], datetime], ca_file: Path | None = None
    ) -> None:
        self._url = url
        self._signatures = signatures
        self._clock = clock
        # A context without certificates, which take a while to load, trusts nobody.
        self._verify = ssl_context(ca_file) if url.startswith("https://") else SSLContext(PROTOCOL_TLS_CLIENT)

    async def send(self, notice: Notice) -> bool:
        """Whether the hook took the message. A redirect is no yes, and is not followed."""
        body = to_json(notice.facts)
        headers = {"Content-Type": "application/json", **self._signatures.headers(body, self._clock())}
        try:
            async with (
                httpx.AsyncClient(
                    verify=self._verify, trust_env=False, follow_redirects=False, timeout=_SECONDS
                ) as http,
                # The answer's body is nobody's concern, and may never end.
                http.stream("POST", self._url, content=body, headers=headers) as reply,
            ):
                return reply.is_success
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
