"""What a sandbox can be told before it starts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from orders_server.sandbox.faults import FAULTS


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
    """

    generation: Literal["2025", "2026"] = "2026"
    store: Path | None = None
    seed: int = 1688
    clock: Callable[[], datetime] = utc_now
    faults: frozenset[str] = frozenset()
    access_key: str = "sandbox-access-key"
    access_secret: str = "sandbox-access-secret"
    user_id: str = "sandbox-user"

    def __post_init__(self) -> None:
        unknown = sorted(self.faults - FAULTS.keys())
        if unknown:
            raise ValueError(f"unknown fault {', '.join(unknown)}; known: {', '.join(FAULTS)}")
