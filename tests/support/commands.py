"""A command in the tests' own process: what it says and how it ends, without another start of Python."""

import os
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from orders_server.cli import main as commands


@dataclass(frozen=True)
class Told:
    """How a command ended and what it printed; `screen` is both outputs as they came."""

    returncode: int
    stdout: str
    stderr: str
    screen: str


def told(folder: Path, *arguments: str, given: str = "", encoding: str = "utf-8", **environment: str) -> Told:
    """Run a command in `folder` with nothing in its environment but this; its input is no terminal."""
    runner = CliRunner(charset=encoding)
    whole = {"PATH": os.environ["PATH"], **environment}
    with chdir(folder), patch.dict(os.environ, whole, clear=True):
        ended = runner.invoke(commands.main, arguments, input=given, catch_exceptions=False, prog_name="xportcn-orders")
    return Told(ended.exit_code, ended.stdout, ended.stderr, ended.output)


def typed(folder: Path, words: str, *arguments: str, **environment: str) -> Told:
    """The same where `words` are typed by a person, as far as the command looks."""
    with patch.object(commands, "need_terminal"):
        return told(folder, *arguments, given=f"{words}\n", **environment)
