"""PostgreSQL by asyncpg: its pool of connections, its time limits, and what differs behind a pooler.

A pooler in transaction mode (PgBouncer) gives each transaction another session. Then nothing may belong to a session:
no prepared statement with a name, no startup parameter and no `SET`. Time limits are set in each transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

IDLE_TIMEOUT_MILLISECONDS = 20_000
"""Milliseconds after which PostgreSQL ends a transaction whose process is idle.

A process that is suspended inside a transaction (SIGSTOP, a frozen machine) would hold its locks, and keep other
processes from taking over its work. None of our transactions is idle for nearly as long.
"""

TRANSACTION_TIMEOUT_MILLISECONDS = 60_000
"""Milliseconds after which PostgreSQL ends any transaction, which is several times what our longest takes.

A process that is suspended between preparing a statement and running it isn't idle for PostgreSQL.
"""

HAS_TRANSACTION_TIMEOUT = 17
"""The first version of PostgreSQL with that setting."""

WITHOUT_SESSION = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}
"""Arguments of a connection behind a pooler: no statement is kept for a later transaction."""


def postgresql_engine(url: URL, max_connections: int, *, read_only: bool) -> AsyncEngine:
    """Return an engine with at most so many connections. Nothing is connected yet."""
    engine = create_async_engine(
        url, pool_size=max_connections, max_overflow=0, pool_use_lifo=True, hide_parameters=True
    )
    limits = _Limits(read_only=read_only)
    sa.event.listen(engine.sync_engine, "do_connect", limits.prepare)
    sa.event.listen(engine.sync_engine, "connect", limits.connected)
    sa.event.listen(engine.sync_engine, "begin", limits.begin)
    sa.event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


async def unlimited(connection: AsyncConnection) -> None:
    """Remove PostgreSQL's time limit for the present transaction."""
    if (connection.dialect.server_version_info or ()) >= (HAS_TRANSACTION_TIMEOUT,):
        await connection.execute(sa.text("SET LOCAL transaction_timeout = 0"))


class _Limits:
    """The settings of all connections of one engine, by session or, behind a pooler, by transaction."""

    def __init__(self, *, read_only: bool) -> None:
        self._read_only = read_only
        self._is_pooled: bool | None = None
        self._version = 0

    def prepare(self, dialect: Any, _record: object, arguments: Sequence[Any], options: dict[str, Any]) -> None:
        """Find out at the first connection whether there is a pooler, and connect accordingly."""
        if self._is_pooled is None:
            self._is_pooled = await_only(_is_pooled(dialect, arguments, options))
        if self._is_pooled:
            options.update(WITHOUT_SESSION)

    def connected(self, connection: Any, _record: ConnectionPoolEntry) -> None:
        """Set the limits of a session."""
        self._version = connection.driver_connection.get_server_version().major
        if not self._is_pooled:
            statements = [f"SET {name} = {value}" for name, value in _settings(self._version)]
            if self._read_only:
                statements.append("SET default_transaction_read_only = on")
            connection.run_async(lambda driver: driver.execute("; ".join(statements)))

    def begin(self, connection: sa.Connection) -> None:
        """Set the limits of a transaction, where its session has none. A read holds no lock that others wait for."""
        if not self._is_pooled:
            return
        if self._read_only:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        elif connection.get_execution_options().get("write"):
            limits = [f"set_config('{name}', '{value}', true)" for name, value in _settings(self._version)]
            connection.exec_driver_sql(f"SELECT {', '.join(limits)}")


def _settings(version: int) -> list[tuple[str, int]]:
    settings = [("idle_in_transaction_session_timeout", IDLE_TIMEOUT_MILLISECONDS)]
    return (
        [*settings, ("transaction_timeout", TRANSACTION_TIMEOUT_MILLISECONDS)]
        if version >= HAS_TRANSACTION_TIMEOUT
        else settings
    )


async def _is_pooled(dialect: Any, arguments: Sequence[Any], options: dict[str, Any]) -> bool:
    """Return whether a pooler answers: it returns a made-up process ID, and PostgreSQL the real one."""
    own = {name: value for name, value in options.items() if not name.startswith(("prepared_", "async_"))}
    driver = await dialect.dbapi.asyncpg.connect(*arguments, **{**own, "statement_cache_size": 0})
    try:
        async with driver.transaction():
            return bool(await driver.fetchval("SELECT pg_backend_pid()") != driver.get_server_pid())
    finally:
        await driver.close()


def _refuse_closed(connection: Any, _record: ConnectionPoolEntry, _proxy: DBAPIConnection) -> None:
    """Replace the connections of the pool if this one was closed by the server. That costs no question to it."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
