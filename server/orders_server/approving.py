"""A person's answer in a terminal: what waits, yes by typing the total, no."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import click

from orders_prompts.renderer import Texts
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals, read_key
from orders_server.ledger.store import Store
from orders_server.opening import utc_now
from orders_server.settings import Settings
from orders_tools.argument_readers import CHINA
from orders_tools.money import fen_from_text, yuan
from orders_tools.presenting import dialog
from orders_tools.preview_order import recent_repeats
from orders_tools.records import Approval, Purchase
from orders_tools.states import Channel, TokenState

Clock = Callable[[], datetime]


@asynccontextmanager
async def _ledger(settings: Settings) -> AsyncGenerator[SqlLedger]:
    store = Store(settings.store_path(), real=not settings.sandbox)
    try:
        yield SqlLedger(store, Seals(read_key(settings.key_path())))
    finally:
        await store.close()


async def show_pending(settings: Settings, _ref: str, clock: Clock = utc_now) -> int:
    """Print what waits for a person, oldest first; 0."""
    async with _ledger(settings) as ledger:
        waiting = await ledger.waiting(settings.owner, clock())
        await _say_unsealed(ledger, settings, clock)
    if not waiting:
        click.echo("Nothing waits for a person.")
        return 0
    for purchase in waiting:
        total = yuan(purchase.payable or 0)
        expires = f"{purchase.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
        click.echo(
            f"{purchase.basket.purchase_ref}  {total} CNY  {len(purchase.basket.lines)} lines  "
            f"until {expires} China time  {purchase.state}  token …{purchase.token[-4:]}"
        )
    return 0


async def approve(settings: Settings, ref: str, clock: Clock = utc_now) -> int:
    """Show the purchase and take the typed total as the yes; 0 if it is approved, 1 if not."""
    async with _ledger(settings) as ledger:
        purchase = await _waiting(ledger, settings, ref, clock)
        if purchase is None:
            return 1
        if purchase.state is TokenState.APPROVED:
            click.echo(f"{ref} is approved already.", err=True)
            return 1
        texts = Texts(settings.language, settings.templates)
        shown_at = clock()
        shown = await _text(ledger, purchase, texts, shown_at)
        click.echo(shown)
        typed = click.prompt("\nType the total to pay to approve (anything else approves nothing)", default="").strip()
        if not _is_total(typed, purchase):
            click.echo("That is not the total: nothing was approved.", err=True)
            return 1
        if await _text(ledger, purchase, texts, clock()) != shown:
            click.echo("Something was bought meanwhile: nothing was approved. Run this again to see it.", err=True)
            return 1
        if not await ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=clock(), shown_at=shown_at)):
            click.echo("It expired or was answered meanwhile: nothing was approved.", err=True)
            return 1
    click.echo(f"Approved {ref}. Nothing is sent yet: the assistant's next create_order call orders it.")
    return 0


async def _text(ledger: SqlLedger, purchase: Purchase, texts: Texts, now: datetime) -> str:
    return dialog(purchase, await recent_repeats(ledger, purchase, now), texts)


async def decline(settings: Settings, ref: str, clock: Clock = utc_now) -> int:
    """Record the no, which is final; 0 if it is declined, 1 if there was nothing to decline."""
    async with _ledger(settings) as ledger:
        purchase = await _waiting(ledger, settings, ref, clock)
        if purchase is None:
            return 1
        if not await ledger.decline(purchase, Channel.TERMINAL, clock()):
            click.echo("It expired, was ordered or was answered meanwhile: nothing was declined.", err=True)
            return 1
    click.echo(f"Declined {ref}: it cannot be ordered any more.")
    return 0


async def _waiting(ledger: SqlLedger, settings: Settings, ref: str, clock: Clock) -> Purchase | None:
    """The newest purchase with this reference that waits."""
    waiting = [row for row in await ledger.waiting(settings.owner, clock()) if row.basket.purchase_ref == ref]
    if not waiting:
        click.echo(f"No purchase {ref} waits for a person; `xportcn-orders pending` lists what does.", err=True)
        await _say_unsealed(ledger, settings, clock)
        return None
    return waiting[-1]


async def _say_unsealed(ledger: SqlLedger, settings: Settings, clock: Clock) -> None:
    if count := await ledger.unsealed(settings.owner, clock()):
        click.echo(
            f"{count} more {'was' if count == 1 else 'were'} written with another key than {settings.key_path()}, or "
            "changed by hand, and cannot be approved here: run this as the server's user, or set XPORTCN_KEY_FILE as "
            "the server has it.",
            err=True,
        )


def _is_total(typed: str, purchase: Purchase) -> bool:
    try:
        return fen_from_text(typed) == purchase.payable
    except ValueError:
        return False
