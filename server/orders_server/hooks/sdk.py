"""The SDK's server with tools added late, and tools that read their own arguments."""

from collections.abc import Callable, Sequence
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool, ToolManager
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata


class LateToolsServer(MCPServer):
    """A server that gets its tools after it was created, and whose first middleware may be ours."""

    def give_tools(self, tools: Sequence[Tool]) -> None:
        """Offer exactly these tools."""
        self._tool_manager = ToolManager(tools=list(tools))

    def tool_names(self) -> list[str]:
        """The names of the tools that were given."""
        return [tool.name for tool in self._tool_manager.list_tools()]

    def run_first(self, middleware: Callable[..., Any]) -> None:
        """Run `middleware` before the SDK's own, which unseals what a client hands back."""
        self.middleware.insert(0, middleware)


class _RawArguments(FuncMetadata):
    """Passes a call's arguments on unread: `orders_tools` reads them and reports every fault at once."""

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        return {"given": arguments_to_validate}


def with_raw_arguments(tool: Tool, arguments: dict[str, Any], result: dict[str, Any]) -> Tool:
    """`tool` with these two published schemas; it gets the arguments of a call unread, as `given`."""
    derived = tool.fn_metadata
    tool.fn_metadata = _RawArguments(
        arg_model=derived.arg_model, output_schema=result, output_model=derived.output_model
    )
    tool.parameters = arguments
    return tool
