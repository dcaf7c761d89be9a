"""A world whose tools are called through a real MCP client of a real server, both in this process."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast

from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult

from orders_prompts.renderer import Texts
from orders_server.app.services import Services
from orders_server.app.shutdown_guard import ShutdownGuard
from orders_server.mcp.server import OrdersServer
from orders_tools.consent.answer import Answer
from orders_tools.ports import Purchasing
from orders_tools.results.create import CreateResult
from orders_tools.results.preview import PreviewResult
from torture.world import ADDRESS, Crash, Said, World

META_KEY = "xportcn-orders/error"


class OpenedServices:
    """What a server needs of its services, where a world has opened them already."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def guard(self) -> ShutdownGuard:
        assert self._world.purchasing
        assert self._world.placing
        return self._world.placing

    async def purchasing(self) -> Purchasing:
        await self._world.store.open()
        return self._world.purchasing

    async def texts(self) -> Texts:
        return self._world.purchasing.texts

    async def wait_for_key(self) -> None:
        await self._world.store.open()

    def state_key(self) -> bytes:
        return self._world.store.state_key

    def origin(self) -> dict[str, str] | None:
        """Nothing is told of where it comes from."""
        return None

    def warm_soon(self) -> None:
        """Nothing is left to open."""


class Person:
    """Answers a dialog like this, and counts how often it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked = 0

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.asked += 1
        match self._answer:
            case Answer.YES:
                return ElicitResult(action="accept", content={"approve": True})
            case Answer.NO:
                return ElicitResult(action="decline")
            case _:
                return ElicitResult(action="cancel")


class ServedWorld(World):
    """As a world, but each call goes through a client of its own."""

    mode = "2026-07-28"

    @asynccontextmanager
    async def client(self, answer: Answer = Answer.YES) -> AsyncGenerator[Client]:
        """A client that answers dialogs like this; a crash inside the server comes out as a crash."""
        services = cast(Services, OpenedServices(self))
        server = OrdersServer(services, language="en", templates=None, state_seconds=900)
        try:
            async with Client(server, mode=self.mode, elicitation_callback=Person(answer)) as client:
                yield client
        except BaseExceptionGroup as group:
            if crashes := group.subgroup(Crash):
                raise _first(crashes) from None
            raise

    async def preview(self, lines: list[dict[str, Any]], address: Mapping[str, str] = ADDRESS, **named: Any) -> Said:
        self.clock.forward(1)
        async with self.client() as client:
            answer = await client.call_tool("preview_order", {"lines": lines, "address": dict(address), **named})
        if answer.is_error:
            return self.traced(Said(_code(answer)), "preview")
        result = PreviewResult.model_validate(answer.structured_content)
        self.remember(result)
        return self.traced(Said(result.preview_token), "preview")

    async def create(
        self, token: str, total: str | None = None, answer: Answer = Answer.YES, shown_at: datetime | None = None
    ) -> Said:
        assert shown_at is None, "a client shows the text when it is rendered"
        self.clock.forward(1)
        if total is None:
            total = self.shown[token].total
        self.answered(token, total, answer)
        async with self.client(answer) as client:
            told = await client.call_tool("create_order", {"preview_token": token, "expected_total": total})
        return self.noted(token, self.traced(self.said(told), "create"))

    def said(self, told: CallToolResult) -> Said:
        """What an answer of create_order says."""
        if told.structured_content is None:
            return Said(_code(told))
        result = CreateResult.model_validate(told.structured_content)
        assert told.is_error == (result.outcome == "rejected")
        if result.fresh_preview is not None:
            self.remember(result.fresh_preview)
        return Said(result.outcome, result)


def _first(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup):
        group = cast(BaseException, group.exceptions[0])
    return group


def _code(answer: CallToolResult) -> str:
    return str((answer.meta or {})[META_KEY]["code"])
