"""Shields create calls from cancellation, and waits for them when the process has to stop."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import anyio


class ShutdownGuard:
    """Counts the sections that must not be cut off."""

    def __init__(self) -> None:
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def uninterrupted(self) -> Generator[None]:
        """Runs the block to its end even if it is cancelled."""
        self._active += 1
        self._idle.clear()
        try:
            with anyio.CancelScope(shield=True):
                yield
        finally:
            self._active -= 1
            if not self._active:
                self._idle.set()

    async def drain(self, seconds: float) -> bool:
        """Wait up to `seconds` for the sections to end. Returns whether they did."""
        with anyio.move_on_after(seconds):
            await self._idle.wait()
        return not self._active
