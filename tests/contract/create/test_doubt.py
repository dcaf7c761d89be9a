"""Answers that are lost, broken or contradictory: one create call each, said as what it is, settled by reading."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from orders_server.cli import approve as approving
from support.house import ADDRESS, MODES, House, Person, content_of, opened_house, order_of

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("offer", ["lost-answer", "bad-gateway"])
async def test_an_order_whose_answer_was_lost_is_unknown_then_found(house: House, offer: str, mode: str) -> None:
    person = Person()
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview((offer, 1))
        result = await buyer.call("create_order", **order_of(preview))
        assert not result.is_error
        first = content_of(result)
        second = await buyer.create(preview)
        listed = await buyer.said("list_orders", purchase_ref=preview["purchase_ref"])

    assert first["outcome"] == "unknown"
    assert "may exist" in first["summary"]
    assert second["outcome"] == "placed"
    assert [order["order_id"] for order in second["orders"]] == [row["order_id"] for row in listed["orders"]]
    assert house.upstream.create_calls == 1
    assert len(person.shown) == 1


async def test_an_order_id_beside_success_false_is_a_placed_order(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("success-false", 1)))

    assert made["outcome"] == "placed"
    assert len(made["orders"]) == 1
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("fault", ["lost-answer", "bad-gateway"])
async def test_a_fault_by_switch_befalls_every_offer(tmp_path: Any, fault: str) -> None:
    async with opened_house(tmp_path, generation="2025", faults=frozenset({fault})) as house:
        async with house.buyer(person=Person()) as buyer:
            preview = await buyer.preview(("plain", 1))
            outcomes = [(await buyer.create(preview))["outcome"] for _ in range(2)]

        assert outcomes == ["unknown", "placed"]
        assert house.upstream.create_calls == 1


async def test_a_price_that_rose_orders_nothing_and_shows_what_changed(either_house: House) -> None:
    person = Person()
    async with either_house.buyer(person=person) as buyer:
        preview = await buyer.preview(("price-rise", 1))
        changed = await buyer.create(preview)
        replayed = await buyer.create(preview)
        made = await buyer.create(changed["fresh_preview"])

    assert changed["outcome"] == "price_changed"
    assert changed["orders"] == []
    assert "approved 10.00, now 12.50" in changed["summary"]
    assert {**replayed, "replayed": False} == changed
    assert changed["fresh_preview"]["preview_token"] != preview["preview_token"]
    assert made["outcome"] == "placed"
    assert "the price fell by" in made["summary"]
    assert len(person.shown) == 2
    assert either_house.upstream.create_calls == 1


async def test_the_same_goods_are_not_ordered_while_an_outcome_is_in_doubt(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        early = await buyer.preview(("lost-answer", 1))
        doubtful = await buyer.preview(("lost-answer", 1))
        await buyer.create(doubtful)
        with_early_token = await buyer.refused("create_order", **order_of(early))
        afresh = await buyer.preview(("lost-answer", 1))
        with_fresh_token = await buyer.refused("create_order", **order_of(afresh))
        await buyer.create(doubtful)
        settled = await buyer.preview(("lost-answer", 1))

    assert not afresh["orderable"]
    assert "POSSIBLE_DUPLICATE" in [issue["code"] for issue in afresh["issues"]]
    for copy in (with_early_token, with_fresh_token):
        assert copy["code"] == "NOT_ORDERABLE"
        assert copy["details"]["issues"][0]["code"] == "POSSIBLE_DUPLICATE"
    assert settled["orderable"]
    assert "BOUGHT_RECENTLY" in [issue["code"] for issue in settled["issues"]]
    assert house.upstream.create_calls == 1


async def test_nobody_is_asked_about_goods_that_came_into_doubt_after_their_preview(house: House) -> None:
    person = Person()
    async with house.buyer(person=person) as buyer:
        early = await buyer.preview(("lost-answer", 1), purchase_ref="PO-EARLY")
        await buyer.create(await buyer.preview(("lost-answer", 1), purchase_ref="PO-FIRST"))
        refused = await buyer.refused("create_order", **order_of(early))

    assert refused["code"] == "NOT_ORDERABLE"
    assert [issue["code"] for issue in refused["details"]["issues"]] == ["POSSIBLE_DUPLICATE"]
    assert len(person.shown) == 1
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        states = dict(connection.execute("SELECT purchase_ref, state FROM purchases"))
    assert states == {"PO-EARLY": "open", "PO-FIRST": "claimed"}


async def test_what_was_made_in_part_is_told_where_it_is_bought_again(house: House) -> None:
    lines = ("split-part-fails", 1), ("plain", 3)
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(*lines, purchase_ref="PO-FIRST"))
        again = await buyer.preview(*lines)

    assert made["outcome"] == "partly_placed"
    told = [issue for issue in again["issues"] if issue["code"] == "BOUGHT_RECENTLY"]
    assert len(told) == 1
    assert "PO-FIRST" in told[0]["message"]


async def test_what_was_made_in_part_after_a_yes_stops_the_same_basket(house: House) -> None:
    lines = ("split-part-fails", 1), ("plain", 3)
    async with house.buyer(person=Person()) as buyer, house.buyer() as approved_elsewhere:
        house.clock.now = datetime.now(UTC)
        first = await buyer.preview(*lines, purchase_ref="PO-FIRST")
        late = await approved_elsewhere.preview(*lines, purchase_ref="PO-LATE")
        with CliRunner().isolation(input=f"{late['totals']['payable']}\n"):
            assert await approving.approve(house.settings(), "PO-LATE") == 0
        house.clock.now = datetime.now(UTC) + timedelta(seconds=1)
        assert (await buyer.create(first))["outcome"] == "partly_placed"
        refused = await approved_elsewhere.refused("create_order", **order_of(late))

    assert refused["code"] == "NOT_ORDERABLE"
    assert [issue["code"] for issue in refused["details"]["issues"]] == ["BOUGHT_MEANWHILE"]
    assert house.upstream.create_calls == 1


async def test_what_was_bought_a_day_ago_is_no_longer_warned_of(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("plain", 1)))
        house.clock.forward(86_401)
        later = await buyer.preview(("plain", 1))

    assert later["issues"] == []


async def test_a_row_that_was_edited_by_hand_is_refused(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            connection.execute("UPDATE purchases SET basket = replace(basket, '\"quantity\":1', '\"quantity\":9')")
        copy = await buyer.refused("create_order", **order_of(preview))

    assert copy["code"] == "TOKEN_INVALID"
    assert "not what was shown" in caplog.text
    assert house.upstream.create_calls == 0


async def test_the_row_is_on_the_disk_before_the_create_call_arrives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = house.upstream.answer

    def watching(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/create"):
            with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
                seen.extend(row[0] for row in connection.execute("SELECT state FROM placements"))
        return real(path, headers, content)

    monkeypatch.setattr(house.upstream, "answer", watching)
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("plain", 1)))

    assert seen == ["dispatched"]


async def test_every_change_of_state_leaves_an_event(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("lost-answer", 1))
        await buyer.create(preview)
        await buyer.create(preview)

    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        events = list(connection.execute("SELECT from_state, to_state FROM events ORDER BY id"))
    assert events == [
        (None, "open"),
        ("open", "approved"),
        ("approved", "claimed"),
        (None, "claimed"),
        ("claimed", "dispatched"),
        ("dispatched", "unknown"),
        ("unknown", "placed"),
    ]


async def test_two_sellers_are_two_create_calls_of_one_purchase(either_house: House) -> None:
    lines = [
        {"offer_id": "610000000001", "quantity": 1, "seller_open_id": "one"},
        {"offer_id": "610000000010", "quantity": 1, "seller_open_id": "two"},
    ]
    async with either_house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(lines=lines, purchase_ref="PO-9")
        made = await buyer.create(preview)
        seen = await buyer.said("get_order", purchase_ref="PO-9")
        listed = await buyer.said("list_orders", purchase_ref="PO-9")

    assert [order["purchase_ref"] for order in (seen, *seen["further_orders"], *listed["orders"])] == ["PO-9"] * 4
    assert len(preview["orders"]) == 2
    assert made["outcome"] == "placed"
    assert len(made["orders"]) == 2
    assert [order.out_order_id for order in either_house.upstream.orders()] == ["PO-9-1", "PO-9-2"]


async def test_two_tokens_for_the_same_goods_at_one_moment_order_once(house: House) -> None:
    async with house.buyer(approval="host") as buyer:
        previews = [await buyer.preview(("plain", 1)) for _ in range(4)]
        results = await asyncio.gather(*(buyer.call("create_order", **order_of(preview)) for preview in previews))

    placed = [result for result in results if not result.is_error]
    assert len(placed) == 1
    assert house.upstream.create_calls == 1
    for result in results:
        if result.is_error:
            assert "POSSIBLE_DUPLICATE" in str(result.meta) or "BOUGHT_MEANWHILE" in str(result.meta)


@pytest.mark.parametrize("mode", MODES)
async def test_one_token_called_at_one_moment_by_many_orders_once(house: House, mode: str) -> None:
    async with house.buyer(mode, approval="host") as buyer:
        preview = await buyer.preview(("plain", 1))
        results = await asyncio.gather(*(buyer.call("create_order", **order_of(preview)) for _ in range(8)))

    answers = {content_of(result)["outcome"] if not result.is_error else str(result.meta) for result in results}
    assert "placed" in answers
    assert all("IN_PROGRESS" in answer or answer == "placed" for answer in answers)
    assert house.upstream.create_calls == 1


async def test_the_dialog_warns_of_what_was_bought_after_the_preview(house: House) -> None:
    person = Person()
    async with house.buyer(person=person) as buyer:
        first = await buyer.preview(("plain", 1), purchase_ref="PO-A")
        second = await buyer.preview(("plain", 1), purchase_ref="PO-B")
        await buyer.create(first)
        house.clock.forward(1)
        made = await buyer.create(second)

    assert "PO-A" not in person.shown[0].replace("Reference: 『PO-A』", "").replace("[PO-A]", "").replace(
        "［PO-A］", ""
    )
    assert "Purchase PO-A of the same goods" in person.shown[1]
    assert made["outcome"] == "placed"


@pytest.mark.parametrize(
    "changed",
    [
        {"post_code": "310051"},
        {"mobile": "139-1234-5678"},
        {"mobile": "+8613912345678"},
        {"phone": "05711234567"},
        {"district_code": "330108"},
        {"street": "秘密路 ７号"},
    ],
    ids=str,
)
async def test_a_retyped_address_is_no_way_round_a_doubt(house: House, changed: dict[str, str]) -> None:
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("lost-answer", 1)))
        again = await buyer.preview(("lost-answer", 1), address={**ADDRESS, **changed})

    assert not again["orderable"]
    assert "POSSIBLE_DUPLICATE" in [issue["code"] for issue in again["issues"]]


async def test_some_of_the_same_goods_are_warned_of_while_in_doubt(house: House) -> None:
    person = Person()
    async with house.buyer(person=person) as buyer:
        await buyer.create(await buyer.preview(("lost-answer", 1), purchase_ref="PO-D"))
        other = await buyer.preview(("lost-answer", 2), ("plain", 1))
        elsewhere = await buyer.preview(("plain", 1))

    assert other["orderable"]
    assert "ALIKE_IN_DOUBT" in [issue["code"] for issue in other["issues"]]
    assert elsewhere["issues"] == []
