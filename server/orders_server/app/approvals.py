"""Opens what the approval page works with, on the ledger and the API client of this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from orders_prompts.renderer import Language, Texts
from orders_server.consent.page_parts import PageParts
from orders_server.consent.page_security import Proofs
from orders_server.consent.passkeys import Passkeys
from orders_server.consent.people import People
from orders_server.consent.pictures import fetching_pictures
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store
from orders_server.settings import Settings
from orders_tools.ports import Purchasing

_LANGUAGES: tuple[Language, ...] = ("en", "zh")


@asynccontextmanager
async def opened_page_parts(
    settings: Settings, purchasing: Purchasing, store: Store, seals: Seals, base_url: str, origin: str
) -> AsyncGenerator[PageParts]:
    """What the page at `origin` works with. `base_url` is the address of the API, or of this process's own sandbox."""
    if not store.state_key:
        await store.open()
    clock, random_bytes = purchasing.clock, purchasing.random_bytes
    # Only a process with this key and this ledger makes such proofs.
    secret = bytes.fromhex(seals.of_row("approval page", store.state_key.hex()))
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    sandbox = base_url.removesuffix("/api") if settings.sandbox else ""
    async with fetching_pictures(sandbox, proxy) as pictures:
        yield PageParts(
            purchasing=purchasing,
            ledger=SqlLedger(store, seals),
            people=People(store, seals, clock, random_bytes),
            passkeys=Passkeys(store, seals, clock, random_bytes, urlsplit(origin).hostname or "", origin),
            pictures=pictures,
            proofs=Proofs(secret),
            texts={language: Texts(language, settings.templates) for language in _LANGUAGES},
            origin=origin,
        )
