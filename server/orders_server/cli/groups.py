"""Commands that come in groups: people, and receipts of what they signed. Each loads what it needs when it runs."""

import sys
from typing import Literal

import click

_LANGUAGE = click.option("--language", type=click.Choice(["en", "zh"]), help="instead of XPORTCN_LANGUAGE")


@click.group(help="Say who may answer on the approval page.")
def people() -> None: ...


@people.command("add", help="Print a code that pairs one browser with the person NAME, who is added if missing.")
@click.argument("name")
@click.option("--ledger", type=click.Choice(["real", "sandbox"]), help="Which ledger, where this user has both.")
@_LANGUAGE
def people_add(name: str, ledger: str | None, language: str | None) -> None:
    from orders_server.cli.main import need_terminal, run_with_ledgers
    from orders_server.cli.people import add

    need_terminal("people add")
    run_with_ledgers(add, language, name, ledger)


@people.command("list", help="List the people, their browsers and the public keys of their passkeys.")
@_LANGUAGE
def people_list(language: str | None) -> None:
    from orders_server.cli.main import run_with_ledgers
    from orders_server.cli.people import show_people

    run_with_ledgers(show_people, language)


@people.command("remove", help="End the sessions and passkeys of the person NAME at once.")
@click.argument("name")
@_LANGUAGE
def people_remove(name: str, language: str | None) -> None:
    from orders_server.cli.main import need_terminal, run_with_ledgers
    from orders_server.cli.people import remove

    need_terminal("people remove")
    run_with_ledgers(remove, language, name)


@click.group(help="Look at what passkeys signed.")
def receipts() -> None: ...


@receipts.command("show", help="Print the document that a passkey signed for the purchase REF.")
@click.argument("ref")
@_LANGUAGE
def receipts_show(ref: str, language: str | None) -> None:
    from orders_server.cli.main import run_with_ledgers
    from orders_server.cli.receipts import show_document

    run_with_ledgers(show_document, language, ref)


@receipts.command("verify", help="Verify the document in FILE (- for the input), without any ledger.")
@click.argument("file")
@click.option("--public-key", metavar="KEY", help="The key that has to have signed it, as `people list` prints it.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def receipts_verify(file: str, public_key: str | None, language: Literal["en", "zh"]) -> None:
    from orders_server.cli.receipts import verify_file

    sys.exit(verify_file(file, public_key, language))
