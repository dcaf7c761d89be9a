"""Two things waited for at the same time."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_First = TypeVar("_First")
_Second = TypeVar("_Second")


async def gather_both(first: Awaitable[_First], second: Awaitable[_Second]) -> tuple[_First, _Second]:
    """Runs both at once and returns both results; if one fails, the other is cancelled."""
    tasks = asyncio.ensure_future(first), asyncio.ensure_future(second)
    try:
        await asyncio.gather(*tasks)
        return tasks[0].result(), tasks[1].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
