"""What the ledger knows of other purchases: whose order, whose reference, and what was made for whom."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from torture.scripted import FAULTS, Fault, success
from torture.world import ADDRESS, BASKETS, World

from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_tools.consent.answer import Answer
from orders_tools.create_order import create_order
from orders_tools.preview_order import preview_order
from orders_tools.purchase.likeness import made_digest
from orders_tools.purchase.model import Address, Line
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel

pytestmark = pytest.mark.anyio
ONE, TWO = BASKETS["one"], BASKETS["two_sellers"]
OTHERWISE = {**ADDRESS, "province": "浙江", "mobile": "13800000000"}
"""The same consignee, written otherwise, so that only a comparison of both can tell."""


def ledger_of(world: World) -> SqlLedger:
    return SqlLedger(world.store, Seals(b"torture"))


def by_hand(world: World, statement: str) -> None:
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute(statement)
        connection.commit()


async def told(world: World, lines: Any, address: dict[str, str] = ADDRESS) -> list[str]:
    """The codes of what is told of buying it now."""
    return [
        issue.code for issue in (await preview_order(world.purchasing, {"lines": lines, "address": address})).issues
    ]


async def test_an_order_is_taken_where_another_call_of_the_same_owner_made_it(world: World) -> None:
    await world.create((await world.preview(TWO, purchase_ref="PO-7")).what)
    first, second = [each.order_ids[0] for each in world.upstream.executed]
    ledger, owner = ledger_of(world), world.purchasing.owner

    assert await ledger.taken(owner, "PO-7-1", [first, second, "1"]) == {second}
    assert await ledger.taken(owner, "PO-9", [first, second]) == {first, second}
    assert await ledger.taken("somebody else", "PO-9", [first, second]) == set()
    assert await ledger.taken(owner, "PO-9", []) == set()


@pytest.mark.parametrize(
    ("among", "known"),
    [
        (["PO-7"], {"PO-7"}),
        (["PO-7-2"], {"PO-7-2"}),
        (["po_7", "ｐｏ７２", "PO-8"], {"po_7", "ｐｏ７２"}),
        (["471100"], {"471100"}),
        (["471100", "471101"], {"471100"}),
        (["4711", "PO-9"], set[str]()),
    ],
)
async def test_references_of_purchases_and_of_their_parts_are_known(
    world: World, among: list[str], known: set[str]
) -> None:
    await world.create((await world.preview(TWO, purchase_ref="PO-7")).what)
    await world.preview(ONE, purchase_ref="471100")
    ledger = ledger_of(world)

    assert await ledger.references(world.purchasing.owner, among) == known
    assert await ledger.references("somebody else", among) == set()


async def test_the_order_of_one_owner_names_no_call_of_another(world: World) -> None:
    await world.create((await world.preview(ONE, purchase_ref="PO-7")).what)
    theirs = replace(world.purchasing, owner="somebody else")
    shown = await preview_order(theirs, {"lines": TWO, "address": ADDRESS, "purchase_ref": "PO-9"})
    given = {"preview_token": shown.preview_token, "expected_total": shown.totals.payable}
    await create_order(theirs, given, Answer.YES, world.clock())
    ours = world.upstream.executed[0].order_ids[0]
    found = await ledger_of(world).placement_of("somebody else", ours, "PO-9-1")

    assert found
    assert found.part_ref == "PO-9-1"


async def test_the_calls_of_a_purchase_come_by_their_position_with_the_time_of_their_price(world: World) -> None:
    token = (await world.preview(TWO, purchase_ref="PO-7")).what
    await world.create(token)
    by_hand(world, "UPDATE placements SET position = 1 - position")
    rows = await ledger_of(world).placements(world.purchasing.owner, token)

    assert [row.part_ref for row in rows] == ["PO-7-2", "PO-7-1"]
    assert all(row.previewed_at == world.clock() for row in rows)


async def test_at_its_very_end_a_preview_waits_no_more_and_takes_no_yes(world: World) -> None:
    token = (await world.preview(ONE)).what
    ledger, owner = ledger_of(world), world.purchasing.owner
    purchase = await ledger.purchase(owner, token)
    assert purchase
    end = purchase.expires_at

    assert await ledger.waiting(owner, end) == []
    assert not await ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=end, shown_at=end))
    assert not await ledger.decline(purchase, "terminal", end)


async def test_what_was_made_is_kept_with_its_consignee(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (Line(offer_id="610000000001", quantity=1), Line(offer_id="610000000002", quantity=2))
    made = world.upstream.foreign_order((("610000000001", None, 1),))
    failed = [{"offerId": "610000000002", "errorCode": "500_004"}]
    answer = success({"orderId": made.order_id, "failedOfferList": failed})
    monkeypatch.setitem(FAULTS, "partly", Fault(False, "nothing", lambda upstream, made: answer))
    world.upstream.faults = ["partly", "none"]
    bought = [{"offer_id": line.offer_id, "quantity": line.quantity} for line in lines]
    await world.create((await world.preview(bought)).what)
    world.points.acts["before record"] = lambda: by_hand(world, "DELETE FROM consignees")
    await world.create((await world.preview(ONE, OTHERWISE)).what)
    digests = [row["made_digest"] for row in world.rows("SELECT made_digest FROM placements ORDER BY dispatched_at")]

    assert digests == [made_digest(lines[:1], Address(**ADDRESS)), None]


async def test_the_lines_that_were_made_are_the_same_and_those_that_failed_are_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [{"offer_id": f"61000000000{number}", "quantity": number} for number in (1, 2)]
    made = world.upstream.foreign_order((("610000000001", None, 1),))
    answer = success({"orderId": made.order_id, "failedOfferList": [{"offerId": second["offer_id"]}]})
    monkeypatch.setitem(FAULTS, "partly", Fault(False, "nothing", lambda upstream, made: answer))
    world.upstream.faults = ["partly"]
    await world.create((await world.preview([first, second])).what)

    assert await told(world, [first]) == ["BOUGHT_RECENTLY"]
    assert await told(world, [second]) == []
    assert await told(world, [first, second]) == ["BOUGHT_RECENTLY"]
    by_hand(world, "DELETE FROM consignees")
    assert await told(world, [first]) == ["BOUGHT_RECENTLY"]  # known by the digest of what was made


async def test_for_whom_a_doubt_is_counts_as_far_as_the_consignee_is_kept(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after"]
    await world.create((await world.preview(ONE)).what)
    kept = await told(world, ONE, OTHERWISE)
    nobody = await told(world, ONE, {**OTHERWISE, "full_name": "另一人"})
    by_hand(world, "DELETE FROM consignees")
    erased = await told(world, ONE, OTHERWISE)

    assert (kept, nobody, erased) == (["POSSIBLE_DUPLICATE"], ["ALIKE_IN_DOUBT"], ["ALIKE_IN_DOUBT"])


async def test_a_part_in_doubt_outweighs_one_that_was_placed(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["none", "dropped_after"]
    await world.create((await world.preview(TWO)).what)

    assert await told(world, TWO) == ["POSSIBLE_DUPLICATE"]
    assert await told(world, TWO[:1]) == ["BOUGHT_RECENTLY"]
    assert await told(world, TWO[1:]) == ["POSSIBLE_DUPLICATE"]
    assert await told(world, [{"offer_id": "610000000002", "quantity": 9}]) == ["ALIKE_IN_DOUBT"]


@pytest.mark.parametrize("fault", ["none", "dropped_after"])
async def test_a_doubt_counts_from_its_send_and_an_order_from_its_record(world: World, fault: str) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", [fault]
    ledger, owner = ledger_of(world), world.purchasing.owner
    token = (await world.preview(ONE)).what
    fresh = (await world.preview(ONE)).what
    begun = world.clock()
    for point in ("after create", "after orders", "before record"):
        world.points.acts[point] = lambda: world.clock.forward(3)
    await world.create(token)
    purchase = await ledger.purchase(owner, fresh)
    assert purchase

    [similar] = await ledger.similar(purchase, begun)
    [row] = world.rows("SELECT dispatched_at, settled_at FROM placements")
    assert row["dispatched_at"] < row["settled_at"]
    assert similar.at.isoformat(timespec="microseconds") == row["settled_at" if fault == "none" else "dispatched_at"]


async def test_a_call_that_was_never_sent_counts_from_its_deadline(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after"]
    ledger, owner = ledger_of(world), world.purchasing.owner
    await world.create((await world.preview(ONE)).what)
    by_hand(world, "UPDATE placements SET dispatched_at = NULL")
    purchase = await ledger.purchase(owner, (await world.preview(ONE)).what)
    assert purchase

    [similar] = await ledger.similar(purchase, world.clock())
    [row] = world.rows("SELECT deadline FROM placements")
    assert similar.at.isoformat(timespec="microseconds") == row["deadline"]


async def test_an_order_made_since_the_question_stops_its_lines_that_were_made_and_not_those_that_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [{"offer_id": f"61000000000{number}", "quantity": number} for number in (1, 2)]
    made = world.upstream.foreign_order((("610000000001", None, 1),))
    answer = success({"orderId": made.order_id, "failedOfferList": [{"offerId": second["offer_id"]}]})
    monkeypatch.setitem(FAULTS, "partly", Fault(False, "nothing", lambda upstream, made: answer))
    world.upstream.faults = ["partly", "none", "none"]
    tokens = [(await world.preview([line], OTHERWISE)).what for line in (first, second)]
    asked = world.clock()
    await world.create((await world.preview([first, second])).what)

    said = [(await world.create(token, shown_at=asked)).what for token in tokens]
    assert said == ["NOT_ORDERABLE", "placed"]


async def test_of_two_parts_in_doubt_only_the_one_that_is_the_same_is_told(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after", "dropped_after"]
    await world.create((await world.preview(TWO)).what)

    assert await told(world, [TWO[0], {**TWO[1], "quantity": 7}]) == ["POSSIBLE_DUPLICATE"]
