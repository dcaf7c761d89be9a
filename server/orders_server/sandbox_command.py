"""The sandbox as its own process."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import click

from orders_server.sandbox import CATALOGUE, SandboxOptions, running


async def run_sandbox(port: int, generation: str, faults: Sequence[str], seed: int) -> None:
    """Serve the sandbox on `port` of this machine until it is interrupted, after saying how to reach it.

    Raises:
        OSError: the port is in use.
        ValueError: a fault is not known.
    """
    options = SandboxOptions(generation=cast("Any", generation), faults=frozenset(faults), seed=seed)
    async with running(options, port) as base_url:
        click.echo(f"XPORTCN_BASE_URL={base_url}")
        click.echo(f"XPORTCN_ACCESS_KEY={options.access_key}")
        click.echo(f"XPORTCN_ACCESS_SECRET={options.access_secret}")
        click.echo(f"XPORTCN_USER_ID={options.user_id}")
        for name, offer in CATALOGUE.items():
            click.echo(f"# offer {offer.offer_id} {name}: {offer.shows}")
        await asyncio.Event().wait()
