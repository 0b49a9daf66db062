"""The database: one engine, read and write transactions, and the differences between SQLite and PostgreSQL.

SQLite by aiosqlite and PostgreSQL by asyncpg run the same statements; what differs stands in this file alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, NewType, overload

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from bot.core.errors import UsageError
from bot.store.engine.wakeups import Wakeups

BUSY_TIMEOUT = 15_000
"""Milliseconds that SQLite waits for another process's write."""

MAX_CONNECTIONS = 10
"""To one database, from one process; half of them stay open."""

IDLE_TIMEOUT = 20_000
"""Milliseconds after which PostgreSQL ends a transaction whose process says nothing.

A process that is suspended in the middle of one (SIGSTOP, a frozen machine) would keep its locks, and so keep the other
processes from taking its work over, for as long as it sleeps. None of ours thinks for nearly so long.
"""

TRANSACTION_TIMEOUT = 60_000
"""Milliseconds after which PostgreSQL ends a transaction in any case; several times what the longest of ours takes.

Between asking how a statement is to be understood and letting it run, a process that is suspended counts as busy.
"""

HAS_TRANSACTION_TIMEOUT = 17
"""The version of PostgreSQL since which that can be told."""

BUSY_RETRY_SECONDS = 0.02
"""Seconds between two tries where SQLite does not wait by itself."""

DATABASE_TROUBLE = (SQLAlchemyError, OSError)
"""What a database that is locked, full, restarting or away raises: a loop logs it once and goes on."""

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def database_url(text: str) -> URL:
    """Return the URL for SQLAlchemy of a `DATABASE_URL` as platforms hand it out.

    `postgres://` gets the asyncpg driver, and libpq's `sslmode` becomes asyncpg's `ssl`. Raises UsageError.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise UsageError(f"It is no database URL; {_RIGHT}.") from error
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise UsageError(f"`{url.drivername}` is no database this bot knows; {_RIGHT}.")
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    query.pop("channel_binding", None)
    return url.set(drivername=driver, query=query)


_RIGHT = "it should look like `sqlite+aiosqlite:///clust-bot.db` or `postgresql://user:password@host/name`"


Transaction = NewType("Transaction", AsyncConnection)
"""A connection inside a write transaction."""

LockedTransaction = NewType("LockedTransaction", Transaction)
"""A write transaction that holds a lock: what it reads stays true until it has written what follows from it.

Functions that read and then write take this type, so that the type checker finds a forgotten lock.
"""


class Database:
    """The open database. `read()` and `write()` give a connection inside a transaction."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """A `read_only` database refuses every write, and does not come into being by being opened."""
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        engine = _sqlite_engine if self.is_sqlite else _postgresql_engine
        self.engine: AsyncEngine = engine(self.url, read_only=read_only)
        self.wakeups = Wakeups(self.engine, is_sqlite=self.is_sqlite)
        # One writer at a time in this process: SQLite's own waiting is neither fair nor asynchronous.
        self._writing = asyncio.Lock() if self.is_sqlite else None
        self._room: asyncio.Semaphore | None = None

    def share(self, connections: int) -> Database:
        """Return the same database for those who together hold so many of its connections at most.

        The others stay for everybody else; whoever asks for one more waits for its own kind.
        """
        shared = copy(self)
        shared._room = asyncio.Semaphore(connections)  # noqa: SLF001  it is one of ours
        return shared

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for reading; what it reads is one consistent state on SQLite."""
        async with self._room or nullcontext(), self._connection() as connection:
            yield connection

    @overload
    def write(self) -> AbstractAsyncContextManager[Transaction]: ...

    @overload
    def write(self, *, lock: str) -> AbstractAsyncContextManager[LockedTransaction]: ...

    def write(self, *, lock: str | None = None) -> AbstractAsyncContextManager[LockedTransaction]:
        """Give a connection in a write transaction: committed at the end, rolled back on any error (rule D1).

        With `lock`, usually the id of a workspace, it begins by waiting for that lock; see `lock()`.
        """
        return self._write(lock)

    @asynccontextmanager
    async def _write(self, subject: str | None) -> AsyncIterator[LockedTransaction]:
        # Who waits for room keeps no other from writing.
        async with self._room or nullcontext(), self._writing or nullcontext(), self._connection() as plain:
            connection = await plain.execution_options(write=True)
            async with connection.begin():
                self.wakeups.begin(connection)
                # Without a subject nothing is locked: `write()` promises a plain transaction then.
                if subject is None:
                    yield LockedTransaction(Transaction(connection))
                else:
                    yield await self.lock(Transaction(connection), subject)
                adds_work = await self.wakeups.notify(connection)
        if adds_work:
            self.wakeups.committed()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection of the pool; whatever keeps it from being opened is trouble with the database.

        The drivers raise errors of their own there, or those of the system, which look like trouble with anything.
        """
        connection = self.engine.connect()
        try:
            await connection.start()
        except SQLAlchemyError:
            raise
        except Exception as error:
            raise OperationalError("connecting", None, error) from error
        try:
            yield connection
        finally:
            await connection.close()

    async def lock(self, tx: Transaction, subject: str) -> LockedTransaction:
        """Wait until no other transaction of any process holds the lock `subject`; hold it until this one ends.

        Whoever reads rows and then writes what follows from them needs it: PostgreSQL lets another transaction commit
        in between (its default isolation, Read Committed). On SQLite every write transaction is alone already.
        `write(lock=…)` is the usual way; this one is for a second lock, and where the subject has first to be read.
        """
        if not self.is_sqlite:
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(subject, 0))))
        return LockedTransaction(tx)

    def upsert(self, table: sa.Table, *, update: tuple[str, ...]) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT into `table` that, where the primary key is taken, sets the columns `update` instead.

        Without any it leaves the row that stands there as it is.
        """
        insert = sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
        key = list(table.primary_key.columns)
        if not update:
            return insert.on_conflict_do_nothing(index_elements=key)
        return insert.on_conflict_do_update(
            index_elements=key,
            set_={name: insert.excluded[name] for name in update},
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _postgresql_engine(url: URL, *, read_only: bool) -> AsyncEngine:
    settings = {"idle_in_transaction_session_timeout": str(IDLE_TIMEOUT)}
    if read_only:
        settings["default_transaction_read_only"] = "on"
    engine = create_async_engine(
        url,
        connect_args={"server_settings": settings},
        pool_pre_ping=True,
        pool_size=MAX_CONNECTIONS // 2,
        max_overflow=MAX_CONNECTIONS // 2,
        hide_parameters=True,
    )
    limit = partial(_limit, TRANSACTION_TIMEOUT)
    sa.event.listen(engine.sync_engine, "connect", lambda connection, _record: connection.run_async(limit))
    return engine


async def unlimited(connection: AsyncConnection) -> None:
    """Let the present transaction, on PostgreSQL, take as long as it does."""
    if (connection.dialect.server_version_info or ()) >= (HAS_TRANSACTION_TIMEOUT,):
        await connection.execute(sa.text("SET LOCAL transaction_timeout = 0"))


async def _limit(milliseconds: int, connection: Any) -> None:
    """Tell PostgreSQL, by asyncpg's connection, how long a transaction may take, as far as it can be told."""
    if connection.get_server_version().major >= HAS_TRANSACTION_TIMEOUT:
        await connection.execute(f"SET transaction_timeout = {milliseconds}")


def _sqlite_engine(url: URL, *, read_only: bool) -> AsyncEngine:
    """Make an engine whose driver never begins a transaction by itself (rule D1)."""
    if read_only:
        file = Path(url.database or "").resolve().as_uri()
        return create_async_engine(f"sqlite+aiosqlite:///{file}?mode=ro&uri=true", hide_parameters=True)
    engine = create_async_engine(
        url,
        connect_args={"isolation_level": None},
        pool_size=MAX_CONNECTIONS // 2,
        max_overflow=MAX_CONNECTIONS // 2,
        hide_parameters=True,
    )
    sa.event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in (f"busy_timeout={BUSY_TIMEOUT}", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        _use_wal(cursor)
    except Exception:
        connection.close()  # nobody else will: it never came into the pool
        raise
    cursor.close()


def _use_wal(cursor: DBAPICursor) -> None:
    """Let the file have a write-ahead log, which stays with it.

    For the first time that takes a lock of its own, for which SQLite does not wait while another process writes
    (SQLite: busy_timeout, sqlite3_busy_handler: "to avoid a deadlock"), as when several make one new file.
    """
    until = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            await_only(asyncio.sleep(BUSY_RETRY_SECONDS))
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    options: Any = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")
