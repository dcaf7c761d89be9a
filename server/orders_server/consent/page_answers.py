"""A yes or a no on the approval page: to exactly what was shown, or to nothing."""

import logging
from datetime import datetime

from starlette.responses import Response

from orders_server.consent.page_frame import nothing_there, order_page, refused, result_path, see
from orders_server.consent.page_parts import Visit
from orders_server.consent.page_paths import reference_in
from orders_server.consent.page_security import form_fields
from orders_tools.consent.answer import record_no
from orders_tools.consent.demand import demanded
from orders_tools.create_order import order_with_approval
from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.vocabulary import Channel

_SAID = {
    FaultCode.NOT_ORDERABLE: "REPEATED",
    FaultCode.UPSTREAM_UNAVAILABLE: "NO_ANSWER",
    FaultCode.UPSTREAM_REJECTED: "REFUSED",
}
_log = logging.getLogger(__name__)


async def approve(visit: Visit) -> Response:
    """Order what was shown, if it still is what is stored, and lead to what became of it."""
    fields = form_fields(visit.body)
    found = await shown_purchase(visit, fields)
    if isinstance(found, Response):
        return found
    if demanded(visit.parts.purchasing, found) is Channel.PASSKEY:
        return await order_page(visit, found, 403, "NEEDS_PASSKEY")
    shown_at = datetime.fromisoformat(fields["shown_at"])
    now, name = visit.parts.purchasing.clock(), visit.person.name
    said = await order(visit, found, Approval(channel=Channel.PAGE, at=now, shown_at=shown_at, by=name))
    current = await visit.parts.waiting(found.basket.purchase_ref) if said else None
    return await order_page(visit, current, 409, said) if current else see(result_path(found))


async def order(visit: Visit, purchase: Purchase, approval: Approval) -> str:
    """Order a purchase by this yes; "", or the code of the sentence that says why it was not ordered by this call."""
    try:
        result = await order_with_approval(visit.purchasing, purchase, approval)
    except ToolFault as fault:
        _log.info("purchase %s: not ordered by the page: %s", purchase.basket.purchase_ref, fault.code)
        if fault.code is FaultCode.NOT_ORDERABLE:
            # The yes was to a page that did not tell this, so the next one is a new yes.
            await visit.parts.ledger.withdraw(purchase, visit.parts.purchasing.clock())
        return "" if fault.code is FaultCode.IN_PROGRESS else _SAID.get(fault.code, "INTERNAL")
    except StoreUnavailable as error:
        _log.warning("purchase %s: not ordered by the page: %s", purchase.basket.purchase_ref, error)
        return "STORE"
    return "NEEDS_PASSKEY" if result.outcome == "awaiting_approval" else ""


async def decline(visit: Visit) -> Response:
    """Record the no, which is final."""
    found = await shown_purchase(visit, form_fields(visit.body))
    if isinstance(found, Response):
        return found
    parts = visit.parts
    now, notices = parts.purchasing.clock(), parts.purchasing.notices
    await record_no(parts.ledger, found, Channel.PAGE, now, visit.person.name, notices)
    return see(result_path(found))


async def shown_purchase(visit: Visit, fields: dict[str, str]) -> Purchase | Response:
    """The purchase that the form was about, as it is stored now; an answer, where that is not what was shown.

    `digest` covers every field that was shown, so a purchase with another one was not shown in this form.
    """
    ref = reference_in(visit.request.path_params["ref"])
    digest, shown_at = fields.get("digest", ""), fields.get("shown_at", "")
    if not visit.proves(fields.get("proof"), ref, digest, shown_at):
        return refused(visit)
    waiting = await visit.parts.waiting(ref)
    if waiting and waiting.digest == digest:
        return waiting
    if over := await visit.parts.over(ref, digest):
        return see(result_path(over))
    return await order_page(visit, waiting, 409, "CHANGED") if waiting else nothing_there(visit)
