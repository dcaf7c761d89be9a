"""Change the rules of a purchase in every way mutmut knows, and count the changes that the tests see.

`.venv/bin/python tests/mutation/run.py [FILE...] [--tenth DIGIT]`

It needs the extra `mutation`. `rooms.toml` says what is changed and which tests have to see it, `harmless.toml` why a
change may stay unseen. The figures of each room go into their rows of docs/reliability.md as soon as it is done; a
tenth of the changes goes to the screen only. It ends with 1 where a change is unseen without a reason, where a reason
is needed no longer, or where all files together are below the floor.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

if __package__ is None or __package__ == "":
    sys.path[0] = str(Path(__file__).parents[1])

from rich.console import Console
from rich.table import Table
from torture.places import ROOT, SOURCES, fast_folder

from mutation.naming import MARK
from support.sections import section, write_section

HERE = Path(__file__).parent
PAGE = ROOT / "docs/reliability.md"
SECTION = "mutation"
MUTMUT = Path(sys.executable).with_name("mutmut")
_SEEN = {"killed", "timeout"}
_TESTED_APART = ("node_modules", "__pycache__", "mutation")


@dataclass(frozen=True)
class Room:
    """Files of the packages, and the tests that have to see a change of them."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What mutmut did to a function: the lines that were, and the lines that came instead."""

    function: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"function = {_quoted(self.function)}\nwas = {_quoted(self.was)}\nbecomes = {_quoted(self.becomes)}"


@dataclass(frozen=True)
class Figures:
    """What came of the changes of one file."""

    made: int
    seen: int
    harmless: int

    @property
    def score(self) -> float:
        return 100 * self.seen / self.made if self.made else 100

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.made + other.made, self.seen + other.seen, self.harmless + other.harmless)


@dataclass
class Report:
    """Figures of each file, and every change that no test saw."""

    figures: dict[str, Figures]
    unseen: list[Change]


def rooms(rules: Mapping[str, Any], wanted: Sequence[str]) -> list[Room]:
    """The rooms of `rules`, cut down to files that are `wanted`; all of them where none is named."""
    found = [
        Room(tuple(file for file in room["files"] if not wanted or _is_named(file, wanted)), tuple(room["tests"]))
        for room in rules["room"]
    ]
    return [room for room in found if room.files]


def _is_named(file: str, wanted: Sequence[str]) -> bool:
    """Whether `wanted` holds the end of the path of `file`: `lookup`, or `offers/lookup` where there are several."""
    return any(Path(file).with_suffix("").match(name.removesuffix(".py")) for name in wanted)


def harmless() -> dict[Change, str]:
    """The reason for each change that may stay unseen."""
    told = tomllib.loads((HERE / "harmless.toml").read_text(encoding="utf-8")).get("harmless", [])
    reasons: dict[Change, str] = {}
    for each in told:
        for becomes in each["becomes"] if isinstance(each["becomes"], list) else [each["becomes"]]:
            change = Change(each["function"], each["was"], becomes)
            if change in reasons:
                raise ValueError(f"two reasons for one change:\n{change}")
            reasons[change] = each["why"]
    return reasons


def stage(folder: Path, room: Room, rules: Mapping[str, Any]) -> None:
    """A copy of the packages as mutmut wants them, all below `src`, with the tests and a configuration."""
    for source in SOURCES:
        shutil.copytree(ROOT / source, folder / "src", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns(*_TESTED_APART))
    pytest: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    # Escaped, a name in Chinese has backslashes, and by such a name pytest does not find a test again.
    pytest["disable_test_id_escaping_and_forfeit_all_rights_to_community_support"] = True
    pyproject = folder / "pyproject.toml"
    pyproject.write_text("\n".join(_table("tool.pytest.ini_options", pytest)), encoding="utf-8")
    deselected = [*rules["deselected"], *_lost_names(folder, room.tests)]
    mutmut = {
        "source_paths": ["src"],
        "only_mutate": [f"src/{file}" for file in room.files],
        "do_not_mutate_patterns": rules["left_alone"],
        # The collection of garbage at the end of each run takes longer than most runs.
        "pytest_add_cli_args": ["-p", "no:unraisableexception", *(f"--deselect={test}" for test in deselected)],
        "pytest_add_cli_args_test_selection": list(room.tests),
        "track_dependencies": False,
        "use_git_change_detection": False,
    }
    with pyproject.open("a", encoding="utf-8") as file:
        file.write("\n\n" + "\n".join(_table("tool.mutmut", mutmut)))


def _lost_names(folder: Path, tests: Sequence[str]) -> list[str]:
    """Tests that pytest does not find by the name it gives them: mutmut would take that for a change that is seen.

    Raises:
        SystemExit: others cannot be found either.
    """
    names: list[str] = json.loads(_collected(folder, tests, "-p", "naming").stdout.partition(MARK)[2] or "[]")
    lost = [name for name in names if "\\" in name or not name.isprintable()]
    check = _collected(folder, [name for name in names if name not in lost])
    if not names or check.returncode != 0:
        raise SystemExit(f"pytest does not find its own tests again:\n{check.stdout[-2_000:]}{check.stderr[-2_000:]}")
    return lost


def _collected(folder: Path, tests: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--rootdir=.", "--collect-only", *options, *tests]
    environment = {**_environment(), "PYTHONPATH": str(HERE)}
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    return [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]


def play(room: Room, rules: Mapping[str, Any], only: str | None) -> Report:
    """Make every change of a room, or those whose names match `only`, and see which the tests let pass.

    Raises:
        SystemExit: mutmut could not run; what it said is on the screen.
    """
    with fast_folder() as folder:
        stage(folder, room, rules)
        children = min(os.cpu_count() or 1, 4)
        _mutmut(folder, "run", "--max-children", str(children), *([only] if only else []))
        statuses = _statuses(_mutmut(folder, "results", "--all", "true"))
        figures: dict[str, Figures] = {}
        unseen: list[Change] = []
        reasons = harmless()
        for file in room.files:
            module = file.removesuffix(".py").replace("/", ".")
            own = {name: how for name, how in statuses.items() if name.startswith(f"{module}.x")}
            with ThreadPoolExecutor(children) as pool:
                passed = list(pool.map(partial(_change, folder), [name for name in own if own[name] not in _SEEN]))
            excused = sum(change in reasons for change in passed)
            figures[file] = Figures(len(own), len(own) - len(passed), excused)
            unseen += passed
        return Report(figures, unseen)


def _mutmut(folder: Path, *arguments: str) -> str:
    command = [MUTMUT, *arguments]
    run = subprocess.run(command, cwd=folder, env=_environment(), check=False, capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stdout[-3_000:], run.stderr[-2_000:], file=sys.stderr)
        raise SystemExit(f"mutmut {arguments[0]} ended with {run.returncode}")
    return run.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def _statuses(told: str) -> dict[str, str]:
    rows = (row.strip().rpartition(": ") for row in told.splitlines() if "__mutmut_" in row)
    return {name: status for name, _, status in rows if status != "not checked"}


def _change(folder: Path, name: str) -> Change:
    """What one mutant changed, as mutmut shows it."""
    lines = _mutmut(folder, "show", name).splitlines()
    diff = [line for line in lines if line[:1] in {"-", "+"} and not line.startswith(("---", "+++"))]
    sides = (" ".join(line[1:].strip() for line in diff if line[0] == sign) for sign in "-+")
    module, _, function = name.partition("__mutmut_")[0].rpartition(".")
    readable = function.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return Change(f"{module}.{readable}", *sides)


def _quoted(text: str) -> str:
    """`text` as a TOML string, literal where that is possible."""
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)


def needless(reasons: Iterable[Change], report: Report) -> list[Change]:
    """Reasons for changes of these files that are seen by now, or that mutmut no longer makes."""
    modules = tuple(f"{file.removesuffix('.py').replace('/', '.')}." for file in report.figures)
    return [change for change in reasons if change.function.startswith(modules) and change not in report.unseen]


def page(figures: Mapping[str, Figures], floor: int) -> str:
    """The section: a row for each file that there is, those that were not run as they stood, and the sum of all."""
    rows = {file: each for file, each in {**_rows(section(PAGE, SECTION)), **figures}.items() if _exists(file)}
    whole = sum(rows.values(), Figures(0, 0, 0))
    told = [_row(f"`{file}`", each) for file, each in sorted(rows.items())]
    return f"""`.venv/bin/python tests/mutation/run.py` writes this section. The command uses
[mutmut](https://mutmut.readthedocs.io) to change the rules of a purchase, one change at a time, and runs the tests on
each change. A change counts as seen if a test fails. `tests/mutation/harmless.toml` lists the harmless changes, each
with its reason. The goal is that {floor} % of all changes are seen. mutmut only changes code inside functions; the
tables and queries of a module have their own tests, row by row.

Each row is from the last run of its file.

| file | changes | seen | score | harmless | unseen without a reason |
|---|---|---|---|---|---|
{chr(10).join([*told, _row("all", whole)])}
"""


def _exists(file: str) -> bool:
    return any((ROOT / source / file).is_file() for source in SOURCES)


def _row(name: str, each: Figures) -> str:
    left = each.made - each.seen - each.harmless
    return f"| {name} | {each.made} | {each.seen} | {each.score:.1f} % | {each.harmless} | {left} |"


def _rows(text: str) -> dict[str, Figures]:
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {cell[0].strip("`"): Figures(int(cell[1]), int(cell[2]), int(cell[4])) for cell in cells}


def main(arguments: list[str] | None = None) -> int:
    """Run it; 1 where something is left to do."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help="files, as `manual` or `offers/card`; all if absent")
    parser.add_argument("--tenth", choices=list("0123456789"), help="only the changes whose number ends so; no page")
    given = parser.parse_args(arguments)
    rules = tomllib.loads((HERE / "rooms.toml").read_text(encoding="utf-8"))
    console, begun = Console(), time.monotonic()
    whole, reasons = Report({}, []), harmless()
    for room in rooms(rules, given.files):
        report = play(room, rules, f"*__mutmut_*{given.tenth}" if given.tenth else None)
        whole.figures.update(report.figures)
        whole.unseen += report.unseen
        for file, each in report.figures.items():
            print(f"{file}: {each.seen} of {each.made} seen, {each.score:.1f} %")
        for change in report.unseen:
            if change not in reasons:
                print(f"\nUNSEEN\n{change}\n", flush=True)
        if not given.tenth:
            write_section(PAGE, SECTION, page(whole.figures, rules["floor"]))
    return _judged(console, whole, given.tenth, rules["floor"], time.monotonic() - begun)


def _judged(console: Console, whole: Report, tenth: str | None, floor: int, seconds: float) -> int:
    reasons = harmless()
    left = [change for change in whole.unseen if change not in reasons]
    stale = [] if tenth else needless(reasons, whole)
    for change in stale:
        print(f"\nA REASON THAT IS NOT NEEDED\n{change}\n")
    table = Table("file", "changes", "seen", "score", "harmless", "without a reason")
    for file, each in whole.figures.items():
        table.add_row(*(cell.strip() for cell in _row(file, each).strip("|").split("|")))
    console.print(table, f"{seconds:.0f} s")
    low = sum(whole.figures.values(), Figures(0, 0, 0)).score < floor
    return 1 if left or stale or low else 0


if __name__ == "__main__":
    sys.exit(main())
