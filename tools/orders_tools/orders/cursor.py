"""Encodes a list position as an opaque cursor, and back. A cursor is validated like any argument."""

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from orders_tools.errors import ArgumentFault, ArgumentProblem, InvalidArguments
from orders_tools.orders.pagination import PageCursor, milliseconds, split_marks

if TYPE_CHECKING:
    from orders_tools.arguments.orders import ListArguments


def start_cursor(arguments: "ListArguments") -> PageCursor:
    """A cursor at the start of the list."""
    return PageCursor.model_validate(
        {
            "page_size": arguments.page_size,
            "status": arguments.status or None,
            "created_from": milliseconds(arguments.created_from),
            "created_to": milliseconds(arguments.created_to),
        }
    )


def encode(cursor: PageCursor) -> str:
    """The cursor as text of at most 600 characters: its position and the marks of orders already returned."""
    head = cursor.model_dump_json(exclude_defaults=True, exclude={"marks", "undated"})
    parts = (
        base64.urlsafe_b64encode(head.encode()).decode().rstrip("="),
        "".join(cursor.marks),
        "".join(cursor.undated),
    )
    return ":".join(parts).rstrip(":")


def decode(text: str) -> PageCursor:
    """The cursor in `text`. Raises ValueError if this server did not issue it."""
    head, *rest = text.split(":")
    marks, undated, *more = (*rest, "", "") if len(rest) < 2 else rest
    if more and any(more):
        raise ValueError("too many pieces")
    content = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    unmarked = PageCursor.model_validate_json(content)
    # Validated once more with the marks, and only in the form that `encode` gives.
    cursor = PageCursor.model_validate(
        {**unmarked.model_dump(), "marks": tuple(split_marks(marks)), "undated": tuple(split_marks(undated))}
    )
    if encode(cursor) != text or _is_reversed(cursor):
        raise ValueError("not as it was written")
    return cursor


def resume_cursor(arguments: "ListArguments") -> PageCursor:
    """The cursor in the arguments.

    Raises:
        InvalidArguments: another argument contradicts it.
    """
    cursor = decode(arguments.cursor)
    if faults := [
        ArgumentFault(name, ArgumentProblem.DIFFERS_FROM_CURSOR) for name in _contradictions(arguments, cursor)
    ]:
        raise InvalidArguments(faults)
    return cursor


def _is_reversed(cursor: PageCursor) -> bool:
    return cursor.created_from is not None and cursor.created_to is not None and cursor.created_from > cursor.created_to


def _contradictions(arguments: "ListArguments", cursor: PageCursor) -> list[str]:
    pairs: dict[str, tuple[str | int | datetime | None, str | int | None]] = {
        "status": (arguments.status or None, cursor.status),
        "created_from": (milliseconds(arguments.created_from), cursor.created_from),
        "created_to": (milliseconds(arguments.created_to), cursor.created_to),
        "page_size": (arguments.page_size if "page_size" in arguments.model_fields_set else None, cursor.page_size),
    }
    return [name for name, (given, stored) in pairs.items() if given is not None and given != stored]
