"""What the approval page shows of a purchase that was decided: its outcome, from the ledger alone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from orders_prompts.inert import identifier
from orders_prompts.renderer import Texts
from orders_server.consent.page_paths import path_of
from orders_server.consent.page_views import goods_in_short
from orders_tools.money import CURRENCY, yuan_or_none
from orders_tools.ports import Purchasing
from orders_tools.purchase.records import Placement, Purchase, sum_or_none
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.results.create_outcomes import outcome_of, shown_changes
from orders_tools.results.redaction import NO_REDACTIONS
from orders_tools.rules.price_drift import differences

_IN_FLIGHT = frozenset({PlacementState.CLAIMED, PlacementState.DISPATCHED})
_DECIDED = {TokenState.DECLINED: "declined", TokenState.PRICE_CHANGED: "price_changed"}


def is_over(purchase: Purchase, now: datetime) -> bool:
    """Whether nobody can answer a purchase any more."""
    return purchase.state not in {TokenState.OPEN, TokenState.APPROVED} or purchase.unusable(now)


async def result_view(purchasing: Purchasing, purchase: Purchase, texts: Texts) -> dict[str, Any]:
    """What became of a purchase that is over, as the template shows it. Nothing is sent and nothing is changed."""
    ref, placements = purchase.basket.purchase_ref, await _placements(purchasing, purchase)
    outcome = outcome_name(purchasing, purchase, placements)
    view: dict[str, Any] = {
        "outcome": outcome,
        "ref": identifier(ref),
        "path": path_of(ref),
        "payable": yuan_or_none(purchase.payable),
        "currency": CURRENCY,
        "sandbox": purchase.sandbox,
        "goods": goods_in_short(purchase, texts),
        "service_fee": yuan_or_none(_service_fee(purchase)),
        "approval": purchase.approval.model_dump() if purchase.approval and outcome != "declined" else None,
        "orders": [],
        "failed_lines": [],
        "issues": [],
        "changes": [],
    }
    if placements and outcome != "in_progress":
        in_language = replace(purchasing, texts=texts)
        made = outcome_of(in_language, purchase, placements, replayed=True, in_flight="unknown")
        view |= made.model_dump(include={"outcome", "orders", "failed_lines", "issues"})
    if fresh := await fresh_purchase(purchasing, purchase):
        view["changes"] = shown_changes(differences(purchase, fresh), texts, NO_REDACTIONS)
    return view


async def outcome_in_short(purchasing: Purchasing, purchase: Purchase) -> str:
    """The name of what became of a purchase that is over."""
    return outcome_name(purchasing, purchase, await _placements(purchasing, purchase))


async def fresh_purchase(purchasing: Purchasing, purchase: Purchase) -> Purchase | None:
    """The preview that took the place of a purchase whose offer changed; None where nothing did."""
    if purchase.state is not TokenState.PRICE_CHANGED:
        return None
    return await purchasing.ledger.purchase(purchasing.owner, purchase.fresh_token or "")


def outcome_name(purchasing: Purchasing, purchase: Purchase, placements: list[Placement]) -> str:
    """One of the outcomes that `words.j2` knows."""
    if purchase.state is not TokenState.CLAIMED:
        return _DECIDED.get(purchase.state, "expired")
    now = purchasing.clock()
    if any(row.state in _IN_FLIGHT and now < row.deadline for row in placements):
        return "in_progress"
    return outcome_of(purchasing, purchase, placements, replayed=True, in_flight="unknown").outcome


async def _placements(purchasing: Purchasing, purchase: Purchase) -> list[Placement]:
    if purchase.state is not TokenState.CLAIMED:
        return []
    return await purchasing.ledger.placements(purchasing.owner, purchase.token)


def _service_fee(purchase: Purchase) -> int | None:
    """What is paid beyond 1688's own total, in fen; None if that is nothing or not known."""
    return sum_or_none(order.service_fee for part in purchase.parts for order in part.answer.orders) or None
