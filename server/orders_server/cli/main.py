"""The `xportcn-orders` command. Each command loads what it needs when it runs, so that `serve` answers at once."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn

import click

from orders_server import __version__
from orders_server.cli.console import Commands
from orders_server.cli.groups import people, receipts

if TYPE_CHECKING:
    from orders_server.settings import Settings

GENERATIONS = click.Choice(["2025", "2026"])
HTTP_HOST = "127.0.0.1"
HTTP_PORT = "8765"
PAGE_HOST = "localhost"
PAGE_PORT = "8766"
BAD_INPUT = 2


_LANGUAGE = click.option("--language", type=click.Choice(["en", "zh"]), help="instead of XPORTCN_LANGUAGE")


@click.group(
    cls=Commands,
    help="Buy on 1688 through Xportcn from an assistant: a person sees exactly what will be ordered, once.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
def main() -> None: ...


main.add_command(people)
main.add_command(receipts)


def refuse(message: str) -> NoReturn:
    """Print why nothing was done, and exit with status 2."""
    from orders_server.app.standard_error import drain_standard_error

    drain_standard_error()  # so that the reason comes last, after the log
    click.echo(message, err=True)
    sys.exit(BAD_INPUT)


@main.command(help="Speak MCP over stdin and stdout.")
@click.option("--http", is_flag=True, help="Speak MCP over HTTP, at /mcp, instead.")
@click.option("--host", help=f"With --http: address to listen at; {HTTP_HOST} if not given.")
@click.option("--port", help=f"With --http: port to listen at, 0 for any free one; {HTTP_PORT} if not given.")
def serve(http: bool, host: str | None, port: str | None) -> None:
    if http:
        _serve_http(HTTP_HOST if host is None else host, HTTP_PORT if port is None else port)
        return
    if host is not None or port is not None:
        refuse("--host and --port go with --http")
    from orders_server.app.standard_error import log_to_standard_error
    from orders_server.app.stdio import serve_stdio
    from orders_server.settings import SettingsFault

    log_to_standard_error(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    try:
        asyncio.run(serve_stdio(*_settings_to_serve()))
    except SettingsFault as fault:
        refuse(str(fault))


def _settings(say: Callable[[str], None] | None = None) -> "Settings":
    """The settings, after a line for each variable that is ignored."""
    from orders_server.settings import raw_settings, read_settings

    given = raw_settings()
    for line in given.notes:
        say(line) if say else click.echo(line, err=True)
    return read_settings(given)


def _settings_to_serve() -> "tuple[Settings, str]":
    """The settings, and which credentials are missing: hosts show the result of a call, not why a start failed."""
    from orders_server.settings import CredentialsMissing

    warn = logging.getLogger(__name__).warning
    try:
        return _settings(warn), ""
    except CredentialsMissing as fault:
        warn("%s; every call is refused until they are there", fault)
        return fault.rest, str(fault)


def _serve_http(host: str, port: str) -> None:
    from orders_server.http.app import serve_http
    from orders_server.http.listener import CannotServe
    from orders_server.http.logs import log_json_lines
    from orders_server.settings import SettingsFault

    log_json_lines()
    try:
        settings, missing = _settings_to_serve()
        asyncio.run(serve_http(settings, host, port, missing))
    except (SettingsFault, CannotServe) as fault:
        refuse(str(fault))


@main.command(help="Serve the approval page, where people answer in a browser.")
@click.option("--host", default=PAGE_HOST, show_default=True, help="Address to listen at.")
@click.option("--port", default=PAGE_PORT, show_default=True, help="Port to listen at, 0 for any free one.")
def page(host: str, port: str) -> None:
    from orders_server.app.standard_error import log_to_standard_error
    from orders_server.cli.page import serve_page
    from orders_server.http.listener import CannotServe
    from orders_server.settings import SettingsFault
    from orders_tools.errors import StoreUnavailable

    log_to_standard_error(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    try:
        asyncio.run(serve_page(_settings(), host, port))
    except (SettingsFault, CannotServe) as fault:
        refuse(str(fault))
    except StoreUnavailable as error:
        refuse(f"the store cannot be used: {error}")


@main.command(help="Walk through whole purchases on the sandbox: nothing real is bought.")
@click.option("--yes", is_flag=True, help="Answer every question with yes, for scripts.")
@click.option("--approve", type=click.Choice(["dialog", "page"]), default="dialog", show_default=True, help="Where.")
@click.option("--generation", type=GENERATIONS, default="2026", show_default=True, help="Form of the API's previews.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def demo(yes: bool, approve: str, generation: str, language: str) -> None:
    from orders_server.cli.demo.steps import run_demo

    sys.exit(asyncio.run(run_demo(yes=yes, on_page=approve == "page", generation=generation, language=language)))


@main.command(help="Run the simulated Xportcn API as a process of its own.")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port on 127.0.0.1.")
@click.option("--generation", type=GENERATIONS, default="2026", show_default=True, help="Form of the previews.")
@click.option("--fault", "faults", multiple=True, help="Make every create call fail this way; may be repeated.")
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a behaviour that no document describes; a wrong name lists them all.",
)
@click.option("--seed", type=int, default=1688, show_default=True, help="The same seed gives the same ids.")
@click.option(
    "--history", type=click.IntRange(min=0), default=0, show_default=True, help="Number of past orders to create."
)
@click.option(
    "--history-separate/--history-together",
    default=True,
    show_default=True,
    help="Whether orders older than three months are only listed with isHis true.",
)
def sandbox(
    port: int,
    generation: str,
    faults: tuple[str, ...],
    switches: tuple[str, ...],
    seed: int,
    history: int,
    history_separate: bool,
) -> None:
    from orders_server.cli.sandbox import run_sandbox

    try:
        asyncio.run(run_sandbox(port, generation, faults, switches, seed, history, history_separate))
    except (OSError, ValueError) as error:
        refuse(f"the sandbox cannot start: {error}")
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


@main.command(help="Check settings, store, clock and signature, and say what the API's documents leave open.")
@click.option("--offer", metavar="ID", help="An offer of 1688 to look up, to see whether the catalogue answers.")
def doctor(offer: str | None) -> None:
    if offer is not None and not (offer.isascii() and offer.isdigit() and len(offer) <= 20):
        refuse("--offer takes an offer's number, such as 610000000001")
    from orders_server.cli.doctor import examine
    from orders_server.settings import SettingsFault

    try:
        sys.exit(asyncio.run(examine(offer)))
    except SettingsFault as fault:
        refuse(str(fault))


@main.command(help="List the purchases that wait for a person.")
def pending() -> None:
    _run_answer("pending")


@main.command(
    help="Say yes to the purchase REF: it is shown, and its total has to be typed on a terminal.\n\n"
    "This does not stop an assistant that can use this user's shell."
)
@click.argument("ref")
@_LANGUAGE
def approve(ref: str, language: str | None) -> None:
    need_terminal("approve")
    _run_answer("approve", ref, language)


@main.command(help="Say no to the purchase REF: its token can no longer be ordered.")
@click.argument("ref")
@_LANGUAGE
def decline(ref: str, language: str | None) -> None:
    _run_answer("decline", ref, language)


@main.command(help="Look up every purchase whose outcome is not known; nothing is ever sent.")
def reconcile() -> None:
    _run_settlement("reconcile")


@main.command(help="Declare that ORDER_ID is the order of the purchase REF, whose outcome is not known.")
@click.argument("ref")
@click.argument("order_id")
def settle(ref: str, order_id: str) -> None:
    need_terminal("settle")
    _run_settlement("settle", ref, order_id)


@main.command(help="Declare that no order was made for the purchase REF. If one was, ordering again buys twice.")
@click.argument("ref")
def release(ref: str) -> None:
    need_terminal("release")
    _run_settlement("release", ref)


def need_terminal(command: str) -> None:
    """Refuse a command whose input no person types."""
    if not sys.stdin.isatty():
        refuse(f"{command} reads the answer of a person at a terminal, and there is none here")


def _run_settlement(command: str, *arguments: str) -> None:
    from orders_server.cli import settle as commands
    from orders_server.settings import SettingsFault
    from orders_tools.errors import StoreUnavailable

    try:
        sys.exit(asyncio.run(getattr(commands, command)(_settings(), *arguments)))
    except SettingsFault as fault:
        refuse(str(fault))
    except StoreUnavailable as error:
        refuse(f"the store cannot be used: {error}")


def _run_answer(command: str, ref: str = "", language: str | None = None) -> None:
    from orders_server.cli.approve import approve, decline, show_pending

    commands = {"pending": show_pending, "approve": approve, "decline": decline}
    run_with_ledgers(commands[command], language, ref)


def run_with_ledgers(command: Callable[..., Coroutine[Any, Any, int]], language: str | None, *arguments: Any) -> None:
    """Run a command with the settings, and exit with its status; a fault of settings or store is a refusal."""
    from orders_server.settings import SettingsFault
    from orders_tools.errors import StoreUnavailable

    try:
        settings = _settings()
        chosen = settings.model_copy(update={"language": language}) if language else settings
        sys.exit(asyncio.run(command(chosen, *arguments)))
    except SettingsFault as fault:
        refuse(str(fault))
    except StoreUnavailable as error:
        refuse(f"the store cannot be used: {error}")
