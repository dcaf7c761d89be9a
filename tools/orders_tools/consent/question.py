"""The dialog of `create_order`: whether it is shown, what it asks, and what is kept about one without an answer."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.create import CreateArguments
from orders_tools.consent.answer import Answer
from orders_tools.consent.demand import demanded
from orders_tools.errors import StoreUnavailable, ToolFault
from orders_tools.money import yuan_or_none
from orders_tools.ports import Purchasing
from orders_tools.purchase.pricing import repeats
from orders_tools.purchase.readiness import refuse_unless_ready, stored_purchase
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.results.builders import dialog
from orders_tools.results.consignee import consignee_in_short
from orders_tools.vocabulary import Channel


@dataclass(frozen=True)
class Question:
    """A dialog, the token it is about, when it was rendered, and for how many seconds its answer counts.

    `total` and `consignee` are repeated beside the tick: some hosts show only the end of the text there.
    """

    text: str
    token: str
    shown_at: datetime
    seconds: float
    total: str
    consignee: str


async def question(purchasing: Purchasing, given: Mapping[str, Any], *, again: bool = False) -> Question | None:
    """The dialog to answer before `create_order` sends anything; None if none is due. It only reads the ledger.

    There is none where the purchase demands a stronger channel. A dialog that the client did not come back from is
    shown once. `again`: this call comes back from it.
    """
    try:
        arguments = read_arguments(CreateArguments, given)
        purchase = await stored_purchase(purchasing, arguments.preview_token)
        if demanded(purchasing, purchase) is not Channel.DIALOG:
            return None
        # The time is taken before the ledger is read, so that no purchase falls between the two.
        shown_at = purchasing.clock()
        if purchase.state is not TokenState.OPEN or purchase.dialog_closed_at or purchase.unusable(shown_at):
            return None
        if purchase.dialog_unanswered_at and not again:
            return None
        await refuse_unless_ready(purchasing, purchase, arguments.expected_total, Answer.NOT_ASKED)
    except ToolFault:
        return None
    text = dialog(purchase, await repeats(purchasing, purchase), purchasing.texts)
    seconds = (purchase.expires_at - purchasing.clock()).total_seconds()
    total = yuan_or_none(purchase.payable) or ""
    return Question(text, purchase.token, shown_at, seconds, total, consignee_in_short(purchase))


async def note_answer(purchasing: Purchasing, purchase: Purchase, answer: Answer) -> str:
    """Keep whether the client came back from its dialog without a yes or a no; why the purchase still waits.

    A client that came back may be asked again, any other may not.

    Raises:
        StoreUnavailable: that could not be written.
    """
    if answer is Answer.UNANSWERED:
        await purchasing.ledger.note_dialog(purchase, purchasing.clock())
    elif answer is not Answer.NOT_ASKED:
        await _reopen_dialog(purchasing, purchase)
    if answer is not Answer.NOT_ASKED:
        return answer.value
    if purchase.dialog_unanswered_at:
        return Answer.UNANSWERED.value
    if demanded(purchasing, purchase) is not Channel.DIALOG:
        return "demands_more"
    return "waits" if purchasing.shows_dialogs else "no_dialog"


async def note_lost_yes(purchasing: Purchasing, token: str) -> None:
    """Allow the dialog again after a call with a yes ended before it was recorded."""
    with suppress(StoreUnavailable):
        purchase = await purchasing.ledger.purchase(purchasing.owner, token)
        if purchase is not None:
            await _reopen_dialog(purchasing, purchase)


async def _reopen_dialog(purchasing: Purchasing, purchase: Purchase) -> None:
    """Allow the dialog again, because the client came back from it; a ledger fault is ignored."""
    if purchase.dialog_unanswered_at:
        with suppress(StoreUnavailable):
            await purchasing.ledger.note_dialog(purchase, None)


async def record_unanswered(purchasing: Purchasing, token: str) -> None:
    """Record that a dialog for the token was shown and has no answer.

    Raises:
        StoreUnavailable: that could not be written.
    """
    purchase = await purchasing.ledger.purchase(purchasing.owner, token)
    if purchase is not None:
        await purchasing.ledger.note_dialog(purchase, purchasing.clock())
