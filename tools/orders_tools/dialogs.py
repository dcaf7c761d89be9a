"""The dialog of `create_order`: its question, its possible answers, and what happens without one."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders_tools.errors import StoreUnavailable
from orders_tools.ports import Purchasing
from orders_tools.purchase.records import READING_TIME, Purchase
from orders_tools.results.create import CreateResult
from orders_tools.results.create_outcomes import waiting_result


class Answer(StrEnum):
    """What the client's dialog returned; a host may give any of these without a person."""

    YES = "yes"
    NO = "no"
    SILENT = "silent"
    """It was closed."""
    EMPTY = "empty"
    """It was accepted with nothing that says yes or no."""
    UNANSWERED = "unanswered"
    """The client could not show it, or did not come back from it."""
    NOT_ASKED = "not_asked"


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


def is_automatic(answer: Answer, shown_at: datetime | None, now: datetime) -> bool:
    """Whether an answer other than yes came faster than a person reads; for a yes see `Approval.is_automatic`."""
    answered = answer in {Answer.NO, Answer.SILENT, Answer.EMPTY}
    return answered and shown_at is not None and now - shown_at < READING_TIME


async def result_without_yes(purchasing: Purchasing, purchase: Purchase, answer: Answer) -> CreateResult:
    """The result if nobody said yes or no. A client that came back may be asked again, any other may not.

    Raises:
        StoreUnavailable: that could not be written.
    """
    if answer is Answer.UNANSWERED:
        await purchasing.ledger.note_dialog(purchase, purchasing.clock())
    elif answer is not Answer.NOT_ASKED:
        await _reopen_dialog(purchasing, purchase)
    if answer is not Answer.NOT_ASKED:
        return waiting_result(purchasing, purchase, answer.value)
    if purchase.dialog_unanswered_at:
        return waiting_result(purchasing, purchase, Answer.UNANSWERED.value)
    return waiting_result(purchasing, purchase, "waits" if purchasing.shows_dialogs else "no_dialog")


async def note_lost_yes(purchasing: Purchasing, token: str) -> None:
    """Allows the dialog again after a call with a yes ended before it was recorded."""
    with suppress(StoreUnavailable):
        purchase = await purchasing.ledger.purchase(purchasing.owner, token)
        if purchase is not None:
            await _reopen_dialog(purchasing, purchase)


async def _reopen_dialog(purchasing: Purchasing, purchase: Purchase) -> None:
    """Allows the dialog again, because the client came back from it; a ledger fault is ignored."""
    if purchase.dialog_unanswered_at:
        with suppress(StoreUnavailable):
            await purchasing.ledger.note_dialog(purchase, None)


async def record_unanswered(purchasing: Purchasing, token: str) -> None:
    """Records that a dialog for the token was shown and has no answer.

    Raises:
        StoreUnavailable: that could not be written.
    """
    purchase = await purchasing.ledger.purchase(purchasing.owner, token)
    if purchase is not None:
        await purchasing.ledger.note_dialog(purchase, purchasing.clock())
