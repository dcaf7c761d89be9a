"""How far this machine's clock is from the API's, by the Date header of its answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

WINDOW = timedelta(seconds=600)
"""How far a call's timestamp may be from the API's own time (CONTRACT 2.2)."""
_LONGEST_DATE = 64


class ClockSkew:
    """Remembers the last date of the API, and what `clock` showed then."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last: tuple[str, datetime] | None = None

    def note(self, headers: httpx.Headers) -> None:
        """Take the date of an answer that has just arrived."""
        if date := headers.get("date"):
            self._last = (date, self._clock())

    @property
    def ahead(self) -> timedelta | None:
        """How far this machine's clock is ahead of the API's, negative if it is behind; None while unknown."""
        date = http_date(self._last[0]) if self._last else None
        return self._last[1] - date if self._last and date else None

    @property
    def explanation(self) -> str:
        """The end of a sentence about a refused call; "" if the clock cannot be the reason."""
        ahead = self.ahead
        return f"; {skew_message(ahead)}" if ahead is not None and is_too_far(ahead) else ""


def is_too_far(ahead: timedelta) -> bool:
    """Whether calls are refused if this machine's clock is `ahead` so much."""
    return abs(ahead) > WINDOW


def skew_message(ahead: timedelta) -> str:
    """What is wrong with a clock that is too far ahead, or behind if `ahead` is negative, and what to do."""
    minutes, side = abs(round(ahead / timedelta(minutes=1))), "behind" if ahead < timedelta() else "ahead of"
    return (
        f"this machine's clock is {minutes} minutes {side} the API's, which takes calls within "
        f"{WINDOW // timedelta(minutes=1)} minutes only: the operator has to set the clock"
    )


def http_date(text: str) -> datetime | None:
    """The time in an HTTP header; None if it has none."""
    try:
        moment = parsedate_to_datetime(text[:_LONGEST_DATE])
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
