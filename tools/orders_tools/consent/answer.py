"""A yes or a no, and the one place that records it: for the dialog, the terminal and the page alike."""

from datetime import datetime
from enum import StrEnum

from orders_tools.consent.channels import is_enough
from orders_tools.ports import Ledger, Notices
from orders_tools.purchase.records import READING_TIME, Approval, Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.vocabulary import Channel


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


def is_automatic(answer: Answer, shown_at: datetime | None, now: datetime) -> bool:
    """Whether an answer other than yes came faster than a person reads; for a yes see `Approval.is_automatic`."""
    answered = answer in {Answer.NO, Answer.SILENT, Answer.EMPTY}
    return answered and shown_at is not None and now - shown_at < READING_TIME


async def record_yes(
    ledger: Ledger, purchase: Purchase, approval: Approval, notices: Notices | None = None
) -> Purchase | None:
    """Record a yes to exactly what is stored; the approved purchase, or None if the yes does not count.

    It does not count if the channel is weaker than what the purchase demanded when it was previewed, or if the token
    is no longer open to it.

    Raises:
        StoreUnavailable: it could not be written.
    """
    if purchase.demand and not is_enough(approval.channel, purchase.demand):
        return None
    if not await ledger.approve(purchase, approval):
        return None
    if notices:
        notices.answered(purchase, TokenState.APPROVED, approval.channel, approval.by)
    return purchase.model_copy(update={"state": TokenState.APPROVED, "approval": approval})


async def record_no(
    ledger: Ledger,
    purchase: Purchase,
    channel: Channel,
    now: datetime,
    by: str | None = None,
    notices: Notices | None = None,
) -> bool:
    """Record a no. One in the client's dialog closes the dialog and takes back any yes; any other one is final.

    Returns False if the token is neither open nor approved.

    Raises:
        StoreUnavailable: it could not be written.
    """
    if channel is Channel.DIALOG:
        return await ledger.close_dialog(purchase, now)
    declined = await ledger.decline(purchase, channel, now, by)
    if declined and notices:
        notices.answered(purchase, TokenState.DECLINED, channel, by)
    return declined
