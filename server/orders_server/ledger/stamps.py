"""Times as the tables keep them."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """A time as the tables keep it: UTC, microseconds, one length, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(text: str | None) -> datetime | None:
    """The time that a column holds; None where it holds none."""
    return datetime.fromisoformat(text) if text else None
