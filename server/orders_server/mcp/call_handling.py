"""Handles one tool call: returns its result, or a result that explains its fault."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import anyio
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, InputRequiredResult, TextContent

from orders_server.app.services import Services
from orders_server.mcp.elicitation import Dialog, Rendering, Renderings, dialog_deadline, is_dialog_open
from orders_server.mcp.tools import create_tool_result
from orders_tools.consent.answer import Answer
from orders_tools.consent.question import record_unanswered
from orders_tools.create_order import create_order, outcome_after_fault
from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault

_log = logging.getLogger(__name__)

Call = Callable[[], Awaitable[CallToolResult | InputRequiredResult]]


async def handle_call(
    services: Services,
    dialogs: dict[int, Dialog],
    renderings: Renderings,
    name: str,
    arguments: dict[str, Any],
    call: Call,
    client: str = "",
) -> CallToolResult | InputRequiredResult:
    """The result of `call`; a refusal becomes a result in our words, with what to do next.

    `dialogs` holds the call's dialog while it runs, `renderings` texts that later calls answer, `client` its own name.
    """
    with dialog_deadline(dialogs) as dialog:
        try:
            result = await call()
            if name == "preview_order" and (origin := services.origin()) and isinstance(result, CallToolResult):
                result.content.append(
                    TextContent(type="text", text=(await services.texts()).render("origin", **origin))
                )
            if isinstance(result, InputRequiredResult) and dialog.rendering is not None:
                renderings.keep(dialog.rendering)
                await _record_unanswered(services, dialog.rendering)
            return result
        except ToolError as error:
            return await _recover(services, name, arguments, error, client)
        except MCPError:
            if not is_dialog_open(dialog):
                raise
            # The client declared dialogs and could not show this one.
            return await _create_without_dialog(services, arguments, Answer.UNANSWERED, client)
        except anyio.get_cancelled_exc_class():
            if dialog.rendering is not None and is_dialog_open(dialog) and not dialog.scope.cancel_called:
                # The client gave up its call with the dialog open.
                with anyio.CancelScope(shield=True):
                    await _record_unanswered(services, dialog.rendering)
            raise
    if dialog.scope.cancelled_caught:
        return await _create_without_dialog(services, arguments, Answer.SILENT, client)
    raise AssertionError("a tool call ended without an answer")


async def _recover(
    services: Services, name: str, arguments: dict[str, Any], error: ToolError, client: str
) -> CallToolResult:
    """The result of a call that failed: a refusal, or the outcome of a purchase that may have been sent."""
    cause = error.__cause__
    if isinstance(cause, ToolFault):
        return await _refusal(services, cause)
    if isinstance(cause, StoreUnavailable):
        _log.error("the store cannot be used: %s", cause)
        return await _refusal(services, ToolFault(FaultCode.INTERNAL, "store", why=str(cause)))
    if not isinstance(error, UnexpectedToolError) and isinstance(cause, ToolError):
        # The client accepted the dialog with something that is neither a yes nor a no.
        return await _create_without_dialog(services, arguments, Answer.EMPTY, client)
    if not isinstance(error, UnexpectedToolError):
        raise error
    _log.error("%s failed", name, exc_info=cause)
    return await _answer_after_fault(services, name, arguments)


async def _record_unanswered(services: Services, rendering: Rendering) -> None:
    """Record that a dialog has no answer, so that it is not shown again. A fault of the ledger is only logged."""
    try:
        await record_unanswered(await services.purchasing(), rendering.token)
    except StoreUnavailable as error:
        _log.warning("that a dialog has no answer could not be written: %s", error)


async def _create_without_dialog(
    services: Services, arguments: dict[str, Any], answer: Answer, client: str
) -> CallToolResult:
    try:
        purchasing = replace(await services.purchasing(), client=client)
        return create_tool_result(await create_order(purchasing, arguments, answer))
    except ToolFault as fault:
        return await _refusal(services, fault)


async def _answer_after_fault(services: Services, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
    fault = ToolFault(FaultCode.INTERNAL)
    if name == "create_order":
        try:
            token = str(arguments.get("preview_token", "")).strip()
            outcome = await outcome_after_fault(await services.purchasing(), token)
        except StoreUnavailable as unavailable:
            outcome, fault = None, ToolFault(FaultCode.INTERNAL, "store_after_fault", why=str(unavailable))
        if outcome is not None:
            return create_tool_result(outcome)
    return await _refusal(services, fault)


async def _refusal(services: Services, fault: ToolFault) -> CallToolResult:
    from orders_server.mcp.error_results import refusal  # the renderer comes with the texts, after the first reply

    return refusal(fault, await services.texts())
