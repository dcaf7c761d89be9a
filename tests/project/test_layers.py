"""Which way imports run: server -> tools -> prompts, and what the heart of the house may not know."""

import ast
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
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
    "orders_server.consent",
    "webauthn",
    "segno",
    "apprise",
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


TOOLS = ROOT / "tools/orders_tools"
A_TOOL = {f"orders_tools.{path.stem}" for path in TOOLS.glob("*_order*.py")}
DOMAIN = ("**/model.py", "purchase/records.py", "purchase/states.py", "rules/*.py", "vocabulary.py", "money.py")


def modules(folder: Path) -> dict[str, set[str]]:
    """Each module below `folder`, and which of them it imports when it is loaded."""
    paths = {".".join(path.relative_to(folder).with_suffix("").parts): path for path in folder.rglob("*.py")}
    names = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    return {
        name: {each for each in at_load(path, names) if each in names and each != name} for name, path in names.items()
    }


def at_load(path: Path, known: Collection[str]) -> Iterator[str]:
    """Every module that a file imports at its top; of a package, the modules that are named where they are known."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            wholes = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from wholes
            if not wholes <= set(known):
                yield node.module


def circle(imports: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; none where each can be loaded after what it imports."""
    left = dict(imports)
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


@pytest.mark.parametrize("folder", ["prompts", "tools", "server"])
def test_no_imports_run_in_a_circle(folder: str) -> None:
    assert len(modules(ROOT / folder)) > 3
    assert circle(modules(ROOT / folder)) == []


def test_a_circle_would_be_seen(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "three"), ("three", "two"), ("four", "one")):
        (tmp_path / f"{name}.py").write_text(f"import {other}\n")
    assert circle(modules(tmp_path)) == ["four", "one", "three", "two"]


def test_no_tool_imports_another() -> None:
    assert len(A_TOOL) == 4
    for name in A_TOOL:
        assert A_TOOL & set(imports_of(ROOT / "tools" / f"{name.replace('.', '/')}.py")) == set(), name


def test_the_domain_knows_no_published_schema() -> None:
    types = [path for pattern in DOMAIN for path in TOOLS.glob(pattern)]
    assert len(types) >= 11
    published = ("orders_tools.results", "orders_tools.arguments")
    assert [(path.name, name) for path in types for name in imports_of(path) if name.startswith(published)] == []


def test_nothing_is_loaded_that_the_first_reply_does_not_need() -> None:
    say = "print(' '.join(sys.modules))"
    code = f"import sys, mcp.server.mcpserver; {say}; import orders_server.app.stdio; {say}"
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    sdk, loaded = (line.split() for line in lines)
    assert "orders_server.app.stdio" in loaded
    assert [name for name in LATE if name in loaded and name not in sdk] == []


WHOLE = {"contract", "torture", "project", "support", "snapshots"}
OTHER_RUNNERS = {"browser", "conformance", "fuzz", "inspector", "mutation", "typescript"}


def test_a_folder_of_tests_bears_the_name_of_the_room_that_it_tries() -> None:
    packages = ("prompts", "tools/orders_tools", "server/orders_server", "server")
    rooms = {path.stem for package in packages for path in (ROOT / package).iterdir()} | {"prompts", "sandbox"}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} - {"__pycache__"}
    assert {"ledger", "rules", "xportcn"} <= folders
    assert folders - rooms == WHOLE | OTHER_RUNNERS


def test_every_test_that_a_document_or_a_table_names_is_there() -> None:
    pages = [ROOT / "AGENTS.md", ROOT / "tests/mutation/rooms.toml", *(ROOT / "docs").rglob("*.md")]
    named = {path for page in pages for path in re.findall(r"tests/[a-z_/]+\.[a-z]+", page.read_text("utf-8"))}
    assert len(named) > 50
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
