"""Failures in an answer: in its envelope, in `data`, or as JSON inside a message."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from orders_server.xportcn.wire import (
    Envelope,
    Unreadable,
    Wire,
    WireCode,
    WireFlag,
    WireText,
    as_list,
    as_object,
    read,
    read_json,
)
from orders_tools.ports import UpstreamRefused
from orders_tools.rules.refusal_meanings import refusal_code
from orders_tools.vocabulary import IssueCode

_DEEPEST = 3
_NO_FAILURE = frozenset({None, "", "0", "200"})


class WireFailure(Wire):
    """The names under which 1688 and its wrappers say why something failed (CONTRACT 3.2, 4.2, 9.8)."""

    success: WireFlag = None
    errorCode: WireCode = None
    resultCode: WireCode = None
    code: WireCode = None
    errorMessage: WireText = None
    errorMsg: WireText = None
    message: WireText = None
    msg: WireText = None

    @property
    def failed(self) -> bool:
        return self.success is False or (self.success is None and self.errorCode not in _NO_FAILURE)

    @property
    def code_and_message(self) -> tuple[str | None, str | None]:
        return (
            self.errorCode or self.resultCode or self.code,
            self.errorMessage or self.errorMsg or self.message or self.msg,
        )


def unwrap(code: str | None, message: str | None) -> tuple[str | None, str | None]:
    """Code and message of a failure; if the message is a JSON document, those inside it (CONTRACT 9.8)."""
    for _ in range(_DEEPEST):
        if not (message or "").lstrip().startswith("{"):
            break
        try:
            inner = read(WireFailure, read_json((message or "").encode()), "message").code_and_message
        except Unreadable:
            break
        if not any(inner):
            break
        code, message = inner[0] or code, inner[1] or ""
    return code, message


def envelope_refusal(envelope: Envelope) -> UpstreamRefused:
    """The refusal in an envelope without code 200: its own words, or those in `data` if only those are documented."""
    code, message = unwrap(envelope.code, envelope.msg)
    if refusal_code(code, message) == IssueCode.UPSTREAM_REFUSES:
        known = (each for each in _failures(envelope.data) if refusal_code(*each) != IssueCode.UPSTREAM_REFUSES)
        code, message = next(known, (code, message))
    return UpstreamRefused(code or envelope.code or "", message or "")


def data_refusal(data: Any) -> UpstreamRefused | None:
    """The refusal in the `data` of a query, or in its `result`, if it says that it failed (CONTRACT 5).

    Raises:
        Unreadable: its `success` is neither true nor false.
    """
    fields = as_object(data) or {}
    for place, content in (("data", fields), ("data.result", as_object(fields.get("result")))):
        failure = read(WireFailure, content or {}, place)
        if failure.failed:
            code, message = unwrap(*failure.code_and_message)
            return UpstreamRefused(code or "", message or "")
    return None


def _failures(content: Any) -> Iterator[tuple[str | None, str | None]]:
    """Code and message of each object in a document, outermost first."""
    for item in as_list(content) or ():
        yield from _failures(item)
    if fields := as_object(content):
        with suppress(Unreadable):
            yield unwrap(*read(WireFailure, fields, "data").code_and_message)
        for inner in fields.values():
            yield from _failures(inner)
