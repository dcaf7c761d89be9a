"""Others who buy on the same account: the same goods, under references and notes that are nearly ours."""

from collections.abc import Collection
from datetime import timedelta

from torture.scripted import ScriptedUpstream

Lines = tuple[tuple[str, str | None, int], ...]


def buy_nearly_the_same(upstream: ScriptedUpstream, lines: Lines, references: Collection[str]) -> None:
    """For each of our references: an order of years ago with it, orders with one like it, and copies of its note."""
    long_ago = upstream.clock() - timedelta(days=2_000)
    for reference in sorted(references):
        upstream.foreign_order(lines, reference, f"[{reference}]", long_ago)
        upstream.foreign_order(lines, reference.lower(), f"[{reference.lower()}]")
        upstream.foreign_order(lines, f"{reference}-9", f"[{reference}-9]")
        upstream.foreign_order(lines, "PO-NEIGHBOUR", f"like [{reference}] please")
        upstream.foreign_order((("690000000001", None, 1),), "PO-COPY", f"[{reference}]")
