"""The whole torture run: every part of it, its figures on the screen and in docs/reliability.md.

`.venv/bin/python tests/torture/run.py [--seed N] [--quick]`
"""

import argparse
import logging
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median

if __package__ is None or __package__ == "":
    sys.path[0] = str(Path(__file__).parents[1])

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from support.sections import write_section
from torture import bugs, interleavings, kills, machine, many, put_back, schedules, serve_kills, soak
from torture.places import ROOT

SEED = 1688
PAGE = ROOT / "docs/reliability.md"
_PROCESSES = min(os.cpu_count() or 1, 4)

_TOLD = 20
_SHARE = 8
"""How many purchases one parent of killed children looks after."""


@dataclass(frozen=True)
class Sizes:
    """How much of everything is tried."""

    schedules: int
    kills: int
    serve_kills: int
    tokens: int
    callers: int
    examples: int
    bugs: int
    orders: int
    answers_every: int
    """One of so many interleavings of answers, and of ledgers put back, is played."""


FULL = Sizes(
    schedules=1_500,
    kills=104,
    serve_kills=5,
    tokens=200,
    callers=16,
    examples=300,
    bugs=len(bugs.BUGS),
    orders=2_000,
    answers_every=1,
)
QUICK = Sizes(
    schedules=60, kills=8, serve_kills=1, tokens=20, callers=4, examples=25, bugs=2, orders=200, answers_every=12
)


@dataclass
class Report:
    """Figures in the order they are shown, and every broken promise."""

    figures: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    broken: list[str] = field(default_factory=list[str])

    def say(self, what: str, figure: object) -> None:
        self.figures.append((what, str(figure)))


Step = Callable[[int], None]


def sweep(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """Crash, fault, second crash, visibility and profile."""
    played: list[schedules.Played] = []
    for each in schedules.run_on(_PROCESSES, seed, sizes.schedules):
        played.append(each)
        report.broken += [f"schedule {each.schedule}: {broken}" for broken in each.broken]
        step(1)
    promises = [broken.promise for each in played for broken in each.broken]
    settled = sorted(each.seconds_unknown for each in played if each.seconds_unknown is not None)
    report.say("schedules tried", len(played))
    report.say("of them through a real MCP client", sum(each.schedule.served for each in played))
    report.say("create calls executed upstream", sum(each.executed for each in played))
    report.say("duplicate orders", promises.count("O1"))
    report.say("lost orders or untrue outcomes", promises.count("O3") + promises.count("O5"))
    report.say("orders without an approval of exactly that order", promises.count("O2"))
    report.say("repeated sends without proof that the earlier ones were not executed", promises.count("O6"))
    report.say("answers that changed when the call was repeated", promises.count("O7"))
    report.say("calls sent before their row was on disk", promises.count("O4"))
    for where, profiles in (("", ("echoed", "note")), (" nowhere", ("ignored",))):
        some = [each for each in played if each.schedule.profile in profiles]
        unknown, executed = sum(each.unknown for each in some), sum(each.executed for each in some)
        report.say(f"executed but unknown at the end, if the reference comes back{where}", f"{unknown} of {executed}")
    report.say("virtual seconds to settle, median and longest", _median_and_most(settled))
    report.broken += [f"schedule {each.schedule}: a stranger's order in silence" for each in played if each.in_silence]
    report.say(
        "orders from somebody else's answer taken for ours, with a warning",
        sum(each.strangers == "warned of" for each in played),
    )
    report.say("the same, without a warning", sum(each.in_silence for each in played))
    report.say("trace of the sweep", schedules.trace_of(played)[:16])


def _median_and_most(seconds: list[float]) -> str:
    return f"{median(seconds):.0f} and {seconds[-1]:.0f}" if seconds else "none"


def kill_children(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """SIGKILL at an effect point."""
    starts = list(range(0, sizes.kills, _SHARE))
    told: list[kills.Killed] = []
    with ThreadPoolExecutor(_PROCESSES) as pool:
        for some in pool.map(kills.in_a_process_of_its_own, (seed + start for start in starts), [_SHARE] * len(starts)):
            told += some
            step(len(some))
    report.broken += [f"kill {each.point}, {each.fault}: {why}" for each in told for why in each.broken]
    report.say("purchases whose process was killed at a point", sum(each.was_killed for each in told))
    report.say("create calls executed for them, and the most for one purchase", _orders_of(told))


def _orders_of(told: list[kills.Killed]) -> str:
    return f"{sum(each.executed for each in told)}, {max(each.executed for each in told)}"


def kill_servers(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """SIGKILL of a serving process between send and answer."""
    told: list[serve_kills.ServeKilled] = []
    for number in range(sizes.serve_kills):
        told.append(serve_kills.kill(number, seed))
        step(1)
    report.broken += [f"serve {each.number}: {why}" for each in told for why in each.broken]
    placed = sum(each.outcomes[-1] == "placed" and each.executed == 1 for each in told)
    report.say(
        "servers killed between send and answer, and those with one order and placed afterwards",
        f"{len(told)}, {placed}",
    )


def crowds(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """Many processes on one ledger."""
    told = many.crowd(seed, sizes.tokens, sizes.callers)
    step(1)
    report.broken += told.broken
    report.say(
        "tokens, processes that each ordered all tokens, orders made", f"{told.tokens}, {told.processes}, {told.orders}"
    )
    report.say(
        "answers that those processes got", ", ".join(f"{what} {count}" for what, count in sorted(told.heard.items()))
    )


def random_buyers(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """Random calls of all tools."""
    try:
        steps, orders = machine.run(sizes.examples, 40)
    except Exception as error:  # whatever a random buyer meets is a broken promise
        report.broken.append(f"random buyers: {type(error).__name__}: {error}")
        steps = orders = 0
    step(1)
    report.say("steps of random buyers, and orders they made", f"{steps}, {orders}")


def late_answers(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """Dialogs and terminals answered late and in any order, with a second owner beside them."""
    some = list(interleavings.interleavings())[:: sizes.answers_every]
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        report.broken += [why for broken in pool.map(interleavings.play, some, chunksize=8) for why in broken]
    step(1)
    report.say("sequences of two answers, two channels and two replies, beside a second owner in doubt", len(some))


def ledgers_put_back(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """A copy of the ledger put back at every point of a purchase, with neighbours' orders in the list."""
    some = list(put_back.put_backs())[:: sizes.answers_every]
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        report.broken += [why for broken in pool.map(put_back.play, some, chunksize=8) for why in broken]
    step(1)
    report.say("ledgers restored at a point of a purchase", len(some))


def seeded_bugs(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """Seeded bugs and the tests named for them."""
    lost = bugs.lost_patches()
    report.broken += [f"seeded bug cannot be put in: {why}" for why in lost]
    if not bugs.stays_green():
        report.broken.append("seeded bugs: the tests are red without any bug")
    chosen = [bug for bug in bugs.BUGS[: sizes.bugs] if not any(why.startswith(f"{bug.name}: ") for why in lost)]
    seen = 0
    for bug, red in bugs.killed(chosen, _PROCESSES):
        seen += red
        if not red:
            report.broken.append(f"seeded bug survives: {bug.name}")
        step(1)
    report.say("seeded bugs, and those that their named test caught", f"{sizes.bugs}, {seen}")


def soaking(report: Report, seed: int, sizes: Sizes, step: Step) -> None:
    """Many orders in one process."""
    told = soak.in_a_process_of_its_own(seed, sizes.orders, step)
    report.broken += [f"soak: {why}" for why in told.broken]
    if told.descriptors_after > told.descriptors_before:
        report.broken.append(f"soak: {told.descriptors_before} descriptors became {told.descriptors_after}")
    if sizes.orders >= FULL.orders and told.bytes_an_order >= 1_024:
        report.broken.append(f"soak: memory grows by {told.bytes_an_order:.0f} bytes an order")
    report.say("orders in one process", told.orders)
    report.say("memory per order after warm-up", f"{told.bytes_an_order:.0f} bytes")
    report.say("file descriptors at the start and at the end", f"{told.descriptors_before}, {told.descriptors_after}")
    report.say("our own time per create_order, p50 and p99", f"{told.own_p50:.1f} ms, {told.own_p99:.1f} ms")
    report.say("commits per create_order", f"{told.commits_a_placement:.2f}")
    report.say("time per commit, p50 and p99", f"{told.commit_p50:.2f} ms, {told.commit_p99:.2f} ms")


def parts(sizes: Sizes) -> list[tuple[str, int, Callable[[Report, int, Sizes, Step], None]]]:
    """What is done, in order, and how long its bar is."""
    return [
        ("schedules", sizes.schedules, sweep),
        ("killed processes", sizes.kills, kill_children),
        ("killed servers", sizes.serve_kills, kill_servers),
        ("crowd", 1, crowds),
        ("random buyers", 1, random_buyers),
        ("late answers", 1, late_answers),
        ("ledgers put back", 1, ledgers_put_back),
        ("seeded bugs", sizes.bugs, seeded_bugs),
        ("soak", sizes.orders, soaking),
    ]


def play_all(seed: int, sizes: Sizes, console: Console) -> Report:
    """Everything, with a bar for each part."""
    report = Report()
    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for name, length, part in parts(sizes):
            bar = progress.add_task(name, total=length)

            def step(count: int, bar: object = bar) -> None:
                progress.advance(bar, count)  # pyright: ignore[reportArgumentType]

            part(report, seed, sizes, step)
    return report


def page(report: Report, seed: int, command: str) -> str:
    """The section of docs/reliability.md: the figures, how they were made and where."""
    rows = "\n".join(f"| {what} | {figure} |" for what, figure in report.figures)
    told = [f"- {why}" for why in report.broken[:_TOLD]]
    more = len(report.broken) - len(told)
    broken = "\n".join([*told, *([f"- and {more} more"] if more else [])]) or "None."
    return f"""The command below writes this section. Upstream and ledger each keep their own record, and the run
compares the two after each step. The upstream is scripted from the contract: nobody has seen the live API under
these conditions.

- Command: `{command}`
- Seed: {seed}
- Machine: Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores

| what | figure |
|---|---|
{rows}

### Broken promises

{broken}

If the reference comes back nowhere, an order whose answer was lost stays `unknown` and is never sent again. That is why
some schedules end that way.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run it; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help="a small run; it writes no page")
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    console = Console()
    console.print(f"seed {given.seed}")
    begun = time.monotonic()
    report = play_all(given.seed, QUICK if given.quick else FULL, console)
    report.say("duration of the run", f"{time.monotonic() - begun:.0f} s")
    table = Table("what", "figure")
    for row in report.figures:
        table.add_row(*row)
    console.print(table)
    for why in report.broken:
        console.print(f"BROKEN {why}", style="red", markup=False, highlight=False)
    if not given.quick:
        seeded = f" --seed {given.seed}" if given.seed != SEED else ""
        command = f".venv/bin/python tests/torture/run.py{seeded}"
        write_section(PAGE, "torture", page(report, given.seed, command))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
