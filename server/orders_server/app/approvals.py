"""Opens what the approval page works with, and the messages, on the ledger and the API client of this process."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from orders_prompts.renderer import Language, Texts
from orders_server.consent.hook import Decisions
from orders_server.consent.hook_calls import HookCalls
from orders_server.consent.hook_signatures import HookSignatures
from orders_server.consent.notice_content import Writer
from orders_server.consent.notices import Sender, SentNotices
from orders_server.consent.page_parts import PageParts
from orders_server.consent.page_security import FormProofs
from orders_server.consent.passkeys import Passkeys
from orders_server.consent.people import People
from orders_server.consent.pictures import fetching_pictures
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store
from orders_server.notice_addresses import split_addresses
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
    hook = settings.hook_secret
    sandbox = base_url.removesuffix("/api") if settings.sandbox else ""
    async with fetching_pictures(sandbox, proxy) as pictures:
        yield PageParts(
            purchasing=purchasing,
            ledger=SqlLedger(store, seals),
            people=People(store, seals, clock, random_bytes),
            passkeys=Passkeys(store, seals, clock, random_bytes, urlsplit(origin).hostname or "", origin),
            pictures=pictures,
            proofs=FormProofs(secret),
            texts={language: Texts(language, settings.templates) for language in _LANGUAGES},
            origin=origin,
            decisions=Decisions(HookSignatures(hook.get_secret_value()), store) if hook else None,
        )


def notices_of(settings: Settings, purchasing: Purchasing, store: Store, seals: Seals) -> SentNotices:
    """Tells the people and the system that the settings name of purchases that wait."""
    writer = Writer(purchasing.texts, settings.user_id or "", purchasing.policy.consignees)
    open_senders = partial(_open_senders, settings, purchasing.clock)
    sleep = purchasing.patience.sleep
    return SentNotices(store, SqlLedger(store, seals), settings.owner, writer, open_senders, purchasing.clock, sleep)


def _open_senders(settings: Settings, clock: Callable[[], datetime]) -> list[Sender]:
    senders: list[Sender] = []
    if settings.notify:
        from orders_server.consent.addresses import apprised_addresses  # with Apprise, which may not be installed

        senders += apprised_addresses(split_addresses(settings.notify.get_secret_value()))
    if settings.hook_url and settings.hook_secret:
        signatures = HookSignatures(settings.hook_secret.get_secret_value())
        senders.append(HookCalls(settings.hook_url.get_secret_value(), signatures, clock, settings.ca_file))
    return senders
