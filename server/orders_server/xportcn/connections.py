"""The HTTP connections to the API: verified, without redirects, cookies or proxies of the environment."""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

import httpx

from orders_server.xportcn.certificates import ssl_context
from orders_server.xportcn.client import Endpoints, XportcnClient

_CONNECT_SECONDS = 5


@asynccontextmanager
async def connect(
    base_url: str,
    auth: httpx.Auth | None,
    endpoints: Endpoints,
    *,
    clock: Callable[[], datetime],
    proxy: str | None = None,
    ca_file: Path | None = None,
    chance: Callable[[], float] = random.random,
) -> AsyncGenerator[XportcnClient]:
    """A client of the API at `base_url`; `chance` returns numbers from 0 up to 1 that spread retries of reads.

    `ca_file` names authorities that are trusted in addition to the usual ones. `proxy` only carries encrypted calls,
    because plain http only goes to this machine.
    """
    encrypted = base_url.startswith("https://")
    # Certificates take a while to load; a context without any trusts nobody.
    verify = ssl_context(ca_file) if encrypted else SSLContext(PROTOCOL_TLS_CLIENT)

    def http(kept: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=base_url,
            auth=auth,
            headers={"accept-encoding": "gzip"},
            verify=verify,
            proxy=proxy if encrypted else None,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=httpx.Timeout(max(endpoints.read_timeout, endpoints.create_timeout), connect=_CONNECT_SECONDS),
            # Nothing waits inside the pool: reads queue before it, and create calls do not wait.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=kept),
        )

    async with AsyncExitStack() as stack:
        reading = await stack.enter_async_context(http(endpoints.most_reads))
        # The other side may close a kept connection while a call is written to it; the outcome would then be unknown.
        creating = await stack.enter_async_context(http(0))
        yield XportcnClient(reading, endpoints, creating=creating, clock=clock, chance=chance)
