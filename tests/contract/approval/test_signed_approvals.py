"""A yes of a passkey orders only what the passkey signed: no row of the ledger alone can say that one did."""

import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from orders_server.consent.passkeys import Passkeys
from orders_server.consent.people import People, Visitor
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals, read_key
from orders_server.ledger.store import Store
from orders_tools.consent.answer import record_yes
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.vocabulary import Channel
from support.authenticator import ORIGIN, Authenticator
from support.commands import types
from support.house import House

pytestmark = pytest.mark.anyio


@dataclass
class Approver:
    """A person with a passkey, beside the servers of a house."""

    house: House
    ledger: SqlLedger
    people: People
    passkeys: Passkeys
    visitor: Visitor
    key: Authenticator

    async def stored(self, preview: dict[str, Any]) -> Purchase:
        found = await self.ledger.purchase(self.house.settings().owner, preview["preview_token"])
        assert found
        return found

    async def signs(self, preview: dict[str, Any]) -> None:
        """Sign the purchase, without a yes being recorded."""
        purchase = await self.stored(preview)
        asked = await self.passkeys.approval_options(self.visitor, purchase)
        await self.passkeys.verify_approval(self.visitor, purchase, self.key.signs(asked))

    async def says_yes(self, preview: dict[str, Any], by: str | None = None) -> None:
        """Record the yes of a passkey, signed or not."""
        at = self.house.clock()
        yes = Approval(channel=Channel.PASSKEY, at=at, shown_at=at, by=by or self.visitor.name)
        assert await record_yes(self.ledger, await self.stored(preview), yes)


@asynccontextmanager
async def approver(house: House) -> AsyncGenerator[Approver]:
    settings = house.settings()
    store = Store(settings.store_path(), clock=house.clock)
    seals = Seals(read_key(settings.key_path()))
    given = store, seals, house.clock, secrets.token_bytes
    people, passkeys = People(*given), Passkeys(*given, "localhost", ORIGIN)
    session = await people.pair((await people.add("王芳")).code)
    visitor = session and await people.who(session.cookie)
    assert visitor
    key = Authenticator("王芳")
    await passkeys.register(visitor, key.makes(await passkeys.registration_options(visitor)))
    yield Approver(house, SqlLedger(store, seals), people, passkeys, visitor, key)
    await store.close()


async def test_what_a_passkey_signed_is_ordered_and_the_result_names_the_person(house: House) -> None:
    async with house.buyer(approval="passkey") as buyer:
        preview = await buyer.preview(("plain", 1))
        async with approver(house) as person:
            await person.signs(preview)
            await person.says_yes(preview)
        made = await buyer.create(preview)
        receipt = await types(house, "", "receipts", "show", preview["purchase_ref"])

    assert receipt.returncode == 0
    assert receipt.stderr.startswith(f"1 件 {preview['orders'][0]['lines'][0]['title']}")
    assert json.loads(receipt.stdout)["purchase_ref"] == preview["purchase_ref"]
    assert made["outcome"] == "placed"
    assert (made["approval"]["channel"], made["approval"]["by"]) == ("passkey", "王芳")
    assert "by 王芳 with a passkey" in made["summary"]


@pytest.mark.parametrize(
    "fault", ["nothing signed", "another purchase", "another name", "a byte flipped", "person removed", "key removed"]
)
async def test_a_yes_of_a_passkey_without_its_signature_orders_nothing_and_is_taken_back(
    house: House, fault: str
) -> None:
    async with house.buyer(approval="passkey") as buyer:
        preview, other = await buyer.preview(("plain", 1)), await buyer.preview(("plain", 2))
        async with approver(house) as person:
            if fault != "nothing signed":
                await person.signs(other if fault == "another purchase" else preview)
            await person.says_yes(preview, by="李明" if fault == "another name" else None)
            if fault == "another purchase":
                house.sql(f"UPDATE signatures SET token = '{preview['preview_token']}'")
            if fault == "a byte flipped":
                house.sql("UPDATE signatures SET document = replace(document, '王芳', '王方')")
            if fault == "person removed":
                await person.people.remove("王芳")
            if fault == "key removed":
                house.sql("DELETE FROM passkeys")
        refused = await buyer.create(preview)
        async with house.purchasing() as purchasing:
            stored = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])

    assert refused["outcome"] == "awaiting_approval"
    assert stored is not None
    assert (stored.state, stored.approval) == ("open", None)
    assert house.upstream.create_calls == 0
