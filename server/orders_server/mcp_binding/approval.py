"""The person's yes through the client: a form with one field, in both generations of the protocol."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import AcceptedElicitation, DeclinedElicitation, ElicitationResult
from mcp.types import ElicitResult
from pydantic import BaseModel, BeforeValidator, Field

from orders_tools.create_order import Answer, Question

_ANSWERED_IN_A_CALL = "2026-07-28"
_MOST_RENDERINGS = 10_000


@dataclass(frozen=True)
class Rendering:
    """A text that was put to a client: the digest that tells it from any other, and when it was rendered."""

    digest: str
    at: datetime


class Renderings:
    """When each text was first put to a client whose answer comes in a call of its own. A restart forgets them."""

    def __init__(self) -> None:
        self._first: OrderedDict[str, datetime] = OrderedDict()

    def keep(self, rendering: Rendering) -> None:
        """Remember a text that goes out now; of one that went out before, its first time stays."""
        self._first.setdefault(rendering.digest, rendering.at)
        if len(self._first) > _MOST_RENDERINGS:
            self._first.popitem(last=False)

    def at(self, digest: str) -> datetime | None:
        """When the text was first put to a client; None where this process did not put it."""
        return self._first.get(digest)


@dataclass
class Dialog:
    """The dialog of one call: the scope that ends it, and what was rendered for it."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    rendering: Rendering | None = None
    answered_here: bool = False
    """Whether the answer comes in the call that renders the text (2025-11-25 and older)."""


_dialog: ContextVar[Dialog] = ContextVar("dialog")


def _only_true(value: Any) -> bool:
    return value is True


class Yes(BaseModel):
    approve: Annotated[
        bool,
        BeforeValidator(_only_true),
        Field(title="Order exactly this", description="Tick to order; off orders nothing"),
    ] = False


def can_show_dialog(context: Context) -> bool:
    """Whether the client declared forms; one that did not would leave the call hanging."""
    capabilities = context.client_capabilities
    asked = capabilities.elicitation if capabilities else None
    return asked is not None and (asked.form is not None or asked.url is None)


def answer_of(outcome: ElicitationResult[Any]) -> Answer:
    """What the person said: only accepting with the box ticked is a yes; closing the dialog is silence."""
    if isinstance(outcome, AcceptedElicitation):
        data = outcome.data
        if isinstance(data, Answer):
            return data
        return Answer.YES if isinstance(data, Yes) and data.approve else Answer.NO
    return Answer.NO if isinstance(outcome, DeclinedElicitation) else Answer.SILENT


def answers_later(context: Context) -> bool:
    """Whether this client answers a dialog in a call of its own: protocol 2026-07-28 and later."""
    return (context.protocol_version or "") >= _ANSWERED_IN_A_CALL


def carries_no(context: Context) -> bool:
    """Whether a call brings a no to a dialog of an earlier call; a no counts whatever has changed since."""
    return any(
        isinstance(answer, ElicitResult) and _is_no(answer) for answer in (context.input_responses or {}).values()
    )


def _is_no(answer: ElicitResult) -> bool:
    ticked_off = answer.action == "accept" and (answer.content or {}).get("approve") is False
    return answer.action == "decline" or ticked_off


@contextmanager
def dialog_deadline(dialogs: dict[int, Dialog]) -> Generator[Dialog]:
    """The dialog of a call, in `dialogs` meanwhile; its scope has no deadline until a text is shown."""
    dialog = Dialog()
    with dialog.scope:
        token = _dialog.set(dialog)
        dialogs[id(dialog)] = dialog
        try:
            yield dialog
        finally:
            del dialogs[id(dialog)]
            _dialog.reset(token)


def dialog_shown(question: Question, *, answered_here: bool) -> None:
    """From now on the dialog has its time; `answered_here` where this very call waits for the answer."""
    dialog = _dialog.get()
    dialog.rendering = Rendering(hashlib.sha256(question.text.encode()).hexdigest(), question.shown_at)
    dialog.answered_here = answered_here
    dialog.scope.deadline = anyio.current_time() + question.seconds


def dialog_open(dialog: Dialog) -> bool:
    """Whether a text was shown and the call has not gone on from it."""
    return dialog.scope.deadline != math.inf


def dialog_over(renderings: Renderings) -> datetime | None:
    """The person has answered, or was not asked: nothing that follows may be cut off.

    Gives when the text that was answered had been rendered; None where that is not known.
    """
    dialog = _dialog.get()
    dialog.scope.deadline = math.inf
    if dialog.rendering is None:
        return None
    return dialog.rendering.at if dialog.answered_here else renderings.at(dialog.rendering.digest)
