"""The decision records: each dated, with its status, in the index, and naming files that exist."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
SEARCHED = ("server", "tools", "prompts", "tests", "docs", "benchmarks")
_FILE = re.compile(r"`([\w.][\w./-]*(?:\.(?:py|j2|toml|json|md|txt)|(?<=\w)/))`")
_STATUS = re.compile(r"(\d{4}-\d{2}-\d{2}), (in force|replaced by \d{4})")


@cache
def files() -> list[str]:
    """Every file of the project that a record may name."""
    own = [path.name for path in ROOT.iterdir() if path.is_file()]
    found = [path for name in SEARCHED for path in (ROOT / name).rglob("*") if path.is_file()]
    return own + [path.relative_to(ROOT).as_posix() for path in found if "node_modules" not in path.parts]


def lost(text: str, known: list[str]) -> list[str]:
    """The files that `text` names and that do not exist."""
    named = [name for name in _FILE.findall(text) if "NAME" not in name]  # where a file would be added
    return [name for name in named if not any(f"/{name}" in f"/{file}" and _ends(name, file) for file in known)]


def _ends(name: str, file: str) -> bool:
    """A folder is anywhere in a path, a file at its end."""
    return name.endswith("/") or f"/{file}".endswith(f"/{name}")


def test_every_record_has_a_date_a_status_and_its_line_in_the_index() -> None:
    rows: list[str] = []
    for path in RECORDS:
        title, _, status, *_ = path.read_text(encoding="utf-8").splitlines()
        number, _, name = title.removeprefix("# ").partition(" ")
        match = _STATUS.fullmatch(status)
        assert match, path
        assert path.name.startswith(f"{number}-"), path
        rows.append(f"| [{number}]({path.name}) | {name} | {match[1]} | {match[2]} |")

    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [line for line in index.splitlines() if line.startswith("| [")] == rows


@pytest.mark.parametrize("path", [*RECORDS, ROOT / "AGENTS.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.stem)
def test_a_record_names_files_that_exist(path: Path) -> None:
    assert lost(path.read_text(encoding="utf-8"), files()) == []


def test_a_file_that_is_gone_would_be_seen() -> None:
    text = "See `ledger/no_such_room.py`, `no_such_folder/`, `orders_server/ledger/` and `pyproject.toml`."
    assert lost(text, files()) == ["ledger/no_such_room.py", "no_such_folder/"]
