"""Passkeys on the approval page: made, vouched for, and asked to sign the order that is shown. A script sends JSON."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from orders_server.consent import page_answers
from orders_server.consent.assertions import PasskeyFault
from orders_server.consent.page_frame import refused, result_path, shown_page
from orders_server.consent.page_parts import Visit
from orders_server.consent.page_paths import ROOT, path_of, reference_in
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.vocabulary import Channel

_PAGE = f"{ROOT}/passkey"


async def passkey_form(visit: Visit) -> Response:
    """The page that makes a passkey, and lists those that wait for this person to vouch for them."""
    wanted = visit.request.query_params.get("next", "")
    waiting = await visit.parts.passkeys.waiting(visit.person)
    listed = [
        {
            "id": each.credential_id,
            "name": each.name,
            "added_at": each.added_at,
            "own": each.own,
            "proof": visit.proof("vouch", each.credential_id),
        }
        for each in waiting
    ]
    return shown_page(
        visit,
        "passkey",
        has_passkey=visit.person.has_passkey,
        waiting=listed,
        next=next_path(wanted),
        register_proof=visit.proof("register"),
    )


def next_path(wanted: str) -> str:
    """The page of the reference that was wanted, or the list."""
    return path_of(wanted) if wanted.replace("-", "").replace("_", "").replace(".", "").isalnum() else ROOT


async def register_options(visit: Visit) -> Response:
    """The question that makes a passkey."""
    if not visit.proves(_fields(visit).get("proof"), "register"):
        return refused(visit)
    return await _answer(visit, _ask(visit.parts.passkeys.registration_options(visit.person), "create"))


async def register(visit: Visit) -> Response:
    """Keep the passkey that was made. One that waits leads back to the page where it can be vouched for."""
    fields = _fields(visit)
    if not visit.proves(fields.get("proof"), "register"):
        return refused(visit)

    async def made() -> dict[str, Any]:
        registered = await visit.parts.passkeys.register(visit.person, fields.get("response"))
        return {"next": _PAGE} if registered.waits else {"done": True}

    return await _answer(visit, made())


async def vouch_options(visit: Visit) -> Response:
    """The question by which this person's passkey vouches for another."""
    fields = _fields(visit)
    credential_id = str(fields.get("id", ""))
    if not visit.proves(fields.get("proof"), "vouch", credential_id):
        return refused(visit)
    return await _answer(visit, _ask(visit.parts.passkeys.vouch_options(visit.person, credential_id), "get"))


async def vouch(visit: Visit) -> Response:
    """Let the other passkey count."""
    fields = _fields(visit)
    credential_id = str(fields.get("id", ""))
    if not visit.proves(fields.get("proof"), "vouch", credential_id):
        return refused(visit)

    async def vouched() -> dict[str, Any]:
        await visit.parts.passkeys.vouch(visit.person, credential_id, fields.get("response"))
        return {"next": _PAGE}

    return await _answer(visit, vouched())


async def approve_options(visit: Visit) -> Response:
    """The question by which this person's passkey says yes to exactly the order that was shown."""
    found = await _shown(visit)
    if isinstance(found, Response):
        return found
    return await _answer(visit, _ask(visit.parts.passkeys.approval_options(visit.person, found), "get"))


async def approve(visit: Visit) -> Response:
    """Verify the signature over the stored order, and order it."""
    found = await _shown(visit)
    if isinstance(found, Response):
        return found
    fields = _fields(visit)

    async def ordered() -> dict[str, Any]:
        signed = await visit.parts.passkeys.verify_approval(visit.person, found, fields.get("response"))
        shown_at = datetime.fromisoformat(str(fields["shown_at"]))
        given = Approval(channel=Channel.PASSKEY, at=signed.at, shown_at=shown_at, by=signed.name)
        said = await page_answers.order(visit, found, given)
        return {"error": visit.sentence("said", said)} if said else {"next": result_path(found)}

    return await _answer(visit, ordered())


async def _shown(visit: Visit) -> Purchase | Response:
    """The purchase as it was shown; an answer for the script, where it is not that any more."""
    fields = {name: value for name, value in _fields(visit).items() if isinstance(value, str)}
    found = await page_answers.shown_purchase(visit, fields)
    if not isinstance(found, Response):
        return found
    ref = reference_in(visit.request.path_params["ref"])
    where = found.headers.get("location")
    return JSONResponse({"next": where or path_of(ref)}) if where or found.status_code != 403 else found


async def _ask(question: Any, way: str) -> dict[str, Any]:
    return {"ask": way, **await question}


async def _answer(visit: Visit, work: Any) -> Response:
    try:
        return JSONResponse(await work)
    except PasskeyFault as fault:
        return JSONResponse({"step": fault.step, "error": visit.sentence("passkey_step", fault.step)}, 409)


def _fields(visit: Visit) -> Mapping[str, Any]:
    try:
        content = json.loads(visit.body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}
