"""Which channel of approval is enough: the operator's demand, with steps by amount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orders_tools.vocabulary import Channel

_STRENGTH: Mapping[Channel, int] = {
    Channel.HOST: 0,
    Channel.DIALOG: 1,
    Channel.TERMINAL: 2,
    Channel.PAGE: 2,
    Channel.PASSKEY: 3,
}
"""The terminal and the page are equal: each proves a person who has what only the operator gives."""


@dataclass(frozen=True)
class Step:
    """From more than `above` fen on, `channel` is the least that counts."""

    above: int
    channel: Channel


@dataclass(frozen=True)
class Demands:
    """The least channel that counts, and steps by the amount to pay. A step never lowers what is demanded."""

    least: Channel = Channel.DIALOG
    steps: tuple[Step, ...] = ()

    def of(self, payable: int | None) -> Channel:
        """The least channel for an amount in fen; an unknown amount demands the strongest of all steps."""
        steps = (step.channel for step in self.steps if payable is None or payable > step.above)
        return strongest((self.least, *steps))


def strongest(channels: Iterable[Channel]) -> Channel:
    """The strongest of `channels`; of equal ones the first."""
    return max(channels, key=lambda channel: _STRENGTH[channel])


def is_enough(channel: str, demanded: Channel) -> bool:
    """Whether a yes through `channel` meets the demand; an unknown channel meets none."""
    known = Channel(channel) if channel in set(Channel) else None
    return known is not None and _STRENGTH[known] >= _STRENGTH[demanded]


def is_stronger(channel: Channel, other: Channel) -> bool:
    """Whether `channel` proves more than `other`."""
    return _STRENGTH[channel] > _STRENGTH[other]
