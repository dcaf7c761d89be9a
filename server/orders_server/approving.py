"""A person's answer in a terminal: what waits, yes by typing the total, no."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from orders_prompts.renderer import Texts
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.store import Store
from orders_server.opening import utc_now
from orders_server.settings import Settings
from orders_tools.argument_readers import CHINA
from orders_tools.money import fen_from_text, yuan
from orders_tools.presenting import dialog
from orders_tools.preview_order import recent_repeats
from orders_tools.records import Purchase
from orders_tools.states import TokenState

CHANNEL = "terminal"


@asynccontextmanager
async def _ledger(settings: Settings) -> AsyncGenerator[SqlLedger]:
    store = Store(settings.store_path())
    try:
        yield SqlLedger(store)
    finally:
        await store.close()


async def show_pending(settings: Settings, _ref: str) -> int:
    """Print what waits for a person, oldest first; 0."""
    async with _ledger(settings) as ledger:
        waiting = await ledger.waiting(settings.owner, utc_now())
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


async def approve(settings: Settings, ref: str) -> int:
    """Show the purchase and take the typed total as the yes; 0 if it is approved, 1 if not."""
    async with _ledger(settings) as ledger:
        purchase = await _waiting(ledger, settings, ref)
        if purchase is None:
            return 1
        if purchase.state is TokenState.APPROVED:
            click.echo(f"{ref} is approved already.", err=True)
            return 1
        texts = Texts(settings.language, settings.templates)
        click.echo(dialog(purchase, await recent_repeats(ledger, purchase, utc_now()), texts))
        typed = click.prompt("\nType the total to pay to approve (anything else approves nothing)", default="").strip()
        if not _is_total(typed, purchase):
            click.echo("That is not the total: nothing was approved.", err=True)
            return 1
        if not await ledger.approve(purchase, CHANNEL, utc_now()):
            click.echo("It expired or was answered meanwhile: nothing was approved.", err=True)
            return 1
    click.echo(f"Approved {ref}. Nothing is sent yet: the assistant's next create_order call orders it.")
    return 0


async def decline(settings: Settings, ref: str) -> int:
    """Record the no; 0 if it is declined, 1 if there was nothing to decline."""
    async with _ledger(settings) as ledger:
        purchase = await _waiting(ledger, settings, ref)
        if purchase is None:
            return 1
        if not await ledger.decline(purchase, CHANNEL, utc_now()):
            click.echo("It expired, was ordered or was answered meanwhile: nothing was declined.", err=True)
            return 1
    click.echo(f"Declined {ref}: it cannot be ordered any more.")
    return 0


async def _waiting(ledger: SqlLedger, settings: Settings, ref: str) -> Purchase | None:
    """The newest purchase with this reference that waits."""
    waiting = [row for row in await ledger.waiting(settings.owner, utc_now()) if row.basket.purchase_ref == ref]
    if not waiting:
        click.echo(f"No purchase {ref} waits for a person; `xportcn-orders pending` lists what does.", err=True)
        return None
    return waiting[-1]


def _is_total(typed: str, purchase: Purchase) -> bool:
    try:
        return fen_from_text(typed) == purchase.payable
    except ValueError:
        return False
