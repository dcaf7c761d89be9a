"""The yes through the client's dialog (elicitation): a form with one field, in both generations of the protocol."""

import asyncio
import hashlib
import math
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import AcceptedElicitation, DeclinedElicitation, ElicitationResult
from mcp.types import ElicitResult
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from orders_tools.consent.answer import Answer
from orders_tools.consent.question import Question
from orders_tools.ports import Purchasing

_ANSWERED_IN_A_CALL = "2026-07-28"
_MOST_RENDERINGS = 10_000
_PROGRESS_SECONDS = 5
"""The interval of progress reports while a dialog is open; some clients give up after 10 s."""
_OF_A_FORM = frozenset({"type", "properties", "required", "$schema"})


@dataclass(frozen=True)
class Rendering:
    """A text that a client was asked to show: its digest, its token, and when it was rendered."""

    digest: str
    token: str
    at: datetime


class Renderings:
    """When each text was sent to clients that answer in a later call. A restart forgets them."""

    def __init__(self) -> None:
        self._first: OrderedDict[str, datetime] = OrderedDict()
        self._last: OrderedDict[str, datetime] = OrderedDict()

    def keep(self, rendering: Rendering) -> None:
        """Remember a text that is sent now; a text that was sent before keeps its first time."""
        self._first.setdefault(rendering.digest, rendering.at)
        self._last[rendering.token] = rendering.at
        for kept in (self._first, self._last):
            if len(kept) > _MOST_RENDERINGS:
                kept.popitem(last=False)

    def at(self, digest: str) -> datetime | None:
        """When this process first sent the text to a client; None if it did not."""
        return self._first.get(digest)

    def last(self, token: str) -> datetime | None:
        """When this process last asked a client about the token; None if it did not."""
        return self._last.get(token)


@dataclass
class Dialog:
    """The dialog of one call: the scope that ends it, and what was rendered for it."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    rendering: Rendering | None = None
    answered_here: bool = False
    """Whether the answer comes in the call that renders the text (2025-11-25 and older)."""
    progress: asyncio.Task[None] | None = None
    """The task that reports progress to the client while the dialog is open."""


_dialog: ContextVar[Dialog] = ContextVar("dialog")


def _yes_or_no(value: Any) -> bool | None:
    """True for a yes, False for a no, None for anything else, which is no answer."""
    return value if isinstance(value, bool) else None


def _strip_root(schema: dict[str, Any]) -> None:
    # Codex cancels a dialog at once, without showing it, if the root of its form has a title.
    for name in schema.keys() - _OF_A_FORM:
        del schema[name]


class Yes(BaseModel):
    model_config = ConfigDict(json_schema_extra=_strip_root)

    approve: Annotated[bool | None, BeforeValidator(_yes_or_no)] = None


def form(purchasing: Purchasing, question: Question) -> type[Yes]:
    """The form of the dialog: one field for yes and no, in the configured language, with total and consignee again."""
    details = {"total": question.total, "consignee": question.consignee}
    return _form(*(purchasing.texts.sentence("form", what, details) for what in ("title", "description")))


@lru_cache(maxsize=256)
def _form(title: str, description: str) -> type[Yes]:
    # The default is only in the form: a client that sends no value has given no answer.
    field_of_yes = Field(title=title, description=description, json_schema_extra={"default": False})
    answer = Annotated[bool | None, BeforeValidator(_yes_or_no), field_of_yes]
    return create_model("Yes", __base__=Yes, approve=(answer, None))


def can_show_dialog(context: Context) -> bool:
    """Whether the client declared form dialogs; any other client would leave the call hanging."""
    capabilities = context.client_capabilities
    asked = capabilities.elicitation if capabilities else None
    return asked is not None and (asked.form is not None or asked.url is None)


def client_name(context: Context | None) -> str:
    """What the client calls itself; "" if it does not say."""
    params = context.session.client_params if context else None
    return params.client_info.name if params else ""


def answer_of(outcome: ElicitationResult[Any]) -> Answer:
    """The client's answer: only a yes in the form is a yes; a closed dialog or an empty form is no answer."""
    if isinstance(outcome, AcceptedElicitation):
        data = outcome.data
        if isinstance(data, Answer):
            return data
        approved = data.approve if isinstance(data, Yes) else None
        return Answer.EMPTY if approved is None else Answer.YES if approved else Answer.NO
    return Answer.NO if isinstance(outcome, DeclinedElicitation) else Answer.SILENT


def answers_later(context: Context) -> bool:
    """Whether this client answers a dialog in a later call: protocol 2026-07-28 and later."""
    return (context.protocol_version or "") >= _ANSWERED_IN_A_CALL


def is_first_round(context: Context) -> bool:
    """Whether a call is a first call and does not return the answer to a dialog."""
    return context.input_responses is None and context.request_state is None


def carries_no(context: Context) -> bool:
    """Whether a call brings a no to an earlier call's dialog; a no counts whatever has changed since."""
    return any(
        isinstance(answer, ElicitResult) and _is_no(answer) for answer in (context.input_responses or {}).values()
    )


def _is_no(answer: ElicitResult) -> bool:
    ticked_off = answer.action == "accept" and (answer.content or {}).get("approve") is False
    return answer.action == "decline" or ticked_off


@contextmanager
def dialog_deadline(dialogs: dict[int, Dialog]) -> Generator[Dialog]:
    """The dialog of a call, kept in `dialogs` during it; its scope has no deadline until a text is shown."""
    dialog = Dialog()
    with dialog.scope:
        token = _dialog.set(dialog)
        dialogs[id(dialog)] = dialog
        try:
            yield dialog
        finally:
            del dialogs[id(dialog)]
            _dialog.reset(token)
            _stop_progress(dialog)


def start_dialog(question: Question, context: Context) -> None:
    """Start the dialog's deadline and the progress reports."""
    dialog = _dialog.get()
    digest = hashlib.sha256(question.text.encode()).hexdigest()
    dialog.rendering = Rendering(digest, question.token, question.shown_at)
    dialog.answered_here = not answers_later(context)
    dialog.scope.deadline = anyio.current_time() + question.seconds
    if dialog.answered_here:
        dialog.progress = asyncio.create_task(_progress(context))


@contextmanager
def progress_reports(context: Context) -> Generator[None]:
    """Reports progress to the client, if it gave a progress token, during what is inside."""
    reporting = asyncio.create_task(_progress(context))
    try:
        yield
    finally:
        reporting.cancel()


async def _progress(context: Context) -> None:
    """Report progress if the client sent a progress token."""
    with suppress(Exception):  # a client that is gone ends its call by itself
        for number in count(1):
            await context.report_progress(number)
            await anyio.sleep(_PROGRESS_SECONDS)


def _stop_progress(dialog: Dialog) -> None:
    if dialog.progress is not None:
        dialog.progress.cancel()


def is_dialog_open(dialog: Dialog) -> bool:
    """Whether a text was shown and its dialog has not ended."""
    return dialog.scope.deadline != math.inf


def end_dialog(renderings: Renderings, token: str) -> datetime | None:
    """End the dialog, if there was one, so that its deadline cannot cancel what follows.

    Returns when the answered text was rendered, or None if unknown. A no in 2026-07-28 comes without its text; then
    this is the time at which a client was last asked about `token`.
    """
    dialog = _dialog.get()
    dialog.scope.deadline = math.inf
    _stop_progress(dialog)
    if dialog.rendering is None:
        return renderings.last(token)
    return dialog.rendering.at if dialog.answered_here else renderings.at(dialog.rendering.digest)
