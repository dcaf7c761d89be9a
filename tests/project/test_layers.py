"""Which way imports run: server -> tools -> prompts, and what the heart of the house may not know."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = {
    "prompts/orders_prompts": {"orders_tools", "orders_server", "orders_sandbox"},
    "tools/orders_tools": {"orders_server", "orders_sandbox"},
    "server/orders_sandbox": {"orders_prompts", "orders_tools", "orders_server"},
    "server/orders_server": set[str](),
}
NOT_IN_TOOLS = {"mcp", "httpx", "sqlalchemy", "jinja2", "anyio", "starlette", "uvicorn", "click", "rich"}
NOT_IN_PROMPTS = {"mcp", "httpx", "sqlalchemy", "pydantic", "anyio"}
LATE = (
    "sqlalchemy",
    "httpx",
    "jinja2",
    "orders_sandbox.app",
    "orders_server.ledger",
    "rich.table",
    "orders_server.http",
    "opentelemetry.sdk",
    "orders_tools",
)


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides which way it runs"
            yield node.module or ""


def against(folder: Path, forbidden: set[str]) -> list[str]:
    """The imports of a folder's files that may not be there."""
    return [
        f"{path.name} imports {name}"
        for path in sorted(folder.rglob("*.py"))
        for name in imports_of(path)
        if name.split(".")[0] in forbidden
    ]


@pytest.mark.parametrize("folder", FLOORS)
def test_no_import_runs_against_the_arrows(folder: str) -> None:
    assert list((ROOT / folder).rglob("*.py"))
    assert against(ROOT / folder, FLOORS[folder]) == []


def test_an_import_against_the_arrows_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("def f():\n    from orders_server.settings import Settings\n")
    assert against(tmp_path, FLOORS["tools/orders_tools"]) == ["room.py imports orders_server.settings"]


def test_the_heart_knows_no_library_that_touches_the_world() -> None:
    assert against(ROOT / "tools/orders_tools", NOT_IN_TOOLS) == []
    assert against(ROOT / "prompts/orders_prompts", NOT_IN_PROMPTS) == []


def test_the_sandbox_shares_no_code_with_the_client() -> None:
    assert against(ROOT / "server/orders_server/xportcn", {"orders_sandbox"}) == []


def test_nothing_is_loaded_that_the_first_reply_does_not_need() -> None:
    say = "print(' '.join(sys.modules))"
    code = f"import sys, mcp.server.mcpserver; {say}; import orders_server.app.stdio; {say}"
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    sdk, loaded = (line.split() for line in lines)
    assert "orders_server.app.stdio" in loaded
    assert [name for name in LATE if name in loaded and name not in sdk] == []
