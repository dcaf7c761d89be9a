"""Commands for what passkeys signed: print a document, verify one without any ledger."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orders_prompts.renderer import Language, Texts
from orders_server.cli.terminal import Terminal

if TYPE_CHECKING:
    from orders_server.ledger.store import Store
    from orders_server.settings import Settings

_LONGEST = 1_000_000
"""More bytes than any document has."""


async def show_document(settings: "Settings", ref: str) -> int:
    """Print what a passkey signed for the purchase with this reference or token; 0, or 1 if there is no single one.

    The goods are named beside it, on the error output, so that the document alone can be kept in a file.
    """
    from orders_server.ledger.passkeys import find_documents
    from orders_server.ledger.store import Store

    terminal = Terminal(Texts(settings.language, settings.templates))
    found: dict[str, str] = {}
    goods: list[dict[str, Any]] = []
    for path in settings.store_paths():
        if path.exists():
            store = Store(path)
            try:
                here = await store.reading(find_documents, ref)
                goods += [line for token in here for line in await _goods(settings, store, token)]
                found |= here
            finally:
                await store.close()
    if len(found) != 1:
        terminal.warn("SEVERAL_SIGNED" if found else "NOT_SIGNED", ref=ref, tokens=[*found])
        return 1
    for line in goods:
        terminal.warn("LINE", **line)
    click.echo(next(iter(found.values())))
    return 0


async def _goods(settings: "Settings", store: "Store", token: str) -> list[dict[str, Any]]:
    """The lines of the purchase by name; none if its row was changed since."""
    from orders_server.ledger.ledger import SqlLedger
    from orders_server.ledger.seals import Seals, read_key
    from orders_tools.results.products import product_lines

    ledger = SqlLedger(store, Seals(read_key(settings.key_path())))
    stored = [await ledger.purchase(owner, token) for owner in await ledger.owners()]
    whole = [each for each in stored if each and each.intact]
    return [line for each in whole for line in product_lines(each.basket.lines, each.cards)]


def verify_file(file: str, public_key: str | None, language: Language) -> int:
    """Say whether a passkey signed the document in `file`, or on the input for "-"; 0 if so, 1 if not, 2 if unread."""
    from orders_server.consent.signatures import read_document, verify_document

    terminal = Terminal(Texts(language))
    try:
        content = sys.stdin.buffer.read(_LONGEST) if file == "-" else Path(file).read_bytes()[:_LONGEST]
        text = content.decode()
    except OSError as error:
        terminal.warn("NOT_READ", file=file, why=error.strerror)
        return 2
    except UnicodeDecodeError:
        text = ""
    step = verify_document(text, public_key)
    if step is not None:
        terminal.warn("SIGNATURE_WRONG", step=step)
        return 1
    document = read_document(text)
    terminal.say(
        "SIGNATURE_RIGHT",
        name=document.name,
        ref=document.purchase_ref,
        token=document.token,
        digest=document.digest,
        at=document.asked_at,
        origin=document.origin,
        key=document.public_key,
        known=public_key is not None,
    )
    return 0
