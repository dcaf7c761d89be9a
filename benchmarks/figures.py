"""Figures of several rounds, and what one competitor's are of another's."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Samples = Mapping[str, Sequence[float]]
"""By competitor: one figure for each round, in the order of the rounds."""


@dataclass(frozen=True)
class Ratio:
    """The median of the rounds' own ratios, and how far they lie apart."""

    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f} to {self.highest:.2f})"


def ratio(samples: Samples, name: str, reference: str) -> Ratio:
    """What `name` takes of `reference`, each round compared within itself: a machine that slows down slows both."""
    own = [one / other for one, other in zip(samples[name], samples[reference], strict=True)]
    return Ratio(statistics.median(own), min(own), max(own))


def milliseconds(seconds: Sequence[float]) -> str:
    """The median of the rounds in milliseconds, as a table shows it."""
    return f"{statistics.median(seconds) * 1000:.1f}"


def percentile(seconds: Sequence[float], percent: int) -> float:
    """The value that `percent` of `seconds` do not exceed."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
