"""What goes on around the outbox: channels are looked at now and then, and people are told what stopped working.

What must be told stands in the database until it was told, so that a crash forgets nothing. One process of a workspace
does it at a time, so that nobody is told twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from bot.core.errors import DeliveryError, Throttled
from bot.core.notices import ChannelHeld, ChannelWorks, DetectionSuspended
from bot.core.routing import MAKER_GONE
from bot.delivery.herald import Herald
from bot.delivery.makers import Makers
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.database import DATABASE_TROUBLE
from bot.store.subscriptions import HELD, SubscriptionRow

log = structlog.get_logger(__name__)

OPERATIONS = "operations"
"""The name of the lease."""

LEASE = timedelta(minutes=1)
"""That a process has this work without asking again; half of it later it asks, as does one that has it not."""

TELL_EVERY = 2.0
"""Seconds between looks for something to tell."""

WATCH_EVERY = timedelta(minutes=1)
"""Between rounds over the channels; conversations.info is Tier 3, 50 a minute."""

A_ROUND = 20
"""Channels looked at in one round: held ones in every round, the others in turn."""

SHARED = "is_ext_shared"
"""Why a channel is held that was shared with another organisation without an admin's consent (rule W2)."""


class Operations:
    """Keeps watch for one workspace."""

    def __init__(
        self,
        team_id: str,
        owner: str,
        store: Store,
        notifier: Notifier,
        herald: Herald,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._owner = team_id, owner
        self._store, self._notifier = store, notifier
        self._herald, self._clock = herald, clock
        self._makers = Makers(team_id, store, notifier, clock)
        self._watched: list[str] = []
        self._is_ours = False
        self._ask_at = self._watch_at = datetime.min.replace(tzinfo=UTC)
        self._trouble = False

    async def run(self, stop: asyncio.Event) -> None:
        """Tell and watch until `stop` is set, as long as no other process does."""
        while not stop.is_set():
            try:
                await self.look()
                self._trouble = False
            except (*DATABASE_TROUBLE, DeliveryError) as error:
                if not self._trouble:
                    log.warning("can't watch channels", error=str(error))
                self._trouble = True
            with suppress(TimeoutError):
                async with asyncio.timeout(TELL_EVERY):
                    await stop.wait()
        with suppress(*DATABASE_TROUBLE):
            await self._store.leases.give_back(self._team_id, OPERATIONS, self._owner)

    async def look(self) -> None:
        """Tell what there is to tell, and once in a while watch; nothing where another process does that."""
        if not await self._may():
            return
        now = self._clock()
        if now >= self._watch_at:
            self._watch_at = now + WATCH_EVERY
            await self.watch()
            await self._makers.look()
            await self._store.reminders.remind(self._team_id, self._clock())
        await self.tell()

    async def _may(self) -> bool:
        now = self._clock()
        if now >= self._ask_at:
            self._is_ours = await self._store.leases.take(self._team_id, OPERATIONS, self._owner, now, now + LEASE)
            self._ask_at = now + LEASE / 2
        return self._is_ours

    async def watch(self) -> None:
        """Look at the held channels, and at the next of the others; hold and resume what they say."""
        rows = await self._store.subscriptions.of_team(self._team_id)
        held = {row.channel_id for row in rows if row.state == HELD}
        others = sorted({row.channel_id for row in rows} - held)
        self._watched = [one for one in self._watched if one in others]
        in_turn = [one for one in others if one not in self._watched] + self._watched
        for channel_id in [*sorted(held), *in_turn][:A_ROUND]:
            try:
                await self.check(channel_id)
            except Throttled:  # the next round goes on from here
                return
            if channel_id in others:
                self._watched = [one for one in self._watched if one != channel_id] + [channel_id]

    async def check(self, channel_id: str) -> None:
        """Hold or resume what a channel wants, by what Slack says of it now."""
        rows = await self._store.subscriptions.of_channel(self._team_id, channel_id)
        if not rows:
            return
        facts = await self._notifier.look_at(channel_id)
        # One admin's consent counts for the channel: its people read whatever is posted there.
        unallowed = facts.is_shared and not any(row.shared_ok for row in rows)
        problem = facts.problem or (SHARED if unallowed else None)
        if problem:
            await self._store.subscriptions.hold(self._team_id, channel_id, problem)
        elif any(row.state != "active" and row.reason != MAKER_GONE for row in rows):
            before = await self._store.subscriptions.resume(self._team_id, channel_id, self._clock())
            await self._tell_works(channel_id, before)

    async def _tell_works(self, channel_id: str, before: Sequence[SubscriptionRow]) -> None:
        """Tell that a channel works: those who heard that it did not, and who invited the bot (rule W3)."""
        for (_, reason), rows in _by_trouble(before).items():
            await self._store.notices.put(
                self._team_id,
                f"works {channel_id} {reason}",
                ChannelWorks(channel_id, reason),
                self._clock(),
                own=[row.created_by for row in rows],
                is_personal=all(row.state != HELD for row in rows),
                ends=f"held {channel_id} {reason}",
            )

    async def tell(self) -> None:
        """Tell what has not been told: of what is held, to its makers and admins; of a suspension, to admins."""
        now, notices = self._clock(), self._store.notices
        untold = await self._store.subscriptions.untold(self._team_id)
        for (channel_id, reason), rows in _by_trouble(untold).items():
            makers = tuple(dict.fromkeys(row.created_by for row in rows))
            notice, numbers = ChannelHeld(channel_id, reason, makers), [row.id for row in rows]
            subject = f"held {channel_id} {reason}"
            await notices.about_subscriptions(self._team_id, numbers, subject, notice, now, own=makers)
        for connection in await self._store.connections.of_team(self._team_id):
            if connection.suspended and connection.asked_at is None and connection.answer is None:
                question = DetectionSuspended(connection.id, connection.name, connection.suspended or "")
                await notices.about_connection(connection.id, "asked_at", now, question, now)
        await self._herald.carry_on()


def _by_trouble(rows: Iterable[SubscriptionRow]) -> dict[tuple[str, str], list[SubscriptionRow]]:
    """Return subscriptions by their channel and what is wrong there."""
    found: dict[tuple[str, str], list[SubscriptionRow]] = {}
    for row in rows:
        found.setdefault((row.channel_id, row.reason or ""), []).append(row)
    return found
