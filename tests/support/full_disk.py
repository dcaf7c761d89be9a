"""A disk that is full: ledgers can be read, and no change of them can be committed."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError


@contextmanager
def full_disk() -> Generator[None]:
    """No change of a ledger can be committed meanwhile."""

    def fails(connection: Connection) -> None:
        connection.connection.rollback()  # as SQLite does by itself then
        raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))

    event.listen(Engine, "commit", fails)
    try:
        yield
    finally:
        event.remove(Engine, "commit", fails)
