"""The options of a sandbox."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from orders_sandbox.faults import FAULTS
from orders_sandbox.switches import Switches


def utc_now() -> datetime:
    """The present moment, timezone-aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class SandboxOptions:
    """Everything that makes one sandbox differ from another.

    generation: which preview answer it speaks, the object of 2025 (CONTRACT 3.2) or the array of 2026 (CONTRACT 3.3).
    store: the SQLite file that keeps orders and preview counts across restarts; None keeps them in memory.
    seed: two runs with the same seed and the same calls agree in every id.
    clock: gives a timezone-aware moment; every time the sandbox states or judges comes from it.
    faults: names from FAULTS that apply to every create, whatever the offer.
    history: how many orders there are from the start, over the fourteen months before it; a store that has some
        already keeps those.
    history_separate: whether orders of more than about three months are listed with isHis true only (CONTRACT 5).
    switches: what it does where no document says what the live API does.
    """

    generation: Literal["2025", "2026"] = "2026"
    store: Path | None = None
    seed: int = 1688
    clock: Callable[[], datetime] = utc_now
    faults: frozenset[str] = frozenset()
    history: int = 0
    history_separate: bool = True
    switches: Switches = field(default_factory=Switches)
    access_key: str = "sandbox-access-key"
    access_secret: str = "sandbox-access-secret"
    user_id: str = "sandbox-user"

    def __post_init__(self) -> None:
        problems = unknown_faults(self.faults)
        if problems:
            raise ValueError("; ".join(problems))


def unknown_faults(names: Iterable[str]) -> list[str]:
    """What is wrong with these names of faults: one sentence for all that do not exist, or nothing."""
    unknown = sorted(set(names) - FAULTS.keys())
    return [f"unknown fault {', '.join(unknown)}; known: {', '.join(FAULTS)}"] if unknown else []
