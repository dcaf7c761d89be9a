"""Finds this user's ledgers, and what waits or is in doubt in each, whoever bought it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orders_server.cli.terminal import Terminal
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals, read_key
from orders_server.ledger.store import Store
from orders_server.settings import SANDBOX_OWNER, Settings
from orders_tools.errors import StoreUnavailable
from orders_tools.purchase.records import Placement, Purchase


@dataclass(frozen=True)
class WaitingPurchase:
    """A purchase that waits for a person, and its ledger."""

    path: Path
    ledger: SqlLedger
    purchase: Purchase


@dataclass(frozen=True)
class PlacementInDoubt:
    """A create call with an unknown outcome, its owner, and its ledger."""

    path: Path
    owner: str
    placement: Placement

    @property
    def sandbox(self) -> bool:
        """Whether it was sent to the embedded sandbox."""
        return self.owner == SANDBOX_OWNER


class Ledgers:
    """The existing ledgers. One that cannot be used leads to a warning, and the others are still used."""

    def __init__(self, known: dict[Path, SqlLedger], terminal: Terminal) -> None:
        self._known = known
        self._terminal = terminal

    async def waiting(self, now: datetime) -> tuple[list[WaitingPurchase], int]:
        """Waiting purchases, oldest first in each ledger; and the number of rows that another key sealed, left out."""
        found: list[WaitingPurchase] = []
        left_out = 0
        for path, ledger, owner in await self._owners():
            found += [WaitingPurchase(path, ledger, purchase) for purchase in await ledger.waiting(owner, now)]
            left_out += await ledger.unsealed(owner, now)
        return found, left_out

    async def in_doubt(self) -> list[PlacementInDoubt]:
        """Every create call with an unknown outcome."""
        owners = await self._owners()
        return [PlacementInDoubt(path, of, row) for path, ledger, of in owners for row in await ledger.in_doubt(of)]

    async def _owners(self) -> list[tuple[Path, SqlLedger, str]]:
        found: list[tuple[Path, SqlLedger, str]] = []
        for path, ledger in list(self._known.items()):
            try:
                found += [(path, ledger, owner) for owner in await ledger.owners()]
            except StoreUnavailable as error:
                if len(self._known) == 1:
                    raise
                del self._known[path]
                self._terminal.warn("BROKEN_LEDGER", ledger=path, why=error)
        return found


@asynccontextmanager
async def ledgers_at_hand(settings: Settings, terminal: Terminal) -> AsyncGenerator[Ledgers]:
    """The existing ledgers of this user; none is created.

    Raises:
        StoreUnavailable: the key, or the only ledger, cannot be used.
    """
    paths = [path for path in settings.store_paths() if path.exists()]
    if not paths:
        terminal.warn("NO_LEDGER", ledgers=[str(path) for path in settings.store_paths()])
        yield Ledgers({}, terminal)
        return
    seals = Seals(read_key(settings.key_path()))
    stores = {path: Store(path) for path in paths}
    try:
        yield Ledgers({path: SqlLedger(store, seals) for path, store in stores.items()}, terminal)
    finally:
        for store in stores.values():
            await store.close()
