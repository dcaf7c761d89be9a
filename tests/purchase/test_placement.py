"""What stops a purchase at the claim, and what each of its calls is sent and recorded with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from torture.scripted import CREATE, LIST, Reply
from torture.world import BASKETS, World

from orders_tools.consent.answer import Answer
from orders_tools.create_order import create_order
from orders_tools.errors import FaultCode, ToolFault
from orders_tools.vocabulary import Unavailability

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]
MORE = [{"offer_id": "610000000001", "quantity": 5}]


async def refused(world: World, token: str, shown_at: datetime) -> ToolFault:
    given = {"preview_token": token, "expected_total": world.shown[token].total}
    with pytest.raises(ToolFault) as fault:
        await create_order(world.purchasing, given, Answer.YES, shown_at)
    return fault.value


@pytest.mark.parametrize(
    ("first", "fault", "code"),
    [
        (ONE, "none", "BOUGHT_MEANWHILE"),
        (ONE, "dropped_after", "POSSIBLE_DUPLICATE"),
        (MORE, "dropped_after", "ALIKE_IN_DOUBT"),
    ],
)
async def test_what_was_bought_after_the_dialog_was_shown_stops_the_yes_to_it(
    world: World, first: list[dict[str, Any]], fault: str, code: str
) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", [fault]
    token, meanwhile = (await world.preview(ONE)).what, (await world.preview(first)).what
    shown_at = world.clock()
    await world.create(meanwhile)
    stopped = await refused(world, token, shown_at)

    assert (stopped.code, stopped.reason) == (FaultCode.NOT_ORDERABLE, "")
    [issue] = stopped.details["issues"]
    assert (issue["severity"], issue["code"]) == ("blocks", code)
    assert world.shown[meanwhile].purchase_ref in issue["message"] + (issue["remedy"] or "")
    assert world.upstream.calls[CREATE] == 1


async def test_a_reference_that_was_used_before_the_dialog_stops_the_yes_to_it(world: World) -> None:
    world.upstream.profile = "ignored"
    first, second = [(await world.preview(BASKETS[name], purchase_ref="PO-7")).what for name in ("one", "split")]
    await world.create(first)
    world.clock.forward(60)
    stopped = await refused(world, second, world.clock())

    assert (stopped.code, stopped.reason) == (FaultCode.NOT_ORDERABLE, "reference_used")
    assert stopped.details == {"issues": []}
    assert world.upstream.calls[CREATE] == 1


async def test_each_call_of_a_purchase_has_its_own_time_and_is_recorded(world: World) -> None:
    async def slow() -> None:
        world.points.waits.clear()
        world.clock.forward(30)

    world.points.waits["before create"] = slow
    token = (await world.preview(BASKETS["two_sellers"])).what
    said = await world.create(token)
    rows = world.rows("SELECT * FROM placements WHERE token = ? ORDER BY position", token)
    sent = [datetime.fromisoformat(row["dispatched_at"]) for row in rows]

    assert said.what == "placed"
    assert [row["state"] for row in rows] == ["placed", "placed"]
    assert sent[1] - sent[0] == timedelta(seconds=30)
    assert [datetime.fromisoformat(row["deadline"]) - at for row, at in zip(rows, sent, strict=True)] == [
        timedelta(seconds=40)
    ] * 2


async def test_a_fault_of_our_own_around_a_call_leaves_it_unknown_and_says_so_in_the_record(world: World) -> None:
    def broken() -> None:
        raise RuntimeError("a fault of our own")

    token = (await world.preview(ONE)).what
    world.points.acts["after create"] = broken
    said = await world.create(token)
    [placement] = await world.purchasing.ledger.placements(world.purchasing.owner, token)

    assert said.what == placement.state.value == "unknown"
    assert placement.verdict
    assert placement.verdict.evidence == "own_fault"


async def test_where_the_host_asks_its_call_is_the_yes(world: World) -> None:
    world.approval = "host"
    token = (await world.preview(ONE)).what
    said = await world.create(token, answer=Answer.NOT_ASKED)

    assert said.what == "placed"
    assert said.result
    assert said.result.approval
    assert said.result.approval.channel == "host"


async def test_what_is_sent_and_recorded_is_what_was_approved(world: World) -> None:
    world.upstream.offers = {2: "cheaper"}
    token = (await world.preview(ONE, buyer_message="quick")).what
    policy = replace(world.purchasing.policy, note_reference=False)
    given = {"preview_token": token, "expected_total": world.shown[token].total}
    result = await create_order(replace(world.purchasing, policy=policy), given, Answer.YES, world.clock())
    [placement] = await world.purchasing.ledger.placements(world.purchasing.owner, token)

    assert result.outcome == "placed"
    assert [made.note for made in world.upstream.orders] == [f"quick [{result.purchase_ref}]"]
    assert placement.part.approved == (2500,)
    assert [order.payable for order in placement.part.answer.orders] == [2300]


async def test_a_price_that_changed_is_news_once(world: World) -> None:
    world.upstream.offers = {2: "dearer"}
    token = (await world.preview(ONE)).what
    said = [await world.create(token) for _ in range(2)]

    assert [each.result and (each.what, each.result.replayed) for each in said] == [
        ("price_changed", False),
        ("price_changed", True),
    ]


async def test_a_ledger_that_breaks_before_the_second_call_leaves_an_outcome(world: World) -> None:
    def broken() -> None:
        world.file.write_bytes(b"no ledger any more")

    token = (await world.preview(BASKETS["two_sellers"])).what
    world.points.acts["before dispatch"] = broken
    said = await world.create(token)

    assert said.what == "unknown"
    assert said.orders == set(world.upstream.executed[0].order_ids)
    assert world.upstream.calls[CREATE] == 1


@pytest.mark.parametrize(
    ("reply", "kind", "why"),
    [
        (Reply(500, b"no"), Unavailability.UNREADABLE, "JSON"),
        (Reply(200, b'{"code": "%s", "msg": "no"}' % (b"A" * 60)), Unavailability.REFUSED, "A" * 40),
    ],
)
async def test_without_an_answer_to_the_look_nothing_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, reply: Reply, kind: Unavailability, why: str
) -> None:
    real = world.upstream.answer
    token = (await world.preview(ONE)).what

    def answer(path: str, headers: Mapping[str, str], content: bytes) -> Reply:
        return reply if path.endswith(LIST) else real(path, headers, content)

    monkeypatch.setattr(world.upstream, "answer", answer)
    stopped = await refused(world, token, world.clock())

    assert (stopped.code, stopped.reason, stopped.details["kind"]) == (FaultCode.UPSTREAM_UNAVAILABLE, "look", kind)
    assert why in stopped.details["why"]
    assert "A" * 41 not in stopped.details["why"]
    assert world.upstream.calls[CREATE] == 0
