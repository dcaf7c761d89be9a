"""Output and input at a terminal: sentences in the configured language, texts fitted to the screen."""

import re
import shutil
import sys
from io import StringIO
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from orders_prompts.renderer import Texts
from orders_tools.money import fen_from_text

_CURRENCY = re.compile(r"(?i)^(?:[¥￥]|CNY|RMB)\s*|\s*(?:CNY|RMB|元)$")
_LEAST_WIDTH = 20


class Terminal:
    """Speaks to the person in the language of `texts`."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def sentence(self, code: str, **details: Any) -> str:
        """The sentence `code` of the text `terminal`."""
        return self._texts.sentence("terminal", code, details)

    def say(self, code: str, **details: Any) -> None:
        """Print a sentence."""
        click.echo(self.sentence(code, **details))

    def warn(self, code: str, **details: Any) -> None:
        """Print a sentence on standard error."""
        click.echo(self.sentence(code, **details), err=True)

    def ask(self, code: str, **details: Any) -> str:
        """Print a sentence and return what is typed, without outer blanks."""
        return click.prompt(self.sentence(code, **details), default="", show_default=False).strip()

    def show(self, text: str) -> None:
        """Print `text` wrapped by words, one screen at a time if the screen is too small for it."""
        width, height = shutil.get_terminal_size()
        lines = [line for paragraph in text.splitlines() for line in wrap(paragraph, width)]
        room = max(height - 2, 5)
        if not sys.stdout.isatty() or len(lines) <= room:
            room = len(lines) or 1
        for start in range(0, len(lines), room):
            if start:
                self.ask("MORE")
            click.echo("\n".join(lines[start : start + room]))


def wrap(line: str, width: int) -> list[str]:
    """`line` in pieces of `width` cells at the most, of which a Chinese character takes two.

    All pieces after the first are indented, so that none looks like a line of its own.
    """
    width = max(width, _LEAST_WIDTH)
    console = Console(file=StringIO(), width=width, color_system=None)
    pieces = [piece.plain.rstrip() for piece in Text(line).wrap(console, width)]
    if len(pieces) < 2:
        return [line]
    rest = Text(line[len(pieces[0]) :].lstrip()).wrap(console, width - 4)
    return [pieces[0], *(f"    {piece.plain.rstrip()}" for piece in rest)]


def parse_amount(typed: str) -> int | None:
    """A typed amount in fen, with or without the currency: 711.35, "711.35 CNY", "¥711.35", "711.35元"."""
    try:
        return fen_from_text(_CURRENCY.sub("", _CURRENCY.sub("", typed.strip(), 1), 1))
    except ValueError:
        return None
