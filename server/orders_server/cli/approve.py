"""Commands for a person's answer: list what waits, approve by typing the total, decline."""

import shutil
from collections.abc import Callable
from datetime import datetime

from orders_prompts.renderer import Texts
from orders_server.app.services import utc_now
from orders_server.cli.ledgers import Ledgers, WaitingPurchase, ledgers_at_hand
from orders_server.cli.terminal import Terminal, parse_amount
from orders_server.settings import Settings
from orders_tools.consent.answer import record_no, record_yes
from orders_tools.consent.channels import is_enough
from orders_tools.money import yuan
from orders_tools.purchase.pricing import ledger_repeats
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.results.builders import dialog
from orders_tools.results.products import product_lines
from orders_tools.vocabulary import Channel

Clock = Callable[[], datetime]
_OTHER_LINES = 6
"""Screen lines that the end of `approve` needs beside the lines of the purchase."""


async def show_pending(settings: Settings, _ref: str, clock: Clock = utc_now) -> int:
    """Print what waits for a person in every ledger of this user, oldest first in each; 0."""
    terminal = Terminal(Texts(settings.language, settings.templates))
    async with ledgers_at_hand(settings, terminal) as ledgers:
        waiting, left_out = await ledgers.waiting(clock())
    _warn_unsealed(terminal, settings, left_out)
    if not waiting:
        terminal.say("NOTHING_WAITS")
    for each in waiting:
        purchase = each.purchase
        terminal.say(
            "WAITS",
            ref=purchase.basket.purchase_ref,
            total=yuan(purchase.payable or 0),
            lines=len(purchase.basket.lines),
            first=product_lines(purchase.basket.lines[:1], purchase.cards)[0]["title"],
            until=purchase.expires_at,
            state=purchase.state,
            token=purchase.token[-4:],
            sandbox=purchase.sandbox,
            ledger=each.path,
        )
    return 0


async def approve(settings: Settings, ref: str, clock: Clock = utc_now) -> int:
    """Show the purchase and take the typed total as the yes; 0 if it is approved, 1 if not."""
    texts = Texts(settings.language, settings.templates)
    terminal = Terminal(texts)
    async with ledgers_at_hand(settings, terminal) as ledgers:
        waiting = await _find_waiting(ledgers, terminal, settings, ref, clock)
        if waiting is None:
            return 1
        refusal = await _refusal(waiting, terminal, texts, clock)
    if refusal:
        terminal.warn(refusal, ref=ref)
        return 1
    terminal.say("APPROVED", ref=ref)
    return 0


async def _refusal(waiting: WaitingPurchase, terminal: Terminal, texts: Texts, clock: Clock) -> str | None:
    """Ask for the yes and record it; None, or the code of the sentence that says why it was not accepted."""
    purchase = waiting.purchase
    if purchase.state is TokenState.APPROVED:
        return "APPROVED_ALREADY"
    if purchase.demand and not is_enough(Channel.TERMINAL, purchase.demand):
        return "NEEDS_PASSKEY"
    shown_at = clock()
    shown = await _dialog_text(waiting, texts, shown_at)
    terminal.show(shown)
    _show_again(terminal, waiting)
    if parse_amount(terminal.ask("TYPE_TOTAL")) != purchase.payable:
        return "NOT_TOTAL"
    if await _dialog_text(waiting, texts, clock()) != shown:
        return "BOUGHT_MEANWHILE"
    approval = Approval(channel=Channel.TERMINAL, at=clock(), shown_at=shown_at)
    return None if await record_yes(waiting.ledger, purchase, approval) else "ANSWERED_MEANWHILE"


def _show_again(terminal: Terminal, waiting: WaitingPurchase) -> None:
    """Repeat goods, total and ledger just above the question."""
    purchase = waiting.purchase
    lines = purchase.basket.lines
    most = max(shutil.get_terminal_size().lines - _OTHER_LINES, 3)
    lines_shown = [terminal.sentence("LINE", **line) for line in product_lines(lines[:most], purchase.cards)]
    lines_shown += [terminal.sentence("MORE_LINES", count=len(lines) - most)] if len(lines) > most else []
    lines_shown.append(terminal.sentence("TOTAL", total=yuan(purchase.payable or 0)))
    lines_shown.append(terminal.sentence("WHICH", sandbox=purchase.sandbox, ledger=waiting.path))
    terminal.show("\n".join(["", *lines_shown]))


async def _dialog_text(waiting: WaitingPurchase, texts: Texts, now: datetime) -> str:
    purchase: Purchase = waiting.purchase
    return dialog(purchase, await ledger_repeats(waiting.ledger, purchase, now), texts)


async def decline(settings: Settings, ref: str, clock: Clock = utc_now) -> int:
    """Record the no, which is final; 0 if it is declined, 1 if there was nothing to decline."""
    terminal = Terminal(Texts(settings.language, settings.templates))
    async with ledgers_at_hand(settings, terminal) as ledgers:
        waiting = await _find_waiting(ledgers, terminal, settings, ref, clock)
        if waiting is None:
            return 1
        if not await record_no(waiting.ledger, waiting.purchase, Channel.TERMINAL, clock()):
            terminal.warn("NOT_DECLINED")
            return 1
    terminal.say("DECLINED", ref=ref)
    return 0


async def _find_waiting(
    ledgers: Ledgers, terminal: Terminal, settings: Settings, ref: str, clock: Clock
) -> WaitingPurchase | None:
    """The newest waiting purchase with this reference or token; warns and returns None if there is no single one."""
    waiting, left_out = await ledgers.waiting(clock())
    matching = [each for each in waiting if ref in (each.purchase.basket.purchase_ref, each.purchase.token)]
    if not matching:
        terminal.warn("NOT_WAITING", ref=ref)
        _warn_unsealed(terminal, settings, left_out)
        return None
    if len({(each.path, each.purchase.owner) for each in matching}) > 1:
        terminal.warn("SEVERAL", ref=ref, ledgers=sorted({str(each.path) for each in matching}))
        return None
    return matching[-1]


def _warn_unsealed(terminal: Terminal, settings: Settings, count: int) -> None:
    if count:
        terminal.warn("UNSEALED", count=count, key=settings.key_path())
