"""Whether a dialog is put, what it stands for, and how long its answer counts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from torture.scripted import CREATE
from torture.world import BASKETS, World

from orders_server.approval_demands import parse_demands
from orders_tools.consent.answer import Answer
from orders_tools.consent.question import Question, question, record_unanswered
from orders_tools.create_order import create_order

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]
BY_ITSELF = "your client answered by itself"


def given(world: World, token: str, total: str | None = None) -> dict[str, str]:
    return {"preview_token": token, "expected_total": total or world.shown[token].total}


async def asked(world: World, token: str, **named: bool) -> Question | None:
    return await question(world.purchasing, given(world, token), **named)


async def test_a_dialog_stands_for_its_token_from_its_moment_to_the_end_of_the_preview(world: World) -> None:
    token = (await world.preview(ONE)).what
    world.clock.forward(100)
    put = await asked(world, token)
    purchase = await world.purchasing.ledger.purchase(world.purchasing.owner, token)

    assert put
    assert purchase
    assert (put.token, put.shown_at) == (token, world.clock())
    assert put.seconds == (purchase.expires_at - world.clock()).total_seconds() > 0


async def test_a_dialog_holds_what_was_bought_since_the_preview(world: World) -> None:
    token, other = [(await world.preview(ONE)).what for _ in range(2)]
    before = await asked(world, token)
    await world.create(other)
    world.clock.forward(60)
    after = await asked(world, token)

    assert before
    assert after
    reference = world.shown[other].purchase_ref
    assert (reference in before.text, reference in after.text) == (False, True)


async def test_no_dialog_is_put_for_what_a_yes_cannot_order(world: World) -> None:
    declined, used, late = [(await world.preview(BASKETS[name])).what for name in ("one", "split", "two_sellers")]
    other_total = await question(world.purchasing, given(world, declined, "1.00"))
    await world.create(declined, answer=Answer.NO)
    await world.create(used)
    now = [await asked(world, token) for token in (declined, used)]
    last_moment = await asked(world, late)
    world.clock.forward(901)

    assert [other_total, *now] == [None, None, None]
    assert last_moment
    assert await asked(world, late) is None
    assert await question(world.purchasing, {"preview_token": "PV-" + "0" * 26, "expected_total": "1.00"}) is None


async def test_no_dialog_is_put_while_the_same_goods_are_in_doubt(world: World) -> None:
    world.upstream.faults, world.upstream.profile = ["dropped_after"], "ignored"
    token, other = [(await world.preview(ONE)).what for _ in range(2)]
    await world.create(other)

    assert await asked(world, token) is None
    assert world.upstream.calls[CREATE] == 1


async def test_no_dialog_is_put_where_the_host_asks(world: World) -> None:
    token = (await world.preview(ONE)).what
    policy = replace(world.purchasing.policy, approval=parse_demands("host"))

    assert await question(replace(world.purchasing, policy=policy), given(world, token)) is None


async def test_a_dialog_that_nobody_came_back_from_is_put_only_to_who_comes_back_from_it(world: World) -> None:
    token = (await world.preview(ONE)).what
    await record_unanswered(world.purchasing, token)

    assert await asked(world, token) is None
    assert await asked(world, token, again=True)


@pytest.mark.parametrize("answer", list(Answer))
@pytest.mark.parametrize(("took", "too_fast"), [(0.0, True), (0.999, True), (1.0, False), (None, False)])
async def test_an_answer_within_a_second_is_no_persons(
    world: World, answer: Answer, took: float | None, too_fast: bool
) -> None:
    token = (await world.preview(ONE)).what
    world.clock.forward(5)
    shown_at = None if took is None else world.clock() - timedelta(seconds=took)
    first = await create_order(world.purchasing, given(world, token), answer, shown_at)
    replayed = await create_order(world.purchasing, given(world, token), answer, shown_at)
    came = answer in {Answer.YES, Answer.NO, Answer.SILENT, Answer.EMPTY}

    assert (BY_ITSELF in first.summary) is (came and too_fast)
    assert first.outcome == {Answer.YES: "placed", Answer.NO: "declined"}.get(answer, "awaiting_approval")
    if answer is Answer.NO:
        assert BY_ITSELF not in replayed.summary
