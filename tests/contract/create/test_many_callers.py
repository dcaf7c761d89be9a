"""Many callers, moving prices, callers that go away, and answers that stay the same for ever."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import anyio
import pytest
from torture.joining import violations
from torture.many import crowd
from torture.scripted import CREATE, Twist
from torture.served import ServedWorld
from torture.world import BASKETS, Said, World

from orders_tools.consent.answer import Answer
from support.thoroughness import at_least

pytestmark = pytest.mark.anyio
SEED = 1688
ONE, SPLIT = BASKETS["one"], BASKETS["split"]
DRIFTS: tuple[Twist, ...] = ("dearer", "split", "other_line", "blocker", "warned", "by_description", "hundredth")


def test_a_crowd_of_processes_orders_every_token_once() -> None:
    processes = at_least(2, 3)
    told = crowd(SEED, tokens=12, processes=processes)

    assert told.broken == ()
    assert told.orders == 12
    assert sum(told.heard.values()) == 12 * processes


def _two_of_one_seller() -> list[dict[str, object]]:
    return [{"offer_id": "610000000001", "quantity": 1}, {"offer_id": "610000000002", "quantity": 3}]


async def _drifted(world: World, twist: Twist, instant: str) -> Said:
    """A purchase whose offer changes at `instant`."""

    def change() -> None:
        world.upstream.twist = twist

    if instant == "inside create":
        world.upstream.twist_inside_create = twist
    elif instant != "after the preview":
        world.points.acts[instant] = change
    token = (await world.preview(_two_of_one_seller())).what
    if instant == "after the preview":
        change()
    return await world.create(token)


@pytest.mark.parametrize("instant", ["after the preview", "after approve", "during the second preview"])
@pytest.mark.parametrize("twist", DRIFTS)
async def test_an_offer_that_changed_before_it_was_looked_at_again_is_not_ordered(
    world: World, twist: Twist, instant: str
) -> None:
    if instant == "during the second preview":
        world.upstream.offers = {2: twist}
        token = (await world.preview(_two_of_one_seller())).what
        said = await world.create(token)
    else:
        said = await _drifted(world, twist, instant)

    assert said.what == "price_changed"
    assert world.upstream.executed == []


@pytest.mark.parametrize("instant", ["before claim", "before create", "inside create"])
async def test_a_price_that_rose_after_the_last_look_is_told(world: World, instant: str) -> None:
    said = await _drifted(world, "dearer", instant)

    assert said.what == "placed"
    assert said.result
    assert [issue.code for issue in said.result.issues] == ["CHARGED_DIFFERENTLY"]
    assert Decimal(said.result.orders[0].payable or 0) == Decimal("55.00")


@pytest.mark.parametrize("instant", ["after the preview", "before create", "inside create"])
async def test_a_price_that_fell_is_ordered_and_told(world: World, instant: str) -> None:
    said = await _drifted(world, "cheaper", instant)

    assert said.what == "placed"
    assert said.result
    assert said.result.orders[0].payable == "41.00"
    assert violations(world) == []


@pytest.mark.parametrize("fault", ["none", "dropped_after", "refused_minimum", "never_connected"])
async def test_an_answer_stays_the_same_across_restarts_after_expiry_and_a_day_later(world: World, fault: str) -> None:
    world.upstream.faults = [fault]
    token = (await world.preview(SPLIT)).what
    await world.create(token)
    first = await world.create(token)
    answers: list[Said] = []
    for seconds in (0, 901, 86_401):
        world.clock.forward(seconds)
        await world.restart()
        answers += [await world.create(token), await world.create(token, answer=Answer.NO)]

    assert first.what in {"placed", "rejected"}
    assert [said.lasting for said in answers] == [first.lasting] * 6
    assert world.upstream.calls[CREATE] == 1


STEPS = (
    "before approve",
    "after approve",
    "before preview",
    "after preview",
    "before claim",
    "after claim",
    "before create",
    "after create",
    "before record",
    "after record",
    "before order",
    "after order",
)


async def _called_and_left(world: ServedWorld, token: str, leave_at: str | None) -> None:
    """A caller who goes away at a step, or while the upstream holds its answer."""
    order = {"preview_token": token, "expected_total": world.shown[token].total}
    world.answered(token, order["expected_total"], Answer.YES)
    arrived, answered = asyncio.Event(), asyncio.Event()
    async with world.client() as client, anyio.create_task_group() as callers:
        leave: Callable[[], None] = callers.cancel_scope.cancel
        if leave_at is not None:
            world.points.acts[leave_at] = leave
        world.hold(arrived, answered)
        callers.start_soon(client.call_tool, "create_order", order)
        if leave_at is None or STEPS.index(leave_at) > STEPS.index("before create"):
            with anyio.CancelScope(shield=True):
                await arrived.wait()
            if leave_at is None:
                leave()
        answered.set()
    world.points.acts.clear()
    world.release()
    assert world.placing
    assert await world.placing.drain(10)


@pytest.mark.parametrize("step", [None, *STEPS])
async def test_a_caller_that_goes_away_leaves_one_purchase_that_can_be_settled(
    served_world: ServedWorld, step: str | None
) -> None:
    token = (await served_world.preview(ONE)).what
    await _called_and_left(served_world, token, step)
    await served_world.restart()
    served_world.clock.forward(60)
    said = await served_world.create(token)

    assert said.what == "placed"
    assert served_world.upstream.calls[CREATE] == 1
    assert len(served_world.upstream.executed) == 1
    assert violations(served_world) == []


@pytest.mark.parametrize("served_world", ["2026-07-28"], indirect=True)
async def test_a_yes_that_was_lost_with_its_caller_is_asked_for_again(served_world: ServedWorld) -> None:
    token = (await served_world.preview(ONE)).what
    order = {"preview_token": token, "expected_total": served_world.shown[token].total}
    async with served_world.client() as client, anyio.create_task_group() as callers:

        def both_end() -> None:
            callers.cancel_scope.cancel()
            raise asyncio.CancelledError

        served_world.points.acts["before approve"] = both_end
        callers.start_soon(client.call_tool, "create_order", order)
    served_world.points.acts.clear()
    await served_world.restart()
    said = await served_world.create(token)

    assert said.what == "placed"
    assert served_world.upstream.calls[CREATE] == 1
    assert violations(served_world) == []


async def test_a_price_that_fell_and_was_not_kept_is_told_with_what_was_approved_first(world: World) -> None:
    world.upstream.offers, world.upstream.twist_inside_create = {2: "cheaper"}, "as_first"
    token = (await world.preview(_two_of_one_seller())).what
    said = await world.create(token)

    assert said.what == "placed"
    assert said.result
    approved, now = world.shown[token].total, Decimal(said.result.orders[0].payable or 0)
    assert Decimal(approved) == now
    [issue] = said.result.issues
    assert issue.code == "CHARGED_DIFFERENTLY"
    assert issue.message.startswith(f"{approved} CNY was approved, and ")
    assert issue.message.endswith(f"1688 charges {approved} CNY.")
    assert "fell by" not in said.result.summary
