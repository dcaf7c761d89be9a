"""Answers that several pages give: a page in the reader's language, and one plain page for all that is not there."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from orders_prompts.pages import render_page
from orders_server.consent.page_parts import Visit
from orders_server.consent.page_paths import path_of
from orders_tools.purchase.records import Purchase

Handler = Callable[[Visit], Awaitable[Response]]
_SEE_OTHER = 303


def shown_page(visit: Visit, name: str, status: int = 200, **variables: Any) -> HTMLResponse:
    """A page in the reader's language."""
    person = visit.visitor.name if visit.visitor else None
    html = render_page(visit.language, name, person=person, proof=visit.proof("sign-out"), **variables)
    return HTMLResponse(html, status, {"Content-Language": visit.language, "Vary": "Accept-Language, Cookie"})


def nothing_there(visit: Visit) -> Response:
    """The page for every address where no order waits: it does not say whether one ever did."""
    return shown_page(visit, "plain", 404, reason="nothing")


def refused(visit: Visit) -> Response:
    """The answer to a form that was not shown in this browser, or to one of a browser that is not paired."""
    if wants_json(visit):
        return JSONResponse({"error": visit.sentence("plain", "refused")}, 403)
    return shown_page(visit, "plain", 403, reason="refused")


def trouble(visit: Visit) -> Response:
    """The answer where the ledger cannot be used."""
    if wants_json(visit):
        return JSONResponse({"error": visit.sentence("plain", "trouble")}, 503)
    return shown_page(visit, "plain", 503, reason="trouble")


def wants_json(visit: Visit) -> bool:
    """Whether the request is one of the script."""
    return visit.request.headers.get("content-type", "").startswith("application/json")


def see(path: str) -> Response:
    """Lead the browser to a page after a form, so that reloading it sends nothing again."""
    return RedirectResponse(path, _SEE_OTHER)


def result_path(purchase: Purchase) -> str:
    """The path of what became of a purchase."""
    return f"{path_of(purchase.basket.purchase_ref)}/result"


async def order_page(visit: Visit, purchase: Purchase, status: int = 200, said: str = "", detail: str = "") -> Response:
    """The page of a purchase that waits; `said` is the code of what just happened, `detail` adds why."""
    message = " ".join(filter(None, (visit.sentence("said", said) if said else "", detail)))
    return shown_page(visit, "order", status, order=await visit.shown(purchase), message=message)
