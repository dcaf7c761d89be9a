"""Another system's answer to a purchase: a signed decision over what it was told, used once."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orders_server.consent.hook_signatures import HookSignatures
from orders_server.consent.page_paths import ROOT, reference_in
from orders_server.consent.page_results import outcome_in_short
from orders_server.consent.page_security import TooLarge, read_body
from orders_server.consent.people import LONGEST_NAME, BadName, checked_name
from orders_server.ledger.notices import use_decision
from orders_server.ledger.store import Store
from orders_tools.consent.answer import record_no
from orders_tools.consent.demand import demanded
from orders_tools.create_order import order_with_approval
from orders_tools.errors import StoreUnavailable, ToolFault
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.vocabulary import Channel

if TYPE_CHECKING:
    from orders_server.consent.page_parts import PageParts

_log = logging.getLogger(__name__)


class Decision(BaseModel):
    """What the other system decided: over the purchase with this digest, under its own name."""

    model_config = ConfigDict(extra="forbid", strict=True)

    decision: Literal["approve", "decline"]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]

    @property
    def by(self) -> str:
        """The name that is recorded; it says that no person's browser sent this."""
        return f"{self.name} (hook)"


class Decisions:
    """Reads decisions that carry our signature, each of them once."""

    def __init__(self, signatures: HookSignatures, store: Store) -> None:
        self._signatures = signatures
        self._store = store

    async def read(self, headers: Mapping[str, str], body: bytes, parts: "PageParts") -> Decision | str:
        """The decision in `body`, or why it is refused.

        Raises:
            StoreUnavailable: nobody can tell whether it was used before.
        """
        now = parts.purchasing.clock()
        used_as = self._signatures.verified(headers, body, now)
        if used_as is None:
            return "its signature is not ours, or not of these minutes"
        try:
            decision = Decision.model_validate_json(body)
            if checked_name(decision.name) != decision.name:
                return "its name is not written as it is shown"
        except (ValidationError, BadName):
            return "it is no decision"
        if not await self._store.writing(use_decision, used_as, now):
            return "it was used before"
        return decision


def decision_route(open_parts: "Callable[[], Awaitable[PageParts]]") -> Route:
    """`POST /approvals/<ref>/decision`. Whatever is wrong with a decision, the answer is the same."""

    async def endpoint(request: Request) -> Response:
        ref = reference_in(request.path_params["ref"])
        try:
            body = await read_body(request)
            parts = await open_parts()
            answer = await _answer(parts, ref, request.headers, body)
        except TooLarge:
            answer = "it is too large"
        except (StoreUnavailable, ToolFault) as error:
            _log.warning("a decision cannot be taken: %s", error)
            return JSONResponse({"error": "unavailable"}, 503)
        if isinstance(answer, str):
            _log.warning("a decision of the hook was refused: %s", answer)
            return JSONResponse({"error": "refused"}, 403)
        return answer

    return Route(f"{ROOT}/{{ref:str}}/decision", endpoint, methods=["POST"])


async def _answer(parts: "PageParts", ref: str, headers: Mapping[str, str], body: bytes) -> Response | str:
    """What becomes of the decision, or why it is refused, for the log alone."""
    if parts.decisions is None:
        return "no hook is set"
    decision = await parts.decisions.read(headers, body, parts)
    if isinstance(decision, str):
        return decision
    purchase = await parts.waiting(ref)
    if purchase is None or purchase.digest != decision.digest:
        over = await parts.over(ref, decision.digest)
        if over is None:
            return "it is about nothing that waits, or about something else by now"
        return _said(ref, await outcome_in_short(parts.purchasing, over))
    if decision.decision == "decline":
        return await _decline(parts, purchase, decision)
    if demanded(parts.purchasing, purchase) is Channel.PASSKEY:
        return "the purchase demands a passkey"
    return await _approve(parts, purchase, decision)


async def _decline(parts: "PageParts", purchase: Purchase, decision: Decision) -> Response | str:
    purchasing = parts.purchasing
    declined = await record_no(
        purchasing.ledger, purchase, Channel.PAGE, purchasing.clock(), decision.by, purchasing.notices
    )
    return _said(purchase.basket.purchase_ref, "declined") if declined else "it was answered meanwhile"


async def _approve(parts: "PageParts", purchase: Purchase, decision: Decision) -> Response:
    """Order by the decision. What it was told is what the preview showed, so nothing later is covered by it."""
    ref = purchase.basket.purchase_ref
    yes = Approval(channel=Channel.PAGE, at=parts.purchasing.clock(), shown_at=purchase.created_at, by=decision.by)
    try:
        result = await order_with_approval(parts.purchasing, purchase, yes)
    except ToolFault as fault:
        return JSONResponse({"purchase_ref": ref, "error": fault.code.value}, 409)
    return _said(ref, result.outcome)


def _said(ref: str, outcome: str) -> Response:
    return JSONResponse({"purchase_ref": ref, "outcome": outcome})
