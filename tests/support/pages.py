"""The approval page of a house by its real HTTP, and browsers without a script."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from orders_server.consent.page_parts import PageParts
from orders_server.http.app import run_http
from orders_server.http.listener import listen, place
from orders_server.http.pages import PageAt
from orders_server.mcp.server import OrdersServer
from support.house import House

LIKE_A_BROWSER = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What Chromium sends with a form of a page that sets no-referrer."""


@dataclass
class Form:
    """A form of a page: where it goes, and its fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict[str, str])


class _Reader(HTMLParser):
    """Reads text and forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        if tag == "form":
            self.forms.append(Form(given.get("data-passkey") or given["action"]))
        elif tag == "input" and self.forms:
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


@dataclass
class Shown:
    """A page as it was answered."""

    response: httpx.Response
    text: str
    forms: list[Form]
    addresses: list[str]

    @property
    def status(self) -> int:
        return self.response.status_code

    def form(self, ends: str) -> Form:
        """The form whose address ends so."""
        found = [form for form in self.forms if form.action.endswith(ends)]
        assert found, self.text
        return found[0]


def shown(response: httpx.Response) -> Shown:
    """What a response shows."""
    reader = _Reader()
    reader.feed(response.text)
    return Shown(response, " ".join(reader.words), reader.forms, reader.addresses)


class Browser:
    """A browser that keeps its cookies and follows where a form leads."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def open(self, path: str) -> Shown:
        """A page."""
        return shown(await self.http.get(path))

    async def send(self, form: Form, headers: dict[str, str] | None = None, **changed: str) -> Shown:
        """What the form leads to."""
        fields = {**form.fields, **changed}
        given = LIKE_A_BROWSER if headers is None else headers
        return shown(await self.http.post(form.action, data=fields, headers=given, follow_redirects=True))

    async def ask(self, path: str, **content: Any) -> dict[str, Any]:
        """The answer to a request of the script."""
        response = await self.http.post(path, json=content, headers={"Sec-Fetch-Site": "same-origin"})
        return {"status": response.status_code, **response.json()}


class Site:
    """The approval page of one server."""

    def __init__(self, server: OrdersServer, base_url: str, origin: str, stack: AsyncExitStack) -> None:
        self.server = server
        self.base_url = base_url
        self.origin = origin
        self._stack = stack

    async def parts(self) -> PageParts:
        return await self.server.page_parts(self.origin)

    async def stranger(self, language: str = "en") -> Browser:
        """A browser that is not paired."""
        http = httpx.AsyncClient(
            base_url=self.base_url, trust_env=False, timeout=30, headers={"Accept-Language": language}
        )
        return Browser(await self._stack.enter_async_context(http))

    async def person(self, name: str = "Li Wei", language: str = "en") -> Browser:
        """The paired browser of a person."""
        code = await (await self.parts()).people.add(name)
        browser = await self.stranger(language)
        await browser.send((await browser.open("/approvals/pair")).form("/pair"), code=code.code)
        return browser


@asynccontextmanager
async def site(house: House, **settings: Any) -> AsyncGenerator[Site]:
    """A server of the house over HTTP, with its approval page."""
    asked = place("127.0.0.1", 0)
    listener = listen(asked)
    port = listener.getsockname()[1]
    origin = f"http://localhost:{port}"
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack, house.server(page=PageAt(origin), **settings) as server:
        running = asyncio.create_task(run_http(server, house.settings(**settings), asked, listener, stopping))
        try:
            yield Site(server, f"http://127.0.0.1:{port}", origin, stack)
            await stack.aclose()
        finally:
            stopping.set()
            await running
