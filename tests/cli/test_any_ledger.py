"""A plain terminal, without credentials: it finds the purchase in whichever ledger of its user, whoever bought it."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from anyio import to_thread
from mcp import Client

from orders_server.app.server import build_server
from orders_server.settings import Settings
from support.commands import Told, told, typed
from support.house import Buyer, House, Person
from support.terminal import Terminal

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _real_time(house: House) -> None:  # pyright: ignore[reportUnusedFunction]
    house.clock.now = datetime.now(UTC)


def environment(house: House, **settings: str) -> dict[str, str]:
    """Of a user who has set nothing."""
    return {"PATH": os.environ["PATH"], "HOME": str(house.folder), "COLUMNS": "120", "LINES": "200", **settings}


def places(house: House, name: str) -> dict[str, Any]:
    """The default ledger `name` and the default key of that user."""
    return {
        "store": f"sqlite:///{house.folder}/.local/share/xportcn-orders/{name}.sqlite3",
        "key_file": house.folder / ".config/xportcn-orders-key/ledger.key",
    }


async def run(house: House, *arguments: str, **settings: str) -> Told:
    """A command without a terminal, on a thread beside the sandbox."""
    return await to_thread.run_sync(partial(told, house.folder, *arguments, **environment(house, **settings)))


async def types(house: House, words: str, *arguments: str, **settings: str) -> Told:
    """A command whose input is these words, whether or not they come from a terminal."""
    return await to_thread.run_sync(partial(typed, house.folder, words, *arguments, **environment(house, **settings)))


@asynccontextmanager
async def sandbox_buyer(house: House, person: Person | None = None) -> AsyncGenerator[Buyer]:
    settings = Settings(**places(house, "sandbox"))
    async with (
        build_server(settings, clock=house.clock) as server,
        Client(server, elicitation_callback=person) as client,
    ):
        yield Buyer(client, None)


def at_terminal(house: House, words: str, *arguments: str, **settings: str) -> tuple[int, str]:
    terminal = Terminal(house.folder, environment(house, **settings), *arguments)
    terminal.types(words)
    return terminal.ended()


async def test_what_waits_is_found_in_both_default_ledgers_whoever_bought_it(house: House) -> None:
    real = places(house, "orders")
    async with (
        sandbox_buyer(house) as sandbox,
        house.buyer(**real) as buyer,
        house.buyer(**real, user_id="sandbox-user", ali_id="ACCOUNT-B") as other,
    ):
        previews = [await each.preview(("plain", 1)) for each in (sandbox, buyer, other)]
        listed = (await run(house, "pending")).stdout.splitlines()
        answers = [await types(house, "35.00 CNY", "approve", each["purchase_ref"]) for each in previews[1:]]
        declined = await run(house, "decline", previews[0]["purchase_ref"])
        made = [await each.create(preview) for each, preview in zip((buyer, other), previews[1:], strict=True)]
        no = await sandbox.create(previews[0])

    said = {line.split()[0]: line for line in listed}
    assert said.keys() == {preview["purchase_ref"] for preview in previews}
    assert "  sandbox, ledger " in said[previews[0]["purchase_ref"]]
    assert all("  real, ledger " in said[preview["purchase_ref"]] for preview in previews[1:])
    assert [answer.returncode for answer in answers] == [0, 0]
    assert all("Real: this costs money." in answer.screen for answer in answers)
    assert [each["outcome"] for each in made] == ["placed", "placed"]
    assert (declined.returncode, no["outcome"]) == (0, "declined")


async def test_a_reference_that_waits_in_two_ledgers_is_not_guessed(house: House) -> None:
    async with sandbox_buyer(house) as sandbox, house.buyer(**places(house, "orders")) as buyer:
        for each in (sandbox, buyer):
            preview = await each.preview(("plain", 1), purchase_ref="PO-TWICE")
        refused = await types(house, "35.00", "approve", "PO-TWICE")
        named = await types(house, "35.00", "approve", preview["preview_token"])
        made = await buyer.create(preview)

    assert (refused.returncode, named.returncode) == (1, 0)
    assert "waits more than once" in refused.screen
    assert made["outcome"] == "placed"


@pytest.mark.parametrize(("variables", "option"), [({"XPORTCN_LANGUAGE": "zh"}, ()), ({}, ("--language", "zh"))])
async def test_approving_speaks_the_language_set_and_takes_the_total_as_people_write_it(
    house: House, variables: dict[str, str], option: tuple[str, ...]
) -> None:
    async with house.buyer(**places(house, "orders")) as buyer:
        preview = await buyer.preview(("plain", 1))
        chinese = await types(house, "￥35.00", "approve", preview["purchase_ref"], *option, **variables)
        made = await buyer.create(preview)

    screen = chinese.screen
    assert chinese.returncode == 0
    assert "[]" not in screen
    end = screen[screen.rindex("1 件 「简约陶瓷马克杯」") :]
    assert end.index("应付总额：35.00 CNY") < end.index("真实采购：会产生费用。") < end.index("输入应付总额以确认")
    assert made["outcome"] == "placed"


async def test_a_text_higher_than_the_screen_is_shown_a_screen_at_a_time(house: House) -> None:
    async with house.buyer(**places(house, "orders")) as buyer:
        preview = await buyer.preview(("plain", 1), ("promotion", 1))
        total = preview["totals"]["payable"]
        status, screen = at_terminal(
            house, "\n" * 6 + total, "approve", preview["purchase_ref"], LINES="9", COLUMNS="60"
        )

    assert screen.count("(more: press Enter)") >= 2
    assert "2 x " not in screen
    assert screen.rindex(", 610000000002") < screen.index("Total to pay") < screen.index("type the total")
    assert status == 1 or "Approved" in screen


async def test_a_doubt_about_a_real_purchase_asks_for_the_credentials(house: House) -> None:
    async with house.buyer(person=Person(), **places(house, "orders")) as buyer:
        preview = await buyer.preview(("lost-answer", 1), purchase_ref="PO-LOST")
        unknown = await buyer.create(preview)
        plain = [await types(house, "x", *each) for each in (("settle", "PO-LOST", "1"), ("release", "PO-LOST"))]
        looked = await run(house, "reconcile")
        credentials = {
            "XPORTCN_ACCESS_KEY": "sandbox-access-key",
            "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
            "XPORTCN_USER_ID": "sandbox-user",
            "XPORTCN_BASE_URL": house.base_url,
        }
        found = await run(house, "reconcile", **credentials)

    assert unknown["outcome"] == "unknown"
    for each in [*plain, looked]:
        assert each.returncode == 1
        assert all(name in each.stderr for name in list(credentials)[:3])
        assert "Traceback" not in each.screen
    assert "0 looked up, 1 still in doubt." in looked.stdout
    assert (found.returncode, found.stderr) == (0, "")
    assert "PO-LOST: placed" in found.stdout


async def test_a_doubt_about_a_sandbox_purchase_is_looked_up_without_any(house: House) -> None:
    async with sandbox_buyer(house, Person()) as buyer:
        unknown = await buyer.create(await buyer.preview(("lost-answer", 1), purchase_ref="PO-LOST"))
    looked = await run(house, "reconcile")

    assert unknown["outcome"] == "unknown"
    assert "PO-LOST: placed" in looked.stdout
    assert "Sandbox: nothing real is bought." in looked.stdout
    assert looked.returncode == 0
