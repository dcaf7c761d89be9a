"""The orders of a purchase, asked for by its reference: those of all its parts, and whether they are recorded here."""

from dataclasses import replace
from typing import Any

import pytest
from torture.world import BASKETS, World

from orders_tools.errors import StoreUnavailable
from orders_tools.orders.model import UnreadRow, UpstreamOrder
from orders_tools.ports import Purchasing
from orders_tools.settlement.reconciliation import orders_of_purchase
from support.told import Told, order, page

pytestmark = pytest.mark.anyio
REF = "PO-7"


def told_by(world: World, told: Told) -> Purchasing:
    return replace(world.purchasing, upstream=told)


def of_purchase(found: Any) -> tuple[list[str], int, bool | None, int]:
    return [each.order_id for each in found.orders], len(found.placements), found.recorded_here, found.unread


async def test_orders_of_a_reference_that_nobody_ordered_here_are_told_as_that(world: World) -> None:
    row = UnreadRow(mark="a", out_order_id=REF)
    await world.preview(BASKETS["one"], purchase_ref=REF)
    told = Told([page(order("9", out_order_id=REF), unread=[row])])
    found = await orders_of_purchase(told_by(world, told), REF)

    assert of_purchase(found) == (["9"], 0, False, 1)
    assert [query.out_order_id for query in told.asked] == [REF]


async def test_without_a_ledger_orders_are_found_and_what_is_recorded_is_not_known(world: World) -> None:
    await world.preview(BASKETS["one"], purchase_ref=REF)
    world.file.write_bytes(b"no ledger any more")
    told = Told([page(order("9", out_order_id=REF))])
    found = await orders_of_purchase(told_by(world, told), REF)

    assert of_purchase(found) == (["9"], 0, None, 0)
    assert [query.out_order_id for query in told.asked] == [REF]
    with pytest.raises(StoreUnavailable):
        await orders_of_purchase(told_by(world, Told()), REF)


def unread_row(number: int) -> UnreadRow:
    return UnreadRow(mark=str(number), out_order_id=f"{REF}-{number}")


@pytest.mark.parametrize(
    ("first", "second", "known", "expected"),
    [
        ([], [], [True, True], (2, 0)),
        ([], [], [True, False], (1, 0)),
        ([unread_row(1)], [unread_row(2)], [True, False], (1, 1)),
        ([unread_row(1)] * 2, [unread_row(2)], [False, False], (0, 3)),
        ([unread_row(1)], [unread_row(2)] * 2, [True, True], (2, 1)),
    ],
)
async def test_orders_of_a_purchase_are_those_of_all_its_parts_by_number_or_by_id(
    world: World, first: list[UnreadRow], second: list[UnreadRow], known: list[bool], expected: tuple[int, int]
) -> None:
    token = (await world.preview(BASKETS["two_sellers"], purchase_ref=REF)).what
    assert (await world.create(token)).what == "placed"
    made = [order_id for each in world.upstream.executed for order_id in each.order_ids]
    wholes: dict[str, UpstreamOrder | None] = {
        order_id: order(order_id) if here else None for order_id, here in zip(made, known, strict=True)
    }
    told = Told([page(unread=first), page(unread=second)], wholes)
    found = await orders_of_purchase(told_by(world, told), REF)

    orders = [order_id for order_id, here in zip(made, known, strict=True) if here]
    assert of_purchase(found) == (orders, 2, True, expected[1])
    assert len(orders) == expected[0]
    assert [query.out_order_id for query in told.asked] == [f"{REF}-1", f"{REF}-2"]
    assert told.looked == made


async def test_orders_that_the_list_shows_are_not_read_again(world: World) -> None:
    token = (await world.preview(BASKETS["two_sellers"], purchase_ref=REF)).what
    await world.create(token)
    made = [order_id for each in world.upstream.executed for order_id in each.order_ids]
    told = Told([page(order(order_id, out_order_id=f"{REF}-{place}")) for place, order_id in enumerate(made, 1)])
    found = await orders_of_purchase(told_by(world, told), REF)

    assert of_purchase(found) == (made, 2, True, 0)
    assert told.looked == []
