"""Finds other purchases of the same things: those in doubt and those placed recently."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, union_all

from orders_server.ledger.schema import consignees, placements, purchases
from orders_server.ledger.stamps import stamp
from orders_tools.purchase.likeness import (
    made_digest,
    made_digests,
    made_lines,
    same_consignee,
    same_goods,
    shares_offer,
)
from orders_tools.purchase.model import Address, Basket, Part
from orders_tools.purchase.records import Purchase, Similar, Verdict
from orders_tools.purchase.states import IN_DOUBT, PlacementState

_OTHERS = (
    select(
        purchases.c.purchase_ref,
        purchases.c.basket_digest,
        purchases.c.basket,
        purchases.c.created_at,
        placements.c.position,
        placements.c.state,
        placements.c.settled_at,
        placements.c.deadline,
        placements.c.dispatched_at,
        placements.c.part,
        placements.c.verdict,
        placements.c.made_digest,
        consignees.c.address,
    )
    .join(placements, placements.c.token == purchases.c.token)
    .outerjoin(consignees, consignees.c.token == purchases.c.token)
    .where(purchases.c.owner == bindparam("of"), purchases.c.token != bindparam("but"))
)
_SAME_BASKET = purchases.c.basket_digest == bindparam("digest")
_SAME_REFERENCE = purchases.c.purchase_ref == bindparam("reference")
_PLACED = [PlacementState.PLACED.value, PlacementState.PARTLY_PLACED.value]
_PLACED_SINCE = and_(
    placements.c.state.in_(_PLACED),
    placements.c.settled_at >= bindparam("since"),
)
# One part for each index: a single condition would scan every purchase of the owner.
# Few are in doubt or were placed since a preview: those are all read and compared in Python.
_SIMILAR = union_all(
    _OTHERS.where(placements.c.owner == bindparam("of"), placements.c.state.in_([state.value for state in IN_DOUBT])),
    _OTHERS.where(_SAME_BASKET, _PLACED_SINCE),
    _OTHERS.where(_SAME_REFERENCE, _PLACED_SINCE),
    _OTHERS.where(
        placements.c.owner == bindparam("of"),
        placements.c.made_digest.in_(bindparam("made", expanding=True)),
        _PLACED_SINCE,
    ),
    _OTHERS.where(
        placements.c.owner == bindparam("of"),
        placements.c.state.in_(_PLACED),
        placements.c.settled_at >= bindparam("meanwhile"),
    ),
)
_MADE = (
    select(placements.c.part, consignees.c.address)
    .outerjoin(consignees, consignees.c.token == placements.c.token)
    .where(placements.c.owner == bindparam("of"), placements.c.part_ref == bindparam("which"))
)


def similar(connection: Connection, purchase: Purchase, since: datetime) -> list[Similar]:
    """Other purchases like this one, or with the same reference, in doubt or placed after `since`."""
    # A purchase placed at the very time of the preview is excluded; one placed at the time of a shown dialog is not.
    meanwhile = since if since >= purchase.created_at else purchase.created_at + timedelta(microseconds=1)
    alike = {
        "of": purchase.owner,
        "but": purchase.token,
        "digest": purchase.basket_digest,
        "made": made_digests(purchase.basket, purchase.address) if purchase.address else [],
        "meanwhile": stamp(meanwhile),
        "reference": purchase.basket.purchase_ref,
        "since": stamp(since),
    }
    rows = sorted(connection.execute(_SIMILAR, alike).mappings(), key=lambda row: (row["created_at"], row["position"]))
    return _read_similar(purchase, rows)


def made_digest_of(connection: Connection, owner: str, part_ref: str, verdict: Verdict) -> str | None:
    """The digest of what a create call made; None if its consignee was erased."""
    row = connection.execute(_MADE, {"of": owner, "which": part_ref}).mappings().first()
    address = _address(row) if row else None
    return made_digest(made_lines(_part(row), verdict.failed_lines), address) if row and address else None


def _read_similar(purchase: Purchase, rows: Sequence[Mapping[Any, Any]]) -> list[Similar]:
    """The purchases in `rows` that are like `purchase`: one entry each, where a part in doubt outweighs placed ones.

    A purchase with the same goods in a placed part and merely similar ones in a part in doubt has two entries.
    """
    made = made_digests(purchase.basket, purchase.address) if purchase.address else []
    found: dict[tuple[str, bool], Similar] = {}
    for row in sorted(rows, key=lambda row: PlacementState(row["state"]) in IN_DOUBT):
        ref, state = row["purchase_ref"], PlacementState(row["state"])
        known = row["basket_digest"] == purchase.basket_digest or ref == purchase.basket.purchase_ref
        same = known or (state not in IN_DOUBT and row["made_digest"] in made) or _is_same(purchase, row)
        if not same and (state not in IN_DOUBT or not shares_offer(purchase.basket, _part(row))):
            continue
        sent_at = row["dispatched_at"] if state in IN_DOUBT else row["settled_at"]
        at = datetime.fromisoformat(sent_at or row["deadline"])
        found[ref, same] = Similar(purchase_ref=ref, state=state, at=at, same=same)
    return [similar for (ref, same), similar in found.items() if same or not _in_doubt(found.get((ref, True)))]


def _in_doubt(similar: Similar | None) -> bool:
    return similar is not None and similar.state in IN_DOUBT


def _is_same(purchase: Purchase, row: Mapping[Any, Any]) -> bool:
    """Whether a row has the same goods for the same consignee; False if its consignee was erased."""
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
