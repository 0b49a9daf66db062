"""Reading the items of an application, so that a card can name what is missing, without making delivery slower.

Lists don't carry items, so an application is read singly (GET /dossiers/{id}) when its card is posted or updated. That
read waits 2 seconds at most, and none is made within a minute of one that failed. It counts as the poll's (rule R3).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.accounts import Accounts
from bot.clust import Priority
from bot.core.applications.model import Application
from bot.core.errors import ClustError, ClustNotFound, NoAccount
from bot.store import Store

log = structlog.get_logger(__name__)

ReadSingle = Callable[[int, str], Awaitable[Application | None]]
"""Reads an application of a connection singly, or None if it can't be read now. `ItemReads` is one."""

PATIENCE_SECONDS = 2.0
"""The most that a card waits for its items."""

QUIET_AFTER_FAILURE = timedelta(minutes=1)
"""No read is made for this long after one that failed, and then a single one is tried."""

MAX_READS = 20
"""For cards, in one poll interval of an account (rule R2)."""


@dataclass(slots=True)
class _AccountReads:
    """The reads of one account: when the last ones began, how many are under way, and when one failed last."""

    begun_at: deque[datetime] = field(default_factory=lambda: deque(maxlen=MAX_READS))
    under_way: int = 0
    failed_at: datetime | None = None

    def may_begin(self, now: datetime, interval: timedelta) -> bool:
        """Return whether a read may begin now."""
        if self.failed_at and (self.under_way or now - self.failed_at < QUIET_AFTER_FAILURE):
            return False
        return len(self.begun_at) < MAX_READS or now - self.begun_at[0] >= interval


class ItemReads:
    """Reads applications singly for the cards of one process."""

    def __init__(self, store: Store, accounts: Accounts, interval: timedelta, clock: Callable[[], datetime]) -> None:
        """`interval` is the time from one poll to the next."""
        self._store, self._accounts, self._interval, self._clock = store, accounts, interval, clock
        self._reads: dict[int, _AccountReads] = {}

    async def __call__(self, connection_id: int, application_id: str) -> Application | None:
        """Return an application with its items, or None if it can't be read now.

        What was read is kept, so that later updates of its cards have it too.
        """
        single = await self._read(connection_id, application_id)
        if single:
            await self._store.applications.keep_items(connection_id, single)
        return single

    async def _read(self, connection_id: int, application_id: str) -> Application | None:
        reads, now = self._reads.setdefault(connection_id, _AccountReads()), self._clock()
        if not reads.may_begin(now, self._interval):
            return None
        reads.begun_at.append(now)
        reads.under_way += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                connection = await self._store.connections.get(connection_id)
                if connection.paused_until and connection.paused_until > now:
                    return None
                account = await self._accounts.of(connection)
                single = await account.clust.application(application_id, attempts=1, priority=Priority.POLL)
        except ClustNotFound:
            return None  # an answer like any other: the poll finds out whether it is gone (rule B5)
        except (ClustError, NoAccount, TimeoutError) as error:
            reads.failed_at = self._clock()
            log.info("items could not be read", connection=connection_id, error=str(error) or "no answer in time")
            return None
        else:
            reads.failed_at = None
            return single
        finally:
            reads.under_way -= 1
