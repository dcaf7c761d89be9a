"""Commands for unknown outcomes: look them up, settle or release them by a person's word."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from orders_prompts.renderer import Texts
from orders_server.app.services import Services
from orders_server.cli.ledgers import PlacementInDoubt, ledgers_at_hand
from orders_server.cli.terminal import Terminal
from orders_server.settings import Settings
from orders_tools.money import yuan
from orders_tools.orders.model import UpstreamOrder
from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.records import Placement, sum_or_none
from orders_tools.purchase.states import IN_DOUBT
from orders_tools.results.builders import identifier_or_none
from orders_tools.results.products import product_lines
from orders_tools.settlement import manual as manual
from orders_tools.settlement import reconciliation as reconciliation
from orders_tools.settlement.manual import CannotSettle, Doubt, matching_placements


async def reconcile(settings: Settings) -> int:
    """Look up everything in doubt; 0 if nothing is left in doubt, 1 if something is."""
    terminal = Terminal(Texts(settings.language, settings.templates))
    looked_up: list[Placement] = []
    left = 0
    for rows in _by_ledger(await _in_doubt(settings, terminal)).values():
        own = _settings_for(settings, rows[0], terminal)
        if own is None:
            left += len(rows)
            continue
        async with Services(own) as services:
            looked_up += await reconciliation.reconcile(await services.purchasing())
    for placement in looked_up:
        _show_placement(terminal, placement)
    in_doubt = left + sum(placement.state in IN_DOUBT for placement in looked_up)
    terminal.say("RECONCILED", count=len(looked_up), in_doubt=in_doubt)
    return 1 if in_doubt else 0


async def settle(settings: Settings, reference: str, order_id: str) -> int:
    """Record the person's word that an order is this purchase's; 0 if it was recorded, 1 if not."""
    terminal = Terminal(Texts(settings.language, settings.templates))

    async def decide(purchasing: Purchasing) -> int:
        doubt = await manual.find_doubt(purchasing, reference, order_id)
        order = await manual.check_order(purchasing, doubt, order_id)
        await _show_doubt(terminal, purchasing, doubt, order)
        if terminal.ask("TYPE_ORDER", ref=doubt.placement.part_ref) != order_id:
            terminal.warn("SOMETHING_ELSE")
            return 1
        placement = await manual.accept(purchasing, doubt, order)
        terminal.say("IS_NOW", ref=placement.part_ref, state=placement.state)
        return 0

    return await _run_decision(settings, terminal, reference, decide)


async def release(settings: Settings, reference: str) -> int:
    """Record the person's word that no order was made; 0 if it was recorded, 1 if not."""
    terminal = Terminal(Texts(settings.language, settings.templates))

    async def decide(purchasing: Purchasing) -> int:
        doubt = await manual.find_doubt(purchasing, reference)
        part_ref = doubt.placement.part_ref
        await _show_doubt(terminal, purchasing, doubt, None)
        terminal.say("LOOK_FIRST")
        if terminal.ask("TYPE_REFERENCE", ref=part_ref) != part_ref:
            terminal.warn("SOMETHING_ELSE")
            return 1
        placement = await manual.release(purchasing, doubt)
        terminal.say("RELEASED", ref=part_ref, state=placement.state)
        return 0

    return await _run_decision(settings, terminal, reference, decide)


async def _run_decision(
    settings: Settings, terminal: Terminal, reference: str, decide: Callable[[Purchasing], Awaitable[int]]
) -> int:
    try:
        async with _purchasing(settings, terminal, reference) as purchasing:
            return 1 if purchasing is None else await decide(purchasing)
    except CannotSettle as error:
        terminal.warn(error.code, **error.details)
    except (UpstreamRefused, UpstreamUnavailable) as error:
        terminal.warn("NOT_ASKED", why=error)
    return 1


@asynccontextmanager
async def _purchasing(settings: Settings, terminal: Terminal, reference: str) -> AsyncGenerator[Purchasing | None]:
    """The services with which this purchase was sent; warns and yields None if this terminal does not have them."""
    found = await _in_doubt(settings, terminal)
    named = {row.part_ref for row in matching_placements([each.placement for each in found], reference)}
    places = _by_ledger([each for each in found if each.placement.part_ref in named])
    if not places:
        raise CannotSettle("NOT_IN_DOUBT", ref=reference)
    if len(places) > 1:
        raise CannotSettle("SEVERAL", ref=reference, ledgers=sorted({str(path) for path, _ in places}))
    own = _settings_for(settings, next(iter(places.values()))[0], terminal)
    if own is None:
        yield None
        return
    async with Services(own) as services:
        yield await services.purchasing()


async def _in_doubt(settings: Settings, terminal: Terminal) -> list[PlacementInDoubt]:
    async with ledgers_at_hand(settings, terminal) as ledgers:
        return await ledgers.in_doubt()


def _by_ledger(found: list[PlacementInDoubt]) -> dict[tuple[Path, str], list[PlacementInDoubt]]:
    places: dict[tuple[Path, str], list[PlacementInDoubt]] = {}
    for each in found:
        places.setdefault((each.path, each.owner), []).append(each)
    return places


def _settings_for(settings: Settings, row: PlacementInDoubt, terminal: Terminal) -> Settings | None:
    """The settings with which `row` was sent; warns and returns None if this terminal does not have them."""
    terminal.say("WHICH", sandbox=row.sandbox, ledger=row.path)
    if row.sandbox:
        return settings.for_sandbox(row.path)
    if row.owner == settings.owner:
        return settings
    code = "NEEDS_CREDENTIALS" if settings.sandbox else "OTHER_ACCOUNT"
    terminal.warn(code, ref=row.placement.part_ref, ledger=row.path, owner=row.owner)
    return None


def _show_placement(terminal: Terminal, placement: Placement) -> None:
    made = placement.verdict.orders if placement.verdict else ()
    orders = [str(identifier_or_none(order.order_id)) for order in made]
    terminal.say("LOOKED_UP", ref=placement.part_ref, state=placement.state, orders=orders)
    for order in placement.candidates:
        terminal.say("CANDIDATE", ref=placement.part_ref, order_id=identifier_or_none(order.order_id))


async def _show_doubt(terminal: Terminal, purchasing: Purchasing, doubt: Doubt, order: UpstreamOrder | None) -> None:
    part = doubt.placement.part
    purchase = await purchasing.ledger.purchase(purchasing.owner, doubt.placement.token)
    cards = purchase.cards if purchase and purchase.genuine else ()
    expected = sum_or_none(each.sum_payment for each in part.answer.orders)
    terminal.say("SENT_AS", ref=part.part_ref, at=doubt.placement.dispatched_at or doubt.placement.deadline)
    for line in product_lines(part.lines, cards):
        terminal.say("LINE", **line)
    terminal.say("EXPECTED", total=None if expected is None else yuan(expected))
    if order is not None:
        terminal.say(
            "ORDER",
            order_id=identifier_or_none(order.order_id),
            status=order.status,
            total=None if order.payable is None else yuan(order.payable),
            at=order.created_at,
        )
