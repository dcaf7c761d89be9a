"""The events of a purchase: each change of state, what led to it, and each difference that was noticed."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from torture.scripted import CREATE
from torture.world import BASKETS, World

from orders_tools.consent.answer import Answer
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from support.full_disk import full_disk

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]


def events(world: World, token: str) -> list[tuple[Any, ...]]:
    """Of which part, from where, to where, and why."""
    rows = world.rows("SELECT * FROM events WHERE token = ? ORDER BY rowid", token)
    assert all(row["at"] for row in rows)
    return [(row["part_ref"], row["from_state"], row["to_state"], row["why"]) for row in rows]


async def test_every_step_of_a_purchase_leaves_its_event(world: World) -> None:
    token = (await world.preview(BASKETS["two_sellers"], purchase_ref="PO-7")).what
    await world.create(token)

    assert events(world, token) == [
        (None, None, "open", "preview"),
        (None, "open", "approved", "dialog"),
        (None, "approved", "claimed", "claim"),
        ("PO-7-1", None, "claimed", "claim"),
        ("PO-7-2", None, "claimed", "claim"),
        ("PO-7-1", "claimed", "dispatched", "dispatch"),
        ("PO-7-1", "dispatched", "placed", "order_id"),
        ("PO-7-2", "claimed", "dispatched", "dispatch"),
        ("PO-7-2", "dispatched", "placed", "order_id"),
    ]


async def test_a_no_an_end_and_a_changed_price_leave_theirs(world: World) -> None:
    declined, late, changed = [(await world.preview(BASKETS[name])).what for name in ("one", "split", "two_sellers")]
    await world.create(declined, answer=Answer.NO)
    world.upstream.twist = "dearer"
    await world.create(changed)
    world.clock.forward(3600)
    await world.create(late)

    assert events(world, declined)[1:] == [(None, "open", "open", "no: dialog")]
    assert events(world, changed)[2:] == [(None, "approved", "price_changed", "re-preview")]
    assert events(world, late)[1:] == [(None, "open", "expired", "expired")]


async def test_a_yes_in_a_dialog_that_came_after_its_no_changes_nothing_and_leaves_no_event(world: World) -> None:
    token = (await world.preview(ONE)).what
    ledger, owner = world.purchasing.ledger, world.purchasing.owner
    before = await ledger.purchase(owner, token)
    assert before
    await world.create(token, answer=Answer.NO)
    left = events(world, token)
    yes = Approval(channel=Channel.DIALOG, at=world.clock(), shown_at=world.clock())

    assert await ledger.approve(before, yes) is False
    assert events(world, token) == left


async def test_a_difference_that_is_seen_later_leaves_an_event(world: World) -> None:
    world.upstream.faults, world.upstream.twist_inside_create = ["ids_as_numbers"], "dearer"
    world.upstream.lag = 8
    token = (await world.preview(ONE, purchase_ref="PO-7")).what
    for _ in range(3):
        await world.create(token)
        world.clock.forward(8)

    assert events(world, token)[-3:] == [
        ("PO-7", "dispatched", "placed", "order_id"),
        ("PO-7", "placed", "placed", "ORDER_NOT_FOUND_YET"),
        ("PO-7", "placed", "placed", "CHARGED_DIFFERENTLY 25.00 30.00"),
    ]


async def test_a_no_that_could_not_be_written_still_stops_the_order(world: World) -> None:
    token, other = [(await world.preview(BASKETS[name])).what for name in ("one", "split")]
    await world.approve_in_terminal(token)
    with full_disk():
        failed = await world.create(token, answer=Answer.NO)
    first = await world.create(token, answer=Answer.NOT_ASKED)
    second = await world.create(other)

    assert failed.what.startswith("STORE ")
    assert (first.what, second.what) == ("declined", "placed")
    assert world.upstream.calls[CREATE] == 1


async def test_a_change_that_could_not_be_committed_is_undone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders_server.ledger.store._BUSY_MILLISECONDS", 50)
    token = (await world.preview(ONE)).what
    await world.approve_in_terminal(token)
    await world.restart()
    other = (await world.preview(BASKETS["two_sellers"])).what  # with the short wait
    with (
        closing(sqlite3.connect(world.file)) as reader,
        closing(reader.execute("SELECT * FROM purchases, events")) as looking,
    ):
        looking.fetchone()  # a look that is not over keeps others from committing
        failed = await world.create(token)
    noted = await world.create(other, answer=Answer.NO)
    rows = world.rows("SELECT state FROM purchases WHERE token = ?", token)
    placements = world.rows("SELECT * FROM placements")
    said = await world.create(token)

    assert (failed.what, noted.what) == ("STORE database is locked", "declined")
    assert (rows, placements) == ([{"state": "approved"}], [])
    assert said.what == "placed"
    assert world.upstream.calls[CREATE] == 1
