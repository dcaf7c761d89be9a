"""The person of the demo on the approval page: pairs a browser and approves there, or a script does it for him."""

import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from secrets import token_bytes
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from orders_server.consent.people import People
from orders_server.ledger.seals import Seals, read_key
from orders_server.ledger.store import Store

_NAME = "demo"
_SECONDS = 60


class _Form(HTMLParser):
    """The fields of the form whose address ends with `ends`."""

    def __init__(self, ends: str) -> None:
        super().__init__()
        self._ends = ends
        self._inside = False
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("action", "").endswith(self._ends)
        elif tag == "input" and self._inside:
            self.fields[given["name"]] = given.get("value", "")


class Visitor:
    """Approves on the page of the ledger in `store`, sealed with the key in `key`; with `always_yes` by itself."""

    def __init__(self, console: Console, store: Path, key: Path, *, always_yes: bool) -> None:
        self._console = console
        self._store = store
        self._key = key
        self._always_yes = always_yes or not sys.stdin.isatty()
        self._http: httpx.AsyncClient | None = None
        self._told: set[str] = set()

    async def approve(self, link: str) -> None:
        """Show the person where to approve, once for each link; or approve there."""
        if link in self._told:
            return
        self._told.add(link)
        code = None if len(self._told) > 1 else await self._pairing_code()
        words = f"Open this page and approve or decline:\n{link}" + (f"\nIt asks for a code: {code}" if code else "")
        self._console.print(Panel(Text(words), title="What the person sees", border_style="magenta"))
        if self._always_yes:
            await self._approve_by_itself(link, code)

    async def close(self) -> None:
        """End the script's browser."""
        if self._http:
            await self._http.aclose()

    async def _pairing_code(self) -> str:
        store = Store(self._store, clock=lambda: datetime.now(UTC))
        try:
            people = People(store, Seals(read_key(self._key)), lambda: datetime.now(UTC), token_bytes)
            return (await people.add(_NAME)).code
        finally:
            await store.close()

    async def _approve_by_itself(self, link: str, code: str | None) -> None:
        parts = urlsplit(link)
        if self._http is None:
            same = {"Sec-Fetch-Site": "same-origin"}
            self._http = httpx.AsyncClient(
                base_url=f"{parts.scheme}://{parts.netloc}", headers=same, timeout=_SECONDS, trust_env=False
            )
        if code:
            await self._send("/approvals/pair", "/pair", code=code)
        answered = await self._send(parts.path, "/approve")
        self._console.print(f"Approve? [bold]yes[/] (answered on the page by --yes: {answered.status_code})")

    async def _send(self, page: str, ends: str, **changed: str) -> httpx.Response:
        assert self._http is not None
        form = _Form(ends)
        form.feed((await self._http.get(page)).text)
        action = page if page.endswith(ends) else f"{page}{ends}"
        return await self._http.post(action, data={**form.fields, **changed}, follow_redirects=True)
