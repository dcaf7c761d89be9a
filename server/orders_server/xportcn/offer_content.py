"""Takes the content of a catalogue answer out of its envelopes: Xportcn's, 1688's, both nested, or none."""

from collections.abc import Collection
from typing import Any

from orders_server.xportcn.envelope import SUCCESSES
from orders_server.xportcn.errors import WireFailure, unwrap
from orders_server.xportcn.tolerance import is_nothing
from orders_server.xportcn.wire import Unreadable, as_object, read
from orders_tools.ports import UpstreamRefused

_MOST_ENVELOPES = 4
_INSIDE = ("data", "result")
_ENVELOPE_FIELDS = {*WireFailure.model_fields, "requestId", "developId", "extPairList"}
"""The only fields of an envelope without content."""
_NEUTRAL_CODES = frozenset({None, "", "0"})
"""Codes that mean neither success nor failure; "0" is a type's default in printed examples (CONTRACT 2.4)."""


def content_of(document: Any, content_fields: Collection[str]) -> Any:
    """The content: a list, or an object with at least one of `content_fields`; None for an empty success.

    Raises:
        UpstreamRefused: an envelope says that the call failed: by `success`, or by its code if it has no content.
        Unreadable: there is neither an envelope nor content.
    """
    content, succeeded = document, False
    for _ in range(_MOST_ENVELOPES):
        if is_nothing(content) and succeeded:
            return None
        if isinstance(content, list) and content:
            return content  # pyright: ignore[reportUnknownVariableType]
        fields = as_object(content)
        if not fields:
            break
        holds = not fields.keys().isdisjoint(content_fields)
        succeeded = _says_success(fields, holds=holds) or succeeded
        if holds:
            return fields
        content = _inner(fields)
    raise Unreadable("an answer without the content that was asked for")


def _says_success(fields: dict[str, Any], *, holds: bool) -> bool:
    """Whether an envelope says that the call succeeded; False if it says nothing.

    Raises:
        UpstreamRefused: it says that the call failed.
    """
    failure = read(WireFailure, fields, "envelope")
    code = failure.errorCode or failure.resultCode or failure.code
    refuses = failure.success is None and code not in _NEUTRAL_CODES | SUCCESSES and not holds
    if failure.success is False or refuses:
        code, message = unwrap(*failure.code_and_message)
        raise UpstreamRefused(code or "", message or "")
    return failure.success is True or code in SUCCESSES


def _inner(fields: dict[str, Any]) -> Any:
    inside = [fields[name] for name in _INSIDE if name in fields]
    if not inside and not fields.keys() <= _ENVELOPE_FIELDS:
        raise Unreadable("an answer with neither data nor result")
    return next((each for each in inside if not is_nothing(each)), None)
