"""Wakes the loops that wait for work when a transaction adds some.

PostgreSQL sends a notification with the commit (NOTIFY) to all processes, and `work_listener` receives it. On SQLite,
and while nothing can be received, a process wakes only its own loops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

CHANNEL = "clust_work"
"""The name of the notification. It has no content. The database is queried for what is due."""

LOOK_EVERY_SECONDS = 5.0
"""Seconds between two queries of a loop that is woken, for what became due, or was added by an older version."""

UNHEARD_SECONDS = 1.0
"""Seconds between two queries of a loop that isn't."""

_ADDS_WORK = "adds_work"

Statement = TypeVar("Statement", bound=sa.Executable)


def adding_work(statement: Statement) -> Statement:
    """Return the statement marked so that, if it changes rows, its commit wakes the loops of every process."""
    marked: Statement = statement.execution_options(**{_ADDS_WORK: True})
    return marked


class Wakeups:
    """Wakes the loops of this process.

    Each of `listeners` is called, without waiting, when work was added.
    """

    def __init__(self, engine: AsyncEngine, *, is_sqlite: bool) -> None:
        self._is_sqlite = is_sqlite
        self.listeners: list[Callable[[], None]] = []
        self.listening = asyncio.Event()
        """Set while this process is notified of work that others add."""
        sa.event.listen(engine.sync_engine, "after_cursor_execute", _note)

    @property
    def look_every_seconds(self) -> float:
        """The longest pause of a loop that waits for work."""
        return LOOK_EVERY_SECONDS if self.listening.is_set() else UNHEARD_SECONDS

    def wake(self) -> None:
        """Wake all loops."""
        for listener in self.listeners:
            listener()

    def begin(self, tx: AsyncConnection) -> None:
        """Forget what an earlier transaction of this connection has added."""
        tx.info.pop(_ADDS_WORK, None)

    async def notify(self, tx: AsyncConnection) -> bool:
        """Return whether a transaction added work, and let it notify the other processes when it commits."""
        adds_work = bool(tx.info.pop(_ADDS_WORK, False))
        if adds_work and not self._is_sqlite:
            await tx.exec_driver_sql(f"NOTIFY {CHANNEL}")
        return adds_work

    def committed(self) -> None:
        """Wake the loops of this process, unless the notification does."""
        if self._is_sqlite or not self.listening.is_set():
            self.wake()


def _note(connection: sa.Connection, cursor: Any, _statement: str, _parameters: Any, context: Any, *_: object) -> None:
    """Record that a transaction adds work, if the statement is marked so and changed rows."""
    if context.execution_options.get(_ADDS_WORK) and cursor.rowcount != 0:
        connection.info[_ADDS_WORK] = True
