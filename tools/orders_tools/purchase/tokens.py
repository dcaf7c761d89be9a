"""Preview tokens and purchase references: short handles that a model can copy without mistakes."""

import re
from collections.abc import Callable
from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PREFIX = "PV-"
_BODY = re.compile(rf"[{_CROCKFORD}]{{26}}")

RandomBytes = Callable[[int], bytes]
"""A source of that many unpredictable bytes."""


def _crockford(number: int, digits: int) -> str:
    return "".join(_CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(digits)))


def new_token(random_bytes: RandomBytes) -> str:
    """A fresh preview token: "PV-" and 26 Crockford base32 characters, 130 unpredictable bits."""
    return _PREFIX + _crockford(int.from_bytes(random_bytes(17), "big"), 26)


def is_token(text: str) -> bool:
    """Whether `text` has the form of a preview token; no other form was ever issued."""
    return text.startswith(_PREFIX) and _BODY.fullmatch(text.removeprefix(_PREFIX)) is not None


def new_purchase_ref(now: datetime, random_bytes: RandomBytes) -> str:
    """A reference for a purchase that came without one: "PO", the day, and 8 characters; 40 unpredictable bits."""
    return f"PO{now:%y%m%d}-{_crockford(int.from_bytes(random_bytes(5), 'big'), 8)}"
