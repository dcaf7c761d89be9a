"""Reads the envelope of an answer to a read: its data, a refusal, or a fault with whether to retry."""

from datetime import datetime
from typing import Any

from orders_server.xportcn.clock_skew import ClockSkew
from orders_server.xportcn.errors import envelope_refusal
from orders_server.xportcn.retry import ReadFailed, wait_from_header
from orders_server.xportcn.transport import HttpAnswer
from orders_server.xportcn.wire import Bounds, Envelope, Unreadable, Unwieldy, as_object, read, read_json
from orders_tools.ports import UpstreamRefused
from orders_tools.rules.create_evidence import REFUSALS
from orders_tools.vocabulary import Unavailability

NOT_FOUND = ("ORDER_NOT_EXIST", "400_3")
SUCCESSES = frozenset({"200", "S0000"})
"""The success codes of the catalogue's answers; older copies of its pages have the second one (CONTRACT 10.3)."""
_ABOUT_GOODS = (*NOT_FOUND, *REFUSALS)
_TRANSIENT = (429, 502, 503, 504)
"""HTTP statuses of a temporary fault."""
_BUSY = "it takes no more calls for the moment"
_LIMITED = "gw.QosAppFrequencyLimit"
_LIMITED_SECONDS = 2.0
"""How long a read waits after "too many calls" if the API names no time."""


def data_of(answer: HttpAnswer, skew: ClockSkew, now: datetime) -> Any:
    """The `data` of a successful answer.

    Raises:
        UpstreamRefused: a complete envelope with a code other than 200, whatever the HTTP status.
        Unanswered: anything else, including a refusal because of this machine's clock.
    """
    _, envelope = _open_envelope(answer, skew, now, None)
    if envelope.code is None:
        why = f"HTTP status {answer.status} without a result code"
        kind = Unavailability.CLOCK if skew.explanation else Unavailability.NO_RESULT
        again, wait = answer.status in _TRANSIENT, wait_from_header(answer.headers, now)
        raise ReadFailed(why + skew.explanation, kind, again=again, wait=wait)
    if envelope.code != "200":
        raise _refusal(envelope, skew)
    return envelope.data


def document_of(answer: HttpAnswer, skew: ClockSkew, now: datetime, bounds: Bounds) -> Any:
    """The whole document of an answer whose outer envelope reports no failure, for a reader that knows more envelopes.

    Raises the same as `data_of`.
    """
    document, envelope = _open_envelope(answer, skew, now, bounds)
    if envelope.code not in {None, "", "0", *SUCCESSES}:
        raise _refusal(envelope, skew)
    return document


def _refusal(envelope: Envelope, skew: ClockSkew) -> UpstreamRefused | ReadFailed:
    error = envelope_refusal(envelope)
    if skew.explanation and not _is_about_goods(error):
        return ReadFailed(f"it refuses the call{skew.explanation}", Unavailability.CLOCK, again=False)
    return error


def _open_envelope(answer: HttpAnswer, skew: ClockSkew, now: datetime, bounds: Bounds | None) -> tuple[Any, Envelope]:
    """The document of an answer, and the document read as an envelope."""
    status, transient = answer.status, answer.status in _TRANSIENT
    wait = wait_from_header(answer.headers, now)
    if 300 <= status < 400:
        why = f"HTTP status {status}, a redirect, which is not followed"
        raise ReadFailed(why, Unavailability.REDIRECTED, again=False)
    if status == 429:
        raise ReadFailed(_BUSY, Unavailability.BUSY, again=True, wait=wait or _LIMITED_SECONDS)
    try:
        document = read_json(answer.content, bounds)
        envelope = read(Envelope, document, "envelope")
    except Unreadable as error:
        why = f"it sent {error.where}" + ("" if status == 200 else f" with HTTP status {status}")
        unwieldy = isinstance(error, Unwieldy) and status == 200
        again = transient or (status < 300 and not unwieldy)
        raise ReadFailed(why + skew.explanation, again=again, wait=wait, unwieldy=unwieldy) from error
    if _is_limited(document):
        raise ReadFailed(_BUSY, Unavailability.BUSY, again=True, wait=wait or _LIMITED_SECONDS)
    return document, envelope


def _is_about_goods(error: UpstreamRefused) -> bool:
    """Whether a refusal is about the goods or the order, so that the call's timestamp was accepted."""
    return error.code.startswith(_ABOUT_GOODS) or error.message.startswith(_ABOUT_GOODS)


def _is_limited(document: Any) -> bool:
    """Whether 1688's gateway reports too many calls (CONTRACT 9.8), in any of the fields."""
    fields = as_object(document) or {}
    return any(str(fields.get(name)).startswith(_LIMITED) for name in ("error_code", "code", "msg"))
