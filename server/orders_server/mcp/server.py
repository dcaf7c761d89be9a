"""The MCP server: the SDK's server with our own refusals."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.request_state import AESGCMRequestStateCodec, InvalidRequestState, RequestStateSecurity
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from mcp.types import Tool as MCPTool
from pydantic import Field

from orders_prompts.instructions import instructions
from orders_server import __version__
from orders_server.app.services import Services
from orders_server.hooks.sdk import LateToolsServer

if TYPE_CHECKING:
    from orders_server.consent.page_parts import PageParts
    from orders_server.mcp.elicitation import Dialog, Renderings
    from orders_tools.ports import Purchasing

NAME = "xportcn-orders"
_log = logging.getLogger(__name__)
PROMPT = "start_purchase"
_UNEXPANDED = re.compile(r"\$\{?(?:[0-9]+|ARGUMENTS|[@*])\}?")
_OF_LATER_ROUNDS = frozenset({"requestState", "inputResponses"})
"""What a client returns with the answer to a question."""


class OrdersServer(LateToolsServer):
    """The tools over `services`, which are opened just after the first reply."""

    def __init__(
        self,
        services: Services,
        *,
        language: str,
        templates: Path | None,
        state_seconds: float,
        offered: Sequence[str] = ("orders", "offers"),
    ) -> None:
        self._services = services
        self._offered = offered
        self._dialogs: dict[int, Dialog] = {}
        self._renderings: Renderings | None = None
        super().__init__(
            NAME,
            title="Xportcn orders on 1688",
            version=__version__,
            instructions=instructions(language, templates),
            request_state_security=RequestStateSecurity(codec=_LedgerKeyCodec(services), ttl=state_seconds),
            middleware=[self._warm_after_reply],
            log_level="WARNING",
            subscriptions=False,
        )
        # The SDK's own middleware, which unseals what a client returns, cannot wait for the key.
        self.run_first(self._open_before_unsealing)
        self.add_prompt(
            Prompt.from_function(
                self._start_purchase,
                name=PROMPT,
                title="Start a purchase",
                description="Begin a purchase on 1688: work out the basket, preview it, agree on the total, order.",
            )
        )

    async def list_tools(self) -> list[MCPTool]:
        """The tools that the settings offer."""
        self._register_tools()
        return await super().list_tools()

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; a refusal becomes a result in our words, with what to do next."""
        names, renderings = self._register_tools()
        if name not in names:
            raise MCPError(INVALID_PARAMS, f"There is no tool of this name. The tools are: {', '.join(names)}.")
        from orders_server.mcp.call_handling import handle_call
        from orders_server.mcp.elicitation import client_name

        call = partial(super().call_tool, name, arguments, context)
        client = client_name(context)
        return await handle_call(self._services, self._dialogs, renderings, name, arguments, call, client)

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Render a prompt; an unknown name is an error of the caller."""
        if name != PROMPT:
            raise MCPError(INVALID_PARAMS, f"The only prompt is {PROMPT}.")
        return await super().get_prompt(name, arguments, context)

    async def purchasing(self) -> "Purchasing":
        """Everything the tools work with, opened if necessary.

        Raises:
            StoreUnavailable: the sandbox's own store cannot be opened.
        """
        return await self._services.purchasing()

    async def check_store(self) -> None:
        """Open the services if necessary, and write into the ledger.

        Raises:
            StoreUnavailable: the ledger cannot be opened or written.
        """
        await self._services.check_store()

    async def page_parts(self, origin: str) -> "PageParts":
        """What the approval page at `origin` works with, opened if necessary.

        Raises:
            StoreUnavailable: the ledger cannot be opened.
            ToolFault: credentials are missing.
        """
        return await self._services.page_parts(origin)

    async def drain(self, seconds: float) -> bool:
        """Wait up to `seconds` for the create calls in progress. Returns whether all of them ended."""
        return await self._services.guard.drain(seconds)

    def end_dialogs(self) -> None:
        """End every open dialog as unanswered: its call gets a result, and nothing is ordered."""
        from orders_server.mcp.elicitation import is_dialog_open

        for dialog in list(self._dialogs.values()):
            if is_dialog_open(dialog):
                dialog.scope.cancel()

    def _register_tools(self) -> "tuple[list[str], Renderings]":
        """Register the tools, which the first reply does not need. Returns their names and the remembered dialogs."""
        if self._renderings is None:
            from orders_server.mcp.elicitation import Renderings
            from orders_server.mcp.tools import tools

            self._renderings = Renderings()
            self.give_tools(tools(self._services.purchasing, self._renderings, self._offered))
        return self.tool_names(), self._renderings

    async def _start_purchase(
        self, wish: Annotated[str, Field(description="what to buy: products or offer links, quantities, for whom")] = ""
    ) -> str:
        # Some hosts send the placeholder and not the argument.
        given = "" if _UNEXPANDED.fullmatch(wish.strip()) else wish.strip()
        return (await self._services.texts()).render("start_purchase", wish=given)

    async def _open_before_unsealing(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """A call that returns a sealed question waits for the key, which is in the ledger.

        It may be the server's first call, if the person answered while the server restarted.
        """
        if ctx.method == "tools/call" and ctx.params and ctx.params.get("requestState") is not None:
            try:
                await self._services.wait_for_key()
            except Exception:
                _log.exception("the key of a sealed question cannot be had")
                # Nothing can be unsealed, so treat this as a first round, in which no answer counts. The tool meets the
                # same fault and reports it in our words.
                first = {name: value for name, value in ctx.params.items() if name not in _OF_LATER_ROUNDS}
                ctx = replace(ctx, params=first)
        return await call_next(ctx)

    async def _warm_after_reply(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        result = await call_next(ctx)
        self._services.warm_soon()
        return result


class _LedgerKeyCodec:
    """Seals questions to clients with the ledger's key, so that an answer is valid after a restart."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._codec: AESGCMRequestStateCodec | None = None

    def _ready_codec(self) -> AESGCMRequestStateCodec | None:
        if self._codec is None and (key := self._services.state_key()):
            self._codec = AESGCMRequestStateCodec([key])
        return self._codec

    def seal(self, payload: bytes) -> str:
        codec = self._ready_codec()
        if codec is None:
            raise RuntimeError("a question was put before the ledger was open")
        return codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        codec = self._ready_codec()
        if codec is None:
            raise InvalidRequestState("the ledger is not open")
        return codec.unseal(token)
