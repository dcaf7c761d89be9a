"""An event loop whose time moves only when nothing is left to do, and then at once to the next timer."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class _NoWaiting(selectors.DefaultSelector):
    """Passes the time that it is asked to wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing is left that could ever happen")
        self.now += max(timeout, 0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeping for a day takes no time; sockets and threads have no place in it."""

    def __init__(self) -> None:
        self._passing = _NoWaiting()
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.now


def in_virtual_time(call: Coroutine[Any, Any, _Result]) -> _Result:
    """What `call` returns, run to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(call)
