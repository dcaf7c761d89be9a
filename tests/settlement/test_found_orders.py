"""Orders whose answer was lost, found again by reading: whole, and each named once."""

import asyncio
from dataclasses import replace

import pytest
from torture.joining import violations
from torture.scripted import CREATE, PROFILES, Profile
from torture.world import BASKETS, Crash, World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "ignored"])
@pytest.mark.parametrize("basket", sorted(BASKETS))
async def test_a_lost_order_is_found_whole_and_named_once(world: World, profile: Profile, basket: str) -> None:
    world.upstream.profile, world.upstream.lag = profile, 8
    world.upstream.faults = ["reset_after", "reset_after"]
    token = (await world.preview(BASKETS[basket])).what
    heard = [(await world.create(token)).what]
    for _ in range(2):
        world.clock.forward(8)
        heard.append((await world.create(token)).what)
    said = await world.create(token)

    assert heard[0] == "unknown"
    assert said.what == "placed"
    assert said.result
    executed = [order_id for each in world.upstream.executed for order_id in each.order_ids]
    assert sorted(order.order_id for order in said.result.orders) == sorted(executed)
    assert said.result.issues == []
    assert violations(world) == []


async def test_an_order_without_our_reference_is_never_taken_for_ours(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["reset_after"]
    token = (await world.preview(BASKETS["one"])).what
    world.upstream.foreign_order((("610000000001", None, 2),))
    heard: list[str] = []
    for seconds in (0, 60, 600, 86_400):
        world.clock.forward(seconds)
        heard.append((await world.create(token)).what)

    assert heard == ["unknown"] * 4
    assert len(world.upstream.executed) == 1


@pytest.mark.parametrize("profile", ["note", "echoed"])
async def test_an_order_that_only_copies_our_note_is_not_taken_for_ours(world: World, profile: Profile) -> None:
    world.upstream.profile, world.upstream.faults = profile, ["dropped_before"]
    token = (await world.preview(BASKETS["split"])).what
    reference = world.shown[token].purchase_ref
    await world.create(token)
    for lines in (
        (("610000000001", None, 1), ("610000000005", None, 2)),
        (("610000000001", None, 1), ("610000000005", None, 3), ("610000000007", None, 1)),
    ):
        world.upstream.foreign_order(lines, None, f"[{reference}]")
        world.clock.forward(60)
        assert (await world.create(token)).what == "unknown"


async def test_an_order_whose_reference_came_back_only_in_a_note_is_found_behind_a_page_of_newer_ones(
    world: World,
) -> None:
    world.upstream.profile, world.upstream.faults = "note", ["reset_after"]
    token = (await world.preview(BASKETS["one"])).what
    await world.create(token)
    for number in range(60):
        world.clock.forward(0.1)
        world.upstream.foreign_order((("610000000001", None, 2),), None, f"[PO-{number}]")
    said = await world.create(token)

    assert said.what == "placed"
    assert said.orders == {order_id for each in world.upstream.executed for order_id in each.order_ids}


async def test_of_the_orders_without_a_reference_only_those_that_look_like_ours_are_named(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_before"]
    token = (await world.preview(BASKETS["one"])).what
    await world.create(token)
    alike = world.upstream.foreign_order((("610000000001", None, 2),))
    others = [
        world.upstream.foreign_order(lines)
        for lines in (
            (("610000000001", None, 3),),
            (("610000000002", None, 2),),
            (("610000000001", None, 1), ("610000000002", None, 1)),
        )
    ]
    dearer = world.upstream.foreign_order((("610000000001", None, 2),))
    world.upstream.orders[-1] = replace(dearer, goods=dearer.goods + 100)
    said = await world.create(token)

    assert said.what == "unknown"
    assert said.result
    assert dearer.order_id not in said.result.summary
    assert alike.order_id in said.result.summary
    assert [order.order_id for order in others if order.order_id in said.result.summary] == []


async def test_a_part_that_waits_its_turn_is_left_to_wait(world: World) -> None:
    token = (await world.preview(BASKETS["two_sellers"])).what
    second = f"{world.shown[token].purchase_ref}-2"
    arrived, answered = asyncio.Event(), asyncio.Event()
    world.hold(arrived, answered)
    first = asyncio.create_task(world.create(token))
    await arrived.wait()
    meanwhile = await world.create(token)
    state = world.state_of(second)
    answered.set()

    assert (meanwhile.what, state) == ("IN_PROGRESS", "claimed")
    assert (await first).what == "placed"
    assert world.upstream.calls[CREATE] == 2


async def test_a_part_whose_turn_never_came_is_not_ordered_once_its_time_is_over(world: World) -> None:
    world.points.plan = ["before dispatch"]
    token = (await world.preview(BASKETS["two_sellers"])).what
    with pytest.raises(Crash):
        await world.create(token)
    await world.restart()
    heard: list[str] = []
    for seconds in (0, 120):
        world.clock.forward(seconds)
        heard.append((await world.create(token)).what)

    assert heard == ["IN_PROGRESS", "partly_placed"]
    assert world.state_of(f"{world.shown[token].purchase_ref}-2") == "rejected"
    assert world.upstream.calls[CREATE] == 1
