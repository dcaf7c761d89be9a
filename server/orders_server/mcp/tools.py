"""The MCP tools: names, titles, descriptions, schemas and annotations; each calls one function of `orders_tools`."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, ElicitationResult, Resolve
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel

from orders_server.hooks.sdk import with_raw_arguments
from orders_server.mcp.descriptions import DESCRIPTIONS
from orders_server.mcp.elicitation import (
    Renderings,
    Yes,
    answer_of,
    can_show_dialog,
    carries_no,
    client_name,
    end_dialog,
    form,
    is_first_round,
    progress_reports,
    start_dialog,
)
from orders_server.mcp.schemas import arguments_schema, result_schema, structured
from orders_tools.arguments.create import CreateArguments
from orders_tools.arguments.offers import FindArguments, OfferArguments
from orders_tools.arguments.orders import GetArguments, ListArguments
from orders_tools.arguments.preview import PreviewArguments
from orders_tools.consent.answer import Answer
from orders_tools.consent.question import question
from orders_tools.create_order import create_order
from orders_tools.find_offers import find_offers
from orders_tools.get_offer import get_offer
from orders_tools.get_order import get_order
from orders_tools.list_orders import list_orders
from orders_tools.ports import Purchasing
from orders_tools.preview_order import preview_order
from orders_tools.results.create import CreateResult
from orders_tools.results.offers import OfferDetail, OfferList
from orders_tools.results.orders import OrderDetail, OrderList
from orders_tools.results.preview import PreviewResult

GetPurchasing = Callable[[], Awaitable[Purchasing]]
OFFERED = ("orders", "offers")
"""The kinds of tools that there are; the first cannot be left out."""


def tool_result(result: BaseModel, *, refused: bool = False) -> CallToolResult:
    """`result` as an MCP result: its summary is the text, and the result itself is the structured content."""
    return CallToolResult(
        content=[TextContent(type="text", text=result.model_dump(include={"summary"})["summary"])],
        structured_content=structured(result),
        is_error=refused,
    )


def create_tool_result(result: CreateResult) -> CallToolResult:
    """Like `tool_result`, but marks `rejected` as an error, because something has to change before it can succeed."""
    return tool_result(result, refused=result.outcome == "rejected")


def tools(get_purchasing: GetPurchasing, renderings: Renderings, offered: Collection[str] = OFFERED) -> list[Tool]:
    """The tools of the kinds in `offered`. They use `get_purchasing`, and `renderings` remembers earlier dialogs."""
    looking = [_find_offers(get_purchasing), _get_offer(get_purchasing)] if "offers" in offered else []
    return [
        _preview_order(get_purchasing),
        _create_order(get_purchasing, renderings),
        _list_orders(get_purchasing),
        _get_order(get_purchasing),
        *looking,
    ]


def _find_offers(get_purchasing: GetPurchasing) -> Tool:
    async def tool(given: dict[str, Any]) -> Annotated[CallToolResult, OfferList]:
        return tool_result(await find_offers(await get_purchasing(), given))

    return _tool("find_offers", "Find offers", tool, FindArguments, OfferList, _reads("Find offers"))


def _get_offer(get_purchasing: GetPurchasing) -> Tool:
    async def tool(given: dict[str, Any]) -> Annotated[CallToolResult, OfferDetail]:
        return tool_result(await get_offer(await get_purchasing(), given))

    return _tool("get_offer", "Look at an offer", tool, OfferArguments, OfferDetail, _reads("Look at an offer"))


def _preview_order(get_purchasing: GetPurchasing) -> Tool:
    async def tool(context: Context, given: dict[str, Any]) -> Annotated[CallToolResult, PreviewResult]:
        return tool_result(await preview_order(_for_client(await get_purchasing(), context), given))

    return _tool("preview_order", "Preview an order", tool, PreviewArguments, PreviewResult, _reads("Preview an order"))


def _create_order(get_purchasing: GetPurchasing, renderings: Renderings) -> Tool:
    async def ask(context: Context, given: dict[str, Any]) -> Elicit[Yes] | Answer:
        if carries_no(context):
            return Answer.NO
        if not can_show_dialog(context):
            return Answer.NOT_ASKED
        purchasing = await get_purchasing()
        asked = await question(purchasing, given, again=not is_first_round(context))
        if asked is None:
            return Answer.NOT_ASKED
        start_dialog(asked, context)
        return Elicit(asked.text, form(purchasing, asked))

    async def tool(
        context: Context, given: dict[str, Any], answer: Annotated[ElicitationResult[Yes], Resolve(ask)]
    ) -> Annotated[CallToolResult, CreateResult]:
        shown_at = end_dialog(renderings, str(given.get("preview_token")).strip())
        purchasing = _for_client(await get_purchasing(), context)
        return create_tool_result(await create_order(purchasing, given, answer_of(answer), shown_at))

    annotations = ToolAnnotations(
        title="Place an order", read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True
    )
    return _tool("create_order", "Place an order", tool, CreateArguments, CreateResult, annotations)


def _for_client(purchasing: Purchasing, context: Context) -> Purchasing:
    reports = partial(progress_reports, context)
    return replace(
        purchasing, client=client_name(context), shows_dialogs=can_show_dialog(context), reports_progress=reports
    )


def _list_orders(get_purchasing: GetPurchasing) -> Tool:
    async def tool(given: dict[str, Any]) -> Annotated[CallToolResult, OrderList]:
        return tool_result(await list_orders(await get_purchasing(), given))

    return _tool("list_orders", "List orders", tool, ListArguments, OrderList, _reads("List orders"))


def _get_order(get_purchasing: GetPurchasing) -> Tool:
    async def tool(given: dict[str, Any]) -> Annotated[CallToolResult, OrderDetail]:
        return tool_result(await get_order(await get_purchasing(), given))

    return _tool("get_order", "Look at an order", tool, GetArguments, OrderDetail, _reads("Look at an order"))


def _reads(title: str) -> ToolAnnotations:
    return ToolAnnotations(
        title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    )


def _tool(
    name: str,
    title: str,
    function: Callable[..., Awaitable[CallToolResult]],
    arguments: type[BaseModel],
    result: type[BaseModel],
    annotations: ToolAnnotations,
) -> Tool:
    """`function` as a tool. Its input schema is the closed model `arguments`, its output schema is `result`, and the
    function parses its own arguments."""
    tool = Tool.from_function(function, name=name, title=title, description=DESCRIPTIONS[name], annotations=annotations)
    return with_raw_arguments(tool, arguments_schema(arguments), result_schema(result))
