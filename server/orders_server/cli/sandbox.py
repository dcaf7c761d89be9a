"""The sandbox as its own process."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import click

from orders_sandbox import CATALOGUE, SandboxOptions, running
from orders_sandbox.options import unknown_faults
from orders_sandbox.switches import switches_from


async def run_sandbox(
    port: int,
    generation: str,
    faults: Sequence[str],
    switches: Sequence[str],
    seed: int,
    history: int,
    history_separate: bool,
) -> None:
    """Serve the sandbox on `port` of this machine until it is interrupted, after saying how to reach it.

    Raises:
        OSError: the port is in use.
        ValueError: faults or switches that there are not; the message names all of them.
    """
    chosen, problems = switches_from(switches)
    problems = [*unknown_faults(faults), *problems]
    if problems:
        raise ValueError("; ".join(problems))
    options = SandboxOptions(
        generation=cast("Any", generation),
        faults=frozenset(faults),
        seed=seed,
        history=history,
        history_separate=history_separate,
        switches=chosen,
    )
    async with running(options, port) as base_url:
        click.echo(f"XPORTCN_BASE_URL={base_url}")
        click.echo(f"XPORTCN_ACCESS_KEY={options.access_key}")
        click.echo(f"XPORTCN_ACCESS_SECRET={options.access_secret}")
        click.echo(f"XPORTCN_USER_ID={options.user_id}")
        for name, offer in CATALOGUE.items():
            click.echo(f"# offer {offer.offer_id} {name}: {offer.shows}")
        await asyncio.Event().wait()
