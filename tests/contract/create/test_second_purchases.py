"""Buying the same again while an order is in doubt, or after a part of it was made: told for whom it may concern."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from torture.world import BASKETS, World

from orders_tools.preview_order import preview_order
from support.house import ADDRESS, Buyer, House, Person, order_of

pytestmark = pytest.mark.anyio
OTHER_MOBILE = {"mobile": "13800000000"}
SOMEBODY_ELSE = {"full_name": "王五", **OTHER_MOBILE}
WRITTEN_OTHERWISE = [
    {"province": "浙江"},
    {"city": "杭州"},
    {"area": ""},
    {"area": "", "street": "滨江区秘密路7号"},
    OTHER_MOBILE,
    {**OTHER_MOBILE, "province": "浙江", "city": "杭州", "area": ""},
    {**OTHER_MOBILE, "full_name": "欧阳测试女士"},
    {"full_name": "王五"},
    {"full_name": "王五", "street": "别处1号", "mobile": "+86 13912345678"},
]
"""The consignee of the house, as a model or another person might write it."""


def codes(preview: dict[str, Any]) -> list[str]:
    return [issue["code"] for issue in preview["issues"]]


async def in_doubt(buyer: Buyer, *lines: tuple[str, int], **named: Any) -> dict[str, Any]:
    """A purchase whose outcome is not known."""
    preview = await buyer.preview(*(lines or (("lost-answer", 2),)), **named)
    assert (await buyer.create(preview))["outcome"] == "unknown"
    return preview


@pytest.mark.parametrize("changed", WRITTEN_OTHERWISE, ids=str)
async def test_a_consignee_written_otherwise_is_no_way_round_a_doubt(house: House, changed: dict[str, str]) -> None:
    async with house.buyer(person=Person()) as buyer:
        early = await buyer.preview(("lost-answer", 2), address={**ADDRESS, **changed})
        await in_doubt(buyer, ("bad-gateway", 1), address={**ADDRESS, **SOMEBODY_ELSE})
        await in_doubt(buyer)
        late = await buyer.preview(("lost-answer", 2), address={**ADDRESS, **changed})
        refused = [await buyer.refused("create_order", **order_of(each)) for each in (early, late)]

    assert codes(late) == ["POSSIBLE_DUPLICATE"]
    assert [each["details"]["issues"][0]["code"] for each in refused] == ["POSSIBLE_DUPLICATE"] * 2
    assert house.upstream.create_calls == 2


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        ([("lost-answer", 2)], SOMEBODY_ELSE),
        ([("lost-answer", 2)], {**OTHER_MOBILE, "street": "别处1号"}),
        ([("lost-answer", 3)], {}),
        ([("lost-answer", 3)], SOMEBODY_ELSE),
        ([("lost-answer", 2), ("plain", 1)], {}),
        ([("lost-answer", 2), ("plain", 1)], SOMEBODY_ELSE),
    ],
    ids=str,
)
async def test_the_same_offers_in_doubt_are_told_whoever_they_are_for(
    house: House, lines: list[tuple[str, int]], changed: dict[str, str]
) -> None:
    person = Person()
    async with house.buyer(person=person) as buyer:
        doubtful = await in_doubt(buyer)
        other = await buyer.preview(*lines, address={**ADDRESS, **changed})
        elsewhere = await buyer.preview(("plain", 1), address={**ADDRESS, **changed})
        person.answer = person.answer.model_copy(update={"action": "cancel"})
        await buyer.create(other)

    assert other["orderable"]
    assert codes(other) == ["ALIKE_IN_DOUBT"]
    assert elsewhere["issues"] == []
    assert (
        f"Purchase {doubtful['purchase_ref']} has some of the same offers, for this consignee or another"
        in (person.shown[-1])
    )


async def test_another_owners_doubt_is_nobody_elses(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        await in_doubt(buyer)
        same = await buyer.preview(("lost-answer", 2))
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            connection.execute("UPDATE placements SET owner = 'another'")
            connection.execute("UPDATE purchases SET owner = 'another'")
        theirs = await buyer.preview(("lost-answer", 2))

    assert codes(same) == ["POSSIBLE_DUPLICATE"]
    assert theirs["issues"] == []


async def test_previews_for_one_consignee_written_in_many_ways_order_once_at_one_moment(house: House) -> None:
    addresses = [{**ADDRESS, **changed} for changed in ({}, *WRITTEN_OTHERWISE[:6])]
    async with house.buyer(approval="host") as buyer:
        previews = [await buyer.preview(("plain", 1), address=address) for address in addresses]
        results = await asyncio.gather(*(buyer.call("create_order", **order_of(preview)) for preview in previews))

    assert house.upstream.create_calls == 1
    assert sorted(result.is_error for result in results) == [False] + [True] * 6
    for result in results:
        if result.is_error:
            assert "POSSIBLE_DUPLICATE" in str(result.meta) or "BOUGHT_MEANWHILE" in str(result.meta)


async def test_a_claim_looks_for_the_consignee_however_it_is_written(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    address = {**ADDRESS, "province": "浙江", **OTHER_MOBILE}
    arrived, answered = asyncio.Event(), asyncio.Event()
    tokens = [(await world.preview(BASKETS["one"], each)).what for each in (ADDRESS, address)]
    world.hold(arrived, answered)
    first = asyncio.create_task(world.create(tokens[0]))
    await arrived.wait()
    second = await world.create(tokens[1])
    answered.set()

    assert (second.what, (await first).what) == ("NOT_ORDERABLE", "placed")
    assert len(world.upstream.executed) == 1
    await world.close()


async def test_an_order_made_since_the_preview_is_told_in_its_dialog_however_it_is_written(house: House) -> None:
    person = Person()
    async with house.buyer(person=person) as buyer:
        first = await buyer.preview(("plain", 1), purchase_ref="PO-A")
        second = await buyer.preview(("plain", 1), address={**ADDRESS, **OTHER_MOBILE, "city": "杭州"})
        stranger = await buyer.preview(("plain", 1), address={**ADDRESS, **SOMEBODY_ELSE})
        house.clock.forward(1)
        await buyer.create(first)
        house.clock.forward(1)
        person.answer = person.answer.model_copy(update={"action": "cancel"})
        await buyer.create(second)
        await buyer.create(stranger)

    assert "Purchase PO-A of the same goods" in person.shown[1]
    assert "PO-A" not in person.shown[2]


async def test_a_consignee_that_was_erased_is_told_and_blocks_only_what_is_written_the_same(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        doubtful = await in_doubt(buyer)
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            connection.execute("DELETE FROM consignees WHERE token = ?", (doubtful["preview_token"],))
        same = await buyer.preview(("lost-answer", 2))
        otherwise = await buyer.preview(("lost-answer", 2), address={**ADDRESS, "province": "浙江"})

    assert codes(same) == ["POSSIBLE_DUPLICATE"]
    assert codes(otherwise) == ["ALIKE_IN_DOUBT"]


async def test_after_a_partial_success_the_lines_that_were_made_are_told_when_bought_again(either_house: House) -> None:
    lines = (("split-part-fails", 1), ("plain", 3))
    async with either_house.buyer(person=Person()) as buyer:
        first = await buyer.preview(*lines, purchase_ref="PO-P")
        made = await buyer.create(first)
        again = [await buyer.preview(*lines), await buyer.preview(lines[1])]
        otherwise = await buyer.preview(lines[1], address={**ADDRESS, "province": "浙江", "mobile": "+8613912345678"})
        others = [await buyer.preview(lines[0]), await buyer.preview(("plain", 2))]
        others.append(await buyer.preview(lines[1], address={**ADDRESS, **SOMEBODY_ELSE}))
        either_house.clock.forward(86_401)
        later = await buyer.preview(lines[1])

    assert made["outcome"] == "partly_placed"
    for told in (*again, otherwise):
        [issue] = [each for each in told["issues"] if each["code"] == "BOUGHT_RECENTLY"]
        assert "Purchase PO-P of the same goods, or of some of them" in issue["message"]
    for told in (*others, later):
        assert "BOUGHT_RECENTLY" not in codes(told)


async def test_after_one_sellers_part_was_refused_the_part_that_was_made_is_told_when_bought_again(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, 1)
    lines = BASKETS["two_sellers"]
    third = {"offer_id": "610000000003", "quantity": 1, "seller_open_id": "three"}
    world.upstream.faults = ["none", "never_connected"]
    said = await world.create((await world.preview(lines)).what)

    async def told(*wanted: dict[str, Any]) -> list[str]:
        world.clock.forward(1)
        result = await preview_order(world.purchasing, {"lines": list(wanted), "address": dict(ADDRESS)})
        return [issue.code for issue in result.issues]

    bare = {name: value for name, value in lines[0].items() if name != "seller_open_id"}
    assert said.what == "partly_placed"
    assert [await told(*wanted) for wanted in (lines, lines[:1], [bare], [lines[0], third])] == [
        ["BOUGHT_RECENTLY"]
    ] * 4
    assert [await told(*wanted) for wanted in (lines[1:], [third], [lines[1], third])] == [[]] * 3
    await world.close()


async def test_a_made_line_is_told_beside_the_part_that_is_still_in_doubt(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    lines = BASKETS["two_sellers"]
    world.upstream.faults, world.upstream.profile = ["none", "reset_after"], "ignored"
    said = await world.create((await world.preview(lines)).what)

    async def told(*wanted: dict[str, Any]) -> list[str]:
        world.clock.forward(1)
        result = await preview_order(world.purchasing, {"lines": list(wanted), "address": dict(ADDRESS)})
        return sorted(issue.code for issue in result.issues)

    more = {**lines[1], "quantity": 7}
    assert said.what == "unknown"
    assert await told(lines[0]) == ["BOUGHT_RECENTLY"]
    assert await told(lines[1]) == ["POSSIBLE_DUPLICATE"]
    assert await told(*lines) == ["POSSIBLE_DUPLICATE"]
    assert await told(lines[0], more) == ["ALIKE_IN_DOUBT", "BOUGHT_RECENTLY"]
    await world.close()


async def test_what_was_made_before_ledgers_kept_it_is_still_found_by_its_basket(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("plain", 1)))
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            made = connection.execute("SELECT made_digest FROM placements").fetchall()
            connection.execute("UPDATE placements SET made_digest = NULL")
        again = await buyer.preview(("plain", 1))

    assert len(made[0][0]) == 64
    assert codes(again) == ["BOUGHT_RECENTLY"]


async def test_an_order_that_was_refused_made_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    world.upstream.faults = ["refused_short_stock"]
    assert (await world.create((await world.preview(BASKETS["one"])).what)).what == "rejected"
    assert world.rows("SELECT made_digest FROM placements") == [{"made_digest": None}]
    await world.close()
