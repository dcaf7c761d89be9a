"""Messages to people elsewhere: one when a purchase waits, one when it no longer does, and never in the way."""

import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.session import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult
from pydantic import SecretStr

from orders_server.consent import notices
from orders_server.consent.notices import PAUSE_SECONDS
from orders_tools.consent.answer import record_no, record_yes
from orders_tools.errors import StoreUnavailable
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from support.house import ADDRESS, MODES, Buyer, House, Person, Reader, order_of, saying
from support.pages import site
from support.receiver import Looks, Receiver, receiving

pytestmark = [
    pytest.mark.anyio,
    # A library of Apprise's own asks for it while it is loaded.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]
PERSONAL = (ADDRESS["full_name"], ADDRESS["mobile"], ADDRESS["street"])


def told_by(*receivers: Receiver, **changed: Any) -> dict[str, Any]:
    """Settings that name the receivers."""
    return {"notify": SecretStr(", ".join(each.address for each in receivers)), **changed}


async def waiting(buyer: Buyer, *lines: tuple[str, int], **named: Any) -> dict[str, Any]:
    """A purchase that waits for a person."""
    previewed = await buyer.preview(*(lines or (("plain", 3),)), **named)
    assert (await buyer.create(previewed))["outcome"] == "awaiting_approval"
    return previewed


@pytest.mark.parametrize("mode", MODES)
async def test_a_purchase_that_waits_is_told_once_and_its_answer_once(house: House, mode: str) -> None:
    async with receiving() as phone, site(house, **told_by(phone)) as page:
        async with Client(page.server, mode=mode) as client:
            previewed = await waiting(Buyer(client, None), purchase_ref="PO-1")
            waits = await phone.next()
            await Buyer(client, None).create(previewed)
        browser = await page.person()
        await browser.send((await browser.open("/approvals/PO-1")).form("/approve"))
        answered = await phone.next()

    assert waits.text.splitlines() == [
        f"{previewed['totals']['payable']} CNY waits for an approval",
        "3 件 「Plain ceramic mug」 「Colour: Natural」 (610000000001)",
        "Asked for by 「mcp」, account 「sandbox-user」; purchase PO-1, until 2026-05-20 15:55 China time.",
        "Look at it and answer here:",
        f"{page.origin}/approvals/PO-1",
    ]
    assert answered.text.splitlines()[0] == f"Approved: {previewed['totals']['payable']} CNY, purchase PO-1"
    assert "By 「Li Wei」, on the approval page" in answered.text
    assert len(phone.messages) == 2


async def test_it_says_what_is_bought_and_nothing_of_the_consignee(house: House) -> None:
    label = f"for {ADDRESS['full_name']}, {ADDRESS['mobile']}"
    lines = [{"offer_id": "610000000001", "quantity": 2, "label": label}]
    async with receiving() as phone:
        for language, product_path in (("en", ""), ("zh", "/alibaba/ka/product/detail/get")):
            settings = told_by(phone, language=language, product_path=product_path)
            async with house.buyer(**settings) as buyer:
                await waiting(buyer, purchase_ref=f"PO-{language}", **{"lines": lines})
                await phone.next()
    unnamed, named = (message.text for message in phone.messages)

    assert "2 x 610000000001 『for ＊＊＊, ＊＊＊』" in unnamed
    assert "2 件 「简约陶瓷马克杯」 「颜色: 本色」（610000000001）" in named
    assert "的采购等待确认" in named.splitlines()[0]
    assert "xportcn-orders approve PO-zh --language zh" in named
    assert not any(personal in message.body.decode() for personal in PERSONAL for message in phone.messages)


async def test_a_no_in_the_dialog_is_told_as_what_waits_and_a_yes_in_it_is_not_told(house: House) -> None:
    async with receiving() as phone:
        async with house.buyer(person=Reader(clock=house.clock), **told_by(phone)) as buyer:
            assert (await buyer.create(await buyer.preview(("plain", 1))))["outcome"] == "placed"
        assert phone.messages == []
        async with house.buyer(person=saying("decline"), **told_by(phone)) as buyer:
            assert (await buyer.create(await buyer.preview(("plain", 2))))["outcome"] == "declined"
            assert "waits for an approval" in (await phone.next()).text


class Broken(Person):
    """A client that cannot show its dialog."""

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        raise RuntimeError


@pytest.mark.parametrize("person", [saying("cancel"), Broken()], ids=["closed", "broken"])
async def test_whoever_asked_is_named_where_the_dialog_had_no_answer_too(house: House, person: Person) -> None:
    async with receiving() as phone, house.buyer("legacy", person, **told_by(phone)) as buyer:
        await waiting(buyer)
        assert "Asked for by 「mcp」" in (await phone.next()).text


async def test_two_purchases_are_told_by_two_messages_each(house: House) -> None:
    async with receiving() as phone, house.buyer(**told_by(phone)) as buyer:
        first = await waiting(buyer, purchase_ref="PO-1")
        second = await waiting(buyer, ("promotion", 1), purchase_ref="PO-2")
        async with house.purchasing(**told_by(phone)) as purchasing:
            for previewed in (first, second):
                purchase = await purchasing.ledger.purchase(purchasing.owner, previewed["preview_token"])
                assert purchase
                now = house.clock()
                assert await record_no(purchasing.ledger, purchase, Channel.PAGE, now, "王芳", purchasing.notices)
        titles = {(await phone.next()).content["title"] for _ in range(4)}

    totals = [previewed["totals"]["payable"] for previewed in (first, second)]
    assert titles == {
        f"{totals[0]} CNY waits for an approval",
        f"{totals[1]} CNY waits for an approval",
        f"Declined: {totals[0]} CNY, purchase PO-1",
        f"Declined: {totals[1]} CNY, purchase PO-2",
    }


async def test_two_processes_of_one_ledger_tell_it_once_between_them(tmp_path: Path) -> None:
    async with receiving() as phone:
        async with served(tmp_path, phone) as one, served(tmp_path, phone) as other:
            previewed = await waiting(one, purchase_ref="PO-1")
            await phone.next()
            await other.create(previewed)
            await waiting(other, ("promotion", 1), purchase_ref="PO-2")
            await phone.next()
        # Each process ended only after what it had to tell.
        assert [message.text.count("purchase PO-1,") for message in phone.messages] == [1, 0]


@asynccontextmanager
async def served(folder: Path, phone: Receiver) -> AsyncGenerator[Buyer]:
    """A client of a real process that has a ledger in `folder`."""
    own = {
        "XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3",
        "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key",
        "XPORTCN_APPROVAL": "terminal",
        "XPORTCN_NOTIFY": phone.address,
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "orders_server", "serve"], cwd=folder, env=own)
    async with Client(server, read_timeout_seconds=30) as client:
        yield Buyer(client, None)


async def test_a_yes_that_another_process_recorded_is_told_at_the_next_look(house: House) -> None:
    looks = Looks(house)
    async with receiving() as phone, house.buyer(**told_by(phone)) as buyer:
        previewed = await waiting(buyer, purchase_ref="PO-1")
        await phone.next()
        async with house.purchasing() as terminal:
            purchase = await terminal.ledger.purchase(terminal.owner, previewed["preview_token"])
            assert purchase
            given = Approval(channel=Channel.TERMINAL, at=house.clock(), shown_at=house.clock())
            assert await record_yes(terminal.ledger, purchase, given)
        looks.pass_one()
        assert "in a terminal on the server's machine" in (await phone.next()).text


async def test_what_expires_with_nobody_there_is_told_and_also_after_a_restart(house: House) -> None:
    looks = Looks(house)
    async with receiving() as phone:
        async with house.buyer(**told_by(phone)) as buyer:
            await waiting(buyer, purchase_ref="PO-1")
            await phone.next()
            house.clock.forward(1)
            await waiting(buyer, purchase_ref="PO-2")
            await phone.next()
            house.clock.forward(899)
            looks.pass_one()
            assert (await phone.next()).content["title"].startswith("Expired without an answer: ")
        house.clock.forward(1)
        async with house.purchasing(**told_by(phone)):
            looks.pass_one()
            assert "purchase PO-2" in (await phone.next()).content["title"]
        assert [message.content["title"].split(":")[0] for message in phone.messages[2:]] == [
            "Expired without an answer"
        ] * 2


async def test_what_ended_long_before_a_restart_is_told_no_more(house: House) -> None:
    looks = Looks(house)
    async with receiving() as phone:
        async with house.buyer(**told_by(phone)) as buyer:
            await waiting(buyer)
            await phone.next()
        house.clock.forward(3 * 3600)
        async with house.buyer(**told_by(phone)) as buyer:
            looks.pass_one()
            await waiting(buyer, ("promotion", 1))
            await phone.next()
    assert len(phone.messages) == 2


async def test_a_purchase_met_after_its_time_is_told_as_expired(house: House) -> None:
    Looks(house)
    async with receiving() as phone, house.buyer(**told_by(phone)) as buyer:
        previewed = await waiting(buyer)
        await phone.next()
        house.clock.forward(901)
        await buyer.refused("create_order", **order_of(previewed))
        assert (await phone.next()).content["title"].startswith("Expired without an answer: ")


async def test_an_address_that_fails_is_tried_twice_and_named_by_its_scheme(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    looks = Looks(house)
    failing = ("500 No", "503 No", "500 No")
    async with receiving(*failing) as broken, receiving() as phone:
        async with house.buyer(**told_by(broken, phone)) as buyer:
            await waiting(buyer, purchase_ref="PO-1")
            await phone.next()
            await broken.next()
            for _ in range(3):
                looks.pass_one(PAUSE_SECONDS)
            await broken.next()
        assert (len(broken.messages), len(phone.messages)) == (2, 1)

    said = [each.getMessage() for each in caplog.records if each.name == notices.__name__]
    assert said == ["purchase PO-1: json:// did not take the message (waits)"] * 2
    assert "s3cret" not in caplog.text


async def test_an_address_that_never_answers_delays_no_call(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving(hangs=True) as phone, house.buyer(**told_by(phone)) as buyer:
        first = await waiting(buyer, purchase_ref="PO-1")
        await phone.next()
        # The address holds the message, and both calls were answered and a third is.
        await waiting(buyer, ("promotion", 1))
        assert (await buyer.create(first))["outcome"] == "awaiting_approval"
        phone.open.set()


async def test_a_message_that_is_late_is_given_up_and_not_sent_again(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_DEADLINE_SECONDS", 0)
    async with receiving(hangs=True) as phone:
        async with house.buyer(**told_by(phone)) as buyer:
            await waiting(buyer, purchase_ref="PO-1")
            await phone.next()
        phone.open.set()
        assert len(phone.messages) == 1
    assert "purchase PO-1: json:// did not take the message (waits) in time" in caplog.text


async def test_an_address_that_nobody_knows_is_named_by_its_place(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving() as phone:
        unknown = f"nowhere://hush-s3cret {phone.address}"
        async with house.buyer(notify=SecretStr(unknown)) as buyer:
            await waiting(buyer)
            await phone.next()
    assert "XPORTCN_NOTIFY: Apprise cannot use address 1 (nowhere://…)" in caplog.text
    assert "s3cret" not in caplog.text


async def test_a_ledger_that_cannot_be_written_tells_nobody_and_fails_no_call(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(notices, "claim_notice", full)
    async with receiving() as phone:
        async with house.buyer(**told_by(phone)) as buyer:
            await waiting(buyer, purchase_ref="PO-1")
        assert phone.messages == []
    assert "purchase PO-1: nobody is told (waits): the disk is full" in caplog.text
