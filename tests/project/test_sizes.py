"""How long a file and a function of the product may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("server", "tools", "prompts") for path in (ROOT / folder).rglob("*.py")]
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
MIGRATIONS = "migrations"
"""What made the first ledger is one list of columns, and is never changed again."""


def long_functions(source: str) -> Iterator[str]:
    """Each function of `source` that is too long, with its lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name}: {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_short_and_so_is_each_function_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LONGEST_FILE
    assert MIGRATIONS in path.parts or list(long_functions(text)) == []


def test_a_long_function_would_be_seen() -> None:
    assert list(long_functions("def long():\n" + "    print()\n" * 41)) == ["long: 42 lines"]
