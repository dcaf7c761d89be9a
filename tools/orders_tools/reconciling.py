"""Settling what is unknown, by reading: an order found makes a placement placed; nothing found proves nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders_tools.comparing import holds_the_lines
from orders_tools.conclusion import CLOCK_SLACK, compared, concluded, differing, made_after_the_send
from orders_tools.evidence import folded
from orders_tools.faults import StoreUnavailable
from orders_tools.orders import OrderQuery, UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.records import Placement, Verdict, sum_or_none
from orders_tools.states import PlacementState
from orders_tools.vocabulary import EvidenceName

_PAGES = 5
"""How many pages of orders one search reads at the most (the reference filter may be ignored by the upstream)."""
_REFUSALS = frozenset({EvidenceName.DOCUMENTED_REFUSAL, EvidenceName.OPERATORS_REFUSAL})
_MOST_NAMED = 10
"""How many ids that an answer named are read one by one, and how many candidates are told."""


CURRENT_FOR = timedelta(days=80)
"""How long an order is in the current table for certain (CONTRACT 5: about three months)."""


@dataclass(frozen=True)
class Found:
    """The orders of a purchase, and what the ledger has of it.

    `recorded_here` is None where the ledger could not be asked.
    """

    orders: list[UpstreamOrder]
    placements: list[Placement]
    recorded_here: bool | None


async def orders_of(
    purchasing: Purchasing, part_ref: str, dispatched_at: datetime | None = None
) -> list[UpstreamOrder]:
    """The upstream's orders that carry `part_ref`, asked for by that number; old ones too, unless it is too recent.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
    """
    query = OrderQuery(out_order_id=part_ref, page_size=50)
    found = [order for order in (await purchasing.upstream.orders(query)).orders if _carries(order, part_ref)]
    recent = dispatched_at is not None and purchasing.clock() - dispatched_at < CURRENT_FOR
    if found or recent or not purchasing.policy.order_history:
        return found
    try:
        old = await purchasing.upstream.orders(query.model_copy(update={"history": True}))
    except (UpstreamUnavailable, UpstreamRefused):
        return []  # the current table did answer, and has none
    return [order for order in old.orders if _carries(order, part_ref)]


async def orders_made(purchasing: Purchasing, purchase_ref: str, part_refs: Sequence[str]) -> list[str]:
    """The ids of orders that carry the reference of a purchase or of a part of it, written in whatever way.

    Where the upstream ignores the filter, several pages are looked at. Old orders are not asked for.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
    """
    wanted = {folded(each) for each in (purchase_ref, *part_refs, f"{purchase_ref}-1")}
    found: list[str] = []
    for part_ref in part_refs:
        query = OrderQuery(out_order_id=part_ref, page_size=50)
        for page in range(1, _PAGES + 1):
            orders = (await purchasing.upstream.orders(query.model_copy(update={"page": page}))).orders
            bearing = [order for order in orders if wanted & set(map(folded, _references(order)))]
            found += [order.order_id for order in bearing]
            if bearing or len(orders) < query.page_size:
                break
    return list(dict.fromkeys(found))


def _references(order: UpstreamOrder) -> list[str]:
    """What an order carries as its external number, and at the end of the buyer's note."""
    noted = (order.note or "").rstrip()
    written = noted[noted.rfind("[") + 1 : -1] if noted.endswith("]") else ""
    return [each for each in (order.out_order_id, written) if each]


async def orders_of_purchase(purchasing: Purchasing, purchase_ref: str) -> Found:
    """Every order of a purchase, its doubts settled by the same look: by the reference of each part, or by known id.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read.
        StoreUnavailable: the upstream has no order with this reference, and the ledger cannot be asked.
    """
    try:
        purchase = await purchasing.ledger.claimed(purchasing.owner, purchase_ref)
        rows = await purchasing.ledger.placements(purchasing.owner, purchase.token) if purchase else []
    except StoreUnavailable:
        if orders := await orders_of(purchasing, purchase_ref):
            return Found(orders, [], None)
        raise
    if not rows:
        return Found(await orders_of(purchasing, purchase_ref), [], purchase is not None)
    settled = [await settled_if_possible(purchasing, row) for row in rows]
    found: dict[str, UpstreamOrder] = {}
    for row in settled:
        orders = await orders_of(purchasing, row.part_ref, row.dispatched_at)
        found |= {order.order_id: order for order in orders}
    for order_id in (order.order_id for row in settled if row.verdict for order in row.verdict.orders):
        if order_id not in found and (order := await purchasing.upstream.order(order_id)):
            found[order_id] = order
    return Found(list(found.values()), settled, True)


async def settled_if_possible(purchasing: Purchasing, placement: Placement) -> Placement:
    """The placement after one look, or as it stands where the ledger can be read and not written."""
    try:
        return await settle(purchasing, placement)
    except StoreUnavailable:
        return placement


async def _made_about_then(purchasing: Purchasing, placement: Placement) -> AsyncIterator[UpstreamOrder]:
    """The upstream's orders from the time in which this one can have been made."""
    if placement.dispatched_at is None:
        return
    window = OrderQuery(
        page_size=50,
        created_from=placement.dispatched_at - CLOCK_SLACK,
        created_to=placement.deadline + CLOCK_SLACK,
    )
    for page in range(1, _PAGES + 1):
        answer = await purchasing.upstream.orders(window.model_copy(update={"page": page}))
        for order in answer.orders:
            yield order
        if len(answer.orders) < window.page_size:
            return


def _carries(order: UpstreamOrder, part_ref: str) -> bool:
    """Whether an order has our reference, as external number or at the end of the buyer's note."""
    if order.out_order_id:
        return folded(order.out_order_id) == folded(part_ref)
    return (order.note or "").rstrip().endswith(f"[{part_ref}]")


async def answered(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    """The placement after the answer to its create call; where ids in it are in doubt, after one look at them."""
    if verdict.state is PlacementState.REJECTED and verdict.evidence in _REFUSALS:
        verdict = await _unless_found(purchasing, placement, verdict)
    placement = await concluded(purchasing, placement, verdict)
    if placement.state is PlacementState.UNKNOWN and placement.verdict and placement.verdict.named:
        return await settled_if_possible(purchasing, placement)
    return placement


async def _unless_found(purchasing: Purchasing, placement: Placement, refused: Verdict) -> Verdict:
    """The refusal, unless the upstream lists an order with our reference all the same: then nobody knows yet.

    Where the list cannot be read, the documented refusal stands.
    """
    try:
        found = await orders_of(purchasing, placement.part_ref, placement.dispatched_at)
    except (UpstreamUnavailable, UpstreamRefused):
        return refused
    ids = tuple(order.order_id for order in found if made_after_the_send(placement, order))
    if not ids:
        return refused
    return Verdict(
        state=PlacementState.UNKNOWN,
        evidence=EvidenceName.REFUSED_AND_FOUND,
        code=refused.code,
        message=refused.message,
        named=ids,
    )


async def settle(purchasing: Purchasing, placement: Placement) -> Placement:
    """`placement` after one look at the upstream: placed where its order is found, else as the clock has it.

    What was never dispatched is rejected once its time is over; what was dispatched becomes unknown. Nothing is sent.
    """
    now = purchasing.clock()
    if placement.state is PlacementState.CLAIMED:
        if now < placement.deadline:
            return placement
        return await recorded(
            purchasing, placement, Verdict(state=PlacementState.REJECTED, evidence=EvidenceName.NEVER_DISPATCHED)
        )
    if placement.state not in {PlacementState.DISPATCHED, PlacementState.UNKNOWN}:
        return await compared(purchasing, placement)
    if placement.state is PlacementState.DISPATCHED and placement.verdict and placement.verdict.orders:
        return await concluded(purchasing, placement, placement.verdict)  # cut off between its answer and its record
    try:
        found, alike = await _search(purchasing, placement)
    except (UpstreamUnavailable, UpstreamRefused):
        found, alike = [], []
    if found and _whole(placement, found):
        orders = tuple(order.placed() for order in found)
        verdict = Verdict(
            state=PlacementState.PLACED,
            evidence=EvidenceName.FOUND_BY_READING,
            orders=orders,
            differences=tuple(differing(placement.part, orders, found)),
            compared=True,
        )
        return await recorded(purchasing, placement, verdict)
    alike = [*found, *alike]
    if placement.state is PlacementState.DISPATCHED and now >= placement.deadline:
        verdict = Verdict(state=PlacementState.UNKNOWN, evidence=EvidenceName.NO_ANSWER_IN_TIME)
        placement = await recorded(purchasing, placement, verdict)
    return placement.model_copy(update={"candidates": tuple(order.placed() for order in alike[:_MOST_NAMED])})


async def _search(purchasing: Purchasing, placement: Placement) -> tuple[list[UpstreamOrder], list[UpstreamOrder]]:
    """The orders that are the placement's, and where there is none those that only may be."""
    by_number = await orders_of(purchasing, placement.part_ref, placement.dispatched_at)
    found = {order.order_id: order for order in by_number if made_after_the_send(placement, order)}
    alike: dict[str, UpstreamOrder] = {}
    if not found or not all(order.out_order_id for order in found.values()):
        async for order in _made_about_then(purchasing, placement):
            if not made_after_the_send(placement, order):
                continue
            if _carries(order, placement.part_ref):
                found[order.order_id] = order
            elif not order.out_order_id and _looks_like(placement, order):
                alike[order.order_id] = order
    named = await _named(purchasing, placement)
    taken = await purchasing.ledger.taken(purchasing.owner, placement.part_ref, [*found, *alike, *named])
    carrying, alone, told = (
        [order for order_id, order in some.items() if order_id not in taken] for some in (found, alike, named)
    )
    if sure := _sure(placement, carrying) or _sure_of_named(placement, told):
        return sure, []
    doubtful = {order.order_id: order for order in (*told, *carrying, *alone)}
    return [], [order for order in doubtful.values() if holds_the_lines(placement.part, [order])]


async def _named(purchasing: Purchasing, placement: Placement) -> dict[str, UpstreamOrder]:
    """The orders whose ids the answer named in doubt, as they are read: none that carries another reference."""
    ids = placement.verdict.named if placement.verdict else ()
    looks = [await purchasing.upstream.order(order_id) for order_id in (ids if len(ids) <= _MOST_NAMED else ())]
    return {
        look.order_id: look
        for look in looks
        if look and look.out_order_id in {None, "", placement.part_ref} and made_after_the_send(placement, look)
    }


def _sure(placement: Placement, found: list[UpstreamOrder]) -> list[UpstreamOrder]:
    """The orders that are this placement's: by external number, or by the note and together exactly the lines sent.

    More of them than were previewed are in doubt, unless together they hold exactly the lines sent.
    """
    by_number = [order for order in found if order.out_order_id]
    if by_number and len(by_number) <= max(1, len(placement.part.answer.orders)):
        return by_number
    some = by_number or [order for order in found if _of_our_offers(placement, order)]
    return some if some and holds_the_lines(placement.part, some) else []


def _of_our_offers(placement: Placement, order: UpstreamOrder) -> bool:
    """Whether an order holds offers of the placement alone: a note can be copied by anybody."""
    return {line.offer_id for line in order.lines} <= {line.offer_id for line in placement.part.lines}


def _sure_of_named(placement: Placement, named: list[UpstreamOrder]) -> list[UpstreamOrder]:
    """Of the orders that the answer named in doubt: those that hold exactly the lines sent, all together or one."""
    if named and holds_the_lines(placement.part, named):
        return named
    alone = [order for order in named if holds_the_lines(placement.part, [order])]
    return alone if len(alone) == 1 else []


def _looks_like(placement: Placement, order: UpstreamOrder) -> bool:
    expected = sum_or_none(each.sum_payment for each in placement.part.answer.orders)
    return order.payable == expected and holds_the_lines(placement.part, [order])


def _whole(placement: Placement, found: list[UpstreamOrder]) -> bool:
    """Whether the orders found hold every offer that was sent; a split order may become visible bit by bit."""
    offers = {line.offer_id for order in found for line in order.lines}
    return {line.offer_id for line in placement.part.lines} <= offers


async def recorded(purchasing: Purchasing, placement: Placement, verdict: Verdict) -> Placement:
    """The placement as the ledger has it after `verdict` was offered; somebody else's, where theirs came first."""
    await purchasing.ledger.record(purchasing.owner, placement.part_ref, verdict, purchasing.clock())
    placements = await purchasing.ledger.placements(purchasing.owner, placement.token)
    return next(row for row in placements if row.part_ref == placement.part_ref)


async def reconcile(purchasing: Purchasing) -> list[Placement]:
    """Every placement in doubt after one look at the upstream, oldest first."""
    return [await settle(purchasing, placement) for placement in await purchasing.ledger.in_doubt(purchasing.owner)]
