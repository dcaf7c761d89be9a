"""The statements that the ledger makes once and remembers."""

import sys
from collections.abc import Callable
from functools import cache


def forget_statements() -> None:
    """Let each test make them anew: a change of what makes them has to meet every test that uses them."""
    for clear in _clears(len(sys.modules)):
        clear()


@cache
def _clears(loaded: int) -> list[Callable[[], None]]:
    """What empties each cache of the ledger, once so many modules are loaded: looking through all takes a while."""
    rooms = [module for name, module in list(sys.modules.items()) if name.startswith("orders_server.ledger")]
    found = [getattr(value, "cache_clear", None) for room in rooms for value in list(vars(room).values())]
    return [clear for clear in found if clear is not None]
