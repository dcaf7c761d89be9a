"""The MCP server: the SDK's, with our refusals in place of its own."""

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.request_state import AESGCMRequestStateCodec, InvalidRequestState, RequestStateSecurity
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from pydantic import Field

from orders_prompts.instructions import instructions
from orders_server import __version__
from orders_server.mcp_binding.approval import dialog_deadline, dialog_open
from orders_server.mcp_binding.tools import created, tools
from orders_server.opening import Services
from orders_tools.create_order import Answer, create_order, unknown_after_fault
from orders_tools.faults import FaultCode, StoreUnavailable, ToolFault
from orders_tools.ports import Purchasing

NAME = "xportcn-orders"
PROMPT = "start_purchase"

_log = logging.getLogger(__name__)


class OrdersServer(MCPServer):
    """The four tools over `services`, which are opened just after the first reply."""

    def __init__(self, services: Services, *, language: str, templates: Path | None, state_seconds: float) -> None:
        self._services = services
        self._dialogs: set[anyio.CancelScope] = set()
        offered = tools(services.purchasing)
        self._names = [tool.name for tool in offered]
        super().__init__(
            NAME,
            title="Xportcn orders on 1688",
            version=__version__,
            instructions=instructions(language, templates),
            tools=offered,
            request_state_security=RequestStateSecurity(codec=_SealedByLedger(services), ttl=state_seconds),
            middleware=[self._warm_after_reply],
            log_level="WARNING",
            subscriptions=False,
        )
        self.add_prompt(
            Prompt.from_function(
                self._start_purchase,
                name=PROMPT,
                title="Start a purchase",
                description="Begin a purchase on 1688: work out the basket, preview it, agree on the total, order.",
            )
        )

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; whatever it refuses is answered in our words, with what to do next."""
        if name not in self._names:
            raise MCPError(INVALID_PARAMS, f"There is no tool of this name. The tools are: {', '.join(self._names)}.")
        with self._dialog() as dialog:
            try:
                return await super().call_tool(name, arguments, context)
            except ToolError as error:
                return await self._recovered(name, arguments, error)
            except MCPError:
                if not dialog_open(dialog):
                    raise
                # The client declared dialogs and could not show this one.
                return await self._answered_without_dialog(arguments, Answer.SILENT)
        if dialog.cancelled_caught:
            return await self._answered_without_dialog(arguments, Answer.SILENT)
        raise AssertionError("a tool call ended without an answer")

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Render a prompt; an unknown name or a missing argument is the caller's fault and said as such."""
        if name != PROMPT or not (arguments or {}).get("wish"):
            raise MCPError(INVALID_PARAMS, f"The only prompt is {PROMPT}, and it takes the argument wish.")
        return await super().get_prompt(name, arguments, context)

    async def purchasing(self) -> Purchasing:
        """What the tools work with, opened if it was not.

        Raises:
            StoreUnavailable: the sandbox's own store cannot be opened.
        """
        return await self._services.purchasing()

    async def drained(self, seconds: float) -> bool:
        """Whether every create call on its way came to its end within `seconds`."""
        return await self._services.placing.drained(seconds)

    def end_dialogs(self) -> None:
        """End every open dialog as if nobody had answered it: its call is answered, and nothing is ordered."""
        for dialog in self._dialogs:
            if dialog_open(dialog):
                dialog.cancel()

    @contextmanager
    def _dialog(self) -> Generator[anyio.CancelScope]:
        with dialog_deadline() as dialog:
            self._dialogs.add(dialog)
            try:
                yield dialog
            finally:
                self._dialogs.discard(dialog)

    async def _start_purchase(
        self, wish: Annotated[str, Field(description="what to buy: products or offer links, quantities, for whom")]
    ) -> str:
        return (await self._services.texts()).render("start_purchase", wish=wish)

    async def _warm_after_reply(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        result = await call_next(ctx)
        self._services.warm_soon()
        return result

    async def _recovered(self, name: str, arguments: dict[str, Any], error: ToolError) -> CallToolResult:
        """The answer to a call that failed: a refusal, or for a purchase that may be on its way its outcome."""
        cause = error.__cause__
        if isinstance(cause, ToolFault):
            return refusal_of(cause, await self._services.texts())
        if isinstance(cause, StoreUnavailable):
            _log.error("the store cannot be used: %s", cause)
            fault = ToolFault(FaultCode.INTERNAL, "store", why=str(cause))
            return refusal_of(fault, await self._services.texts())
        if not isinstance(error, UnexpectedToolError) and isinstance(cause, ToolError):
            # The client accepted the dialog with something that is no answer to it: that is not a yes.
            return await self._answered_without_dialog(arguments, Answer.NO)
        if not isinstance(error, UnexpectedToolError):
            raise error
        _log.error("%s failed", name, exc_info=cause)
        return await self._after_our_own_fault(name, arguments)

    async def _answered_without_dialog(self, arguments: dict[str, Any], answer: Answer) -> CallToolResult:
        try:
            return created(await create_order(await self._services.purchasing(), arguments, answer))
        except ToolFault as fault:
            return refusal_of(fault, await self._services.texts())

    async def _after_our_own_fault(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        fault = ToolFault(FaultCode.INTERNAL)
        if name == "create_order":
            try:
                token = str(arguments.get("preview_token", "")).strip()
                outcome = await unknown_after_fault(await self._services.purchasing(), token)
            except StoreUnavailable as unavailable:
                outcome, fault = None, ToolFault(FaultCode.INTERNAL, "store", why=str(unavailable))
            if outcome is not None:
                return created(outcome)
        return refusal_of(fault, await self._services.texts())


def refusal_of(fault: ToolFault, texts: Any) -> CallToolResult:
    """A refused call as MCP has it."""
    from orders_server.mcp_binding.refusals import refusal  # the renderer is not needed for the first reply

    return refusal(fault, texts)


class _SealedByLedger:
    """Seals questions to clients with the key that the ledger keeps, so that an answer survives a restart."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._codec: AESGCMRequestStateCodec | None = None

    def _opened(self) -> AESGCMRequestStateCodec | None:
        if self._codec is None and (key := self._services.state_key()):
            self._codec = AESGCMRequestStateCodec([key])
        return self._codec

    def seal(self, payload: bytes) -> str:
        codec = self._opened()
        if codec is None:
            raise RuntimeError("a question was put before the ledger was open")
        return codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        codec = self._opened()
        if codec is None:
            raise InvalidRequestState("the ledger is not open")
        return codec.unseal(token)
