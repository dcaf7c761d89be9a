"""Between the ledger's rows and the records of a purchase."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orders_server.ledger.seals import Seals, same
from orders_server.ledger.stamps import moment_of, stamp
from orders_tools.likeness import made_digest, made_digests, made_lines, same_consignee, same_goods, share_an_offer
from orders_tools.purchase import Address, Basket, Part
from orders_tools.records import Approval, Finding, Placement, Purchase, Similar, Verdict
from orders_tools.states import IN_DOUBT, PlacementState, TokenState

_PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])
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
    }


def read_purchase(row: Mapping[str, Any], seals: Seals) -> Purchase | None:
    """The purchase in `row` (joined with its consignee); None where the row was edited beyond reading.

    An approval that waits to be used and was not sealed by us is left out.
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
            dialog_closed_at=moment_of(row["dialog_closed_at"]),
        )
    except (ValidationError, ValueError, TypeError):
        return None
    proved: dict[str, Any] = {"sealed": same(row["seal"], seals.of_preview(purchase))}
    given = purchase.approval
    if given and purchase.state is TokenState.APPROVED:
        proved["approval"] = given if same(row["approval_seal"], seals.of_approval(purchase, given)) else None
    return purchase.model_copy(update=proved)


def _approval(row: Mapping[str, Any]) -> Approval | None:
    if not row["approved_at"]:
        return None
    at = datetime.fromisoformat(row["approved_at"])
    return Approval(channel=row["approved_through"], at=at, shown_at=moment_of(row["shown_at"]))


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


def made_digest_of(row: Mapping[Any, Any], verdict: Verdict) -> str | None:
    """The digest of what a create call made; None where its consignee was erased."""
    address = _address(row)
    return made_digest(made_lines(_part(row), verdict.failed_lines), address) if address else None


def read_similar(purchase: Purchase, rows: Sequence[Mapping[Any, Any]]) -> list[Similar]:
    """The purchases in `rows` that are like `purchase`: one entry each, a part in doubt outweighing placed ones.

    One that is both, the same in a part that was placed and only alike in one that is in doubt, has two entries.
    """
    made = made_digests(purchase.basket, purchase.address) if purchase.address else []
    found: dict[tuple[str, bool], Similar] = {}
    for row in sorted(rows, key=lambda row: PlacementState(row["state"]) in IN_DOUBT):
        ref, state = row["purchase_ref"], PlacementState(row["state"])
        known = row["basket_digest"] == purchase.basket_digest or ref == purchase.basket.purchase_ref
        same = known or (state not in IN_DOUBT and row["made_digest"] in made) or _is_same(purchase, row)
        if not same and (state not in IN_DOUBT or not share_an_offer(purchase.basket, _part(row))):
            continue
        at = datetime.fromisoformat(row["settled_at"] or row["deadline"])
        found[ref, same] = Similar(purchase_ref=ref, state=state, at=at, same=same)
    return [similar for (ref, same), similar in found.items() if same or not _in_doubt(found.get((ref, True)))]


def _in_doubt(similar: Similar | None) -> bool:
    return similar is not None and similar.state in IN_DOUBT


def _is_same(purchase: Purchase, row: Mapping[Any, Any]) -> bool:
    """Whether a row is of the same goods for the same consignee, as far as its consignee is still there."""
    theirs = _address(row)
    if purchase.address is None or theirs is None or not same_consignee(purchase.address, theirs):
        return False
    part = _part(row)
    if row["verdict"]:
        failed = Verdict.model_validate_json(row["verdict"]).failed_lines
        part = part.model_copy(update={"lines": made_lines(part, failed)})
    return same_goods(purchase.basket, Basket.model_validate_json(row["basket"]), part)


def _part(row: Mapping[Any, Any]) -> Part:
    return Part.model_validate_json(row["part"])


def _address(row: Mapping[Any, Any]) -> Address | None:
    return None if row["address"] is None else Address.model_validate_json(row["address"])
