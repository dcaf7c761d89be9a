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
    """The options of one sandbox.

    generation: the form of its preview answers, the object of 2025 (CONTRACT 3.2) or the array of 2026 (CONTRACT 3.3).
    store: the SQLite file that keeps orders and preview counts across restarts; None keeps them in memory.
    seed: two runs with the same seed and the same calls have the same ids.
    clock: returns a timezone-aware time; every time that the sandbox states or compares comes from it.
    faults: names from FAULTS that apply to every create, whatever the offer.
    history: the number of past orders, spread over the fourteen months before the start; a store that already has
        some keeps those.
    history_separate: whether orders older than about three months are only listed with isHis true (CONTRACT 5).
    switches: its behaviour where no document says what the live API does.
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
    """One sentence about all names of faults that do not exist; empty if all exist."""
    unknown = sorted(set(names) - FAULTS.keys())
    return [f"unknown fault {', '.join(unknown)}; known: {', '.join(FAULTS)}"] if unknown else []
