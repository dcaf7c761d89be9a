"""A create call that is on its way: others hear that it is, nobody can cut it off, and a stop waits for it."""

import asyncio
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

from support.house import MODES, Buyer, House, Person, order_of

pytestmark = pytest.mark.anyio
TWO_SELLERS = [
    {"offer_id": "610000000001", "quantity": 1, "seller_open_id": "one"},
    {"offer_id": "610000000010", "quantity": 1, "seller_open_id": "two"},
]


class Gate:
    """Holds create calls at the upstream until it is opened."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self.open = threading.Event()


@pytest.fixture
def gate(house: House, monkeypatch: pytest.MonkeyPatch) -> Generator[Gate]:
    gate, real = Gate(), house.upstream.answer

    def held(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/create"):
            gate.arrived.set()
            gate.open.wait(20)
        return real(path, headers, content)

    monkeypatch.setattr(house.upstream, "answer", held)
    yield gate
    gate.open.set()


async def arrival(gate: Gate) -> None:
    """Until the create call is at the upstream."""
    assert await asyncio.to_thread(gate.arrived.wait, 20)


@pytest.mark.parametrize("mode", MODES)
async def test_a_second_call_hears_that_the_first_is_on_its_way(house: House, gate: Gate, mode: str) -> None:
    async with house.buyer(mode, approval="host") as buyer:
        preview = await buyer.preview(("plain", 1))
        first = asyncio.create_task(buyer.create(preview))
        await arrival(gate)
        copy = await buyer.refused("create_order", **order_of(preview))
        gate.open.set()
        made = await first

    assert copy["code"] == "IN_PROGRESS"
    assert copy["details"]["retry_after_seconds"] > 0
    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_who_asks_meanwhile_hears_when_to_ask_again_and_by_when_it_is_settled(house: House, gate: Gate) -> None:
    async with house.buyer(approval="host") as buyer:
        preview = await buyer.preview(lines=TWO_SELLERS, purchase_ref="PO-1")
        first = asyncio.create_task(buyer.create(preview))
        await arrival(gate)
        began = house.clock.now
        told = [(await buyer.refused("create_order", **order_of(preview)))["details"]]
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            deadlines = [
                datetime.fromisoformat(row[0]) for row in connection.execute("SELECT deadline FROM placements")
            ]
        for left in (5.2, 3.2, 0.4):
            house.clock.now = min(deadlines) - timedelta(seconds=left)
            told.append((await buyer.refused("create_order", **order_of(preview)))["details"])
        house.clock.now = began
        gate.open.set()
        await first

    assert len(set(deadlines)) == 2
    assert [each["settled_by"] for each in told] == [told[0]["settled_by"]] * 4
    assert datetime.fromisoformat(told[0]["settled_by"]) == max(deadlines)
    assert [each["purchase_ref"] for each in told] == ["PO-1"] * 4
    assert [each["retry_after_seconds"] for each in told] == [5] * 4


async def test_who_asks_right_before_the_end_is_told_to_wait_no_longer_than_that(house: House, gate: Gate) -> None:
    async with house.buyer(approval="host") as buyer:
        preview = await buyer.preview(("plain", 1))
        first = asyncio.create_task(buyer.create(preview))
        await arrival(gate)
        began = house.clock.now
        details = (await buyer.refused("create_order", **order_of(preview)))["details"]
        waits: list[int] = []
        for left in (5.2, 5, 3.2, 0.4):
            house.clock.now = datetime.fromisoformat(details["settled_by"]) - timedelta(seconds=left)
            copy = await buyer.refused("create_order", **order_of(preview))
            waits.append(copy["details"]["retry_after_seconds"])
        house.clock.now = began
        gate.open.set()
        await first

    assert waits == [5, 5, 4, 1]


@pytest.mark.parametrize("mode", MODES)
async def test_a_caller_that_gives_up_leaves_a_recorded_order(house: House, gate: Gate, mode: str) -> None:
    async with house.buyer(mode, approval="host") as buyer:
        preview = await buyer.preview(("plain", 1))
        with anyio.move_on_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(_create, buyer, preview)
                await arrival(gate)
                group.cancel_scope.cancel()
                gate.open.set()
        made = await _settled(buyer, preview)

    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def _create(buyer: Buyer, preview: dict[str, Any]) -> None:
    await buyer.create(preview)


async def _settled(buyer: Buyer, preview: dict[str, Any]) -> dict[str, Any]:
    """The outcome once nothing is in progress any more."""
    while True:
        result = await buyer.call("create_order", **order_of(preview))
        if not result.is_error:
            assert result.structured_content is not None
            return result.structured_content
        await asyncio.to_thread(lambda: None)


@pytest.mark.parametrize("how", ["SIGTERM", "hang up"])
async def test_a_process_that_is_stopped_records_the_answer_first(house: House, gate: Gate, how: str) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "orders_server", "serve"],
        cwd=house.folder,
        env={
            "XPORTCN_ACCESS_KEY": "sandbox-access-key",
            "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
            "XPORTCN_USER_ID": "sandbox-user",
            "XPORTCN_BASE_URL": house.base_url,
            "XPORTCN_STORE": f"sqlite:///{house.folder}/ledger.sqlite3",
        },
    )
    house.clock.now = datetime.now(UTC)
    async with Client(server, mode="legacy", elicitation_callback=Person(), read_timeout_seconds=30) as client:
        buyer = Buyer(client, None)
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.create(preview))
        await arrival(gate)
        if how == "SIGTERM":
            os.kill(_server_in(house.folder), signal.SIGTERM)
        else:
            call.cancel()
        gate.open.set()
        await asyncio.wait([call])
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        states = [row[0] for row in connection.execute("SELECT state FROM placements")]

    assert states == ["placed"]
    assert house.upstream.create_calls == 1
    assert call.cancelled() or isinstance(call.exception(), MCPError | None)


def _server_in(folder: Path) -> int:
    """The server process that runs in `folder`."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder.resolve() and b"orders_server" in (entry / "cmdline").read_bytes():
                return int(entry.name)
        except OSError:
            continue
    raise AssertionError("the server's process was not found")
