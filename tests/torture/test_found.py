"""Orders whose answer was lost, found again by reading: whole, and each named once."""

import pytest

from torture.joining import violations
from torture.scripted import PROFILES, Profile
from torture.world import BASKETS, World

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
