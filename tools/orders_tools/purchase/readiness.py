"""Whether a stored purchase can be ordered now: its token, its time, what blocks it, and the total agreed on."""

import logging

from orders_tools.consent.answer import Answer
from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault
from orders_tools.money import fen_from_text, yuan_or_none
from orders_tools.ports import Purchasing
from orders_tools.purchase.pricing import repeats
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.purchase.tokens import is_token
from orders_tools.results.builders import issue, issue_details
from orders_tools.results.redaction import Redactions, redactions_for

_log = logging.getLogger(__name__)


async def stored_purchase(purchasing: Purchasing, token: str) -> Purchase:
    """The purchase that the token stands for.

    Raises:
        ToolFault: TOKEN_INVALID, there is none, or the stored row is not what was shown.
    """
    purchase = await purchasing.ledger.purchase(purchasing.owner, token) if is_token(token) else None
    if purchase is None:
        raise ToolFault(FaultCode.TOKEN_INVALID)
    usable = purchase.state in {TokenState.OPEN, TokenState.APPROVED}
    # A used token still gives its outcome, even if the key that sealed it is lost.
    if purchase.address is not None and not (purchase.genuine if usable else purchase.intact):
        _log.error("purchase %s: the stored row is not what was shown; refused", purchase.basket.purchase_ref)
        raise ToolFault(FaultCode.TOKEN_INVALID)
    return purchase


async def refuse_if_expired(purchasing: Purchasing, purchase: Purchase) -> None:
    """Close a purchase whose time is over.

    Raises:
        ToolFault: TOKEN_EXPIRED.
    """
    now = purchasing.clock()
    # A restored copy of the ledger lacks later noes and orders, so no yes in it counts any more.
    forgotten = await purchasing.ledger.gap(purchase.created_at)
    if forgotten and not purchase.unusable(now):
        raise ToolFault(FaultCode.TOKEN_EXPIRED, "ledger", expires_at=purchase.expires_at)
    if not purchase.unusable(now):
        return
    if now >= purchase.expires_at and purchase.state is not TokenState.EXPIRED:
        try:
            if await purchasing.ledger.expire(purchase, now) and purchasing.notices:
                purchasing.notices.answered(purchase, TokenState.EXPIRED)
        except StoreUnavailable as error:
            _log.warning("purchase %s: its end could not be written: %s", purchase.basket.purchase_ref, error)
    raise ToolFault(FaultCode.TOKEN_EXPIRED, expires_at=purchase.expires_at)


async def refuse_unless_ready(purchasing: Purchasing, purchase: Purchase, expected_total: str, answer: Answer) -> None:
    """Refuse what is blocked, and a total that is not the one to pay.

    Raises:
        ToolFault: NOT_ORDERABLE or TOTAL_MISMATCH.
    """
    # With a yes, the claim looks for repeats under its lock. Without one, a person should not be asked in vain.
    repeated = [] if answer is Answer.YES else await repeats(purchasing, purchase)
    newer = [finding for finding in repeated if finding not in purchase.findings]
    blockers = [finding for finding in (*purchase.findings, *newer) if finding.severity == "blocks"]
    if blockers:
        issues = [issue(finding, purchasing.texts, redactions_of(purchasing, purchase)) for finding in blockers]
        raise ToolFault(FaultCode.NOT_ORDERABLE, issues=issue_details(issues))
    if purchase.payable is None or fen_from_text(expected_total) != purchase.payable:
        raise ToolFault(
            FaultCode.TOTAL_MISMATCH, payable=yuan_or_none(purchase.payable), purchase_ref=purchase.basket.purchase_ref
        )


def redactions_of(purchasing: Purchasing, purchase: Purchase) -> Redactions:
    """What may not be repeated of the purchase's consignee."""
    return redactions_for(purchasing.policy.consignees, purchase.address, purchase.basket)
