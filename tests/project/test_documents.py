"""The documents: commands that run, tables that are made from the code, links that lead somewhere."""

import re
from pathlib import Path

import pytest

from support.commands import told
from support.house import House
from support.reference import reference
from support.snapshots import same_as_file

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def marked(name: str) -> str:
    """The one command under a marker of the README."""
    match = re.search(rf"<!-- {name} -->\n```sh\n(.+)\n```", README)
    assert match, name
    return match[1]


def test_the_readmes_demo_command_installs_and_runs_the_demo() -> None:
    make, install, demo = marked("demo").split(" && ")

    assert make == "python3 -m venv .venv"
    assert install == ".venv/bin/pip install -q -c constraints.txt ."
    # What that does is told in tests/cli/test_commands.py, where it runs.
    assert demo == ".venv/bin/xportcn-orders demo"


def test_the_readmes_test_command_is_the_one_that_runs_now() -> None:
    make, install, tests = marked("test").split(" && ")

    assert make == "python3 -m venv .venv"
    assert install == ".venv/bin/pip install -q -c constraints.txt -e '.[dev]'"
    assert tests == ".venv/bin/pytest -n 2"


@pytest.mark.parametrize(
    ("command", "status"),
    [("pending", 0), ("approve PO261123-2MV9YNTZ", 2), ("decline PO261123-2MV9YNTZ", 1), ("doctor", 0)],
)
def test_the_readmes_other_commands_do_as_it_says(tmp_path: Path, command: str, status: int) -> None:
    assert f"xportcn-orders {command}" in README
    places = {"XPORTCN_STORE": f"sqlite:///{tmp_path}/ledger.sqlite3", "XPORTCN_KEY_FILE": f"{tmp_path}/key/ledger.key"}
    assert told(tmp_path, *command.split(), **places).returncode == status


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (document.parent / link).exists(), link


def test_scripts_that_contributing_names_are_there() -> None:
    for name in re.findall(r"`(?:\.venv/bin/python )?((?:tests|benchmarks|\.ci)/[\w./-]+)", CONTRIBUTING):
        assert (ROOT / name).is_file(), name


def test_versions_are_pinned_in_a_file_that_names_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()

    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+!-]+", line)] == []


@pytest.mark.anyio
async def test_the_reference_is_made_from_the_code(house: House) -> None:
    async with house.buyer() as buyer:
        tools = (await buyer.client.list_tools()).tools

    same_as_file(ROOT / "docs/reference.md", reference(tools))
