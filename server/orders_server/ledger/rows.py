"""Converts between the ledger's rows and the records of a purchase."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orders_server.ledger.seals import Seals, is_same_seal
from orders_server.ledger.stamps import moment_of, stamp
from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import Address, Basket, Part
from orders_tools.purchase.records import Approval, Finding, Placement, Purchase, Verdict
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.vocabulary import Channel

_PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])
_CARDS: TypeAdapter[tuple[ProductCard, ...]] = TypeAdapter(tuple[ProductCard, ...])
_FINDINGS: TypeAdapter[tuple[Finding, ...]] = TypeAdapter(tuple[Finding, ...])


def purchase_row(purchase: Purchase) -> dict[str, Any]:
    """The row of `purchase`, without its consignee."""
    return {
        "token": purchase.token,
        "owner": purchase.owner,
        "purchase_ref": purchase.basket.purchase_ref,
        "state": purchase.state.value,
        "sandbox": int(purchase.sandbox),
        "created_at": stamp(purchase.created_at),
        "expires_at": stamp(purchase.expires_at),
        "basket": purchase.basket.model_dump_json(),
        "parts": _PARTS.dump_json(purchase.parts).decode(),
        "findings": _FINDINGS.dump_json(purchase.findings).decode(),
        "basket_digest": purchase.basket_digest,
        "digest": purchase.digest,
        "demand": purchase.demand.value if purchase.demand else None,
        "cards": _CARDS.dump_json(purchase.cards, exclude_defaults=True).decode() if purchase.cards else None,
    }


def read_purchase(row: Mapping[str, Any], seals: Seals) -> Purchase | None:
    """The purchase in `row` (joined with its consignee); None if the row was edited and cannot be read.

    An unused approval without our seal is dropped.
    """
    try:
        purchase = Purchase(
            token=row["token"],
            owner=row["owner"],
            sandbox=bool(row["sandbox"]),
            state=TokenState(row["state"]),
            created_at=datetime.fromisoformat(row["created_at"]),
            expires_at=datetime.fromisoformat(row["expires_at"]),
            basket=Basket.model_validate_json(row["basket"]),
            address=None if row["address"] is None else Address.model_validate_json(row["address"]),
            parts=_PARTS.validate_json(row["parts"]),
            findings=_FINDINGS.validate_json(row["findings"]),
            basket_digest=row["basket_digest"],
            digest=row["digest"],
            approval=_approval(row),
            fresh_token=row["fresh_token"],
            cards=_CARDS.validate_json(row["cards"]) if row["cards"] else (),
            demand=Channel(row["demand"]) if row["demand"] else None,
            dialog_closed_at=moment_of(row["dialog_closed_at"]),
            dialog_unanswered_at=moment_of(row["dialog_unanswered_at"]),
        )
    except (ValidationError, ValueError, TypeError):
        return None
    checked: dict[str, Any] = {"sealed": is_same_seal(row["seal"], seals.of_preview(purchase))}
    given = purchase.approval
    if given and purchase.state is TokenState.APPROVED:
        checked["approval"] = given if is_same_seal(row["approval_seal"], seals.of_approval(purchase, given)) else None
    return purchase.model_copy(update=checked)


def _approval(row: Mapping[str, Any]) -> Approval | None:
    if not row["approved_at"]:
        return None
    at = datetime.fromisoformat(row["approved_at"])
    return Approval(channel=row["approved_through"], at=at, shown_at=moment_of(row["shown_at"]), by=row["approved_by"])


def placement_row(
    purchase: Purchase, position: int, part: Part, previewed_at: datetime, deadline: datetime
) -> dict[str, Any]:
    """The row of one create call to come."""
    return {
        "owner": purchase.owner,
        "part_ref": part.part_ref,
        "token": purchase.token,
        "position": position,
        "state": PlacementState.CLAIMED.value,
        "part": part.model_dump_json(),
        "previewed_at": stamp(previewed_at),
        "deadline": stamp(deadline),
        "dispatched_at": None,
    }


def read_placements(rows: Sequence[Mapping[str, Any]]) -> list[Placement]:
    """The placements in `rows`."""
    return [
        Placement(
            part_ref=row["part_ref"],
            token=row["token"],
            state=PlacementState(row["state"]),
            part=Part.model_validate_json(row["part"]),
            deadline=datetime.fromisoformat(row["deadline"]),
            dispatched_at=moment_of(row["dispatched_at"]),
            verdict=Verdict.model_validate_json(row["verdict"]) if row["verdict"] else None,
            previewed_at=moment_of(row["previewed_at"]),
        )
        for row in rows
    ]
