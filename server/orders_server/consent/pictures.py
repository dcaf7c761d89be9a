"""The pictures of the approval page: fetched from 1688's own hosts and from the sandbox alone, served as our own."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

MOST_BYTES = 1024 * 1024
_SECONDS = 5
_OK = 200
_MOST_KEPT = 32
_MOST_AT_ONCE = 4
_ON_1688 = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*\.alicdn\.com/[!-~]{1,900}")
_IN_SANDBOX = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}(/pictures/[0-9]{1,20}\.png)")
_KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """A picture and its media type, which its first bytes tell."""

    content: bytes
    media_type: str


class Pictures:
    """Fetches pictures and keeps the last ones. `sandbox` is the origin of our own sandbox; "" for none."""

    def __init__(self, http: httpx.AsyncClient, sandbox: str = "") -> None:
        self._http = http
        self._sandbox = sandbox
        self._kept: OrderedDict[str, Picture] = OrderedDict()
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def get(self, address: str, *, sandbox: bool) -> Picture | None:
        """The picture at `address`; None where that is not an allowed place, or where it gives none in time.

        A purchase from the sandbox has its picture at the port of the process that previewed it; ours has the same.
        """
        url = self._sandbox_url(address) if sandbox else address if _ON_1688.fullmatch(address) else None
        if url is None:
            return None
        if (kept := self._kept.get(url)) is not None:
            self._kept.move_to_end(url)
            return kept
        try:
            async with asyncio.timeout(_SECONDS), self._room:
                picture = await self._fetch(url)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            _log.info("a picture could not be fetched: %s", type(error).__name__)
            return None
        if picture is not None:
            self._kept[url] = picture
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return picture

    def _sandbox_url(self, address: str) -> str | None:
        match = _IN_SANDBOX.fullmatch(address)
        return f"{self._sandbox}{match[1]}" if match and self._sandbox else None

    async def _fetch(self, url: str) -> Picture | None:
        content = b""
        async with self._http.stream("GET", url) as response:
            if response.status_code != _OK:
                return None
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    return None
        kind = next((kind for begins, kind in _KINDS if begins.match(content)), None)
        return Picture(content, kind) if kind else None


@asynccontextmanager
async def fetching_pictures(sandbox: str = "", proxy: str | None = None) -> AsyncGenerator[Pictures]:
    """Pictures by a client that follows no redirect, sends no cookie and says nothing of the page."""
    headers = {"Accept": "image/webp,image/png,image/jpeg,image/gif", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(
        headers=headers, trust_env=False, proxy=proxy, follow_redirects=False, timeout=_SECONDS
    ) as http:
        yield Pictures(http, sandbox)
