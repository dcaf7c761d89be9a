"""A real `serve` process and a real client over stdio, in both generations of the protocol, on the embedded sandbox."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from orders_server.app.server import build_server
from orders_server.settings import Settings
from support.house import MODES, Buyer, Person, order_of, saying, text_of

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(folder: Path, mode: str, person: Person | None) -> AsyncGenerator[Buyer]:
    own = {
        "XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3",
        "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key",
        "XPORTCN_SANDBOX_GENERATION": "2025",
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "orders_server", "serve"], cwd=folder, env=own)
    async with Client(server, mode=mode, elicitation_callback=person, read_timeout_seconds=30) as client:
        yield Buyer(client, person)


@pytest.mark.parametrize("mode", MODES)
async def test_a_purchase_a_no_and_a_lost_answer_are_told_over_stdio(tmp_path: Path, mode: str) -> None:
    person = Person()
    async with served(tmp_path, mode, person) as buyer:
        preview = await buyer.preview(("plain", 2))
        made = await buyer.create(preview)
        again = await buyer.create(preview)
        detail = await buyer.said("get_order", purchase_ref=preview["purchase_ref"])
        listed = await buyer.said("list_orders")
        wrong_total = await buyer.refused("create_order", **order_of(await buyer.preview(("plain", 1)), "1.00"))
        no_token = await buyer.refused("create_order", preview_token="PV-0", expected_total="1.00")
        missing = await buyer.refused("create_order", expected_total="1.00")
        version = buyer.client.protocol_version
        person.answer = saying("decline").answer
        no = await buyer.create(await buyer.preview(("plain", 1)))
        person.answer = Person().answer
        lost = await buyer.preview(("lost-answer", 1))
        outcomes = [(await buyer.create(lost))["outcome"] for _ in range(2)]
        relisted = await buyer.said("list_orders")

    assert version == ("2025-11-25" if mode == "legacy" else mode)
    assert made["outcome"] == "placed"
    assert preview["sandbox"]
    assert made["sandbox"]
    assert again["orders"] == made["orders"]
    assert again["replayed"]
    assert detail["order_id"] == listed["orders"][0]["order_id"] == made["orders"][0]["order_id"]
    assert [copy["code"] for copy in (wrong_total, no_token, missing)] == [
        "TOTAL_MISMATCH",
        "TOKEN_INVALID",
        "INVALID_ARGUMENT",
    ]
    assert no["outcome"] == "declined"
    assert outcomes == ["unknown", "placed"]
    assert [row["purchase_ref"] for row in relisted["orders"]] == [lost["purchase_ref"], preview["purchase_ref"]]


async def test_what_one_process_did_another_beside_it_and_the_next_one_know(tmp_path: Path) -> None:
    async with served(tmp_path, "legacy", Person()) as one, served(tmp_path, "2026-07-28", Person()) as two:
        shared = await one.preview(("plain", 1))
        made = await two.create(shared)
        again = await one.create(shared)
        preview = await one.preview(("lost-answer", 1))
        first = await one.create(preview)
    places: dict[str, Any] = {
        "store": f"sqlite:///{tmp_path}/ledger.sqlite3",
        "key_file": tmp_path / "key" / "ledger.key",
    }
    async with build_server(Settings(**places)) as server, Client(server, elicitation_callback=Person()) as client:
        buyer = Buyer(client, None)
        second = await buyer.create(preview)
        detail = await buyer.said("get_order", purchase_ref=preview["purchase_ref"])

    assert (first["outcome"], second["outcome"]) == ("unknown", "placed")
    assert detail["order_id"] == second["orders"][0]["order_id"]
    assert made["outcome"] == "placed"
    assert again["orders"] == made["orders"]
    assert again["replayed"]


async def test_a_store_that_cannot_be_opened_is_said_by_every_tool(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    places: dict[str, Any] = {
        "store": f"sqlite:///{tmp_path}/file/ledger.sqlite3",
        "key_file": tmp_path / "key" / "ledger.key",
    }
    async with (
        build_server(Settings(**places)) as server,
        Client(server, mode="legacy", elicitation_callback=Person()) as client,
    ):
        buyer = Buyer(client, None)
        tools = (await buyer.client.list_tools()).tools
        answers = [
            await buyer.call(
                "preview_order",
                lines=[{"offer_id": "610000000001", "quantity": 1}],
                address={"full_name": "a", "mobile": "13912345678", "province": "b", "city": "c", "street": "d"},
            ),
            await buyer.call("create_order", preview_token="PV-" + "0" * 26, expected_total="1"),
            await buyer.call("list_orders"),
            await buyer.call("get_order", order_id="1"),
        ]

    assert len(tools) == 6
    for answer in answers:
        assert answer.is_error
        assert "store cannot be used" in text_of(answer)
        assert "no order was sent" in text_of(answer)


def test_a_server_that_is_asked_to_stop_stops(tmp_path: Path) -> None:
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    with subprocess.Popen(
        [sys.executable, "-m", "orders_server", "serve"],
        cwd=tmp_path,
        env={
            "XPORTCN_STORE": f"sqlite:///{tmp_path}/ledger.sqlite3",
            "XPORTCN_KEY_FILE": f"{tmp_path}/key/ledger.key",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(initialize).encode() + b"\n")
        process.stdin.flush()
        assert b"xportcn-orders" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
