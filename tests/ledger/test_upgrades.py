"""Older ledgers: brought up to date under a lock, with what is in flight; the migrations end where the tables are."""

import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from orders_server.ledger import schema
from orders_server.ledger.upgrades import upgrade
from support.house import House, Person

pytestmark = pytest.mark.anyio


ADDED: dict[int, tuple[str, ...]] = {
    2: ("ALTER TABLE placements DROP COLUMN previewed_at",),
    3: ("DROP TABLE placed_orders",),
    4: (
        "DROP INDEX placements_by_made",
        "DROP INDEX placements_by_settling",
        "ALTER TABLE placements DROP COLUMN made_digest",
        *(
            f"ALTER TABLE purchases DROP COLUMN {name}"
            for name in ("seal", "shown_at", "approval_seal", "dialog_closed_at", "dialog_unanswered_at")
        ),
    ),
    5: ("ALTER TABLE purchases DROP COLUMN cards",),
    6: (
        *(
            f"DROP TABLE {name}"
            for name in (
                "pairing_codes",
                "code_failures",
                "browsers",
                "passkeys",
                "challenges",
                "signatures",
                "notices",
                "hook_decisions",
                "people",
            )
        ),
        "ALTER TABLE purchases DROP COLUMN demand",
        "ALTER TABLE purchases DROP COLUMN approved_by",
    ),
}
"""What each version of the schema added, taken away again."""


def turn_back(path: Path, version: int) -> None:
    """Make a ledger what a server of `version` would have left."""
    with sqlite3.connect(path) as connection:
        for added in sorted(ADDED, reverse=True):
            for statement in ADDED[added] if added > version else ():
                connection.execute(statement)
        connection.execute("UPDATE settings SET value = ? WHERE name = 'schema_version'", (str(version),))


def described(url: str) -> dict[str, tuple[list[str], list[str]]]:
    """Columns and indexes of every table of ours."""
    inspector = inspect(create_engine(url))
    return {
        table: (
            sorted(
                f"{column['name']} {column['type']} {column['nullable']}" for column in inspector.get_columns(table)
            ),
            sorted(str(index["name"]) for index in inspector.get_indexes(table)),
        )
        for table in schema.metadata.tables
    }


def test_the_migrations_end_where_the_tables_are(tmp_path: Path) -> None:
    migrated, made = f"sqlite:///{tmp_path}/migrated.sqlite3", f"sqlite:///{tmp_path}/made.sqlite3"
    engine = create_engine(migrated)
    with engine.begin() as connection:
        upgrade(connection, 0)
    schema.metadata.create_all(create_engine(made))

    assert described(migrated) == described(made)


async def test_an_older_ledger_with_a_placement_in_doubt_goes_on(house: House) -> None:
    async with house.buyer(person=Person(), product_path="") as buyer:
        preview = await buyer.preview(("lost-answer", 1))
        first = await buyer.create(preview)
    path = house.folder / "ledger.sqlite3"
    turn_back(path, 1)
    async with house.buyer(person=Person()) as buyer:
        second = await buyer.create(preview)
    with sqlite3.connect(path) as connection:
        version = connection.execute("SELECT value FROM settings WHERE name = 'schema_version'").fetchone()

    assert (first["outcome"], second["outcome"]) == ("unknown", "placed")
    assert version == (str(schema.VERSION),)
    assert house.upstream.create_calls == 1


async def test_orders_of_an_older_ledger_are_found_by_their_id(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("price-rise-after-creation", 1)))
    turn_back(house.folder / "ledger.sqlite3", 2)
    house.clock.forward(900)
    async with house.buyer() as buyer:
        seen = await buyer.said("get_order", order_id=made["orders"][0]["order_id"])

    assert seen["recorded_here"] is True
    assert seen["price_change"]["difference"] == "5.00"


async def test_a_ledger_of_this_version_does_not_load_the_migrations(house: House) -> None:
    for name in [name for name in sys.modules if name.startswith(("alembic", "orders_server.ledger.upgrades"))]:
        del sys.modules[name]
    async with house.buyer() as buyer:
        await buyer.preview(("plain", 1))

    assert "alembic" not in sys.modules
