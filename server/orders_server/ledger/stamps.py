"""Converts times to and from the form in which the tables store them."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """A time in stored form: UTC text with microseconds, always the same length, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(text: str | None) -> datetime | None:
    """The time in a column; None if it has none."""
    return datetime.fromisoformat(text) if text else None
