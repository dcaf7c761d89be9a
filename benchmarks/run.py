"""The project's performance against others of its kind, in ratios: a table here, and docs/performance.md.

    .venv/bin/python benchmarks/run.py [--rounds N] [--quick] [--only NAME]

Only a full run, neither quick nor of one subject, writes the page. All traffic stays on 127.0.0.1.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import bytes_to_model
import calls
import click
import first_reply
import store_size
from competitors import FASTMCP_GENERATED, HERE, OPENAPI_MCP_SERVER, available
from plan import Plan
from report import Section, show, write
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sessions import Failed

PAGE = HERE.parent / "docs" / "performance.md"
SUBJECTS: Mapping[str, Callable[[Plan], Awaitable[Section]]] = {
    "first-reply": first_reply.measure,
    "stdio": calls.measure_stdio,
    "http": calls.measure_http,
    "lines": store_size.measure_lines,
    "store": store_size.measure_store,
    "bytes": bytes_to_model.measure,
}


async def measure(names: list[str], rounds: int, quick: bool, console: Console, found: list[Section]) -> None:
    """Measure the subjects named, one after another; what was found stays in `found` if a later one fails."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*shown, console=console) as progress, tempfile.TemporaryDirectory(dir=HERE, prefix=".scratch-") as at:
        plan = Plan(rounds, quick, Path(at), progress)
        ready = plan.counted("generators", 1)  # the first run installs them
        available([FASTMCP_GENERATED, OPENAPI_MCP_SERVER])
        ready()
        for name in names:
            found.append(await SUBJECTS[name](plan))


@click.command()
@click.option("--rounds", type=click.IntRange(2, 100), help="Rounds of everything; 5, or 2 if quick.")
@click.option("--quick", is_flag=True, help="Few calls and small stores: shows that it works, measures little.")
@click.option("--only", type=click.Choice(list(SUBJECTS)), help="One subject.")
def main(rounds: int | None, quick: bool, only: str | None) -> None:
    """Measure the subjects and print their tables."""
    names = [only] if only else list(SUBJECTS)
    sections: list[Section] = []
    failure: Failed | None = None
    try:
        asyncio.run(measure(names, rounds or (2 if quick else 5), quick, Console(stderr=True), sections))
    except Failed as failed:
        failure = failed
    show(Console(width=140), sections)
    if failure is not None:
        click.echo(f"the run was given up: {failure}", err=True)
        sys.exit(1)
    if not quick and only is None:
        given = "" if rounds is None else f" --rounds {rounds}"
        write(PAGE, f".venv/bin/python benchmarks/run.py{given}", sections)


if __name__ == "__main__":
    main()
