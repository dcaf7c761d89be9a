"""A sandbox on loopback and servers that buy from it, on one virtual clock."""

import secrets
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent
from pydantic import SecretStr

from orders_sandbox import CATALOGUE, SandboxOptions, create_app, served
from orders_server.app.server import build_server
from orders_server.mcp.server import OrdersServer
from orders_server.settings import Settings
from orders_tools.consent.patience import Patience
from orders_tools.ports import Purchasing
from support.scene import ADDRESS, Clock

MODES = ("legacy", "2026-07-28")
"""The handshake generation of the protocol (2025-11-25 and older) and the one of 2026-07-28."""
EMBEDDED = dict.fromkeys(("access_key", "access_secret", "user_id", "base_url"), ...)
"""Settings of a server with a sandbox of its own."""
META_KEY = "xportcn-orders/error"


@dataclass
class Person:
    """Answers dialogs as told and keeps what was shown."""

    answer: ElicitResult = field(default_factory=lambda: ElicitResult(action="accept", content={"approve": True}))
    shown: list[str] = field(default_factory=list[str])

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.shown.append(params.message)
        return self.answer


def saying(action: Literal["accept", "decline", "cancel"], content: dict[str, Any] | None = None) -> Person:
    """A person who answers every dialog like this."""
    return Person(ElicitResult(action=action, content=content))


@dataclass
class Reader(Person):
    """A person who takes the time to read."""

    clock: Clock = field(default_factory=Clock)

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.clock.forward(5)
        return await super().__call__(context, params)


@dataclass
class Buyer:
    """A client of the server, with the shortest way to each tool."""

    client: Client
    person: Person | None

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def said(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of a call that was answered."""
        return content_of(await self.call(tool, **arguments))

    async def refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The machine-readable copy of a refusal, which carries no structured content."""
        result = await self.call(tool, **arguments)
        assert result.is_error, text_of(result)
        assert result.structured_content is None
        copy: dict[str, Any] = (result.meta or {})[META_KEY]
        assert text_of(result).startswith(f"{copy['code']}: ")
        assert f"Next step: {copy['next_step']}" in text_of(result)
        return copy

    async def preview(self, *lines: tuple[str, int], **named: Any) -> dict[str, Any]:
        return await self.said("preview_order", **{"lines": basket(*lines), "address": ADDRESS, **named})

    async def create(self, preview: dict[str, Any], total: Any = None) -> dict[str, Any]:
        return await self.said("create_order", **order_of(preview, total))


def basket(*lines: tuple[str, int]) -> list[dict[str, Any]]:
    """Lines of the sandbox's offers, by name."""
    return [{"offer_id": offer_id(name), "quantity": quantity} for name, quantity in lines]


def offer_id(name: str) -> str:
    """The id of the sandbox's offer."""
    return str(CATALOGUE[name].offer_id)


def order_of(preview: dict[str, Any], total: Any = None) -> dict[str, Any]:
    """The arguments of create_order for a preview."""
    return {
        "preview_token": preview["preview_token"],
        "expected_total": preview["totals"]["payable"] if total is None else total,
    }


def content_of(result: CallToolResult) -> dict[str, Any]:
    """The structured channel of a result that has one."""
    assert result.structured_content is not None, text_of(result)
    return result.structured_content


def text_of(result: CallToolResult) -> str:
    """The text channel of a result."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


class House:
    """One sandbox, one ledger file, and as many servers and clients as a test wants, each with these settings."""

    def __init__(self, folder: Path, clock: Clock, app: Any, base_url: str, **settings: Any) -> None:
        self.folder = folder
        self.clock = clock
        self.upstream = app.state.sandbox
        self.base_url = base_url
        self._settings = settings
        self.patience = Patience(0)

    def settings(self, **changed: Any) -> Settings:
        own = {
            "access_key": SecretStr("sandbox-access-key"),
            "access_secret": SecretStr("sandbox-access-secret"),
            "user_id": "sandbox-user",
            "base_url": self.base_url,
            "store": f"sqlite:///{self.folder}/ledger.sqlite3",
            "key_file": self.folder / "key" / "ledger.key",
        }
        given = {name: value for name, value in {**own, **self._settings, **changed}.items() if value is not ...}
        return Settings(_env_file=None, **given)  # pyright: ignore[reportCallIssue]

    @asynccontextmanager
    async def server(self, **changed: Any) -> AsyncGenerator[OrdersServer]:
        random_bytes = changed.pop("random_bytes", secrets.token_bytes)
        program = changed.pop("program", "xportcn-orders")
        page = changed.pop("page", None)
        settings = self.settings(**changed)
        async with build_server(
            settings, clock=self.clock, random_bytes=random_bytes, program=program, patience=self.patience, page=page
        ) as server:
            yield server

    @asynccontextmanager
    async def purchasing(self, **changed: Any) -> AsyncGenerator[Purchasing]:
        """What another process of the same ledger works with, such as the approval page."""
        async with self.server(**changed) as server:
            yield await server.purchasing()

    def sql(self, statement: str) -> None:
        """Change the ledger's file by hand."""
        with sqlite3.connect(self.folder / "ledger.sqlite3") as connection:
            connection.execute(statement)

    @asynccontextmanager
    async def buyer(
        self, mode: str = "2026-07-28", person: Person | None = None, **changed: Any
    ) -> AsyncGenerator[Buyer]:
        """A client with a server of its own; without a person it declares no elicitation."""
        async with (
            self.server(**changed) as server,
            Client(server, mode=mode, elicitation_callback=person) as client,
        ):
            yield Buyer(client, person)


@asynccontextmanager
async def opened_house(folder: Path, **options: Any) -> AsyncGenerator[House]:
    """A house whose sandbox was started with `options`."""
    clock = Clock()
    app = create_app(SandboxOptions(clock=clock, **options))
    async with served(app) as base_url:
        yield House(folder, clock, app, base_url)


@asynccontextmanager
async def house_of(upstream: Any, folder: Path, **settings: Any) -> AsyncGenerator[House]:
    """A house whose upstream is `upstream`, which makes an application of itself."""
    app = upstream.app()
    app.state.sandbox = upstream
    async with served(app) as base_url:
        yield House(folder, Clock(), app, base_url, **settings)
