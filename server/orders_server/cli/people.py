"""Commands for the people who may answer on the approval page: add, list, remove."""

import secrets
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import click

from orders_prompts.renderer import Texts
from orders_server.app.services import utc_now
from orders_server.cli.terminal import Terminal
from orders_server.consent.people import LONGEST_NAME, BadName, Listed, People, checked_name
from orders_server.ledger.seals import Seals, read_key
from orders_server.ledger.store import Store
from orders_server.settings import Settings

Clock = Callable[[], datetime]
PAIRING = "/approvals/pair"
_HERE = {"localhost", "127.0.0.1", "::1"}
_QR_CHARACTERS = "█▀▄"


async def add(settings: Settings, name: str, ledger: str | None = None, clock: Clock = utc_now) -> int:
    """Print a code that pairs a browser with this person, who is added if missing; 0, or 1 if nobody was added."""
    terminal = _terminal(settings)
    try:
        checked_name(name)
    except BadName:
        terminal.warn("BAD_NAME", most=LONGEST_NAME)
        return 1
    path = _ledger_to_add_to(settings, ledger)
    if path is None:
        terminal.warn("WHICH_LEDGER", ledgers=[str(each) for each in settings.store_paths()])
        return 1
    async with _people(settings, path, clock) as people:
        added = await people.add(name)
    link = settings.page_url + PAIRING
    terminal.say("PAIRING", name=added.name, pairing_code=added.code, until=added.expires_at, link=link, ledger=path)
    if urlsplit(link).hostname in _HERE:
        terminal.say("ONLY_HERE")
    elif drawing := qr_code(link):
        click.echo(drawing)
    return 0


async def show_people(settings: Settings, clock: Clock = utc_now) -> int:
    """Print who may answer in each ledger of this user, and with which passkeys; 0."""
    terminal = _terminal(settings)
    nobody = True
    for path in _existing(settings):
        async with _people(settings, path, clock) as people:
            listed = await people.everybody()
        for each in listed:
            _show(terminal, each, path)
        nobody = nobody and not listed
    if nobody:
        terminal.say("NOBODY")
    return 0


async def remove(settings: Settings, name: str, clock: Clock = utc_now) -> int:
    """Remove a person from every ledger of this user, once the name was typed; 0 if somebody was removed, 1 if not."""
    terminal = _terminal(settings)
    known = [path for path in _existing(settings) if await _knows(settings, path, name, clock)]
    if not known:
        terminal.warn("NO_SUCH_PERSON", name=name)
        return 1
    for path in known:
        async with _people(settings, path, clock) as people:
            others = [each for each in await people.everybody() if each.name != name]
            had = any(each.keys for each in await people.everybody())
        if had and not any(each.keys for each in others):
            terminal.warn("LAST_PASSKEY", ledger=path)
    if terminal.ask("TYPE_NAME", name=name) != name:
        terminal.warn("SOMETHING_ELSE")
        return 1
    for path in known:
        async with _people(settings, path, clock) as people:
            await people.remove(name)
    terminal.say("PERSON_REMOVED", name=name)
    return 0


def qr_code(link: str) -> str:
    """`link` as a drawing for the terminal; "" where the terminal cannot show one."""
    import segno

    try:
        _QR_CHARACTERS.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return ""
    drawing = StringIO()
    segno.make(link, error="m", micro=False).terminal(drawing, border=2, compact=True)
    return drawing.getvalue().rstrip("\n")


def _show(terminal: Terminal, each: Listed, path: Path) -> None:
    terminal.say(
        "PERSON",
        name=each.name,
        browsers=each.browsers,
        passkeys=len(each.keys),
        added=each.added_at,
        seen=each.seen_at,
        ledger=path,
    )
    for key in each.keys:
        terminal.say("PASSKEY", key=key.public_key, added=key.added_at, by=key.vouched_by)


def _terminal(settings: Settings) -> Terminal:
    return Terminal(Texts(settings.language, settings.templates))


def _existing(settings: Settings) -> list[Path]:
    return [path for path in settings.store_paths() if path.exists()]


def _ledger_to_add_to(settings: Settings, chosen: str | None) -> Path | None:
    """The ledger that the server uses, as far as it can be told here; None if it has to be chosen."""
    if settings.store is not None or not settings.sandbox:
        return settings.store_path()
    real, sandbox = settings.store_paths()
    if chosen is not None:
        return real if chosen == "real" else sandbox
    existing = _existing(settings)
    if len(existing) > 1:
        return None
    return existing[0] if existing else settings.store_path()


async def _knows(settings: Settings, path: Path, name: str, clock: Clock) -> bool:
    async with _people(settings, path, clock) as people:
        return any(each.name == name for each in await people.everybody())


@asynccontextmanager
async def _people(settings: Settings, path: Path, clock: Clock) -> AsyncGenerator[People]:
    seals = Seals(read_key(settings.key_path()))
    store = Store(path, clock=clock, real=not settings.sandbox)
    try:
        yield People(store, seals, clock, secrets.token_bytes)
    finally:
        await store.close()
