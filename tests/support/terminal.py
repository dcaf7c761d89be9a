"""A command at a terminal of its own, as a person has it."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = [sys.executable, "-m", "orders_server"]


class Terminal:
    """A command at a terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, *arguments], env=environment, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._screen = b""

    def until(self, words: str) -> None:
        """Wait for `words` on the screen."""
        while words not in self._screen.decode(errors="replace") and self._read():
            pass
        assert words in self._screen.decode(errors="replace")

    def types(self, typed: str) -> None:
        os.write(self._ours, f"{typed}\n".encode())

    def ended(self) -> tuple[int, str]:
        """The exit status and the whole screen."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=30), self._screen.decode(errors="replace")

    def _read(self) -> bool:
        try:
            read = os.read(self._ours, 65536)
        except OSError:
            return False
        self._screen += read
        return bool(read)
