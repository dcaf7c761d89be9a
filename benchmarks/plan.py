"""How much a run measures, and how it tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress


@dataclass(frozen=True)
class Plan:
    """`rounds` of everything; `quick` takes fewer calls and smaller stores. `scratch` is on a real disk."""

    rounds: int
    quick: bool
    scratch: Path
    progress: Progress

    def counted(self, what: str, steps: int) -> Callable[[], None]:
        """A line of progress with so many steps; calling what is returned takes one."""
        task = self.progress.add_task(what, total=steps)
        return lambda: self.progress.advance(task)

    def folder(self, *names: object) -> Path:
        """A new, empty folder in `scratch`."""
        path = self.scratch.joinpath(*(str(name).replace(" ", "-") for name in names))
        path.mkdir(parents=True)
        return path
