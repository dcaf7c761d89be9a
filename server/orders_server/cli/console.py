"""Keeps commands from failing when the console cannot show a character or the reader of the output goes away."""

import errno
import os
import sys
from io import TextIOWrapper
from typing import Any

import click

_READER_GONE = (errno.EPIPE, errno.ENOSPC, errno.EIO)


class Commands(click.Group):
    """A command group that prints `?` for characters the console lacks, and ends quietly without a reader."""

    def main(self, *arguments: Any, **named: Any) -> Any:
        """Run the command that was asked for."""
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            # None where it is closed; another class in tests.
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().main(*arguments, **named)
        except (OSError, BaseExceptionGroup) as error:
            if not _is_reader_gone(error):
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter writes what is left when it ends
            sys.exit(1)


def _is_reader_gone(error: BaseException) -> bool:
    """Whether the only fault is that output could not be written."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_reader_gone, error.exceptions))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if isinstance(error, OSError):
        return error.errno in _READER_GONE
    return isinstance(error, SystemExit)  # so rich says it
