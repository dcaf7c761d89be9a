"""`doctor`: whether this installation can work, and what the API's public documents leave open."""

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta

from rich.console import Console
from rich.markup import escape

from orders_server.app.services import Services
from orders_server.cli.candidates import try_list_paths, try_look_up
from orders_server.cli.screen import Screen
from orders_server.ledger.location import secure
from orders_server.ownership import KEEPS_MODES
from orders_server.settings import Settings, raw_settings, read_settings
from orders_tools.errors import StoreUnavailable
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable

OPEN_QUESTIONS = (
    ("timestamp unit", "timestamp_unit", "milliseconds or seconds (CONTRACT 2.2)"),
    ("order list path", "order_list_path", "not public (CONTRACT 5)"),
    ("order detail path", "order_detail_path", "not public (CONTRACT 6)"),
    ("product path", "product_path", "inferred; empty: no look-up; doctor --offer ID tries it (CONTRACT 10.1)"),
    ("product language", "product_language", "which languages are translated into is not public (CONTRACT 10.1)"),
    ("old orders", "order_history", "1688 keeps them apart, whether Xportcn does is not public (CONTRACT 5)"),
    ("flow", "flow", "the API's own example names fenxiaonew (CONTRACT 9.1)"),
    ("trade type", "trade_type", "the newer preview names none (CONTRACT 3.3)"),
    ("aliId", "ali_id", "what it does is not public (CONTRACT 3.1)"),
    ("reference comes back", "reference_returned", "false: no look for it before each send (CONTRACT 9.6)"),
    ("reference in the note", "note_reference", "whether outOrderId comes back is not public (CONTRACT 9.6)"),
)


async def examine(offer_id: str | None = None) -> int:
    """Print each check and its result, with a look-up of an offer where one is named; 0 if all passed, 1 if not."""
    console = Screen(highlight=False)
    given = raw_settings()
    for line in given.notes:
        console.print(f"  [yellow]note[/] {escape(line)}")
    settings = read_settings(given)
    upstream = "embedded sandbox" if settings.sandbox else settings.base_url
    console.print(f"Settings from {escape(given.place)}: {upstream}")
    console.print(f"SQLite {sqlite3.sqlite_version}, ledger at {escape(str(settings.store_path()))}")
    passed = _location(console, settings)
    if passed:
        async with Services(settings) as services:
            passed = await _checks(console, services)
            passed = await _candidates(console, services, settings, offer_id) and passed
    console.print("\nWhat the documents leave open, and what is assumed here:")
    for name, setting, why in OPEN_QUESTIONS:
        console.print(f"  {name}: {getattr(settings, setting)!s} (XPORTCN_{setting.upper()}; {why})")
    if settings.sandbox:
        console.print("Without credentials these are tried against the sandbox only.")
    return 0 if passed else 1


def _location(console: Console, settings: Settings) -> bool:
    """Remove other users' access to the ledger and print the result; False if they still have access."""
    try:
        for line in secure(settings.store_path()):
            console.print(f"  [yellow]mended[/] {escape(line)}")
    except StoreUnavailable as error:
        console.print(f"  [red]failed[/] store: {escape(str(error))}")
        return False
    if KEEPS_MODES:
        console.print("  [green]ok[/] ledger's place: this user alone can read and change its files")
    else:
        console.print("  [yellow]note[/] ledger's place: who can read its files is not looked at on this system")
    return True


async def _checks(console: Console, services: Services) -> bool:
    checks: tuple[tuple[str, Callable[[Purchasing], Awaitable[str]]], ...] = (
        ("store", _store),
        ("signature and order list", _list),
        ("order details", _detail),
    )
    passed = True
    try:
        purchasing = await services.purchasing()
    except StoreUnavailable as error:
        console.print(f"  [red]failed[/] store: {escape(str(error))}")
        return False
    for name, check in checks:
        try:
            console.print(f"  [green]ok[/] {name}: {await check(purchasing)}")
        except (StoreUnavailable, UpstreamUnavailable) as error:
            passed = False
            console.print(f"  [red]failed[/] {name}: {error}")
        except UpstreamRefused as error:
            passed = False
            console.print(f"  [red]failed[/] {name}: the API refuses with code {error.code}: {error.message[:120]!r}")
    return _clock(console, services.clock_ahead()) and passed


async def _candidates(console: Console, services: Services, settings: Settings, offer_id: str | None) -> bool:
    """Try what the documents leave open by reads; False where an offer was named and nothing is known of it."""
    if (client := services.client()) is None:
        return offer_id is None
    await try_list_paths(console, client, settings)
    return offer_id is None or await try_look_up(console, client, settings, offer_id)


def _clock(console: Console, ahead: timedelta | None) -> bool:
    """Print how far this machine's clock is from the API's; False if calls are refused because of it."""
    from orders_server.xportcn.clock_skew import is_too_far, skew_message

    if ahead is None:
        console.print("  [yellow]note[/] clock: the API told no time to compare with")
        return True
    if is_too_far(ahead):
        console.print(f"  [red]failed[/] clock: {skew_message(ahead)}")
        return False
    side = "behind" if ahead < timedelta() else "ahead of"
    console.print(f"  [green]ok[/] clock: {abs(ahead).total_seconds():.0f} s {side} the API's")
    return True


async def _store(purchasing: Purchasing) -> str:
    waiting = await purchasing.ledger.waiting(purchasing.owner, purchasing.clock())
    return f"readable and writable, {len(waiting)} waiting for a person"


async def _list(purchasing: Purchasing) -> str:
    page = await purchasing.upstream.orders(OrderQuery(page_size=1))
    return f"{page.total if page.total is not None else 'an unknown number of'} orders"


async def _detail(purchasing: Purchasing) -> str:
    page = await purchasing.upstream.orders(OrderQuery(page_size=1))
    if not page.orders:
        return "no order yet to read"
    order = await purchasing.upstream.order(page.orders[0].order_id)
    if order is None:
        raise UpstreamUnavailable("the order that the list names is not found by its id")
    return f"order {order.order_id} reads as {order.status}"
