"""Rows of the ledger: what a seal binds, what a claim takes, and what was bought meanwhile, to the microsecond."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from torture.world import ADDRESS, BASKETS, Crash, World

from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_tools.preview_order import preview_order
from orders_tools.purchase.model import PlacedOrder
from orders_tools.purchase.records import Approval, Finding, Purchase, Verdict
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.vocabulary import Channel, IssueCode
from support.a_purchase import NOW, purchase

pytestmark = pytest.mark.anyio
ONE, TWO = BASKETS["one"], BASKETS["two_sellers"]
OTHERWISE = {**ADDRESS, "province": "浙江", "mobile": "13800000000"}
SEALS = Seals(b"a key")
SHOWN = NOW - timedelta(seconds=9)
MICROSECOND = timedelta(microseconds=1)


def ledger_of(world: World) -> SqlLedger:
    return SqlLedger(world.store, Seals(b"torture"))


async def stored(world: World, token: str) -> Purchase:
    found = await ledger_of(world).purchase(world.purchasing.owner, token)
    assert found
    return found


def by_hand(world: World, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_seals_are_those_that_ledgers_hold() -> None:
    shown = purchase().model_copy(update={"digest": "d" * 64})
    approvals = [Approval(channel=Channel.DIALOG, at=NOW, shown_at=at) for at in (SHOWN, None)]

    assert [SEALS.of_preview(shown), *(SEALS.of_approval(shown, each) for each in approvals)] == [
        "d2bcc8cf3d67f19a5c74d6c7f935c2430225fe24a486eb4c05d4d3999ebadb34",
        "f4f197afea4d7ec17dda7f35f9af9a73e89b596d187261509e599793b11998f9",
        "6fbdafe30b2f1b6881e67145a15e5a996623b514c492b06606f26a7ba89bcd8f",
    ]


async def test_a_yes_without_a_text_is_kept_as_that_and_counts(world: World) -> None:
    token = (await world.preview(ONE)).what
    approval = Approval(channel=Channel.TERMINAL, at=world.clock())
    assert await ledger_of(world).approve(await stored(world, token), approval)

    assert (await stored(world, token)).approval == approval
    assert (await world.create(token)).what == "placed"


async def test_what_nobody_approved_is_not_claimed(world: World) -> None:
    token = (await world.preview(ONE)).what
    shown, now = await stored(world, token), world.clock()

    assert not await ledger_of(world).claim(shown, shown.parts, now, now, now)
    assert world.rows("SELECT * FROM placements") == []


async def test_each_call_that_waits_has_the_time_of_those_before_it_too(world: World) -> None:
    world.points.plan = ["before create"]
    token = (await world.preview(TWO)).what
    with pytest.raises(Crash):
        await world.create(token)
    rows = world.rows("SELECT * FROM placements ORDER BY position")
    first, second = [datetime.fromisoformat(row["deadline"]) for row in rows]

    assert (first - world.clock(), second - world.clock()) == (timedelta(seconds=40), timedelta(seconds=80))


async def test_each_call_is_kept_with_the_time_of_its_own_send(world: World) -> None:
    world.points.acts["after create"] = lambda: world.clock.forward(7)
    await world.create((await world.preview(TWO)).what)
    rows = world.rows("SELECT dispatched_at, deadline FROM placements ORDER BY position")
    sent, over = [[datetime.fromisoformat(row[name]) for row in rows] for name in ("dispatched_at", "deadline")]

    assert sent[1] - sent[0] == timedelta(seconds=7)
    assert [end - begin for begin, end in zip(sent, over, strict=True)] == [timedelta(seconds=40)] * 2


async def test_a_purchase_keeps_that_it_is_of_the_sandbox_and_outlives_its_consignee(world: World) -> None:
    shown = await preview_order(replace(world.purchasing, sandbox=True), {"lines": ONE, "address": ADDRESS})
    kept = await stored(world, shown.preview_token)
    by_hand(world, "DELETE FROM consignees")
    erased = await stored(world, shown.preview_token)

    assert kept.sandbox
    assert kept.intact
    assert (erased.address, erased.state) == (None, TokenState.OPEN)
    assert await ledger_of(world).similar(erased, world.clock()) == []


async def test_a_difference_of_a_call_that_moved_on_leaves_no_event(world: World) -> None:
    await world.create((await world.preview(ONE, purchase_ref="PO-7")).what)
    before = world.rows("SELECT * FROM events")
    late = Verdict(
        state=PlacementState.DISPATCHED,
        evidence="order_id",
        orders=(PlacedOrder(order_id="1"),),
        differences=(Finding(severity="warns", code=IssueCode.LINES_DIFFER),),
    )
    await ledger_of(world).enrich(world.purchasing.owner, "PO-7", late, world.clock())

    assert world.rows("SELECT * FROM events") == before


async def test_what_was_bought_before_the_dialog_stood_in_it_and_stops_nothing(world: World) -> None:
    second, first = [(await world.preview(ONE)).what for _ in range(2)]
    await world.create(first)
    world.clock.forward(60)

    assert (await world.create(second)).what == "placed"


@pytest.mark.parametrize(("later", "said"), [(timedelta(0), "NOT_ORDERABLE"), (MICROSECOND, "placed")])
async def test_what_came_into_doubt_at_the_very_moment_of_the_dialog_did_not_stand_in_it(
    world: World, later: timedelta, said: str
) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after"]
    token = (await world.preview(ONE)).what
    await world.create((await world.preview([{"offer_id": "610000000001", "quantity": 9}])).what)
    [row] = world.rows("SELECT dispatched_at FROM placements")

    assert (await world.create(token, shown_at=datetime.fromisoformat(row["dispatched_at"]) + later)).what == said


@pytest.mark.parametrize(
    ("settled", "since", "found"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(0), -timedelta(seconds=1), False),
        (MICROSECOND, -timedelta(seconds=1), True),
        (timedelta(0), MICROSECOND, False),
    ],
)
async def test_the_moment_of_the_preview_is_before_it_and_that_of_the_dialog_is_not(
    world: World, settled: timedelta, since: timedelta, found: bool
) -> None:
    await world.create((await world.preview(ONE)).what)
    other = await stored(world, (await world.preview(ONE, OTHERWISE)).what)
    at = (other.created_at + settled).isoformat(timespec="microseconds")
    by_hand(world, "UPDATE placements SET settled_at = ?", at)
    similar: list[Any] = await ledger_of(world).similar(other, other.created_at + since)

    assert [each.same for each in similar] == ([True] if found else [])
