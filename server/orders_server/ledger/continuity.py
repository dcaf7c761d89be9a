"""Detects a replaced or restored ledger by its identity and last event, kept beside the file and in memory.

A ledger that was restored, replaced or deleted lacks purchases. Nothing in the file itself can show that.
"""

import logging
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from orders_server.ledger.stamps import stamp
from orders_server.ledger.stored_settings import setting, store_setting
from orders_tools.errors import StoreUnavailable

_log = logging.getLogger(__name__)
_MARK = re.compile(r"([0-9a-f]{32}) ([0-9]{1,18})\n")
_LAST_EVENT = "SELECT coalesce(max(id), 0) FROM events"

GapKind = Literal["replaced", "older"]


@dataclass(frozen=True)
class Gap:
    """How a ledger differs from the earlier one: another ledger, or an older copy; and when that was noticed."""

    kind: GapKind
    at: datetime


class Continuity:
    """The identity of the ledger at `path` and the last event that was seen in it."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._mark = path.with_name(f"{path.name}.seen")
        self._clock = clock
        self._identity = ""
        self._seen = 0
        self._next_seen = 0
        self.gap: Gap | None = None
        """The last gap that any process noticed."""

    def begin(self, connection: Connection, *, fresh: bool, real: bool) -> None:
        """Check a ledger that is being opened; `fresh` if it was just created, `real` if it can buy."""
        self._identity = setting(connection, "ledger_id", secrets.token_hex(16))
        setting(connection, "made_at", stamp(self._clock()))
        self._seen = self._last_event(connection)
        if kind := self._find_gap(fresh=fresh):
            # Give it a new identity, so that the same copy is noticed again if it is restored again.
            self._identity = secrets.token_hex(16)
            store_setting(connection, "ledger_id", self._identity)
            store_setting(connection, "gap", f"{kind} {stamp(self._clock())}")
            _log.warning(_WARNINGS[kind])
        elif fresh and real:
            _log.warning("a new ledger was made: it knows no purchase of any other ledger; doctor says where it lies")
        if stored := setting(connection, "gap", ""):
            name, _, at = stored.partition(" ")
            self.gap = Gap("older" if name == "older" else "replaced", datetime.fromisoformat(at))

    def check(self, connection: Connection) -> None:
        """Check before a change that the file is still the one that was opened, with the events of all servers.

        Raises:
            StoreUnavailable: the file was replaced or restored while this process had it open.
        """
        # Read the mark first: it is written after a commit, so its event is already in the file.
        marked = self._read_mark()
        known = max(self._seen, marked[1] if marked and marked[0] == self._identity else 0)
        if self._last_event(connection) < known or setting(connection, "ledger_id", "") != self._identity:
            raise StoreUnavailable("the ledger was replaced while it was in use; start the server anew")

    def note_change(self, connection: Connection) -> None:
        """Note the last event of a change that is about to be committed."""
        self._next_seen = self._last_event(connection)

    def write_mark(self) -> None:
        """Remember a committed change, and write the last event beside the file.

        If the mark cannot be written, the next start cannot compare.
        """
        self._seen = max(self._seen, self._next_seen)
        marked = self._read_mark()
        if marked and marked[0] == self._identity and marked[1] >= self._seen:
            return
        try:
            number, written = tempfile.mkstemp(dir=self._mark.parent, prefix=self._mark.name)
            with os.fdopen(number, "w", encoding="ascii") as file:
                file.write(f"{self._identity} {self._seen}\n")
            os.replace(written, self._mark)
        except OSError as error:
            _log.warning("the mark beside the ledger cannot be written: %s", error.strerror)

    def _find_gap(self, *, fresh: bool) -> GapKind | None:
        """The gap between the mark beside the file and the ledger, if any."""
        marked = self._read_mark()
        if marked is None:
            return None
        if fresh or marked[0] != self._identity:
            return "replaced"
        return "older" if marked[1] > self._seen else None

    def _read_mark(self) -> tuple[str, int] | None:
        """The identity and last event in the mark; "" for an unreadable mark."""
        try:
            match = _MARK.fullmatch(self._mark.read_text(encoding="ascii"))
        except OSError:
            return None
        except ValueError:
            return "", 0
        return (match[1], int(match[2])) if match else ("", 0)

    def _last_event(self, connection: Connection) -> int:
        return int(connection.exec_driver_sql(_LAST_EVENT).scalar_one())


_WARNINGS: dict[GapKind, str] = {
    "replaced": "the ledger is not the one that was there before: it does not know what was bought with that one",
    "older": "the ledger is an older copy: it does not know what was bought after the copy was made",
}
