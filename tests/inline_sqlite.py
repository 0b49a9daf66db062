"""SQLite on the event loop's thread, for tests: aiosqlite hands each small step of a statement to a thread and back.

That costs more than the statements. What a test sees is the same: each statement lets others run, and who has to wait
for another's write waits in a thread, as long as the bot's own `busy_timeout` says. Only nothing is synced to the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""The one statement that waits for others."""

SYNCING = "PRAGMA synchronous=FULL"
"""What makes a database outlive a power cut, which these don't need."""


class InlineConnection(aiosqlite.Connection):
    """A connection of aiosqlite without a thread."""

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        """Connect, if that isn't done yet."""
        return self._connect().__await__()

    async def _connect(self) -> aiosqlite.Connection:
        if self._connection is None:
            self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        if not args:
            return fn(**kwargs)
        await asyncio.sleep(0)
        match args:
            case (sql, *_) if sql == BEGIN_WRITING:
                return await self._begin_writing(partial(fn, *args, **kwargs))
            case (sql, *_) if sql == SYNCING:
                return fn("PRAGMA synchronous=OFF")
        return fn(*args, **kwargs)

    async def _begin_writing(self, begin: Callable[[], T]) -> T:
        (wait,) = self._conn.execute("PRAGMA busy_timeout").fetchone()
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            return begin()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={wait}")
        return await asyncio.to_thread(begin)

    def stop(self) -> None:
        """Close it at once."""
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connect(database: str | Path, **kwargs: Any) -> InlineConnection:
    """Do as `aiosqlite.connect`."""
    return InlineConnection(partial(sqlite3.connect, database, **kwargs), iter_chunk_size=64)
