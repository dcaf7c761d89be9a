"""What an assistant can do that has this user's shell: each way as it was tried, and where it ends.

`docs/approvals.md` tells people what of this is left open. A way that is open is tried here too, so that the page stays
true.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anyio import to_thread

from orders_server.consent.assertions import PasskeyFault, Step
from orders_server.ledger.seals import Seals, read_key
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from support.approvers import Approvers, approvers
from support.authenticator import Authenticator
from support.commands import told
from support.terminal import Terminal

pytestmark = pytest.mark.anyio
CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


def settings_of(folder: Path) -> dict[str, str]:
    key = folder / "key" / "ledger.key"
    key.parent.mkdir(mode=0o700, exist_ok=True)
    read_key(key)
    return {
        "PATH": os.environ["PATH"],
        "XPORTCN_STORE": f"sqlite:///{folder}/ledger/ledger.sqlite3",
        "XPORTCN_KEY_FILE": str(key),
        "COLUMNS": "200",
    }


async def test_a_pipe_gets_no_code_but_a_terminal_of_its_own_does_and_so_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    monkeypatch.setattr("support.approvers.KEY", read_key(Path(settings["XPORTCN_KEY_FILE"])))
    piped = await to_thread.run_sync(lambda: told(tmp_path, "people", "add", "Boss", **settings))
    status, screen = await to_thread.run_sync(lambda: Terminal(tmp_path, settings, "people", "add", "Boss").ended())
    code = CODE.search(screen)

    assert (piped.returncode, CODE.search(piped.screen)) == (2, None)
    assert status == 0
    assert code
    async with approvers(tmp_path, datetime.now(UTC)) as ledger:
        # Under `page`, this is a paired browser like any other.
        assert await ledger.people.pair(code[0])


async def test_with_a_paired_browser_and_a_passkey_in_software_there_is_no_signed_yes(ledger: Approvers) -> None:
    await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    visitor = await ledger.paired("Boss")
    mine = Authenticator("software")
    made = await ledger.passkeys.register(visitor, mine.makes(await ledger.passkeys.registration_options(visitor)))
    asked = await ledger.passkeys.approval_options(visitor, purchase)

    assert made.waits
    with pytest.raises(PasskeyFault) as caught:
        await ledger.passkeys.verify_approval(visitor, purchase, mine.signs(asked))
    assert caught.value.step is Step.UNKNOWN_KEY
    assert ledger.rows("signatures") == []


async def test_rows_written_without_the_key_are_no_yes(ledger: Approvers) -> None:
    await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    ledger.by_hand(
        "UPDATE purchases SET state = 'approved', approved_through = 'passkey', approved_at = created_at, "
        "approved_by = 'Boss', approval_seal = ?",
        "0" * 64,
    )

    found = await ledger.stored(purchase)
    assert found.approval is None
    assert not found.genuine


async def test_left_open_a_ledger_without_a_passkey_takes_the_first_one_that_comes(ledger: Approvers) -> None:
    visitor = await ledger.paired("Mallory")
    mine = Authenticator("software")
    made = await ledger.passkeys.register(visitor, mine.makes(await ledger.passkeys.registration_options(visitor)))

    assert not made.waits
    # A person notices: his own passkey waits for a stranger, and the list names the first one.
    boss = await ledger.paired("Boss")
    asked = await ledger.passkeys.registration_options(boss)
    assert (await ledger.passkeys.register(boss, Authenticator("boss").makes(asked))).waits
    mallory = (await ledger.people.everybody())[0]
    assert [(key.vouched_by, mallory.name) for key in mallory.keys] == [(None, "Mallory")]


async def test_left_open_whoever_deletes_the_rows_of_all_passkeys_begins_anew(ledger: Approvers) -> None:
    await ledger.with_passkey("Boss")
    ledger.by_hand("DELETE FROM signatures")
    ledger.by_hand("DELETE FROM passkeys")
    visitor = await ledger.paired("Mallory")
    asked = await ledger.passkeys.registration_options(visitor)

    assert not (await ledger.passkeys.register(visitor, Authenticator("software").makes(asked))).waits


async def test_left_open_whoever_reads_the_key_can_seal_a_yes_but_no_signature(ledger: Approvers) -> None:
    await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    now = ledger.clock.now
    approval = Approval(channel=Channel.PASSKEY, at=now, shown_at=now, by="Boss")
    assert await ledger.ledger.approve(purchase, approval)

    assert (await ledger.stored(purchase)).genuine
    # What a passkey signed is missing, and nobody can make it.
    assert await ledger.passkeys.document(purchase.token) is None
    assert Seals(b"another").of_approval(purchase, approval) != Seals(b"a key").of_approval(purchase, approval)
