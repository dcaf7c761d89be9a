"""The two state machines of a purchase. Only the transitions drawn here exist.

Token (what the person was shown):

    open ----> approved ----> claimed            gives the purchase's outcome for ever
     |  ^         |  |
     |  +---------+  |                           a no in the client's dialog takes the yes back, and closes the dialog
     |            |  +------> price_changed      the re-preview differed; nothing was sent
     +------------+---------> declined           a person said no in the terminal, which is final
     +------------+---------> expired            its time was over when it was met

Placement (one create call to the upstream):

    claimed ----> dispatched ----> placed | partly_placed | rejected
       |              |
       |              +----------> unknown ----> placed | partly_placed | rejected    by evidence only
       +-------------------------> rejected      its turn to be sent never came
"""

from collections.abc import Mapping
from enum import StrEnum


class TokenState(StrEnum):
    """Where a preview token stands."""

    OPEN = "open"
    APPROVED = "approved"
    CLAIMED = "claimed"
    DECLINED = "declined"
    PRICE_CHANGED = "price_changed"
    EXPIRED = "expired"


class Channel(StrEnum):
    """Where a yes can come from, the weakest first."""

    HOST = "host"
    DIALOG = "dialog"
    TERMINAL = "terminal"


class PlacementState(StrEnum):
    """Where one create call stands."""

    CLAIMED = "claimed"
    DISPATCHED = "dispatched"
    PLACED = "placed"
    PARTLY_PLACED = "partly_placed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


TOKEN_SOURCES: Mapping[TokenState, frozenset[TokenState]] = {
    TokenState.OPEN: frozenset({TokenState.OPEN, TokenState.APPROVED}),
    TokenState.APPROVED: frozenset({TokenState.OPEN}),
    TokenState.CLAIMED: frozenset({TokenState.APPROVED}),
    TokenState.DECLINED: frozenset({TokenState.OPEN, TokenState.APPROVED}),
    TokenState.PRICE_CHANGED: frozenset({TokenState.APPROVED}),
    TokenState.EXPIRED: frozenset({TokenState.OPEN, TokenState.APPROVED}),
}
"""For each state of a token, the states it may be entered from."""

PLACEMENT_SOURCES: Mapping[PlacementState, frozenset[PlacementState]] = {
    PlacementState.DISPATCHED: frozenset({PlacementState.CLAIMED}),
    PlacementState.PLACED: frozenset({PlacementState.DISPATCHED, PlacementState.UNKNOWN}),
    PlacementState.PARTLY_PLACED: frozenset({PlacementState.DISPATCHED, PlacementState.UNKNOWN}),
    PlacementState.REJECTED: frozenset({PlacementState.CLAIMED, PlacementState.DISPATCHED, PlacementState.UNKNOWN}),
    PlacementState.UNKNOWN: frozenset({PlacementState.DISPATCHED}),
}
"""For each state of a placement, the states it may be entered from."""

IN_DOUBT = frozenset({PlacementState.CLAIMED, PlacementState.DISPATCHED, PlacementState.UNKNOWN})
"""States in which an order may exist that is not yet known."""
