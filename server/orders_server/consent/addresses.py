"""Sends messages to Apprise's addresses. What is logged of an address is its scheme, as the rest is a secret."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from orders_server.consent.notice_content import Notice
from orders_server.notice_addresses import scheme_of

_log = logging.getLogger(__name__)


class ApprisedAddress:
    """One address that takes messages."""

    def __init__(self, scheme: str, service: Any) -> None:
        self.name = f"{scheme}://"
        self._service = service

    async def send(self, notice: Notice) -> bool:
        """Whether the address took the message."""
        return await _in_own_thread(lambda: self._notify(notice))

    def _notify(self, notice: Notice) -> bool:
        import apprise

        format_ = apprise.NotifyFormat.TEXT
        return bool(self._service.notify(body=notice.body, title=notice.title, body_format=format_))


def apprised_addresses(addresses: Sequence[str]) -> list[ApprisedAddress]:
    """Those of `addresses` that Apprise knows; any other leads to a warning. Loads Apprise, which takes a moment."""
    import apprise

    # Its own lines, and those of the libraries below it, may name whole addresses.
    for library in ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib"):
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="xportcn-orders", app_desc="xportcn-orders", app_url="", storage_mode=apprise.PersistentStoreMode.MEMORY
    )
    known: list[ApprisedAddress] = []
    for number, address in enumerate(addresses, start=1):
        service: Any = apprise.Apprise(asset=asset)
        if service.add(address):
            known.append(ApprisedAddress(scheme_of(address), service))
        else:
            _log.warning("XPORTCN_NOTIFY: Apprise cannot use address %s (%s://…)", number, scheme_of(address))
    return known


async def _in_own_thread(work: Callable[[], bool]) -> bool:
    """The result of `work`; False if it fails. The end of the process does not wait for the thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()

    def settle(result: bool) -> None:
        if not done.done():
            done.set_result(result)

    def run() -> None:
        try:
            result = work()
        except Exception:  # a plugin of Apprise may fail in any way
            result = False
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, name="notice", daemon=True).start()
    return await done
