"""API paths that settings may name: below a known prefix, in plain characters, and never of a call that writes."""

import re

from pydantic_core import PydanticCustomError

ORDERS = "/alibaba/ka/order/"
PRODUCTS = "/alibaba/ka/product/"
"""Where the documented search stands (CONTRACT 10.1)."""
_SEGMENTS = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_WRITING = ("pay", "create", "cancel", "confirm", "submit", "close", "delete", "remove", "modify", "update", "refund")
"""Words of calls that change something. Asking for a way to pay may itself debit (0010)."""


def reading_path(text: str, prefix: str) -> str:
    """`text`, a path below `prefix` for a call that only reads.

    Raises:
        PydanticCustomError: it lies elsewhere, has other characters, or names a call that writes.
    """
    below = text.removeprefix(prefix)
    if below == text or not _SEGMENTS.fullmatch(below):
        raise PydanticCustomError(
            "path", "has to lie below {prefix}, in plain letters, digits, - and _", {"prefix": prefix}
        )
    if word := next((word for word in _WRITING if word in below.lower()), None):
        raise PydanticCustomError("path", "may only name a call that reads, and this one says {word}", {"word": word})
    return text
