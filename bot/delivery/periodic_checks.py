"""Check channels and subscription owners now and then, and notify people of what stopped working.

A notification stands in the database until it was sent, so that a crash forgets nothing. A lease lets one process do
this for a workspace at a time, so that nobody is notified twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.core.notifications.admin_notifications import ChannelHeld, DetectionSuspended
from bot.core.rounds import RoundOutcome
from bot.delivery.admin_messages import AdminMessages
from bot.delivery.channel_check import ChannelCheck
from bot.delivery.notifier import Notifier
from bot.delivery.owner_check import OwnerCheck
from bot.delivery.rounds import GoingRound, Seeing, Work, each
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.periodic import run_periodically
from bot.store.notifications.admin_notifications import hold_of
from bot.store.notifications.rounds import REMINDER
from bot.store.notifications.subscriptions import SubscriptionRow

log = structlog.get_logger(__name__)

OPERATIONS = "operations"
"""The name of the lease."""

LEASE = timedelta(minutes=1)
"""That a process has this work without asking again; half of it later it asks, as does one that has it not."""

LOOK_EVERY_SECONDS = 2.0
"""Between looks for something to report."""

WATCH_EVERY = timedelta(seconds=15)
"""Between two rounds."""

A_ROUND = 5
"""Channels, and people, looked at in one round: 20 a minute leave half of what Slack allows to what can't wait."""

MOST_REMINDED = 50
"""Channels whose reminders are looked at in one round."""

REMIND_EVERY = timedelta(minutes=10)
"""Between two looks for what a channel is to be reminded of."""


class PeriodicChecks:
    """Keeps watch for one workspace."""

    def __init__(
        self,
        team_id: str,
        owner: str,
        store: Store,
        notifier: Notifier,
        admin_messages: AdminMessages,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._owner = team_id, owner
        self._store, self._notifier = store, notifier
        self._admin_messages, self._clock = admin_messages, clock
        self._channels = ChannelCheck(team_id, store, notifier, clock)
        self._owners = OwnerCheck(team_id, store, notifier, clock)
        self._reminders = GoingRound(team_id, REMINDER, store.rounds, self._remind, REMIND_EVERY, clock)
        self._is_ours = False
        self._ask_at = self._watch_at = datetime.min.replace(tzinfo=UTC)

    async def run(self, stop: asyncio.Event) -> None:
        """Check and notify until `stop` is set, while this process has the lease; then give it back."""
        await run_periodically(self.look, LOOK_EVERY_SECONDS, stop, "can't watch channels")
        with suppress(*DATABASE_TROUBLE):
            await self._store.leases.give_back(self._team_id, OPERATIONS, self._owner)

    async def look(self) -> None:
        """Send what is to be sent and, every 15 seconds, go round; do nothing while another process has the lease."""
        if not await self._may():
            return
        now = self._clock()
        parts = [self.tell]
        if now >= self._watch_at:
            self._watch_at = now + WATCH_EVERY
            parts.insert(0, self.watch)
        await each(parts, "a part of the rounds")

    async def _may(self) -> bool:
        now = self._clock()
        if now >= self._ask_at:
            self._is_ours = await self._store.leases.take(self._team_id, OPERATIONS, self._owner, now, now + LEASE)
            self._ask_at = now + LEASE / 2
        return self._is_ours

    async def watch(self) -> None:
        """Go round: look at the channels, the people and the reminders whose turn it is (rules P3, P4)."""
        rounds = (
            partial(self._channels.go_round, A_ROUND),
            partial(self._owners.go_round, A_ROUND),
            partial(self._reminders.go, MOST_REMINDED),
        )
        await each(rounds, "a round")

    async def check(self, channel_id: str) -> None:
        """Hold or resume what a channel wants, by what Slack says of it now. Raises a DeliveryError."""
        await self._channels.check(channel_id)

    async def _remind(self, channel_id: str) -> Seeing:
        """Remind a channel of what is due there, if it wants that."""
        await self._store.reminders.remind(self._team_id, channel_id, self._clock())
        return RoundOutcome.WELL, None

    async def tell(self) -> None:
        """Tell what has not been told: of what is held, to its makers and admins; of a suspension, to admins."""
        untold = _by_trouble(await self._store.subscriptions.untold(self._team_id))
        connections = await self._store.connections.of_team(self._team_id)
        asking = [one for one in connections if one.suspended and not one.asked_at and one.answer is None]
        works: list[Work] = [
            *(partial(self._tell_held, rows) for rows in untold.values()),
            *(partial(self._ask, one) for one in asking),
            self._admin_messages.carry_on,
        ]
        await each(works, "telling")

    async def _tell_held(self, rows: Sequence[SubscriptionRow]) -> None:
        """Keep the notice that what a channel wants is held, for its makers and admins."""
        channel_id, reason = rows[0].channel_id, rows[0].reason or ""
        owners = tuple(dict.fromkeys(row.created_by for row in rows))
        notification, ids = ChannelHeld(channel_id, reason, owners), [row.id for row in rows]
        subject = hold_of(channel_id, reason)
        await self._store.admin_notifications.about_subscriptions(
            self._team_id, ids, subject, notification, self._clock(), own=owners
        )

    async def _ask(self, connection: Connection) -> None:
        """Keep the question to admins what to do about an account whose reading is suspended."""
        question, now = DetectionSuspended(connection.id, connection.name, connection.suspended or ""), self._clock()
        await self._store.admin_notifications.about_connection(connection.id, "asked_at", now, question, now)


def _by_trouble(rows: Iterable[SubscriptionRow]) -> dict[tuple[str, str], list[SubscriptionRow]]:
    """Group subscriptions by their channel and what is wrong there."""
    by_trouble: dict[tuple[str, str], list[SubscriptionRow]] = {}
    for row in rows:
        by_trouble.setdefault((row.channel_id, row.reason or ""), []).append(row)
    return by_trouble
