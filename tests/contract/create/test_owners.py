"""Two owners in one ledger, with the same references: what becomes of one's purchase changes nothing of the other's."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from orders_sandbox import SandboxOptions, create_app, served
from orders_server.cli import approve as approving
from orders_server.cli import settle as commands
from support.house import House, Person

pytestmark = pytest.mark.anyio
TWO_SELLERS = [
    {"offer_id": "610000000001", "quantity": 1, "seller_open_id": "one"},
    {"offer_id": "610000000010", "quantity": 1, "seller_open_id": "two"},
]


@pytest.fixture
async def other(house: House, tmp_path: Path) -> AsyncGenerator[House]:
    """The same ledger and the same clock, another API: another owner."""
    app = create_app(SandboxOptions(clock=house.clock, generation="2025", seed=7))
    async with served(app) as base_url:
        yield House(tmp_path, house.clock, app, base_url)


def nothing_found(*_: Any) -> dict[str, Any]:
    return {"success": True, "result": []}


def states(house: House, other: House) -> list[dict[str, str]]:
    """The state of each create call, of `house` and of `other`."""
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        rows: list[Any] = list(connection.execute("SELECT owner, part_ref, state FROM placements ORDER BY part_ref"))
    return [
        {part_ref: state for owner, part_ref, state in rows if owner.startswith(each.base_url)}
        for each in (house, other)
    ]


async def at_terminal(house: House, typed: str, command: Any, reference: str = "") -> str:
    """The screen of a command where `typed` is typed."""
    with CliRunner().isolation(input=f"{typed}\n") as (screen, errors, _):
        await command(house.settings(), reference)
    return (screen.getvalue() + errors.getvalue()).decode()


async def test_a_word_about_one_owners_doubt_is_none_about_the_others(
    house: House, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders_sandbox.app.list_orders", nothing_found)
    house.clock.now = datetime.now(UTC) - timedelta(days=2)
    for each in (house, other):
        async with each.buyer(person=Person()) as buyer:
            made = await buyer.create(await buyer.preview(("lost-answer", 1), purchase_ref="PO-1"))
            assert made["outcome"] == "unknown"
    house.clock.now = datetime.now(UTC)
    screen = await at_terminal(other, "PO-1", commands.release, "PO-1")

    assert "PO-1 waits more than once" in screen
    assert states(house, other) == [{"PO-1": "unknown"}, {"PO-1": "unknown"}]


async def test_each_owner_orders_all_parts_of_the_same_reference_and_sees_its_own(house: House, other: House) -> None:
    made: list[list[str]] = []
    seen: list[list[str]] = []
    for each in (house, other):
        async with each.buyer(person=Person()) as buyer:
            bought = await buyer.create(await buyer.preview(lines=TWO_SELLERS, purchase_ref="PO-1"))
            detail = await buyer.said("get_order", purchase_ref="PO-1")
            made.append([order["order_id"] for order in bought["orders"]])
            seen.append([order["order_id"] for order in (detail, *detail["further_orders"])])

    assert states(house, other) == [{"PO-1-1": "placed", "PO-1-2": "placed"}] * 2
    assert seen == made
    assert not set(made[0]) & set(made[1])


async def test_an_outcome_is_recorded_although_another_owner_has_the_same_reference_in_flight(
    house: House, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = other.upstream.answer
    inner: list[str] = []

    async def bought_meanwhile() -> None:
        async with house.buyer(approval="host") as buyer:
            inner.append((await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-1")))["outcome"])

    def busy(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/create"):
            asyncio.run(bought_meanwhile())
        return real(path, headers, content)

    monkeypatch.setattr(other.upstream, "answer", busy)
    async with other.buyer(approval="host") as buyer:
        outer = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-1"))

    assert (inner, outer["outcome"]) == (["placed"], "placed")
    assert states(house, other) == [{"PO-1": "placed"}, {"PO-1": "placed"}]


async def test_what_waits_for_a_person_is_orderable_as_it_was_shown_unexpired_and_the_owners(
    house: House, other: House
) -> None:
    house.clock.now = datetime.now(UTC) - timedelta(minutes=20)
    async with house.buyer() as buyer, other.buyer() as stranger:
        await buyer.preview(("plain", 1), purchase_ref="PO-EXPIRED")
        house.clock.now = datetime.now(UTC) - timedelta(minutes=5)
        for name, reference in (
            ("plain", "PO-FIRST"),
            ("no-cross-border-pay", "PO-BLOCKED"),
            ("plain", "PO-EDITED"),
            ("plain", "PO-DECLINED"),
            ("promotion", "PO-APPROVED"),
            ("plain", "PO-LAST"),
        ):
            await buyer.preview((name, 1), purchase_ref=reference)
            house.clock.forward(1)
        await stranger.preview(("plain", 1), purchase_ref="PO-STRANGE")
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        connection.execute(
            "UPDATE purchases SET basket = replace(basket, '\"quantity\":1', '\"quantity\":9')"
            " WHERE purchase_ref = 'PO-EDITED'"
        )
    await at_terminal(house, "", approving.decline, "PO-DECLINED")
    approved = await at_terminal(house, "16.71", approving.approve, "PO-APPROVED")
    listed = await at_terminal(house, "", approving.show_pending)
    refused = [await at_terminal(house, "35.00", approving.approve, name) for name in ("PO-BLOCKED", "PO-EDITED")]

    assert "Approved PO-APPROVED" in approved
    listed_refs = [line.split()[0] for line in listed.splitlines() if line.startswith("PO-")]
    # A terminal has none of the server's variables, so it lists what waits for any owner of the ledger.
    assert [ref for ref in listed_refs if ref != "PO-STRANGE"] == ["PO-FIRST", "PO-APPROVED", "PO-LAST"]
    assert listed_refs.count("PO-STRANGE") == 1
    assert [text.partition(" waits")[0] for text in refused] == [
        "No purchase PO-BLOCKED",
        "No purchase PO-EDITED",
    ]
