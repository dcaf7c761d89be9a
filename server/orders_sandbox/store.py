"""Keeps orders and preview counts in SQLite, in a file that may hold another component's tables as well."""

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from orders_sandbox.orders import OrderRecord, from_text, to_text

_BUSY_SECONDS = 10.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS sandbox_orders (sequence INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE,"
    " record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sandbox_preview_counts (name TEXT PRIMARY KEY, previews INTEGER NOT NULL)",
)


class OrderStore:
    """One sandbox's memory. Each call is one short transaction; a file is opened for it and closed after it.

    `past` returns the orders from before the start, with sequences below 1. The first to open a store stores them once.
    """

    def __init__(self, path: Path | None, past: Callable[[], list[OrderRecord]] = list) -> None:
        self._path = path
        self._past = past
        self._cache: list[OrderRecord] = []
        self._lock = threading.Lock()
        self._ready = False
        self._memory = None if path is not None else _connect(":memory:")
        if self._memory is not None:
            weakref.finalize(self, self._memory.close)

    def add(self, make: Callable[[int], list[OrderRecord]]) -> list[OrderRecord]:
        """Keeps the orders that `make` makes from the next sequence number on, and returns them."""
        with self._write_transaction() as database:
            last: int = database.execute("SELECT coalesce(max(sequence), 0) FROM sandbox_orders").fetchone()[0]
            records = make(max(last, 0) + 1)
            _insert(database, records)
            return records

    def orders(self) -> list[OrderRecord]:
        """Every order, oldest first. Orders never change, so each is read only once."""
        with self._read_transaction() as database:
            count, last = database.execute("SELECT count(*), max(sequence) FROM sandbox_orders").fetchone()
            newest = self._cache[-1].sequence if self._cache else None
            if (count, last) != (len(self._cache), newest):
                self._cache = self._cache + _after(database, newest)
            if count != len(self._cache):
                self._cache = _after(database, None)
            return list(self._cache)

    def count_previews(self, names: Iterable[str]) -> None:
        """Adds one preview to each of the named counts."""
        raised = [(name,) for name in sorted(set(names))]
        if not raised:
            return
        with self._write_transaction() as database:
            database.executemany(
                "INSERT INTO sandbox_preview_counts (name, previews) VALUES (?, 1)"
                " ON CONFLICT (name) DO UPDATE SET previews = previews + 1",
                raised,
            )

    def preview_counts(self) -> dict[str, int]:
        """All counts of previews; a name that was never counted is absent."""
        with self._read_transaction() as database:
            return dict(database.execute("SELECT name, previews FROM sandbox_preview_counts").fetchall())

    @contextmanager
    def _write_transaction(self) -> Generator[sqlite3.Connection, None, None]:
        with self._lock, self._database() as database, _transaction(database, "BEGIN IMMEDIATE"):
            yield database

    @contextmanager
    def _read_transaction(self) -> Generator[sqlite3.Connection, None, None]:
        with self._lock, self._database() as database, _transaction(database, "BEGIN"):
            yield database

    def _insert_past(self, database: sqlite3.Connection) -> None:
        if database.execute("SELECT 1 FROM sandbox_orders WHERE sequence < 1 LIMIT 1").fetchone() is None:
            self._cache = self._past()
            _insert(database, self._cache)

    @contextmanager
    def _database(self) -> Generator[sqlite3.Connection, None, None]:
        database = self._memory or _open_file(self._path)
        try:
            if not self._ready:
                with _transaction(database, "BEGIN IMMEDIATE"):
                    for table in _TABLES:
                        database.execute(table)
                    self._insert_past(database)
                self._ready = True
            yield database
        finally:
            if database is not self._memory:
                database.close()


def _insert(database: sqlite3.Connection, records: list[OrderRecord]) -> None:
    database.executemany(
        "INSERT INTO sandbox_orders (sequence, order_id, record) VALUES (?, ?, ?)",
        [(record.sequence, record.order_id, to_text(record)) for record in records],
    )


def _after(database: sqlite3.Connection, sequence: int | None) -> list[OrderRecord]:
    """The orders of a higher sequence, oldest first; all of them for None."""
    rows = database.execute(
        "SELECT record FROM sandbox_orders WHERE ?1 IS NULL OR sequence > ?1 ORDER BY sequence", (sequence,)
    ).fetchall()
    return [from_text(text) for (text,) in rows]


@contextmanager
def _transaction(database: sqlite3.Connection, begin: str) -> Generator[None, None, None]:
    database.execute(begin)
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _open_file(path: Path | None) -> sqlite3.Connection:
    """Opens the file; a file created here is readable only by its owner, because orders name people."""
    if path is None:
        raise ValueError("a store without a path lives in memory")
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return _connect(path)


def _connect(place: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
