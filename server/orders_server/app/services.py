"""Client, ledger, texts and sandbox for the tools, opened at first use and closed at the end."""

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from orders_server.app.shutdown_guard import ShutdownGuard

if TYPE_CHECKING:
    from orders_prompts.renderer import Texts
    from orders_server.consent.page_parts import PageParts
    from orders_server.ledger.seals import Seals
    from orders_server.ledger.store import Store
    from orders_server.settings import Settings
    from orders_server.xportcn.client import XportcnClient
    from orders_tools.consent.patience import Patience
    from orders_tools.ports import ApprovalPage, Purchasing
    from orders_tools.purchase.model import Address

_AFTER_REPLY_SECONDS = 0.02
"""How long opening waits after a reply, so that the reply is written first."""
_OPENING_SECONDS = 5
_RECONCILING_SECONDS = 1


def utc_now() -> datetime:
    """The present moment, timezone-aware."""
    return datetime.now(UTC)


class Services:
    """Opens what `settings` ask for, once. If opening fails, the next use tries again."""

    def __init__(
        self,
        settings: "Settings",
        *,
        clock: Callable[[], datetime] = utc_now,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        missing: str = "",
        program: str | None = None,
        patience: "Patience | None" = None,
        page: "ApprovalPage | None" = None,
    ) -> None:
        self._settings = settings
        self._missing = missing
        """Which credentials are missing, so that nothing may be opened; "" for none."""
        self._origin_shown = False
        self._clock = clock
        self._random_bytes = random_bytes
        self._program = program
        self._patience = patience
        self._page = page
        self.guard = ShutdownGuard()
        self._stack = AsyncExitStack()
        self._opening: asyncio.Task[Purchasing] | None = None
        self._warming: asyncio.TimerHandle | None = None
        self._reconciling: asyncio.Task[None] | None = None
        self._texts: Texts | None = None
        self._store: Store | None = None
        self._upstream: XportcnClient | None = None
        self._seals: Seals | None = None
        self._base_url = ""
        self._pages: dict[str, PageParts] = {}
        self._opening_pages = asyncio.Lock()
        self._consignees = _load_consignees(settings)

    async def __aenter__(self) -> "Services":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._warming is not None:
            self._warming.cancel()
        for task, seconds in ((self._opening, _OPENING_SECONDS), (self._reconciling, _RECONCILING_SECONDS)):
            # Let it finish first: a cancellation in the middle would leave a database connection open.
            if task is not None and (await asyncio.wait([task], timeout=seconds))[1]:
                task.cancel()
                await asyncio.wait([task])
        await self._stack.aclose()

    def warm_soon(self) -> None:
        """Start opening in the background after a moment."""
        if self._opening is None and self._warming is None and not self._missing:
            self._warming = asyncio.get_running_loop().call_later(_AFTER_REPLY_SECONDS, self._start_opening)

    async def purchasing(self) -> "Purchasing":
        """Everything the tools work with.

        Raises:
            StoreUnavailable: the sandbox's own store cannot be opened.
            ToolFault: credentials are missing.
        """
        if self._missing:
            from orders_tools.errors import FaultCode, ToolFault

            raise ToolFault(FaultCode.INTERNAL, "credentials", why=self._missing)
        return await asyncio.shield(self._start_opening())

    def origin(self) -> dict[str, str] | None:
        """Upstream, ledger and source of the credentials; only once, and only for real purchases."""
        if self._origin_shown or self._settings.sandbox or not self._settings.place:
            return None
        self._origin_shown = True
        return {
            "address": self._settings.base_url,
            "ledger": _short_path(self._settings.store_path()),
            "place": _short_path(Path(self._settings.place)),
        }

    async def texts(self) -> "Texts":
        """The texts, compiled once."""
        if self._texts is None:
            self._texts = await asyncio.to_thread(_compile_texts, self._settings)
        return self._texts

    async def wait_for_key(self) -> None:
        """Wait until `state_key` is there.

        Raises:
            StoreUnavailable: the ledger, which keeps it, cannot be opened.
        """
        await self.purchasing()
        if self._store and not self._store.state_key:
            await self._store.open()

    async def check_store(self) -> None:
        """Write a time into the ledger, to see whether a purchase could be written.

        Raises:
            StoreUnavailable: the ledger cannot be opened or written.
        """
        await self.purchasing()
        if self._store:
            await self._store.check()

    async def page_parts(self, origin: str) -> "PageParts":
        """What the approval page at `origin` works with, opened if necessary.

        Raises:
            StoreUnavailable: the ledger, or the sandbox's own store, cannot be opened.
            ToolFault: credentials are missing.
        """
        purchasing = await self.purchasing()
        from orders_server.app.approvals import opened_page_parts

        async with self._opening_pages:
            if origin not in self._pages:
                assert self._store is not None
                assert self._seals is not None
                parts = opened_page_parts(self._settings, purchasing, self._store, self._seals, self._base_url, origin)
                self._pages[origin] = await self._stack.enter_async_context(parts)
        return self._pages[origin]

    def state_key(self) -> bytes:
        """The key that seals questions to clients; empty until the ledger is open."""
        return self._store.state_key if self._store else b""

    def client(self) -> "XportcnClient | None":
        """The client of the API; None until it is open."""
        return self._upstream

    def clock_ahead(self) -> timedelta | None:
        """How far this machine's clock is ahead of the API's; None until an answer had a date."""
        return self._upstream.clock_ahead if self._upstream else None

    def _start_opening(self) -> "asyncio.Task[Purchasing]":
        failed = self._opening is not None and self._opening.done() and self._opening.exception() is not None
        if self._opening is None or failed:
            self._opening = asyncio.create_task(self._open_all())
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    async def _open_all(self) -> "Purchasing":
        settings = self._settings
        await asyncio.to_thread(_import_late)
        from orders_server.app import composition as composition
        from orders_server.ledger.seals import Seals, read_key
        from orders_server.ledger.store import Store

        self._seals = seals = Seals(await asyncio.to_thread(read_key, settings.key_path()))
        self._store = self._store or Store(settings.store_path(), clock=self._clock, real=not settings.sandbox)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._store.close)
            base_url = settings.base_url
            if settings.sandbox:
                await self._store.open()
                base_url = await stack.enter_async_context(composition.embedded_sandbox(settings, self._clock))
            self._base_url = base_url
            client = composition.api_client(settings, base_url, self._clock, self._random_bytes)
            upstream = await stack.enter_async_context(client)
            self._upstream = upstream
            purchasing = await self._purchasing(upstream, self._store, seals)
            purchasing = self._with_notices(purchasing, stack)
            self._stack.push_async_exit(stack.pop_all())
        self._reconciling = asyncio.create_task(composition.reconcile_at_start(purchasing))
        return purchasing

    async def _purchasing(self, upstream: "XportcnClient", store: "Store", seals: "Seals") -> "Purchasing":
        from orders_server.app.composition import policy_of
        from orders_server.cli.program import program
        from orders_server.consent.proofs import StoredProofs
        from orders_server.ledger.ledger import SqlLedger
        from orders_tools.consent.patience import Patience
        from orders_tools.ports import Purchasing

        return Purchasing(
            upstream=upstream,
            ledger=SqlLedger(store, seals),
            texts=await self.texts(),
            clock=self._clock,
            random_bytes=self._random_bytes,
            owner=self._settings.owner,
            sandbox=self._settings.sandbox,
            policy=policy_of(self._settings, self._consignees),
            uninterrupted=self.guard.uninterrupted,
            program=self._program or program(),
            patience=self._patience or Patience(),
            page=self._page,
            proofs=StoredProofs(store, seals),
        )

    def _with_notices(self, purchasing: "Purchasing", stack: AsyncExitStack) -> "Purchasing":
        """The same with those who are told of purchases that wait, if the settings name any."""
        if not self._settings.notify and not self._settings.hook_url:
            return purchasing
        from orders_server.app.approvals import notices_of

        assert self._store is not None
        assert self._seals is not None
        notices = notices_of(self._settings, purchasing, self._store, self._seals)
        stack.push_async_callback(notices.close)
        notices.resume()
        return replace(purchasing, notices=notices)


_LATE_MODULES = ("orders_server.ledger.ledger", "orders_server.app.composition", "orders_prompts.renderer")


def _import_late() -> None:
    """The imports that the first reply does not need, in a thread of their own."""
    for name in _LATE_MODULES:
        import_module(name)


def _short_path(path: Path) -> str:
    """`path` without the user's name if it is below the home directory."""
    home = os.path.expanduser("~")
    return f"~{str(path)[len(home) :]}" if home != "/" and path.is_relative_to(home) else str(path)


def _load_consignees(settings: "Settings") -> "dict[str, Address]":
    if settings.consignees is None:
        return {}
    from orders_server.app.composition import consignees_of  # only then are the arguments needed before the first reply

    return consignees_of(settings)


def _compile_texts(settings: "Settings") -> "Texts":
    from orders_prompts.renderer import Texts

    return Texts(settings.language, settings.templates)
