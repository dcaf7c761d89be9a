"""Cursors: a walk as opaque text for the caller, and back, with no more rights than arguments have."""

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from orders_tools.errors import ArgumentFault, ArgumentProblem, InvalidArguments
from orders_tools.orders.pagination import Walk, marks_of, milliseconds

if TYPE_CHECKING:
    from orders_tools.arguments.orders import ListArguments


def begun(arguments: "ListArguments") -> Walk:
    """A walk at its start."""
    return Walk.model_validate(
        {
            "page_size": arguments.page_size,
            "status": arguments.status or None,
            "created_from": milliseconds(arguments.created_from),
            "created_to": milliseconds(arguments.created_to),
        }
    )


def written(walk: Walk) -> str:
    """The walk as at most 600 characters of text: where it stands, and the marks of what it remembers."""
    stand = walk.model_dump_json(exclude_defaults=True, exclude={"marks", "undated"})
    parts = (base64.urlsafe_b64encode(stand.encode()).decode().rstrip("="), "".join(walk.marks), "".join(walk.undated))
    return ":".join(parts).rstrip(":")


def place_of(cursor: str) -> Walk:
    """The walk that `cursor` stands for. Raises ValueError where it is none of ours."""
    stand, *rest = cursor.split(":")
    marks, undated, *more = (*rest, "", "") if len(rest) < 2 else rest
    if more and any(more):
        raise ValueError("too many pieces")
    content = base64.urlsafe_b64decode(stand + "=" * (-len(stand) % 4))
    place = Walk.model_validate_json(content)
    # Validated once more with the marks, and only in the form that `written` gives.
    walk = Walk.model_validate(
        {**place.model_dump(), "marks": tuple(marks_of(marks)), "undated": tuple(marks_of(undated))}
    )
    if written(walk) != cursor or _reversed(walk):
        raise ValueError("not as it was written")
    return walk


def resumed(arguments: "ListArguments") -> Walk:
    """The walk of the cursor.

    Raises:
        InvalidArguments: another argument contradicts it.
    """
    walk = place_of(arguments.cursor)
    if faults := [
        ArgumentFault(name, ArgumentProblem.DIFFERS_FROM_CURSOR) for name in _contradictions(arguments, walk)
    ]:
        raise InvalidArguments(faults)
    return walk


def _reversed(walk: Walk) -> bool:
    return walk.created_from is not None and walk.created_to is not None and walk.created_from > walk.created_to


def _contradictions(arguments: "ListArguments", walk: Walk) -> list[str]:
    own: dict[str, tuple[str | int | datetime | None, str | int | None]] = {
        "status": (arguments.status or None, walk.status),
        "created_from": (milliseconds(arguments.created_from), walk.created_from),
        "created_to": (milliseconds(arguments.created_to), walk.created_to),
        "page_size": (arguments.page_size if "page_size" in arguments.model_fields_set else None, walk.page_size),
    }
    return [name for name, (given, stored) in own.items() if given is not None and given != stored]
