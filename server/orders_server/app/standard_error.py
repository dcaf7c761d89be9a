"""Writes log lines to standard error in a thread, so that nothing waits; lines that nobody reads are lost."""

import atexit
import logging
import os
import queue
import sys
import threading
import time

_MOST_LINES = 1_000
"""The most lines in the queue; further lines are dropped and counted."""
_LAST_SECONDS = 0.5


class StandardError(logging.Handler):
    """Formats each line, passes it to a thread and returns at once.

    The standard handlers hold a lock while they write, and the end of the process waits for that lock.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: queue.Queue[bytes] = queue.Queue(_MOST_LINES)
        self._lost = 0
        self._descriptor = _descriptor()
        if self._descriptor is not None:
            threading.Thread(target=self._write, name="standard error", daemon=True).start()
            atexit.register(self.drain)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line of `record` for the thread; drop it if too many lines are waiting."""
        if self._descriptor is None:
            return
        try:
            self._lines.put_nowait(f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except queue.Full:
            self._lost += 1
        except Exception:
            self._lost += 1  # a record that cannot be formatted must not fail a call

    def drain(self, seconds: float = _LAST_SECONDS) -> None:
        """Wait until all queued lines are written, at most `seconds`."""
        until = time.monotonic() + seconds
        while self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.005)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if self._lost:
                line += f"{self._lost} lines were lost, because nobody read them\n".encode()
                self._lost = 0
            self._write_whole(line)
            self._lines.task_done()

    def _write_whole(self, line: bytes) -> None:
        assert self._descriptor is not None
        while line:
            try:
                line = line[os.write(self._descriptor, line) :]
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:
                return  # nobody is there to read it


def _descriptor() -> int | None:
    """The descriptor of standard error; None if it is closed, because the ledger may have its number by now."""
    try:
        return sys.stderr.fileno() if sys.stderr else None
    except (OSError, ValueError, AttributeError):
        return None


def log_to_standard_error(formatter: logging.Formatter) -> None:
    """Log warnings of this process from now on, formatted by `formatter`."""
    handler = StandardError()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def drain_standard_error() -> None:
    """Give log lines a moment to be written before the process exits without cleanup."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, StandardError):
            handler.drain()
