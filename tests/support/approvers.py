"""A ledger with people and passkeys, on a virtual clock."""

import hashlib
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from orders_server.consent.passkeys import Passkeys
from orders_server.consent.people import People, Visitor
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store
from orders_tools.purchase.records import Purchase
from support.a_purchase import NOW, purchase
from support.authenticator import ORIGIN, Authenticator
from support.house import Clock

KEY = b"a key"


class Approvers:
    """People, passkeys and purchases of one ledger file."""

    def __init__(self, file: Path, store: Store, clock: Clock) -> None:
        self.file = file
        self.store = store
        self.clock = clock
        self.waits: list[float] = []
        self._drawn = 0
        seals = Seals(KEY)
        self.ledger = SqlLedger(store, seals)
        self.people = People(store, seals, clock, self.draw, self._wait)
        self.passkeys = Passkeys(store, seals, clock, self.draw, "localhost", ORIGIN)

    def draw(self, count: int) -> bytes:
        """Bytes that are never the same again."""
        self._drawn += 1
        return hashlib.shake_256(str(self._drawn).encode()).digest(count)

    async def paired(self, name: str) -> Visitor:
        """A browser of this person, paired just now."""
        return (await self.paired_with_cookie(name))[1]

    async def paired_with_cookie(self, name: str) -> tuple[str, Visitor]:
        session = await self.people.pair((await self.people.add(name)).code)
        assert session
        visitor = await self.people.who(session.cookie)
        assert visitor
        return session.cookie, visitor

    async def with_passkey(self, name: str) -> tuple[Visitor, Authenticator]:
        """The first person of this ledger, with a passkey."""
        visitor = await self.paired(name)
        key = Authenticator(name)
        asked = await self.passkeys.registration_options(visitor)
        assert not (await self.passkeys.register(visitor, key.makes(asked))).waits
        return visitor, key

    async def vouched(self, name: str, by: tuple[Visitor, Authenticator]) -> tuple[Visitor, Authenticator]:
        """A further person with a passkey, which somebody else's vouched for."""
        visitor = await self.paired(name)
        key = Authenticator(name)
        asked = await self.passkeys.registration_options(visitor)
        made = await self.passkeys.register(visitor, key.makes(asked))
        question = await self.passkeys.vouch_options(by[0], made.credential_id)
        await self.passkeys.vouch(by[0], made.credential_id, by[1].signs(question))
        return visitor, key

    async def waiting_purchase(self, token: str = "PV-" + "0" * 26, **changed: Any) -> Purchase:
        """A purchase that waits for a yes, as it is stored."""
        previewed = purchase(token=token, **changed)
        await self.ledger.save_preview(previewed)
        return await self.stored(previewed)

    async def stored(self, previewed: Purchase) -> Purchase:
        """The purchase as it is stored now."""
        found = await self.ledger.purchase(previewed.owner, previewed.token)
        assert found
        return found

    def by_hand(self, statement: str, *values: Any) -> int:
        """Edit the file as a stranger to the server; how many rows it met."""
        with closing(sqlite3.connect(self.file)) as connection:
            changed = connection.execute(statement, values).rowcount
            connection.commit()
            return changed

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table as it is in the file."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)


@asynccontextmanager
async def approvers(folder: Path, now: datetime = NOW) -> AsyncGenerator[Approvers]:
    """A new ledger in `folder`."""
    clock = Clock()
    clock.now = now
    file = folder / "ledger" / "ledger.sqlite3"
    store = Store(file, clock=clock)
    try:
        yield Approvers(file, store, clock)
    finally:
        await store.close()
