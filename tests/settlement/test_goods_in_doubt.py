"""Whoever settles or releases a doubt reads which goods it is about, named as in the approval."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from orders_prompts.renderer import Language
from orders_server.cli import settle as commands
from support.house import House, Person

pytestmark = pytest.mark.anyio
REFERENCE = "PO-LOST"
NAMED = {
    "en": "2 件 「便携缝纫套装」 「颜色: 本色」, 610000000022",
    "zh": "2 件 「便携缝纫套装」 「颜色: 本色」，610000000022",
}


@pytest.fixture
async def order_id(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """The order of a purchase whose answer was lost two days ago; the list does not show it."""
    monkeypatch.setattr("orders_sandbox.app.list_orders", lambda *_: {"success": True, "result": []})  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    house.clock.now = datetime.now(UTC) - timedelta(days=2)
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("lost-answer", 2), purchase_ref=REFERENCE))
    house.clock.now = datetime.now(UTC)
    assert made["outcome"] == "unknown"
    [order] = house.upstream.orders()
    return str(order.order_id)


async def screen_of(house: House, typed: str, command: str, *arguments: str, **settings: Any) -> str:
    """What a command that succeeds prints where `typed` is typed."""
    with CliRunner().isolation(input=f"{typed}\n") as (screen, errors, _):
        assert await getattr(commands, command)(house.settings(**settings), *arguments) == 0
    return (screen.getvalue() + errors.getvalue()).decode()


@pytest.mark.parametrize("command", ["settle", "release"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_goods_in_doubt_are_named(house: House, order_id: str, command: str, language: Language) -> None:
    typed, more = (order_id, [order_id]) if command == "settle" else (REFERENCE, [])
    screen = await screen_of(house, typed, command, REFERENCE, *more, language=language)
    assert NAMED[language] in screen


async def test_names_that_were_changed_in_the_ledger_are_not_shown(house: House, order_id: str) -> None:
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        connection.execute("UPDATE purchases SET cards = replace(cards, '便携缝纫套装', '黄金马克杯')")
    screen = await screen_of(house, order_id, "settle", REFERENCE, order_id)
    assert "2 x 610000000022" in screen
    assert "黄金马克杯" not in screen
