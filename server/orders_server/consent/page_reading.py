"""The pages that are read: what waits, one order, what became of it, its pictures; and pairing."""

from typing import Any

from starlette.responses import Response

from orders_prompts.pages import FILES, page_file
from orders_server.consent.page_frame import nothing_there, order_page, refused, result_path, see, shown_page
from orders_server.consent.page_parts import LATELY, Visit
from orders_server.consent.page_passkeys import next_path
from orders_server.consent.page_paths import ROOT, reference_in
from orders_server.consent.page_results import fresh_purchase, outcome_in_short, result_view
from orders_server.consent.page_security import end_session, form_fields, set_session
from orders_server.consent.page_views import row_view
from orders_tools.purchase.records import Purchase
from orders_tools.settlement.reconciliation import try_to_settle

_MOST_LISTED = 20


async def list_page(visit: Visit) -> Response:
    """What waits, and what was decided lately."""
    parts = visit.parts
    purchasing, now = parts.purchasing, parts.purchasing.clock()
    waiting = await parts.ledger.waiting(purchasing.owner, now)
    newest = {purchase.basket.purchase_ref: purchase for purchase in waiting}  # oldest first, so the newest stays
    ended = (await parts.ledger.ended(purchasing.owner, now - LATELY, now))[:_MOST_LISTED]
    return shown_page(
        visit,
        "list",
        waiting=[row_view(purchase, visit.texts, now) for purchase in newest.values()],
        decided=[await _decided_row(visit, purchase) for purchase in ended],
        left_out=await parts.ledger.unsealed(purchasing.owner, now),
        offers_passkey=True,
    )


async def _decided_row(visit: Visit, purchase: Purchase) -> dict[str, Any]:
    purchasing = visit.purchasing
    by = purchase.approval.by if purchase.approval else None
    outcome = await outcome_in_short(purchasing, purchase)
    return row_view(purchase, visit.texts, purchasing.clock(), outcome=outcome, by=by) | {"path": result_path(purchase)}


async def order(visit: Visit) -> Response:
    """The order that waits under a reference; anything else is the plain page."""
    purchase = await visit.parts.waiting(reference_in(visit.request.path_params["ref"]))
    return await order_page(visit, purchase) if purchase else nothing_there(visit)


async def result(visit: Visit) -> Response:
    """What became of the newest purchase with a reference, if that was lately."""
    ref = reference_in(visit.request.path_params["ref"])
    purchase = await visit.parts.over(ref)
    if purchase is None:
        return nothing_there(visit)
    view = await result_view(visit.purchasing, purchase, visit.texts)
    view["proof"] = visit.proof("look", ref)
    fresh = await fresh_purchase(visit.purchasing, purchase)
    waiting = await visit.parts.waiting(ref) if fresh else None
    shown = await visit.shown(waiting) if waiting and fresh and waiting.token == fresh.token else None
    return shown_page(visit, "result", result=view, fresh=shown)


async def look(visit: Visit) -> Response:
    """Look upstream once for an order whose outcome is not known. Nothing is ever sent."""
    ref = reference_in(visit.request.path_params["ref"])
    if not visit.proves(form_fields(visit.body).get("proof"), "look", ref):
        return refused(visit)
    purchase = await visit.parts.over(ref)
    if purchase is None:
        return nothing_there(visit)
    for placement in await visit.parts.ledger.placements(purchase.owner, purchase.token):
        await try_to_settle(visit.purchasing, placement)
    return see(result_path(purchase))


async def picture(visit: Visit) -> Response:
    """The picture of one product card of an order, fetched by the server."""
    ref, number = reference_in(visit.request.path_params["ref"]), visit.request.path_params["number"]
    purchase = await visit.parts.waiting(ref) or await visit.parts.over(ref)
    card = next(iter(purchase.cards[number : number + 1]), None) if purchase else None
    if purchase is None or card is None or not card.picture:
        return Response(status_code=404)
    found = await visit.parts.pictures.get(card.picture, sandbox=purchase.sandbox)
    return Response(found.content, media_type=found.media_type) if found else Response(status_code=404)


async def pair_form(visit: Visit) -> Response:
    """The form for a code."""
    return shown_page(visit, "pair", next="", fault="")


def pairing(visit: Visit) -> Response:
    """What a browser that is not paired sees at every address: the same form, and no hint of any order."""
    return shown_page(visit, "pair", 401, next=visit.request.path_params.get("ref", ""), fault="")


async def pair(visit: Visit) -> Response:
    """Pair this browser by a code, and offer to make a passkey."""
    fields = form_fields(visit.body)
    wanted = fields.get("next", "")[:64]
    session = await visit.parts.people.pair(fields.get("code", "")[:64])
    if session is None:
        return shown_page(visit, "pair", 403, next=wanted, fault="wrong")
    known = next_path(reference_in(wanted)) != ROOT
    response = see(f"{ROOT}/passkey" + (f"?next={reference_in(wanted)}" if known else ""))
    name = visit.parts.proofs.cookie_name
    life = session.expires_at - visit.parts.purchasing.clock()
    set_session(response, name, session.cookie, life, secure=visit.parts.is_secure)
    return response


async def sign_out(visit: Visit) -> Response:
    """End the session of this browser."""
    if not visit.proves(form_fields(visit.body).get("proof"), "sign-out"):
        return refused(visit)
    await visit.parts.people.sign_out(visit.cookie)
    response = see(f"{ROOT}/pair")
    end_session(response, visit.parts.proofs.cookie_name, secure=visit.parts.is_secure)
    return response


async def static_file(name: str) -> Response:
    """The stylesheet or the script."""
    return Response(page_file(name), media_type=FILES[name]) if name in FILES else Response(status_code=404)
