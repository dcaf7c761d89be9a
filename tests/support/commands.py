"""A command in the tests' own process: what it says and how it ends, without another start of Python."""

import os
from contextlib import chdir
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from anyio import to_thread
from click.testing import CliRunner

from orders_server.cli import main as commands

if TYPE_CHECKING:
    from support.house import House


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


def commands_settings(house: "House") -> dict[str, str]:
    """The environment of a terminal beside the servers of `house`."""
    return {
        "PATH": os.environ["PATH"],
        "XPORTCN_ACCESS_KEY": "sandbox-access-key",
        "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
        "XPORTCN_USER_ID": "sandbox-user",
        "XPORTCN_BASE_URL": house.base_url,
        "XPORTCN_STORE": f"sqlite:///{house.folder}/ledger.sqlite3",
        "XPORTCN_KEY_FILE": str(house.settings().key_path()),
        "COLUMNS": "120",
        "LINES": "200",
    }


async def types(house: "House", words: str, *arguments: str) -> Told:
    """A command beside `house` whose input is these words, whether or not they come from a terminal."""
    return await to_thread.run_sync(partial(typed, house.folder, words, *arguments, **commands_settings(house)))


def typed(folder: Path, words: str, *arguments: str, **environment: str) -> Told:
    """The same where `words` are typed by a person, as far as the command looks."""
    with patch.object(commands, "need_terminal"):
        return told(folder, *arguments, given=f"{words}\n", **environment)
