"""The two state machines of a purchase. Only the transitions drawn here exist.

Token (what the person was shown):

    open ----> approved ----> claimed            always returns the purchase's outcome
     |  ^         |  |
     |  +---------+  |                           a no in the client's dialog withdraws the yes, and closes the dialog
     |            |  +------> price_changed      the re-preview differed; nothing was sent
     +------------+---------> declined           a person said no in the terminal, which is final
     +------------+---------> expired            it was found after its expiry

Placement (one create call to the upstream):

    claimed ----> dispatched ----> placed | partly_placed | rejected
       |              |
       |              +----------> unknown ----> placed | partly_placed | rejected    by evidence only
       +-------------------------> rejected      it was never sent in time
"""

from collections.abc import Mapping
from enum import StrEnum


class TokenState(StrEnum):
    """The state of a preview token."""

    OPEN = "open"
    APPROVED = "approved"
    CLAIMED = "claimed"
    DECLINED = "declined"
    PRICE_CHANGED = "price_changed"
    EXPIRED = "expired"


class PlacementState(StrEnum):
    """The state of one create call."""

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
"""States in which an unknown order may exist."""
