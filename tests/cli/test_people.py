"""The commands for people and for what they signed."""

import io
import json
import re
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from anyio import to_thread

from orders_server.cli.people import qr_code
from support.approvers import Approvers, approvers
from support.commands import Told, told, typed

CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")
pytestmark = pytest.mark.anyio


def environment(folder: Path, **more: str) -> dict[str, str]:
    key = folder / "key" / "ledger.key"
    if not key.exists():
        key.parent.mkdir(mode=0o700)
        key.write_text("ab" * 32)
        key.chmod(0o600)
    store = f"sqlite:///{folder}/ledger/ledger.sqlite3"
    return {"XPORTCN_STORE": store, "XPORTCN_KEY_FILE": str(key), "COLUMNS": "200", **more}


def people(folder: Path, *arguments: str, words: str = "", **more: str) -> Told:
    """A `people` command at a terminal where `words` are typed."""
    return typed(folder, words, "people", *arguments, **environment(folder, **more))


@pytest.fixture
async def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Approvers]:
    """The ledger of the commands, with their key and the real time's."""
    environment(tmp_path)
    monkeypatch.setattr("support.approvers.KEY", bytes.fromhex("ab" * 32))
    async with approvers(tmp_path, now=datetime.now(UTC)) as found:
        yield found


async def run(folder: Path, *arguments: str, words: str = "", **more: str) -> Told:
    return await to_thread.run_sync(partial(people, folder, *arguments, words=words, **more))


async def test_adding_a_person_prints_code_and_link_apart_and_the_code_pairs(ledger: Approvers, tmp_path: Path) -> None:
    said = await run(tmp_path, "add", "王老板")
    code = CODE.search(said.stdout)

    assert said.returncode == 0
    assert code
    assert "王老板 can pair a browser until" in said.stdout
    assert "Address: http://localhost:8766/approvals/pair\n" in said.stdout
    assert code[0] not in next(line for line in said.stdout.splitlines() if "/approvals" in line)
    assert await ledger.people.pair(code[0])


async def test_a_code_is_made_at_a_terminal_alone(tmp_path: Path) -> None:
    said = told(tmp_path, "people", "add", "Mei", **environment(tmp_path))

    assert said.returncode == 2
    assert "terminal" in said.stderr
    assert not CODE.search(said.screen)


async def test_an_address_of_this_machine_is_not_drawn_for_a_phone(ledger: Approvers, tmp_path: Path) -> None:
    said = await run(tmp_path, "add", "Mei")

    assert "█" not in said.stdout
    assert "XPORTCN_PAGE_URL" in said.stdout


def test_the_link_is_drawn_as_a_qr_code_where_the_terminal_can_show_it() -> None:
    link = "https://orders.example.com/approvals/pair"
    drawing = qr_code(link).splitlines()

    assert len(drawing) == 17
    assert {len(line) for line in drawing} == {33}
    assert set("".join(drawing)) <= set("█▀▄ ")
    with patch.object(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii")):
        assert qr_code(link) == ""


@pytest.mark.parametrize("name", ["", "<b>", "x" * 61])
def test_a_name_that_cannot_be_shown_adds_nobody(tmp_path: Path, name: str) -> None:
    said = people(tmp_path, "add", name)

    assert said.returncode == 1
    assert "Nobody was added" in said.stderr
    assert not (tmp_path / "ledger").exists()


async def test_the_list_names_people_with_the_keys_that_prove_their_signatures(
    ledger: Approvers, tmp_path: Path
) -> None:
    boss = await ledger.with_passkey("Boss")
    await ledger.vouched("Mei", boss)
    await ledger.people.add("Chen")
    said = await run(tmp_path, "list")

    assert [line.split()[0] for line in said.stdout.splitlines()] == ["Boss", "passkey", "Mei", "passkey", "Chen"]
    assert "the first one of this ledger" in said.stdout
    assert "vouched for by Boss" in said.stdout
    for row in ledger.rows("passkeys"):
        assert row["public_key"] in said.stdout


def test_an_empty_list_says_how_to_add_somebody(tmp_path: Path) -> None:
    assert "people add" in people(tmp_path, "list").stdout
    assert not (tmp_path / "ledger").exists()


async def test_a_person_is_removed_once_the_name_was_typed(ledger: Approvers, tmp_path: Path) -> None:
    cookie, _ = await ledger.paired_with_cookie("Mei")
    wrong = await run(tmp_path, "remove", "Mei", words="yes")
    assert (wrong.returncode, bool(await ledger.people.who(cookie))) == (1, True)
    right = await run(tmp_path, "remove", "Mei", words="Mei")

    assert right.returncode == 0
    assert await ledger.people.who(cookie) is None
    assert (await run(tmp_path, "remove", "Mei", words="Mei")).returncode == 1


async def test_removing_the_last_passkey_says_that_none_can_follow(ledger: Approvers, tmp_path: Path) -> None:
    await ledger.with_passkey("Boss")
    await ledger.people.add("Mei")

    assert "last person with a passkey" in (await run(tmp_path, "remove", "Boss", words="no")).stderr
    assert "last person" not in (await run(tmp_path, "remove", "Mei", words="no")).stderr


def test_without_a_choice_nobody_is_added_where_there_are_two_ledgers(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    for which in ("real", "sandbox"):
        said = typed(tmp_path, "", "people", "add", "Mei", "--ledger", which, **home)
        assert said.returncode == 0, said.screen
    unclear = typed(tmp_path, "", "people", "add", "Mei", **home)

    assert unclear.returncode == 1
    assert "--ledger real" in unclear.stderr
    files = sorted(path.name for path in (tmp_path / "data").rglob("*.sqlite3"))
    assert files == ["orders.sqlite3", "sandbox.sqlite3"]
    assert typed(tmp_path, "", "people", "list", **home).stdout.count("Mei") == 2


async def test_chinese_says_the_same(ledger: Approvers, tmp_path: Path) -> None:
    await ledger.with_passkey("王老板")
    said = await run(tmp_path, "list", "--language", "zh")

    assert "通行密钥 1 个" in said.stdout
    assert "配对码：" in (await run(tmp_path, "add", "李", "--language", "zh")).stdout


async def signed_document(ledger: Approvers) -> str:
    boss, key = await ledger.with_passkey("王老板")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    return (await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))).document


async def receipts(folder: Path, *arguments: str, given: str = "", **settings: str) -> Told:
    return await to_thread.run_sync(partial(told, folder, "receipts", *arguments, given=given, **settings))


async def test_what_was_signed_is_shown_and_verified_without_the_ledger(ledger: Approvers, tmp_path: Path) -> None:
    document = await signed_document(ledger)
    shown = await receipts(tmp_path, "show", "PO1", **environment(tmp_path))
    by_token = await receipts(tmp_path, "show", "PV-" + "0" * 26, **environment(tmp_path))
    assert shown.stdout == by_token.stdout == f"{document}\n"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "yes.json").write_text(shown.stdout, encoding="utf-8")
    public_key = json.loads(document)["public_key"]

    alone = await receipts(elsewhere, "verify", "yes.json")
    known = await receipts(elsewhere, "verify", "yes.json", "--public-key", public_key)
    piped = await receipts(elsewhere, "verify", "-", "--language", "zh", given=shown.stdout)
    assert (alone.returncode, known.returncode, piped.returncode) == (0, 0, 0)
    assert "Whose key it is, this document cannot prove" in alone.stdout
    assert "Whose key" not in known.stdout
    assert "王老板" in known.stdout
    assert "已证明" in piped.stdout
    assert [path.name for path in elsewhere.iterdir()] == ["yes.json"]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_document_that_proves_nothing_ends_with_status_1(
    ledger: Approvers, tmp_path: Path, language: str
) -> None:
    document = await signed_document(ledger)
    for changed in (document.replace("PO1", "PO2"), document[:-9], "", "{}"):
        said = await receipts(tmp_path, "verify", "-", "--language", language, given=changed)
        assert said.returncode == 1
        assert said.stdout == ""
        assert said.stderr.startswith({"en": "Not proved: ", "zh": "未能证明："}[language])
    other = await receipts(tmp_path, "verify", "-", "--public-key", "AAAA", given=document)
    assert (other.returncode, "another public key" in other.stderr) == (1, True)


async def test_a_file_that_is_not_there_ends_with_status_2(tmp_path: Path) -> None:
    said = await receipts(tmp_path, "verify", "nothing.json")

    assert said.returncode == 2
    assert "nothing.json" in said.stderr


async def test_a_purchase_that_nobody_signed_has_nothing_to_show(ledger: Approvers, tmp_path: Path) -> None:
    await ledger.waiting_purchase()
    said = await receipts(tmp_path, "show", "PO1", **environment(tmp_path))

    assert said.returncode == 1
    assert said.stdout == ""


async def test_a_reference_that_was_signed_for_twice_asks_for_the_token(ledger: Approvers, tmp_path: Path) -> None:
    boss, key = await ledger.with_passkey("Boss")
    for token in ("PV-" + "0" * 26, "PV-" + "1" * 26):
        purchase = await ledger.waiting_purchase(token)
        asked = await ledger.passkeys.approval_options(boss, purchase)
        await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))
    said = await receipts(tmp_path, "show", "PO1", **environment(tmp_path))

    assert said.returncode == 1
    assert "PV-" + "1" * 26 in said.stderr
