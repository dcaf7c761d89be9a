"""How long a call with a waiting token waits for the person's answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

_MOST_WAITING = 10_000


class Patience:
    """How long a later call waits for the answer, and which tokens had a first call. A restart forgets them."""

    def __init__(self, seconds: float = 25, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self.seconds = seconds
        self.sleep = sleep
        self._told: OrderedDict[str, None] = OrderedDict()

    def was_told(self, token: str) -> bool:
        """Whether an earlier call was already told that this token waits."""
        return token in self._told

    def note_told(self, token: str) -> None:
        """Keep that a call was told that this token waits."""
        self._told[token] = None
        if len(self._told) > _MOST_WAITING:
            self._told.popitem(last=False)
