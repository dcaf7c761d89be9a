"""Committed snapshots: a changed sentence or schema is a reviewed line. `UPDATE_SNAPSHOTS=1 pytest` renews them."""

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "snapshots"


def same_as_snapshot(name: str, text: str) -> None:
    """Fail where `text` is not what the committed snapshot `name` holds."""
    same_as_file(FOLDER / name, text)


def same_as_file(path: Path, text: str) -> None:
    """Fail where `text` is not what the committed file holds."""
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.is_file(), f"{path.name} is not committed: run UPDATE_SNAPSHOTS=1 pytest and review it"
    assert text + "\n" == path.read_text(encoding="utf-8")


class Predictable:
    """Bytes that differ from call to call and agree from run to run."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, count: int) -> bytes:
        self.calls += 1
        return self.calls.to_bytes(count, "big")
