"""The person of the demo: reads the dialog on the terminal and answers it, or has said yes beforehand."""

import asyncio
import sys

from mcp.client.session import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult
from rich.console import Console
from rich.panel import Panel
from rich.status import Status
from rich.text import Text


class Person:
    """Answers the server's questions on `console`; with `always_yes` without being asked."""

    def __init__(self, console: Console, *, always_yes: bool) -> None:
        self._console = console
        self._always_yes = always_yes
        self._instead = "--yes"
        self.working: Status | None = None
        """The sign of work going on, which rests while the person reads."""
        self.answers: list[bool] = []

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        if self.working:
            self.working.stop()
        self._console.print(Panel(Text(params.message), title="What the person sees", border_style="magenta"))
        agreed = self._always_yes or await asyncio.to_thread(self._ask)
        if self._always_yes:
            self._console.print(f"Order exactly this? [bold]yes[/] (answered by {self._instead})")
        self.answers.append(agreed)
        if self.working:
            self.working.start()
        if not agreed:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"approve": True})

    def _ask(self) -> bool:
        self._console.print("Order exactly this? [bold](y/n)[/] ", end="")
        line = sys.stdin.readline()
        if line:
            return line.strip().lower() in {"y", "yes", "是"}
        self._console.print("\nNobody is at the keyboard: going on as with --yes, because this is only the sandbox.")
        self._always_yes = True
        self._instead = "the demo itself: nobody is at the keyboard"
        return True
