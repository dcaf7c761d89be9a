"""A person's yes in a terminal: what waits, approve by typing the total, decline."""

from datetime import UTC, datetime
from functools import partial

import pytest
from anyio import to_thread

from support.commands import Told, commands_settings, told, types
from support.house import House, Person, order_of
from support.terminal import Terminal

pytestmark = pytest.mark.anyio


async def run(house: House, *arguments: str) -> Told:
    """A command without a terminal, on a thread beside the sandbox."""
    return await to_thread.run_sync(partial(told, house.folder, *arguments, **commands_settings(house)))


def type_at_terminal(house: House, words: str, *arguments: str) -> tuple[int, str]:
    """The exit status and the screen of a command at a terminal where `words` are typed."""
    terminal = Terminal(house.folder, commands_settings(house), *arguments)
    terminal.types(words)
    return terminal.ended()


@pytest.fixture(autouse=True)
def _real_time(house: House) -> None:  # pyright: ignore[reportUnusedFunction]
    # The terminal's process has the real clock, so the house has to start from it.
    house.clock.now = datetime.now(UTC)


async def test_a_purchase_approved_in_a_terminal_is_ordered_by_the_next_call(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        waiting = await buyer.create(preview)
        listed = await run(house, "pending")
        wrong = await types(house, "36.00", "approve", preview["purchase_ref"])
        still_waiting = await buyer.create(preview)
        right = type_at_terminal(house, "35.00", "approve", preview["purchase_ref"])
        made = await buyer.create(preview)

    assert waiting["outcome"] == still_waiting["outcome"] == "awaiting_approval"
    assert preview["purchase_ref"] in listed.stdout
    assert wrong.returncode == 1
    assert right[0] == 0
    assert "『欧阳测试』 13912345678" in right[1]
    assert made["outcome"] == "placed"
    assert made["approval"]["channel"] == "terminal"


async def test_approve_without_a_terminal_leaves_with_status_2(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        result = await run(house, "approve", preview["purchase_ref"])
        waiting = await buyer.create(preview)

    assert result.returncode == 2
    assert "terminal" in result.stderr
    assert waiting["outcome"] == "awaiting_approval"


async def test_a_purchase_declined_in_a_terminal_stays_declined(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        result = await run(house, "decline", preview["purchase_ref"])
        again = await run(house, "decline", preview["purchase_ref"])
        declined = await buyer.create(preview)
        copy = await buyer.refused("create_order", **{**order_of(preview), "preview_token": "PV-0"})

    assert (result.returncode, again.returncode) == (0, 1)
    assert declined["outcome"] == "declined"
    assert copy["code"] == "TOKEN_INVALID"


async def test_a_no_after_a_yes_stops_what_was_not_ordered_yet(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        yes = await types(house, "35.00", "approve", preview["purchase_ref"])
        no = await run(house, "decline", preview["purchase_ref"])
        made = await buyer.create(preview)

    assert (yes.returncode, no.returncode) == (0, 0)
    assert made["outcome"] == "declined"
    assert house.upstream.create_calls == 0


async def test_a_total_typed_after_the_same_was_bought_elsewhere_approves_nothing(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview, other = [await buyer.preview(("plain", 1)) for _ in range(2)]
        terminal = Terminal(house.folder, commands_settings(house), "approve", preview["purchase_ref"])
        await to_thread.run_sync(terminal.until, "type the total")
        placed = await buyer.create(other)
        terminal.types("35.00")
        status, screen = await to_thread.run_sync(terminal.ended)
        listed = await run(house, "pending")

    assert placed["outcome"] == "placed"
    assert status == 1
    assert "bought meanwhile" in screen
    assert f"{preview['purchase_ref']}  35.00 CNY  1 lines" in listed.stdout
    assert " open " in listed.stdout
    assert house.upstream.create_calls == 1


async def test_purchases_sealed_with_another_key_are_named_with_the_remedy(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        house.settings().key_path().rename(house.folder / "kept.key")
        listed = await run(house, "pending")
        refused = await types(house, "35.00", "approve", preview["purchase_ref"])

    assert "1 more was written with another key" in listed.stderr
    assert "XPORTCN_KEY_FILE" in listed.stderr
    assert refused.returncode == 1
    assert "another key" in refused.screen
