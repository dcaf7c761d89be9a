"""Secrets and personal data: planted ones reach no log, no error, no result, and lie in one table of a private file."""

import logging
import sqlite3
import stat

import pytest

from support.house import ADDRESS, House, Person, basket, order_of

pytestmark = pytest.mark.anyio

PERSONAL = ("欧阳测试", "13912345678", "秘密路7号")


async def test_planted_secrets_and_names_reach_no_log_and_no_result(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    async with house.buyer(person=Person()) as buyer:
        for name in ("plain", "lost-answer", "bad-gateway", "no-cross-border-pay", "price-rise"):
            result = await buyer.call("preview_order", lines=basket((name, 1)), address=ADDRESS)
            told.append(result.model_dump_json())
            created = await buyer.call("create_order", **order_of(result.structured_content or {}))
            told.append(created.model_dump_json())
        told.append((await buyer.call("preview_order", lines=[], address={**ADDRESS, "mobile": "x"})).model_dump_json())
        told.append((await buyer.call("list_orders")).model_dump_json())
    async with house.buyer(access_secret="planted-secret") as buyer:
        told.append((await buyer.call("list_orders")).model_dump_json())

    captured = capfd.readouterr()
    logged = [record.getMessage() for record in caplog.records]
    for place in (*told, *logged, captured.out, captured.err):
        for secret in ("sandbox-access-secret", "planted-secret", *PERSONAL):
            assert secret not in place


async def test_the_consignee_lies_in_one_table_of_a_private_file(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        made = await buyer.create(preview)
        path = house.folder / "ledger.sqlite3"
        with sqlite3.connect(path) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            holding = [
                table
                for table in tables
                if any(word in str(list(connection.execute(f"SELECT * FROM {table}"))) for word in PERSONAL)
            ]
            connection.execute("DELETE FROM consignees")
        erased = await buyer.create(preview)

    assert holding == ["consignees"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {**erased, "replayed": False} == made


async def test_an_open_preview_whose_consignee_was_erased_cannot_be_ordered(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            connection.execute("DELETE FROM consignees")
        copy = await buyer.refused("create_order", **order_of(preview))

    assert copy["code"] == "TOKEN_EXPIRED"
    assert house.upstream.create_calls == 0
