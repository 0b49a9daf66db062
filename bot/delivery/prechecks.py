"""Makes sure that what a post depends on is fresh before it is sent (rule P5).

Slack's event may have been lost when a channel was archived or shared with another organisation, or when an owner or a
mentioned person left. Slack is asked once for everything that waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.core.errors import DeliveryError
from bot.delivery.channel_check import ChannelCheck, owners, problem_of
from bot.delivery.notifier import Notifier
from bot.delivery.owner_check import OwnerCheck
from bot.store import Store
from bot.store.notifications.check_schedule import CHANNEL, PERSON

log = structlog.get_logger(__name__)

FRESH = timedelta(minutes=2)
"""The maximum age of the facts for a post."""

PATIENCE_SECONDS = 3.0
"""Seconds that a post waits for Slack's answer. Then the stored facts are used."""

ASK_AGAIN = timedelta(seconds=15)
"""After an unanswered question, until the next try."""

MAX_REMEMBERED = 1000
"""Channels whose freshness is cached in memory."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passage:
    """Why nothing may be posted in a channel (None: it may), and which people that a post depends on have left.

    `is_shared`: people of other organizations read the channel. None if Slack hasn't said.
    """

    problem: str | None = None
    gone: frozenset[str] = frozenset()
    is_shared: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether everything is as a post needs it."""
        return not self.problem and not self.gone


class Gate:
    """Checks every post of one process into the channels of one workspace."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._clock = team_id, store, clock
        self._channels = ChannelCheck(team_id, store, notifier, clock)
        self._owners = OwnerCheck(team_id, store, notifier, clock)
        self._open: dict[str, tuple[datetime, Passage]] = {}
        self._asking: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def before(self, channel_id: str, mentioned: str | None = None) -> Passage:
        """Check whether a post into a channel is allowed, by facts of the last 2 minutes if Slack answers.

        If not, the channel is held. A `mentioned` person is checked too.
        """
        passage = await self._into(channel_id)
        if passage.is_open and mentioned and await self._has_left(mentioned):
            return replace(passage, gone=frozenset({mentioned}))
        return passage

    async def _has_left(self, user_id: str) -> bool:
        wanted = [(PERSON, user_id)]
        await self._ask_for(wanted)
        facts, _ = await self._kept(wanted)
        return facts.get((PERSON, user_id), {}).get("is_active") is False

    async def _into(self, channel_id: str) -> Passage:
        now = self._clock()
        until, passage = self._open.get(channel_id, (now, Passage()))
        if now < until:
            return passage
        rows = await self._store.subscriptions.of_channel(self._team_id, channel_id)
        if not rows:
            return Passage()
        wanted = [(CHANNEL, channel_id), *((PERSON, user) for user in sorted(owners(rows)))]
        await self._ask_for(wanted)
        facts, read_at = await self._kept(wanted)
        channel = facts.get((CHANNEL, channel_id), {})
        problem = problem_of(channel.get("problem"), rows, is_shared=bool(channel.get("is_shared")))
        gone = frozenset(user for kind, user in wanted[1:] if facts.get((kind, user), {}).get("is_active") is False)
        passage = Passage(problem, gone, channel.get("is_shared"))
        if problem:
            await self._channels.refused(channel_id, problem)
        elif passage.is_open:
            until = min(read_at.get(one, now - FRESH) for one in wanted) + FRESH
            self._remember(channel_id, max(until, now + ASK_AGAIN), passage)
        return passage

    async def refused(self, channel_id: str, code: str) -> None:
        """Hold a channel because it refused a post."""
        self._open.pop(channel_id, None)
        await self._channels.refused(channel_id, code)

    async def let_go(self, gone: frozenset[str]) -> None:
        """Hold the subscriptions of people who left, and unassign their applications."""
        for user_id in sorted(gone):
            await self._owners.let_go(user_id)

    async def _ask_for(self, wanted: list[tuple[str, str]]) -> None:
        """Ask Slack for all facts that aren't fresh, at the same time. Unanswered ones stay as they were."""
        tasks = [asyncio.create_task(self._refresh(kind, subject)) for kind, subject in wanted]
        try:
            _, late = await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        if late:
            log.info("slack did not say in time what a post depends on", late=len(late))

    async def _refresh(self, kind: str, subject: str) -> None:
        """Ask Slack about one thing, unless another task of this process just did."""
        lock = self._asking.setdefault((kind, subject), asyncio.Lock())
        async with lock:
            if await self._is_fresh(kind, subject):
                return
            ask: Callable[[str], Awaitable[Facts]]
            ask = self._channels.refresh if kind == CHANNEL else self._owners.refresh
            try:
                await ask(subject)
            except DeliveryError as error:
                log.info("what a post depends on is not known anew", kind=kind, subject=subject, why=str(error))

    async def _is_fresh(self, kind: str, subject: str) -> bool:
        sighting = (await self._store.check_schedules.sightings(self._team_id, kind, [subject])).get(subject)
        return sighting is not None and self._clock() - sighting.read_at < FRESH

    async def _kept(
        self, wanted: list[tuple[str, str]]
    ) -> tuple[dict[tuple[str, str], Facts], dict[tuple[str, str], datetime]]:
        facts, read_at = {}, {}
        for kind in (CHANNEL, PERSON):
            subjects = [subject for each, subject in wanted if each == kind]
            for subject, sighting in (
                await self._store.check_schedules.sightings(self._team_id, kind, subjects)
            ).items():
                facts[kind, subject], read_at[kind, subject] = sighting.facts, sighting.read_at
        return facts, read_at

    def _remember(self, channel_id: str, until: datetime, passage: Passage) -> None:
        if len(self._open) >= MAX_REMEMBERED:
            now = self._clock()
            self._open = {key: entry for key, entry in self._open.items() if entry[0] > now}
        self._open[channel_id] = (until, passage)
