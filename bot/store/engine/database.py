"""The database: one engine, read and write transactions, and the differences between SQLite and PostgreSQL.

Both run the same statements, with aiosqlite and asyncpg. Their differences are in this file only.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, NewType, overload

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from bot.store.engine.database_url import database_url
from bot.store.engine.postgresql import postgresql_engine
from bot.store.engine.wakeups import Wakeups

BUSY_TIMEOUT_MILLISECONDS = 15_000
"""Milliseconds that SQLite waits for another process's write."""

MAX_CONNECTIONS = 10
"""To one database from one process, unless DATABASE_POOL says otherwise."""

BUSY_RETRY_SECONDS = 0.02
"""Seconds between two tries of a statement for which SQLite ignores its busy timeout."""

DATABASE_TROUBLE = (SQLAlchemyError, OSError)
"""The errors of a database that is locked, full, restarting or away. Loops log them once and continue."""

Transaction = NewType("Transaction", AsyncConnection)
"""A connection inside a write transaction."""

LockedTransaction = NewType("LockedTransaction", Transaction)
"""A write transaction that holds a lock: what it reads stays true until it commits.

Functions that write what follows from what they read take this type, so mypy finds a forgotten lock.
"""


class Database:
    """An open database. `read()` and `write()` return a connection inside a transaction."""

    def __init__(self, url: str, *, read_only: bool = False, max_connections: int = MAX_CONNECTIONS) -> None:
        """At most `max_connections` are open at once.

        A `read_only` database rejects writes and is not created by opening it.
        """
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine(max_connections, read_only=read_only)
        self.wakeups = Wakeups(self.engine, is_sqlite=self.is_sqlite)
        # One writer at a time in this process: SQLite's own waiting is neither fair nor asynchronous.
        self._writing = asyncio.Lock() if self.is_sqlite else None
        self._room: asyncio.Semaphore | None = None

    def _engine(self, max_connections: int, *, read_only: bool = False) -> AsyncEngine:
        make = _sqlite_engine if self.is_sqlite else postgresql_engine
        return make(self.url, max_connections, read_only=read_only)

    def engine_apart(self) -> AsyncEngine:
        """Return another engine, set up alike, for one connection that is kept: to listen on. The caller closes it."""
        return self._engine(1)

    def share(self, max_connections: int) -> Database:
        """Return the same database for callers that together use a limited number of its connections.

        The remaining connections are left to others. Callers beyond the limit wait for each other.
        """
        shared = copy(self)
        shared._room = asyncio.Semaphore(max_connections)  # noqa: SLF001  it is one of ours
        return shared

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Return a connection for reading. On SQLite all reads see one consistent state."""
        async with self._room or nullcontext(), self._connection() as connection:
            yield connection

    @overload
    def write(self) -> AbstractAsyncContextManager[Transaction]: ...

    @overload
    def write(self, *, lock: str) -> AbstractAsyncContextManager[LockedTransaction]: ...

    def write(self, *, lock: str | None = None) -> AbstractAsyncContextManager[LockedTransaction]:
        """Return a connection in a write transaction: committed at the end, rolled back on any error (rule D1).

        With `lock`, usually the id of a workspace, it first waits for that lock (see `lock()`).
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
        """Return a connection from the pool. Any error while connecting is raised as one of DATABASE_TROUBLE.

        The drivers raise errors of their own there, or the system's, which don't look like database errors.
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
        """Wait for the lock `subject` and hold it until the transaction ends. It excludes all processes.

        It is needed to write what follows from rows just read: PostgreSQL lets other transactions commit in between
        (Read Committed). On SQLite every write transaction is exclusive already. Use `write(lock=…)`. This method is
        for a second lock, or if the subject must be read first.
        """
        if not self.is_sqlite:
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(subject, 0))))
        return LockedTransaction(tx)

    async def lock_all(self, tx: Transaction, subjects: Iterable[str]) -> LockedTransaction:
        """Wait for several locks, in an order that lets no two transactions wait for each other."""
        if not self.is_sqlite:
            every = _subjects(sorted(set(subjects)))
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(every, 0))))
        return LockedTransaction(tx)

    async def lock_free(self, tx: Transaction, subjects: Collection[str]) -> tuple[LockedTransaction, Collection[str]]:
        """Hold those of several locks that are free now. Returns their subjects too."""
        free = subjects
        if not self.is_sqlite:
            every = _subjects(subjects)
            is_free = sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(every, 0))
            free = (await tx.execute(sa.select(every).where(is_free))).scalars().all()
        return LockedTransaction(tx), free

    def upsert(self, table: sa.Table, *, update: tuple[str, ...]) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT into `table` that updates the columns `update` if the primary key exists.

        Without any it leaves the existing row unchanged.
        """
        return _upsert(table, update, is_sqlite=self.is_sqlite)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@cache  # building one costs more than executing it
def _upsert(table: sa.Table, update: tuple[str, ...], *, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    key = list(table.primary_key.columns)
    if not update:
        return insert.on_conflict_do_nothing(index_elements=key)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in update})


def _subjects(subjects: Iterable[str]) -> sa.ColumnElement[str]:
    """Return a column with a row for each subject, in order (PostgreSQL: unnest)."""
    array = sa.literal(list(subjects), postgresql.ARRAY(sa.Text))
    return sa.func.unnest(array).column_valued("subject")


def _sqlite_engine(url: URL, max_connections: int, *, read_only: bool) -> AsyncEngine:
    """Return an engine whose driver never begins a transaction by itself (rule D1)."""
    if read_only:
        file = Path(url.database or "").resolve().as_uri()
        return create_async_engine(f"sqlite+aiosqlite:///{file}?mode=ro&uri=true", hide_parameters=True)
    engine = create_async_engine(
        url,
        connect_args={"isolation_level": None},
        pool_size=max_connections,
        max_overflow=0,
        hide_parameters=True,
    )
    sa.event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    sa.event.listen(engine.sync_engine, "invalidate", _roll_back)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MILLISECONDS}", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        _use_wal(cursor)
    except Exception:
        connection.close()  # no one else will: it never came into the pool
        raise
    cursor.close()


def _use_wal(cursor: DBAPICursor) -> None:
    """Switch the file to a write-ahead log, permanently.

    The switch needs a lock for which SQLite doesn't wait while another process writes (SQLite: busy_timeout,
    sqlite3_busy_handler: "to avoid a deadlock"), for example when several processes create one file.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            await_only(asyncio.sleep(BUSY_RETRY_SECONDS))
        else:
            return


def _roll_back(connection: DBAPIConnection, _record: ConnectionPoolEntry, _error: BaseException | None) -> None:
    """Release the locks of a connection whose task was cancelled, before it is closed.

    Closing releases nothing while one of its statements still exists, which a traceback may refer to for minutes
    (SQLite: sqlite3_close_v2).
    """
    with suppress(Exception):  # it may be closed already
        connection.rollback()


def _begin_sqlite(connection: sa.Connection) -> None:
    options: Any = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")
