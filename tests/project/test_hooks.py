"""What we use of the SDK, uvicorn and h11 without their promise: it stands in one room, and it is still there."""

import ast
import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h11
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool, ToolManager
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from starlette.applications import Starlette
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from orders_server.hooks.sdk import LateToolsServer

ROOT = Path(__file__).parents[2]
ROOMS = ("server/orders_server/hooks/", "server/orders_sandbox/server.py")
"""The sandbox imports nothing of the server, and so has its own."""
FOREIGN = ("mcp", "uvicorn", "h11", "starlette", "httpx", "anyio", "sqlalchemy")
UNPROMISED = (
    "h11",
    "uvicorn.protocols",
    "uvicorn.server",
    "mcp.server.mcpserver.utilities",
    "mcp.server.mcpserver.tools.ToolManager",
)
OURS = {"_exit", "_version_", "_name_", "_value_"}
"""os._exit, and what Python's enums and ours are made of."""


def files() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted((ROOT / "server").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(ROOMS):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def private_uses(tree: ast.AST) -> Iterator[str]:
    """Private names of foreign packages that are imported, and private attributes that a class does not make itself."""
    for name in imported(tree):
        if name.startswith(FOREIGN) and any(part.startswith("_") for part in name.split(".")):
            yield name
    for made in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        nodes = [node for node in ast.walk(made) if isinstance(node, ast.Attribute)]
        own = {node.attr for node in nodes if isinstance(node.ctx, ast.Store)}
        own |= {node.name for node in ast.walk(made) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        own |= {
            node.target.id
            for node in made.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        own |= {
            target.id
            for node in made.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        bases = {base.id for base in made.bases if isinstance(base, ast.Name)}
        if bases:
            yield from (
                f"{made.name}: self.{node.attr}"
                for node in nodes
                if isinstance(node.value, ast.Name) and node.value.id == "self"
                if node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in own
            )


def test_what_is_not_promised_is_used_in_one_room() -> None:
    for name, tree in files():
        assert [each for each in imported(tree) if each.startswith(UNPROMISED)] == [], name
        assert list(private_uses(tree)) == [], name


def test_a_private_name_elsewhere_would_be_seen() -> None:
    assert list(private_uses(ast.parse("from mcp.server._otel import x"))) == ["mcp.server._otel.x"]
    assert list(private_uses(ast.parse("class A(B):\n  def f(self): return self._manager"))) == ["A: self._manager"]


def test_the_sdks_server_lists_and_calls_the_tools_of_the_manager_that_is_put_in() -> None:
    made: list[Callable[..., Any]] = [MCPServer.list_tools, MCPServer.call_tool]
    assert all("self._tool_manager." in inspect.getsource(each) for each in made)
    server = LateToolsServer("a server")
    assert isinstance(server._tool_manager, ToolManager)  # pyright: ignore[reportPrivateUsage]
    server.give_tools([Tool.from_function(lambda: None, name="one", description="")])
    assert server.tool_names() == ["one"]
    assert isinstance(server.middleware, list)


def test_the_sdk_reads_arguments_and_schemas_where_they_are_replaced() -> None:
    assert set(Tool.model_fields) >= {"fn_metadata", "parameters"}
    assert set(FuncMetadata.model_fields) >= {"arg_model", "output_schema", "output_model"}
    assert list(inspect.signature(FuncMetadata.validate_arguments).parameters) == ["self", "arguments_to_validate"]
    assert "validate_arguments(" in inspect.getsource(FuncMetadata)


def test_a_connection_of_uvicorn_has_what_is_asked_of_it() -> None:
    config = Config(Starlette())
    config.load()
    connection = H11Protocol(config, ServerState(), {}, asyncio.new_event_loop())
    connection.loop.close()
    assert {"conn", "cycle", "connections", "transport", "loop"} <= vars(connection).keys()
    assert callable(H11Protocol.on_response_complete)
    assert "self.response_complete" in inspect.getsource(RequestResponseCycle)
    assert h11.Connection(h11.SERVER).their_state is h11.IDLE


def test_a_server_of_uvicorn_has_what_is_asked_of_it() -> None:
    server = Server(Config(Starlette()))
    assert (server.started, server.should_exit) == (False, False)
    assert {"connections", "tasks"} <= vars(server.server_state).keys()
    assert all(callable(getattr(server, name)) for name in ("capture_signals", "startup", "main_loop", "shutdown"))
    assert "self.servers" in inspect.getsource(Server.startup)
