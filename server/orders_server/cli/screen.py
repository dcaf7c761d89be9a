"""A console whose reader may go away at any moment, also while a dialog is shown inside a task of its own."""

import errno

from rich.console import Console


class Screen(Console):
    """rich's, which by itself leaves the process from wherever it prints; this one says what happened."""

    def on_broken_pipe(self) -> None:
        """Raises BrokenPipeError, which ends the command quietly."""
        self.quiet = True
        raise BrokenPipeError(errno.EPIPE, "nobody reads what is printed")
