"""What the ledger tells of purchases: each owner's own, by token, order or reference, and only while it is so."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from torture.world import ADDRESS, BASKETS, World

from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_tools.consent.answer import Answer
from orders_tools.preview_order import preview_order
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import PlacementState, TokenState

pytestmark = pytest.mark.anyio
ONE, TWO = BASKETS["one"], BASKETS["two_sellers"]


def ledger_of(world: World) -> SqlLedger:
    """The ledger as the commands have it."""
    return SqlLedger(world.store, Seals(b"torture"))


def owner(world: World) -> str:
    return world.purchasing.owner


async def of_somebody_else(world: World, name: str = "somebody else") -> str:
    """The token of a purchase of another owner, with the reference PO-7."""
    purchasing = replace(world.purchasing, owner=name)
    shown = await preview_order(purchasing, {"lines": TWO, "address": ADDRESS, "purchase_ref": "PO-7"})
    return shown.preview_token


async def purchase_of(world: World, token: str) -> Purchase:
    purchase = await ledger_of(world).purchase(owner(world), token)
    assert purchase
    return purchase


async def test_each_owner_is_named_once_and_has_no_look_at_the_others(world: World) -> None:
    tokens = [(await world.preview(ONE)).what for _ in range(2)]
    theirs = await of_somebody_else(world)
    ledger = ledger_of(world)

    assert await ledger.owners() == sorted([owner(world), "somebody else"])
    assert await ledger.purchase(owner(world), theirs) is None
    assert await ledger.purchase("somebody else", tokens[0]) is None
    assert await ledger.claimed(owner(world), "PO-7") is None


async def test_what_was_claimed_is_found_by_its_reference_by_its_owner(world: World) -> None:
    token = (await world.preview(TWO, purchase_ref="PO-7")).what
    open_one = (await world.preview(ONE, purchase_ref="PO-8")).what
    await world.create(token)
    ledger = ledger_of(world)
    found = await ledger.claimed(owner(world), "PO-7")

    assert found
    assert found.token == token
    assert await ledger.claimed("somebody else", "PO-7") is None
    assert await ledger.claimed(owner(world), "PO-8") is None
    assert [row.part_ref for row in await ledger.placements(owner(world), token)] == ["PO-7-1", "PO-7-2"]
    assert await ledger.placements("somebody else", token) == []
    assert await ledger.placements(owner(world), open_one) == []


async def test_the_call_of_an_order_is_found_by_its_id_and_else_by_its_reference(world: World) -> None:
    await world.create((await world.preview(TWO, purchase_ref="PO-7")).what)
    [first, second] = [each.order_ids[0] for each in world.upstream.executed]
    ledger = ledger_of(world)
    found = [
        await ledger.placement_of(owner(world), order_id, part_ref)
        for order_id, part_ref in ((first, None), (second, "PO-7-1"), ("1", "PO-7-2"), ("1", "PO-9"), ("1", None))
    ]

    assert [each and each.part_ref for each in found] == ["PO-7-1", "PO-7-2", "PO-7-2", None, None]
    assert await ledger.placement_of("somebody else", first, "PO-7-1") is None


async def test_what_waits_is_what_can_still_be_ordered_oldest_first(world: World) -> None:
    used, declined, early, edited, approved, late = [(await world.preview(ONE)).what for _ in range(6)]
    await of_somebody_else(world)
    await world.create(used)
    ledger = ledger_of(world)
    assert await ledger.decline(await purchase_of(world, declined), "terminal", world.clock())
    await world.approve_in_terminal(approved)
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute("UPDATE purchases SET basket = replace(basket, ':2', ':9') WHERE token = ?", (edited,))
        connection.execute("UPDATE purchases SET expires_at = created_at WHERE token = ?", (late,))
        connection.commit()
    waiting = await ledger.waiting(owner(world), world.clock())
    world.clock.forward(3600)

    assert [each.token for each in waiting] == [early, approved]
    assert await ledger.waiting(owner(world), world.clock()) == []
    assert await ledger.unsealed(owner(world), world.clock()) == 0


async def test_rows_that_bear_no_seal_of_ours_are_counted_and_left_out(world: World) -> None:
    tokens = [(await world.preview(ONE)).what for _ in range(3)]
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute("UPDATE purchases SET seal = NULL WHERE token = ?", (tokens[0],))
        connection.execute("UPDATE purchases SET basket = '{}' WHERE token = ?", (tokens[1],))
        connection.commit()
    ledger, now = ledger_of(world), world.clock()

    assert [each.token for each in await ledger.waiting(owner(world), now)] == tokens[2:]
    assert (await ledger.unsealed(owner(world), now), await ledger.unsealed("somebody else", now)) == (2, 0)


async def test_a_purchase_that_is_blocked_does_not_wait_and_is_counted_as_ours(world: World) -> None:
    world.upstream.twist = "blocker"
    await world.preview(ONE)

    assert await ledger_of(world).waiting(owner(world), world.clock()) == []
    assert await ledger_of(world).unsealed(owner(world), world.clock()) == 0


async def test_a_no_in_the_terminal_is_final_once_and_says_where_it_was_given(world: World) -> None:
    token = (await world.preview(ONE)).what
    purchase, ledger = await purchase_of(world, token), ledger_of(world)
    told = [await ledger.decline(purchase, "terminal", world.clock()) for _ in range(2)]
    events = world.rows("SELECT at, part_ref, from_state, to_state, why FROM events WHERE token = ?", token)
    said = await world.create(token, answer=Answer.YES)

    assert told == [True, False]
    assert [(row["from_state"], row["to_state"], row["why"], row["part_ref"]) for row in events] == [
        (None, "open", "preview", None),
        ("open", "declined", "terminal", None),
    ]
    assert (said.what, said.result and said.result.replayed) == ("declined", True)


@pytest.mark.parametrize("changed", [{"owner": "somebody else"}, {"token": "PV-" + "0" * 26}, {"digest": "0" * 64}])
async def test_nothing_moves_for_another_owner_token_or_content(world: World, changed: dict[str, str]) -> None:
    token = (await world.preview(ONE)).what
    other = (await purchase_of(world, token)).model_copy(update=changed)
    ledger, now = ledger_of(world), world.clock()
    moved = [
        await ledger.decline(other, "terminal", now),
        await ledger.close_dialog(other, now),
        await ledger.expire(other, now),
    ]

    assert moved == [False, False, False]
    assert (await purchase_of(world, token)).state is TokenState.OPEN


async def test_what_is_over_takes_no_yes_and_a_no_at_any_time(world: World) -> None:
    approved, closed, over = [(await world.preview(ONE)).what for _ in range(3)]
    ledger = ledger_of(world)
    await world.approve_in_terminal(approved)
    purchases = [await purchase_of(world, token) for token in (approved, closed, over)]
    world.clock.forward(3600)
    now = world.clock()

    assert not await ledger.decline(purchases[0], "terminal", now)
    assert await ledger.close_dialog(purchases[1], now)
    assert await ledger.expire(purchases[2], now)
    assert not await ledger.expire(purchases[2], now)
    assert not await ledger.claim(purchases[0], purchases[0].parts, now, now, now)
    assert [(await purchase_of(world, token)).state.value for token in (approved, closed, over)] == [
        "approved",
        "open",
        "expired",
    ]


async def test_what_is_in_doubt_is_each_owners_and_comes_in_the_order_of_its_deadlines(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after"] * 2
    for name in ("one", "split"):
        await world.create((await world.preview(BASKETS[name], purchase_ref=f"PO-{name}")).what)
        world.clock.forward(60)
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute("UPDATE placements SET deadline = '2026-01-01T00:00:00+00:00' WHERE part_ref = 'PO-split'")
        connection.commit()
    ledger = ledger_of(world)
    doubts = await ledger.in_doubt(owner(world))

    assert [(each.part_ref, each.state) for each in doubts] == [
        ("PO-split", PlacementState.UNKNOWN),
        ("PO-one", PlacementState.UNKNOWN),
    ]
    assert await ledger.in_doubt("somebody else") == []
