"""Notify admins once when Clust can't be polled or no process polls it, and once when polling works again.

It runs in every process, so that a web process notices a dead worker. The database decides which process notifies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.core.notifications.admin_notifications import (
    AdminNotification,
    ClustAway,
    ClustBack,
    PollerMoves,
    PollerStalled,
)
from bot.core.staleness import INTERVALS, SHORTEST_OUTAGE, ReadingState
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.independent_work import run_independently
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.engine.periodic import run_periodically

log = structlog.get_logger(__name__)

STALLED, OUTAGE = "stalled_told_at", "outage_told_at"
"""Columns of a connection with the start of a problem that admins are notified about."""

LOOK_EVERY_SECONDS = 15.0


class Watchdog:
    """Watches the connections of one workspace. `interval` is the time between two polls."""

    def __init__(
        self,
        store: Store,
        open_messages: Callable[[str], Awaitable[AdminNotificationSender | None]],
        interval: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._open = store, open_messages
        self._interval, self._clock, self._since = interval, clock, clock()

    async def run(self, stop: asyncio.Event) -> None:
        """Check all accounts regularly, until `stop` is set."""
        await run_periodically(self.check, LOOK_EVERY_SECONDS, stop, "the watchdog could not look")

    async def check(self) -> None:
        """Notify admins of what began or ended since the last check. Raises DATABASE_TROUBLE."""
        since = self._clock() - max(SHORTEST_OUTAGE, INTERVALS * self._interval)
        doubtful = await self._store.connections.doubtful(since)
        await run_independently((partial(self._check_account, *one) for one in doubtful), "watching an account")
        now = self._clock()
        due = {work.team_id for work in await self._store.due_work.notifications() if work.due_at <= now}
        await run_independently((partial(self._notify, team_id) for team_id in sorted(due)), "notifying admins")

    async def _notify(self, team_id: str) -> None:
        if admin_sender := await self._open(team_id):
            await admin_sender.carry_on()

    async def _check_account(self, connection: Connection, last_poll_at: datetime | None) -> None:
        now = self._clock()
        reading = ReadingState(self._interval, connection.failing_since, last_poll_at, connection.lease_until)
        stalled = reading.is_stalled(now, max(self._since, connection.made_at or self._since))
        if stalled and connection.stalled_told_at is None:
            await self._began(connection, STALLED, PollerStalled(last_poll_at))
        # Who watches since a moment ago can't know yet that it stands still: a poll since then proves that it moves.
        elif connection.stalled_told_at and last_poll_at and last_poll_at > connection.stalled_told_at:
            await self._ended(connection, STALLED, PollerMoves(connection.stalled_told_at))
        if reading.is_outage(now) and connection.outage_told_at is None:
            since = connection.failing_since or now
            await self._began(connection, OUTAGE, ClustAway(since, connection.error or ""))
        elif connection.outage_told_at is not None and connection.failing_since is None:
            await self._ended(connection, OUTAGE, await self._back(connection, connection.outage_told_at))

    async def _back(self, connection: Connection, told_at: datetime) -> ClustBack:
        since = await self._store.connections.well_until(connection.id, told_at) or told_at
        return ClustBack(
            since, connection.read_at or self._clock(), await self._store.event_history.counts(connection.id, told_at)
        )

    async def _began(self, connection: Connection, column: str, notification: AdminNotification) -> None:
        now = self._clock()
        if await self._store.admin_notifications.about_connection(connection.id, column, now, notification, now):
            log.warning("admins are notified", notification=type(notification).__name__)

    async def _ended(self, connection: Connection, column: str, notification: AdminNotification) -> None:
        """Notify admins that it is over, unless the notification of its beginning wasn't sent yet."""
        admin_notifications, ends = self._store.admin_notifications, f"{column} {connection.id}"
        if await admin_notifications.about_connection(
            connection.id, column, None, notification, self._clock(), ends=ends
        ):
            log.warning("admins are notified", notification=type(notification).__name__)
