"""A person's yes in a terminal: what waits, approve by typing the total, decline."""

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from support.house import House, order_of

pytestmark = pytest.mark.anyio

COMMAND = [sys.executable, "-m", "orders_server"]


def environment(house: House) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "XPORTCN_ACCESS_KEY": "sandbox-access-key",
        "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
        "XPORTCN_USER_ID": "sandbox-user",
        "XPORTCN_BASE_URL": house.base_url,
        "XPORTCN_STORE": f"sqlite:///{house.folder}/ledger.sqlite3",
        "COLUMNS": "120",
    }


def run(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(house),
        cwd=house.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def type_at_terminal(house: House, typed: str, *arguments: str) -> tuple[int, str]:
    """The exit status and the screen of a command at a terminal where `typed` is typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=environment(house), cwd=house.folder, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, f"{typed}\n".encode())
    screen = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            break
        if not read:
            break
        screen += read
    os.close(ours)
    return process.wait(timeout=30), screen.decode(errors="replace")


@pytest.fixture(autouse=True)
def _real_time(house: House) -> None:  # pyright: ignore[reportUnusedFunction]
    # The terminal's process has the real clock, so the house has to start from it.
    house.clock.now = datetime.now(UTC)


async def test_a_purchase_approved_in_a_terminal_is_ordered_by_the_next_call(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        waiting = await buyer.create(preview)
        listed = run(house, "pending")
        wrong = type_at_terminal(house, "36.00", "approve", preview["purchase_ref"])
        still_waiting = await buyer.create(preview)
        right = type_at_terminal(house, "35.00", "approve", preview["purchase_ref"])
        made = await buyer.create(preview)

    assert waiting["outcome"] == still_waiting["outcome"] == "awaiting_approval"
    assert preview["purchase_ref"] in listed.stdout
    assert wrong[0] == 1
    assert right[0] == 0
    assert "欧阳测试, 13912345678" in right[1]
    assert made["outcome"] == "placed"
    assert made["approval"]["channel"] == "terminal"


async def test_approve_without_a_terminal_leaves_with_status_2(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        result = run(house, "approve", preview["purchase_ref"])
        waiting = await buyer.create(preview)

    assert result.returncode == 2
    assert "terminal" in result.stderr
    assert waiting["outcome"] == "awaiting_approval"


async def test_a_purchase_declined_in_a_terminal_stays_declined(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        result = run(house, "decline", preview["purchase_ref"])
        again = run(house, "decline", preview["purchase_ref"])
        declined = await buyer.create(preview)
        copy = await buyer.refused("create_order", **{**order_of(preview), "preview_token": "PV-0"})

    assert (result.returncode, again.returncode) == (0, 1)
    assert declined["outcome"] == "declined"
    assert copy["code"] == "TOKEN_INVALID"


async def test_a_no_after_a_yes_stops_what_was_not_ordered_yet(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        yes = type_at_terminal(house, "35.00", "approve", preview["purchase_ref"])
        no = run(house, "decline", preview["purchase_ref"])
        made = await buyer.create(preview)

    assert (yes[0], no.returncode) == (0, 0)
    assert made["outcome"] == "declined"
    assert house.upstream.create_calls == 0
