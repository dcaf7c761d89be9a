"""The command that runs this program in a terminal: its full path, because installing may not put it on the PATH."""

import shlex
import shutil
import sys
from pathlib import Path

_NAME = "xportcn-orders"


def program(called_as: str | None = None, interpreter: str | None = None) -> str:
    """The beginning of a command line that runs this program, quoted for a shell.

    `called_as` is the program's own file (by default that of this process), `interpreter` the Python that runs it
    where that file is another one, as under `python -m orders_server`.
    """
    called = Path(called_as or sys.argv[0])
    if called.stem == _NAME:
        found = called if called.is_file() else shutil.which(str(called))
        if found:
            return shlex.quote(str(Path(found).absolute()))
    python = Path(interpreter or sys.executable).absolute()
    beside = next(
        (file for file in (python.with_name(_NAME), python.with_name(f"{_NAME}.exe")) if file.is_file()), None
    )
    return shlex.quote(str(beside)) if beside else f"{shlex.quote(str(python))} -m orders_server"
