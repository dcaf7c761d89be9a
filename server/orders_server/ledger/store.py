"""The ledger's database: opened once, durable before it answers, every fault of it told as StoreUnavailable."""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from orders_server.ledger import schema
from orders_tools.faults import StoreUnavailable

_BUSY_MILLISECONDS = 10_000


class Store:
    """One SQLite file. It is opened by the first use that succeeds; until then every use says why it cannot be."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        self.state_key = b""
        """The key that seals questions put to clients; made once and kept here. Empty until the store is open."""

    async def open(self) -> AsyncEngine:
        """The open engine.

        Raises:
            StoreUnavailable: the file cannot be made, read or written, or belongs to a newer server.
        """
        async with self._opening:
            if self._engine is None:
                engine = await asyncio.to_thread(self._new_engine)
                try:
                    await self._prepare(engine)
                except BaseException:
                    await engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    async def close(self) -> None:
        """Give back the connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A connection for reads."""
        engine = await self.open()
        with _told():
            async with engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that takes the write lock with its first change and is on the disk when it ends."""
        engine = await self.open()
        with _told():
            async with engine.begin() as connection:
                yield connection

    def _new_engine(self) -> AsyncEngine:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{self._path}",
            pool_size=4,
            max_overflow=0,
            hide_parameters=True,
            pool_reset_on_return=None,
        )
        event.listen(engine.sync_engine, "connect", _make_durable)
        return engine

    async def _prepare(self, engine: AsyncEngine) -> None:
        with _told():
            async with engine.begin() as connection:
                # Two processes may start at once: the lock is taken before the first look.
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                version = await connection.run_sync(_version)
                if version is None:
                    await connection.run_sync(schema.metadata.create_all)
                elif version < schema.VERSION:
                    await connection.run_sync(_upgrade, version)
                if version is None or version <= schema.VERSION:
                    await _set(connection, "schema_version", str(schema.VERSION))
                    key = await _setting(connection, "request_state_key", secrets.token_hex(32))
                    self.state_key = bytes.fromhex(key)
        if version is not None and version > schema.VERSION:
            raise StoreUnavailable(f"it was written by a newer server (schema {version}, ours {schema.VERSION})")


def _version(connection: Connection) -> int | None:
    """The version of the schema in the file; None where there is none yet."""
    if not inspect(connection).has_table(schema.settings.name):
        return None
    stored = select(schema.settings.c.value).where(schema.settings.c.name == "schema_version")
    return int(connection.scalar(stored) or schema.VERSION)


def _upgrade(connection: Connection, version: int) -> None:
    from orders_server.ledger.upgrading import upgrade  # Alembic is only loaded for an older ledger

    upgrade(connection, version)


async def _set(connection: AsyncConnection, name: str, value: str) -> None:
    if await _setting(connection, name, value) != value:
        await connection.execute(update(schema.settings).where(schema.settings.c.name == name).values(value=value))


async def _setting(connection: AsyncConnection, name: str, first: str) -> str:
    """The stored value of `name`, which is `first` where none was stored."""
    value = await connection.scalar(select(schema.settings.c.value).where(schema.settings.c.name == name))
    if value is None:
        await connection.execute(insert(schema.settings).values(name=name, value=first))
        return first
    return str(value)


def _make_durable(connection: Any, _record: Any) -> None:
    """A rollback journal with EXTRA: safe on SQLite libraries with the WAL-reset race, durable at each commit."""
    connection.isolation_level = "IMMEDIATE"  # the driver takes the write lock with the first change
    cursor = connection.cursor()
    for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", f"busy_timeout={_BUSY_MILLISECONDS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _told() -> Generator[None]:
    """Turns faults of the database into StoreUnavailable; a broken uniqueness is the caller's to understand."""
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreUnavailable(reason) from error
