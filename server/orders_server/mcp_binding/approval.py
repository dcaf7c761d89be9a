"""The person's yes through the client: a form with one field, in both generations of the protocol."""

import math
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import AcceptedElicitation, DeclinedElicitation, ElicitationResult
from pydantic import BaseModel, BeforeValidator, Field

from orders_tools.create_order import Answer

_dialog: ContextVar[anyio.CancelScope] = ContextVar("dialog")


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


@contextmanager
def dialog_deadline(dialogs: set[anyio.CancelScope]) -> Generator[anyio.CancelScope]:
    """A scope that ends a dialog nobody answers, in `dialogs` meanwhile; it has no deadline until one is shown."""
    with anyio.CancelScope() as scope:
        token = _dialog.set(scope)
        dialogs.add(scope)
        try:
            yield scope
        finally:
            dialogs.discard(scope)
            _dialog.reset(token)


def dialog_shown(seconds: float) -> None:
    """From now on the dialog has this long."""
    _dialog.get().deadline = anyio.current_time() + seconds


def dialog_open(scope: anyio.CancelScope) -> bool:
    """Whether a dialog was shown in `scope` and the call has not gone on from it."""
    return scope.deadline != math.inf


def dialog_over() -> None:
    """The person has answered, or was not asked: nothing that follows may be cut off."""
    _dialog.get().deadline = math.inf
