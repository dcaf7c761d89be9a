"""Unknown outcomes at a terminal: looked up, settled by a person's word, or released by it."""

import click

from orders_server.opening import Services
from orders_server.settings import Settings
from orders_tools import deciding, reconciling
from orders_tools.deciding import CannotDecide, Doubt
from orders_tools.money import yuan
from orders_tools.orders import UpstreamOrder
from orders_tools.ports import UpstreamRefused, UpstreamUnavailable
from orders_tools.presenting import identified
from orders_tools.records import sum_or_none
from orders_tools.states import IN_DOUBT


async def reconcile(settings: Settings) -> int:
    """Look up everything in doubt; 0 if nothing is in doubt any more, 1 if something still is."""
    async with Services(settings) as services:
        settled = await reconciling.reconcile(await services.purchasing())
    for placement in settled:
        orders = ", ".join(
            str(identified(order.order_id)) for order in (placement.verdict.orders if placement.verdict else ())
        )
        click.echo(f"{placement.part_ref}: {placement.state}{f', order {orders}' if orders else ''}")
        for order in placement.candidates:
            order_id = identified(order.order_id)
            click.echo(f"  order {order_id} looks like it: xportcn-orders settle {placement.part_ref} {order_id}")
    in_doubt = sum(placement.state in IN_DOUBT for placement in settled)
    click.echo(f"{len(settled)} looked up, {in_doubt} still in doubt.")
    return 1 if in_doubt else 0


async def settle(settings: Settings, part_ref: str, order_id: str) -> int:
    """Take the person's word that an order is this purchase's; 0 if it was taken, 1 if not."""
    async with Services(settings) as services:
        purchasing = await services.purchasing()
        try:
            doubt = await deciding.doubt_about(purchasing, part_ref)
            order = await deciding.order_for(purchasing, doubt, order_id)
            _show(doubt, order)
            if not _typed(f"Type the order id to declare that it is the order of {part_ref}", order_id):
                return 1
            placement = await deciding.accept(purchasing, doubt, order)
        except (CannotDecide, UpstreamRefused, UpstreamUnavailable) as error:
            click.echo(f"Nothing was changed: {error}.", err=True)
            return 1
    click.echo(f"{part_ref} is {placement.state}.")
    return 0


async def release(settings: Settings, part_ref: str) -> int:
    """Take the person's word that no order was made; 0 if it was taken, 1 if not."""
    async with Services(settings) as services:
        purchasing = await services.purchasing()
        try:
            doubt = await deciding.doubt_about(purchasing, part_ref)
            _show(doubt, None)
            click.echo("Look on 1688 first. If an order was made after all, ordering the same again buys it twice.")
            if not _typed("Type the reference to declare that no order was made", part_ref):
                return 1
            placement = await deciding.release(purchasing, doubt)
        except (CannotDecide, UpstreamRefused, UpstreamUnavailable) as error:
            click.echo(f"Nothing was changed: {error}.", err=True)
            return 1
    click.echo(f"{part_ref} is {placement.state}: it was declared that no order was made.")
    return 0


def _show(doubt: Doubt, order: UpstreamOrder | None) -> None:
    part = doubt.placement.part
    expected = sum_or_none(each.sum_payment for each in part.answer.orders)
    click.echo(f"Sent as {part.part_ref} at {doubt.placement.dispatched_at}, outcome unknown.")
    for line in part.lines:
        click.echo(f"  {line.quantity} x offer {line.offer_id}{f' (SKU {line.spec_id})' if line.spec_id else ''}")
    click.echo(f"  expected {yuan(expected) if expected is not None else 'an unknown amount of'} CNY")
    if order is not None:
        total = yuan(order.payable) if order.payable is not None else "an unknown amount of"
        click.echo(f"Order {identified(order.order_id)}: {order.status}, {total} CNY, made at {order.created_at}")


def _typed(question: str, expected: str) -> bool:
    if click.prompt(question, default="").strip() == expected:
        return True
    click.echo("That is something else: nothing was changed.", err=True)
    return False
