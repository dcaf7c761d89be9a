"""Runs the ledger's database in its own thread. A finished write is durable; every fault is a StoreUnavailable."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from orders_server.ledger import schema
from orders_server.ledger.continuity import Continuity, Gap
from orders_server.ledger.location import secure
from orders_server.ledger.stamps import stamp
from orders_server.ledger.stored_settings import setting, store_setting
from orders_tools.errors import StoreUnavailable

_BUSY_MILLISECONDS = 10_000
_log = logging.getLogger(__name__)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Store:
    """One SQLite file, opened at the first use. If that fails, the use raises the reason and the next one tries again.

    Each transaction runs completely in the store's thread, so a caller that goes away does not interrupt it.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), real: bool = False
    ) -> None:
        self._path = path
        self._real = real
        """Whether purchases in it cost money, so that creating it is logged as a warning."""
        self._clock = clock
        self._continuity = Continuity(path, clock)
        self._file: tuple[int, int] | None = None
        """Device and inode of the opened file, because the name may refer to another file later."""
        self._engine: Engine | None = None
        self._thread: ThreadPoolExecutor | None = None
        self.state_key = b""
        """The key that seals questions put to clients; made once and kept here. Empty until the store is open."""

    @property
    def gap(self) -> Gap | None:
        """How the ledger differs from the earlier one, if that was ever noticed; None until the store is open."""
        return self._continuity.gap

    @property
    def is_open(self) -> bool:
        """Whether an earlier use opened it."""
        return self._engine is not None

    async def open(self) -> Engine:
        """The database engine, opened if necessary.

        Raises:
            StoreUnavailable: the file cannot be created, read or written, others can change it, or a newer server made
                it.
        """
        return await self._visit(self._open_engine)

    async def close(self) -> None:
        """Close the connection after all work has ended."""
        if self._thread is not None:
            thread = self._thread
            await self._visit(self._dispose)
            thread.shutdown(wait=False)
            self._thread = None

    async def reading(
        self,
        read: Callable[Concatenate[Connection, _Arguments], _Result],
        *given: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """The result of `read` on a separate connection."""
        return await self._visit(self._read, read, *given, **named)

    async def writing(
        self,
        write: Callable[Concatenate[Connection, _Arguments], _Result],
        *given: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """The result of `write`, run in a transaction that takes the write lock with its first change. The change is on
        disk when this returns; a fault rolls it back."""
        return await self._visit(self._write, write, *given, **named)

    async def check(self) -> None:
        """Write the current time in the same way as a purchase, to see whether that works.

        Raises:
            StoreUnavailable: the ledger cannot be written.
        """
        await self.writing(store_setting, "checked_at", stamp(self._clock()))

    async def _visit(self, work: Callable[..., _Result], *given: Any, **named: Any) -> _Result:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "ledger")
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*given, **named))

    def _read(self, read: Callable[..., _Result], *given: Any, **named: Any) -> _Result:
        engine = self._open_engine()
        with _translate_errors(), engine.connect() as connection:
            return read(connection, *given, **named)

    def _write(self, write: Callable[..., _Result], *given: Any, **named: Any) -> _Result:
        engine = self._open_engine()
        if _identity(self._path) != self._file:
            raise StoreUnavailable(
                "the ledger's file was moved or replaced while it was in use; put it back, or start the server anew"
            )
        with _translate_errors(), engine.begin() as connection:
            self._continuity.check(connection)
            result = write(connection, *given, **named)
            self._continuity.note_change(connection)
        self._continuity.write_mark()
        return result

    def _open_engine(self) -> Engine:
        if self._engine is None:
            engine = self._new_engine()
            try:
                self._prepare(engine)
            except BaseException:
                engine.dispose()
                raise
            self._engine, self._file = engine, _identity(self._path)
        return self._engine

    def _dispose(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _new_engine(self) -> Engine:
        for line in secure(self._path):
            _log.warning(line)
        file = URL.create("sqlite", database=str(self._path))
        engine = create_engine(file, pool_size=1, max_overflow=0, hide_parameters=True, pool_reset_on_return=None)
        event.listen(engine, "connect", _make_durable)
        return engine

    def _prepare(self, engine: Engine) -> None:
        with _translate_errors(), engine.begin() as connection:
            # Two processes may start at once, so take the lock before the first look.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            version = _version(connection)
            if version is None:
                schema.metadata.create_all(connection)
            elif version < schema.VERSION:
                _upgrade(connection, version)
            if version is None or version <= schema.VERSION:
                store_setting(connection, "schema_version", str(schema.VERSION))
                self.state_key = bytes.fromhex(setting(connection, "request_state_key", secrets.token_hex(32)))
                self._continuity.begin(connection, fresh=version is None, real=self._real)
        if version is not None and version > schema.VERSION:
            raise StoreUnavailable(f"it was written by a newer server (schema {version}, ours {schema.VERSION})")
        self._continuity.write_mark()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _version(connection: Connection) -> int | None:
    """The schema version of the file; None if it has no schema yet."""
    if not inspect(connection).has_table(schema.settings.name):
        return None
    stored = select(schema.settings.c.value).where(schema.settings.c.name == "schema_version")
    return int(connection.scalar(stored) or schema.VERSION)


def _upgrade(connection: Connection, version: int) -> None:
    from orders_server.ledger.upgrades import upgrade  # Alembic is only loaded for an older ledger

    upgrade(connection, version)


def _make_durable(connection: Any, _record: Any) -> None:
    """Use a rollback journal with EXTRA: durable at each commit, and not affected by SQLite's WAL-reset race."""
    connection.isolation_level = "IMMEDIATE"  # the driver takes the write lock with the first change
    cursor = connection.cursor()
    for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", f"busy_timeout={_BUSY_MILLISECONDS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("PRAGMA secure_delete=ON")  # this also removes an erased consignee from the file's pages
    cursor.close()


@contextmanager
def _translate_errors() -> Generator[None]:
    """Turns database faults into StoreUnavailable, except an IntegrityError, which the caller handles."""
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreUnavailable(reason) from error
