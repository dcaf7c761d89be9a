"""A person's word about a purchase in doubt: which part it is about, and what an order that a person names may be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from torture.world import BASKETS, World

from orders_tools.orders.model import UpstreamOrder
from orders_tools.ports import Purchasing
from orders_tools.purchase.model import FailedLine
from orders_tools.settlement.manual import CannotSettle, Doubt, accept, check_order, find_doubt, release
from support.told import Told, goods, order, page

pytestmark = pytest.mark.anyio
REF, FIRST, SECOND, FIFTH = "PO-7", "610000000001", "610000000002", "610000000005"
SPLIT = [{**line, "spec_id": f"spec-{number}"} for number, line in enumerate(BASKETS["split"], start=1)]


def told_by(world: World, told: Told) -> Purchasing:
    return replace(world.purchasing, upstream=told)


async def lost(world: World, lines: list[dict[str, Any]]) -> None:
    """A purchase whose calls were lost, so that nobody knows what became of them."""
    world.upstream.faults = ["dropped_before"] * 2
    assert (await world.create((await world.preview(lines, purchase_ref=REF)).what)).what == "unknown"


async def doubted(world: World, lines: list[dict[str, Any]]) -> Doubt:
    await lost(world, lines)
    return await find_doubt(told_by(world, Told()), REF)


def holding(*lines: tuple[str, int], number: str | None = REF) -> UpstreamOrder:
    """The order 9 of these offers, which carries `number`."""
    specs = {FIRST: "spec-1", FIFTH: "spec-2"}
    return order("9", out_order_id=number, lines=tuple(goods(offer, many, specs.get(offer)) for offer, many in lines))


async def test_what_is_not_in_doubt_is_refused_by_its_reference(world: World) -> None:
    with pytest.raises(CannotSettle) as error:
        await find_doubt(world.purchasing, REF)

    assert (error.value.code, error.value.details) == ("NOT_IN_DOUBT", {"ref": REF})


@pytest.mark.parametrize(
    ("named", "part"),
    [
        (None, None),
        (holding((FIRST, 1), number=None), 1),
        (holding((FIRST, 1), number=f"{REF}-1"), 1),
        (holding((SECOND, 2), number=""), 2),
        (holding((SECOND, 3), number=None), None),
        (holding((FIRST, 1), number="PO-8"), None),
        (holding((FIRST, 1), number=f"{REF}-2"), None),
    ],
)
async def test_of_several_parts_the_order_that_is_named_tells_which_is_meant(
    world: World, named: UpstreamOrder | None, part: int | None
) -> None:
    await lost(world, BASKETS["two_sellers"])
    told = Told(wholes={"9": named})
    looked = find_doubt(told_by(world, told), REF, named and "9")
    if part:
        assert (await looked).placement.part_ref == f"{REF}-{part}"
    else:
        with pytest.raises(CannotSettle) as error:
            await looked
        assert (error.value.code, error.value.details) == ("SEVERAL_PARTS", {"refs": [f"{REF}-1", f"{REF}-2"]})
    assert told.looked == (["9"] if named else [])


async def test_an_order_is_not_read_to_tell_which_of_one_part_is_meant(world: World) -> None:
    await lost(world, BASKETS["one"])
    told = Told()

    assert (await find_doubt(told_by(world, told), REF, "9")).placement.part_ref == REF
    assert told.looked == []


async def test_an_order_with_our_number_is_ours_though_it_holds_only_some_of_the_lines(world: World) -> None:
    doubt = await doubted(world, SPLIT)
    some = holding((FIRST, 1))
    purchasing = told_by(world, Told(wholes={"9": some}))
    order = await check_order(purchasing, doubt, "9")
    placement = await accept(purchasing, doubt, order)

    assert order == some
    assert (placement.state, placement.verdict and placement.verdict.evidence) == (
        "partly_placed",
        "accepted_by_a_person",
    )
    assert placement.verdict
    assert placement.verdict.failed_lines == (FailedLine(offer_id=FIFTH, spec_id="spec-2", code=None, message=None),)
    assert placement.verdict.differences == ()


async def test_an_order_with_our_number_and_all_lines_leaves_none_out(world: World) -> None:
    doubt = await doubted(world, SPLIT)
    placement = await accept(world.purchasing, doubt, holding((FIFTH, 3), (FIRST, 1)))

    assert placement.verdict
    assert (placement.state, placement.verdict.failed_lines) == ("placed", ())


@pytest.mark.parametrize(
    "other", [holding((FIRST, 1), number=None), holding((FIRST, 2)), holding((FIRST, 1), (FIFTH, 3), (SECOND, 1))]
)
async def test_an_order_of_other_lines_or_of_some_without_our_number_is_none_of_ours(
    world: World, other: UpstreamOrder
) -> None:
    doubt = await doubted(world, SPLIT)
    with pytest.raises(CannotSettle) as error:
        await check_order(told_by(world, Told(wholes={"9": other})), doubt, "9")

    assert (error.value.code, error.value.details) == ("OTHER_LINES", {"order_id": "9"})


async def test_a_doubt_is_not_released_while_an_order_carries_its_number(world: World) -> None:
    doubt = await doubted(world, BASKETS["one"])
    world.clock.now = doubt.releasable_from
    with pytest.raises(CannotSettle) as error:
        await release(told_by(world, Told([page(holding((FIRST, 2)))])), doubt)

    assert (error.value.code, error.value.details) == ("ORDER_EXISTS", {"order_id": "9", "ref": REF})
    assert world.state_of(REF) == "unknown"


@pytest.mark.parametrize(("days", "tables"), [(79, [False]), (80, [False, True])])
async def test_before_a_release_the_orders_are_looked_through_in_which_one_may_be(
    world: World, days: int, tables: list[bool]
) -> None:
    doubt = await doubted(world, BASKETS["one"])
    assert doubt.placement.dispatched_at
    world.clock.now = doubt.placement.dispatched_at + timedelta(days=days)
    told = Told()

    assert (await release(told_by(world, told), doubt)).state == "rejected"
    assert [(query.out_order_id, query.history) for query in told.asked] == [(REF, old) for old in tables]


async def test_a_release_that_comes_too_early_is_told_from_when_it_counts(world: World) -> None:
    doubt = await doubted(world, BASKETS["one"])
    world.clock.now = doubt.releasable_from - timedelta(microseconds=1)
    with pytest.raises(CannotSettle) as error:
        await release(told_by(world, Told()), doubt)

    assert (error.value.code, error.value.details) == ("TOO_EARLY", {"moment": doubt.releasable_from})
    assert world.state_of(REF) == "unknown"
