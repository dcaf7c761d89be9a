"""What a run found: tables on the screen, and docs/performance.md with a bar chart."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from competitors import VERSIONS
from rich.console import Console
from rich.table import Table

_BAR = 40
_HEAD = """# Performance

Every figure is a ratio between servers that ran in turn, in one run, on one machine; an absolute figure would mostly
describe the machine. Brackets contain the lowest and highest ratio of a round. This page is written by

    {command}

on {machine}.

All servers call the same upstream, a sandbox in a separate process on 127.0.0.1. Generated servers cannot sign, so
every request is signed in front of the sandbox, and all servers pay the same for it. Our server commits each preview
to its ledger on disk before it answers; the others store nothing.

A create calls the API four times, in three consecutive round trips: first the new preview together with the look for
the purchase's reference, then the create call, then the details of the order that was made. The look is one read more
than in version 0.1.0 and adds no round trip (docs/decisions/0027-the-ledger-is-not-the-only-memory.md).

For a purchase in several parts, that look takes one more read. For a basket of several offers whose sellers the
catalogue does not name, it takes up to five more, one for each other division of the basket (record 0031). These reads
were not measured separately.

{versions}.
"""


@dataclass(frozen=True)
class Aim:
    """What a measured ratio should not exceed, or, where not `at_most`, should reach."""

    name: str
    measured: float
    limit: float
    at_most: bool = True

    @property
    def row(self) -> tuple[str, ...]:
        """Name, measure, limit and verdict."""
        met = self.measured <= self.limit if self.at_most else self.measured >= self.limit
        bound = "at most" if self.at_most else "at least"
        return self.name, f"{self.measured:.2f}", f"{bound} {self.limit:g}", "met" if met else "not met"


@dataclass(frozen=True)
class Section:
    """One subject's table, its bars (all of one unit, named in the chart's title), aims, and who was left out."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    chart: str
    bars: Sequence[tuple[str, float]]
    aims: Sequence[Aim] = ()
    left_out: Sequence[str] = ()


AIM_COLUMNS = ("aim", "measured", "limit", "verdict")


def machine() -> str:
    """The machine, without its name: Python, cores, processor, system."""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {_processor()}, {_system()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{named[0]} ({platform.machine()})" if named else platform.processor() or platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, AttributeError, KeyError):
        return f"{platform.system()} {platform.release()}"


def show(console: Console, sections: Sequence[Section]) -> None:
    """Print every table, the aims last."""
    console.print(machine())
    for section in sections:
        _show_table(console, section.title, section.columns, section.rows)
        console.print(section.note, style="dim")
        for line in section.left_out:
            console.print(f"left out: {line}", style="yellow")
    if aims := _aims(sections):
        _show_table(console, "Aims", AIM_COLUMNS, aims)


def write(path: Path, command: str, sections: Sequence[Section]) -> None:
    """Write the page of a full run."""
    parts = [_HEAD.format(command=command, machine=machine(), versions=VERSIONS)]
    parts.append(f"## Aims\n\n{_markdown(AIM_COLUMNS, _aims(sections))}")
    for section in sections:
        parts.append(f"## {section.title}\n\n{section.note}\n\n{_markdown(section.columns, section.rows)}")
        parts.append(f"{section.chart}:\n\n{_chart(section.bars)}")
        if section.left_out:
            parts.append("Left out:\n\n" + "\n".join(f"- {line}" for line in section.left_out) + "\n")
    path.write_text("\n".join(parts), encoding="utf-8")


def _aims(sections: Sequence[Section]) -> list[tuple[str, ...]]:
    return [aim.row for section in sections for aim in section.aims]


def _show_table(console: Console, title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _markdown(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [columns, ["---", *("---:" for _ in columns[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _chart(bars: Sequence[tuple[str, float]]) -> str:
    width, longest = max(len(name) for name, _ in bars), max(value for _, value in bars)
    lines = [f"{name:<{width}}  {'█' * max(1, round(value / longest * _BAR))} {value:.2f}" for name, value in bars]
    return "```text\n" + "\n".join(lines) + "\n```\n"
