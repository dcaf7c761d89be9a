"""The lists of dependencies: what is imported is declared; what is declared is used, explained, and pinned in range."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHIPPED = ("server", "tools", "prompts")
TRIED = ("tests", "benchmarks")
ELSEWHERE = {
    "benchmarks/processes/generated.py": {"fastmcp", "httpx2"},
    **{f"tests/browser/{name}.py": {"playwright"} for name in ("chromium", "looks", "scenes")},
}
"""What a script imports that runs in an environment of its own, or with an extra."""
NOT_IMPORTED = {"sniffio", "pytest-timeout", "pytest-xdist", "ruff", "pyright", "xportcn-orders"}
"""Used without an import of ours: by httpcore, as a plugin, as commands, and the project with its extras."""


def declared(*lists: str) -> dict[str, Requirement]:
    """The requirements of the runtime, or of extras, by name."""
    extras = PROJECT["optional-dependencies"]
    lines = [line for name in lists for line in (PROJECT["dependencies"] if name == "runtime" else extras[name])]
    return {str(canonicalize_name(each.name)): each for each in map(Requirement, lines)}


RUNTIME = declared("runtime")
ALL = declared("runtime", "otel", "notify", "dev")


@cache
def imports(path: Path) -> list[str]:
    """Every module that a file may import, wherever in it, by its whole name."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def packages() -> dict[str, list[str]]:
    return {top: sorted({*owners}) for top, owners in packages_distributions().items()}


@cache
def owner(module: str) -> str:
    """The distribution that a module is in; its own name where it is not installed."""
    top = module.partition(".")[0]
    owners = packages().get(top, [top])
    while len(owners) > 1 and module:
        # Several share the name: the longest beginning that is a file of one of them tells which.
        path = module.replace(".", "/")
        for each in owners:
            if {f"{path}.py", f"{path}/__init__.py"} & {str(file) for file in distribution(each).files or ()}:
                return str(canonicalize_name(each))
        module = module.rpartition(".")[0]
    return str(canonicalize_name(owners[0]))


@cache
def sources(folder: str) -> list[Path]:
    """Our own Python files below `folder`."""
    return [
        path
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
    ]


def used(*folders: str) -> dict[str, set[str]]:
    """Third-party distributions that files in `folders` import, each with the files."""
    own = {"orders_server", "orders_sandbox", "orders_tools", "orders_prompts", *sys.stdlib_module_names}
    own |= {name for folder in TRIED for path in sources(folder) for name in (path.stem, path.parent.name)}
    found: dict[str, set[str]] = {}
    for path in (path for folder in folders for path in sources(folder)):
        name = path.relative_to(ROOT).as_posix()
        for module in imports(path):
            if module.partition(".")[0] not in own | ELSEWHERE.get(name, set[str]()):
                found.setdefault(owner(module), set()).add(name)
    return found


@pytest.mark.parametrize(
    ("folders", "lists"), [(SHIPPED, ("runtime", "otel", "notify")), (TRIED, ("runtime", "otel", "notify", "dev"))]
)
def test_every_import_is_declared(folders: tuple[str, ...], lists: tuple[str, ...]) -> None:
    found = used(*folders)

    assert found
    assert {name: files for name, files in found.items() if name not in declared(*lists)} == {}


def test_what_only_an_extra_brings_is_imported_where_it_may_be_missing() -> None:
    found = used(*SHIPPED)

    def apart(extra: str) -> set[str]:
        return {file for name in declared(extra) for file in found.get(name, ()) if name not in RUNTIME}

    assert apart("otel") == {"server/orders_server/http/tracing.py"}
    assert apart("notify") == {"server/orders_server/consent/addresses.py"}


def test_every_declared_one_is_imported_or_known_not_to_be() -> None:
    assert ALL.keys() - used(*SHIPPED, *TRIED).keys() == NOT_IMPORTED
    assert RUNTIME.keys() - used(*SHIPPED).keys() == {"sniffio"}


def test_every_declared_one_has_its_reason() -> None:
    record = (ROOT / "docs/decisions/0015-dependencies.md").read_text(encoding="utf-8")
    heads = " ".join(line.split("|")[1] for line in record.splitlines() if line.startswith("| "))
    told = {str(canonicalize_name(word.split("[")[0].strip())) for word in heads.replace(",", " ").split()}

    assert ALL.keys() - told == set()


def test_every_runtime_dependency_has_both_bounds() -> None:
    for requirement in RUNTIME.values():
        assert {each.operator for each in requirement.specifier} == {">=", "<"}, requirement


def test_every_pin_lies_in_its_range() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = {str(canonicalize_name(name)): version for name, _, version in (line.partition("==") for line in lines)}

    assert len(pins) == len(lines)
    for name, requirement in ALL.items():
        if name != PROJECT["name"]:
            assert requirement.specifier.contains(pins[name]), requirement


def test_an_import_that_nobody_declared_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("def f():\n    from opentelemetry.sdk import trace\n    import httpcore2\n")

    assert {owner(module) for module in imports(tmp_path / "room.py")} == {"opentelemetry-sdk", "httpcore2"}
    assert owner("opentelemetry.trace") == "opentelemetry-api"
    assert "httpcore2" not in ALL
