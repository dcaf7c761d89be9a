"""A ledger that fails: nothing is sent, and it is said; a placed order is never turned into an error."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from orders_server.ledger.ledger import SqlLedger
from orders_tools.errors import StoreUnavailable
from support.house import ADDRESS, House, Person, basket, order_of, text_of

pytestmark = pytest.mark.anyio


async def test_reads_of_the_upstream_go_on_without_a_store(house: House, tmp_path: Path) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    async with house.buyer(person=Person(), store=f"sqlite:///{blocked}/ledger.sqlite3") as buyer:
        listed = await buyer.said("list_orders")
        detail = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])
        preview = await buyer.call("preview_order", lines=basket(("plain", 1)), address=ADDRESS)
        created = await buyer.call("create_order", preview_token="PV-" + "0" * 26, expected_total="1")

    assert len(listed["orders"]) == 1
    assert detail["status"] == "awaiting_payment"
    for result in (preview, created):
        assert result.is_error
        assert "store cannot be used" in text_of(result)
    assert house.upstream.create_calls == 1


async def test_a_newer_schema_is_left_alone(house: House) -> None:
    async with house.buyer() as buyer:
        await buyer.preview(("plain", 1))
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        connection.execute("UPDATE settings SET value = '999' WHERE name = 'schema_version'")
    async with house.buyer() as buyer:
        result = await buyer.call("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert result.is_error
    assert "newer server" in text_of(result)


async def test_a_file_that_is_no_database_is_said(house: House) -> None:
    (house.folder / "ledger.sqlite3").write_bytes(os.urandom(4096))
    async with house.buyer() as buyer:
        result = await buyer.call("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert result.is_error
    assert "store cannot be used" in text_of(result)


@pytest.mark.parametrize("method", ["record", "enrich"])
async def test_an_order_that_cannot_be_recorded_is_still_told_as_placed(
    house: House, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with monkeypatch.context() as failing:
            failing.setattr(SqlLedger, method, full)
            made = await buyer.create(preview)
        again = await buyer.create(preview)

    assert made["outcome"] == again["outcome"] == "placed"
    assert made["orders"][0]["order_id"] == again["orders"][0]["order_id"]
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("method", ["approve", "claim"])
async def test_a_store_that_fails_before_the_send_sends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with monkeypatch.context() as failing:
            failing.setattr(SqlLedger, method, full)
            refused = await buyer.refused("create_order", **order_of(preview))
        made = await buyer.create(preview)

    assert refused["code"] == "INTERNAL"
    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_a_fault_of_our_own_after_the_send_is_unknown_and_settled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orders_tools.settlement import read_back as conclusion

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of our own")

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with monkeypatch.context() as failing:
            failing.setattr(conclusion, "judge", broken)
            first = await buyer.create(preview)
        second = await buyer.create(preview)

    assert (first["outcome"], second["outcome"]) == ("unknown", "placed")
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize(
    ("room", "broken", "calls"),
    [("create_order", "outcome_of", 1), ("purchase.placement", "Placement", 0)],
    ids=["after the send", "before it"],
)
async def test_a_fault_of_our_own_once_the_token_is_used_up_is_never_nothing_was_sent(
    house: House, monkeypatch: pytest.MonkeyPatch, room: str, broken: str, calls: int
) -> None:
    module = import_module(f"orders_tools.{room}")
    real: Any = getattr(module, broken)
    strikes = iter([True])

    def failing_once(*given: Any, **named: Any) -> Any:
        if next(strikes, False):
            raise RuntimeError("a fault of our own")
        return real(*given, **named)

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        monkeypatch.setattr(module, broken, failing_once)
        first = await buyer.create(preview)

    assert house.upstream.create_calls == calls
    assert first["outcome"] == ("placed" if calls else "unknown")
    assert len(first["orders"]) == calls
    assert not first["replayed"]


async def test_a_fault_of_our_own_before_the_token_is_used_up_says_that_nothing_was_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orders_tools import create_order

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of our own")

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with monkeypatch.context() as failing:
            failing.setattr(create_order, "differences", broken)
            refused = await buyer.refused("create_order", **order_of(preview))
        unknown = await buyer.refused("create_order", preview_token="PV-" + "0" * 26, expected_total="35.00")
        made = await buyer.create(preview)

    assert refused["code"] == "INTERNAL"
    assert unknown["code"] == "TOKEN_INVALID"
    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_a_full_disk_sends_nothing(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            [pages] = connection.execute("PRAGMA page_count").fetchone()
        with _every_connection_with(f"PRAGMA max_page_count={pages}"):
            async with house.buyer(person=Person()) as poor:
                big = await poor.call(
                    "preview_order",
                    lines=basket(*((name, 1) for name in ("plain", "promotion", "free-carriage"))),
                    address=ADDRESS,
                    buyer_message="x" * 400,
                )
        made = await buyer.create(preview)

    assert big.is_error
    assert "full" in text_of(big)
    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_a_lock_held_too_long_sends_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders_server.ledger.store._BUSY_MILLISECONDS", 50)
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        holder = sqlite3.connect(house.folder / "ledger.sqlite3", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused = await buyer.refused("create_order", **order_of(preview))
        holder.execute("ROLLBACK")
        holder.close()
        made = await buyer.create(preview)

    assert refused["code"] == "INTERNAL"
    assert "locked" in refused["message"]
    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_a_corrupt_page_is_said_and_sends_nothing(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
    path = house.folder / "ledger.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    async with house.buyer(person=Person()) as buyer:
        refused = await buyer.refused("create_order", **order_of(preview))
        listed = await buyer.said("list_orders")

    assert refused["code"] == "INTERNAL"
    assert listed["orders"] == []
    assert house.upstream.create_calls == 0


async def test_a_read_only_store_sends_nothing(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with _every_connection_with("PRAGMA query_only=ON"):
            async with house.buyer(person=Person()) as reader:
                refused = await reader.refused("create_order", **order_of(preview))

    assert refused["code"] == "INTERNAL"
    assert house.upstream.create_calls == 0


@contextmanager
def _every_connection_with(pragma: str) -> Generator[None]:
    """New connections of the ledger get one more pragma, which makes the file behave as the test needs it."""
    from orders_server.ledger import store

    real = store._make_durable  # pyright: ignore[reportPrivateUsage]

    def changed(connection: Any, record: Any) -> None:
        real(connection, record)
        connection.execute(pragma)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_make_durable", changed)
        yield
