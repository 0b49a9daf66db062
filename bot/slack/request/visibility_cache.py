"""Which conversations a person may see, from what is stored about them, for everything that shows channels.

Regular checks and events keep what Slack says about a channel, and which private channels a person is in is kept for
some minutes. So an open Home tab, or a list of all subscriptions, makes no call for each channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.core.check_schedule import NextCheck
from bot.core.errors import DeliveryError
from bot.slack.web_api.notifier import SlackNotifier
from bot.store.notifications.check_schedule import CHANNEL, VIEWER, CheckSchedules

log = structlog.get_logger(__name__)

CACHED_FOR = timedelta(minutes=10)
"""How long the private conversations of a person are cached. Joining and leaving clears them at once."""

MAX_ASKED = 5
"""Unknown channels that are asked about in one request. The next request asks about more."""

PATIENCE_SECONDS = 2.0
"""The longest that an answer waits for Slack."""


class Visibility(Enum):
    """Whether a person may see a conversation."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()
    """Slack can't say now. The channel isn't shown, but the person doesn't read that they can't see it."""


class VisibilityCache:
    """What the people of one workspace may see."""

    def __init__(
        self, team_id: str, schedules: CheckSchedules, notifier: SlackNotifier, clock: Callable[[], datetime]
    ) -> None:
        self._team_id, self._schedules, self._notifier, self._clock = team_id, schedules, notifier, clock
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(
        self, user_id: str, channel_ids: Collection[str], is_admin: Callable[[], Awaitable[bool]], *, refresh: bool
    ) -> Mapping[str, Visibility]:
        """Return which conversations a person may see: public ones and those they are in.

        Admins can also see private ones that they aren't in. Direct messages are for their members alone. With
        `refresh`, Slack is asked which ones they are in. If it can't say, the cache counts. Whether they are an admin
        is only asked if it matters.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._ask_for(channel_ids)
        except TimeoutError:
            pass
        facts = {
            channel_id: observation.facts
            for channel_id, observation in (
                await self._schedules.observations(self._team_id, CHANNEL, channel_ids)
            ).items()
        }
        needs_joined = any(not _is_open(facts.get(one), user_id) for one in channel_ids)
        joined = await self.joined(user_id, refresh=refresh) if needs_joined else frozenset()
        seen = {one: _visibility(one, facts.get(one), user_id, joined) for one in channel_ids}
        others = [one for one in facts if seen[one] is not Visibility.YES and _is_channel(facts[one])]
        return {**seen, **dict.fromkeys(others, Visibility.YES)} if others and await is_admin() else seen

    async def is_channel(self, channel_id: str) -> bool:
        """Return whether Slack has ever said that a conversation is a channel. Unknown counts as no (rule W1)."""
        observations = await self._schedules.observations(self._team_id, CHANNEL, [channel_id])
        return channel_id in observations and _is_channel(observations[channel_id].facts)

    async def _ask_for(self, channel_ids: Collection[str]) -> None:
        """Ask Slack about unknown channels, until it can't say."""
        async with self._asking.setdefault("", asyncio.Lock()):
            seen = await self._schedules.observations(self._team_id, CHANNEL, channel_ids)
            unseen = [one for one in dict.fromkeys(channel_ids) if one not in seen]
            for channel_id in unseen[:MAX_ASKED]:
                try:
                    facts = await self._notifier.look_at(channel_id)
                except DeliveryError as error:
                    log.info("slack did not say what a channel is", channel=channel_id, why=error.sentence)
                    continue
                now = self._clock()
                check = await self._schedules.next_check(self._team_id, CHANNEL, channel_id, now)
                await self._schedules.keep(self._team_id, CHANNEL, check, now, facts.kept())

    async def joined(self, user_id: str, *, refresh: bool) -> frozenset[str] | None:
        """Return which of the bot's private conversations a person is in, or None if unknown."""
        async with self._asking.setdefault(user_id, asyncio.Lock()):
            now = self._clock()
            observation = (await self._schedules.observations(self._team_id, VIEWER, [user_id])).get(user_id)
            check = await self._schedules.next_check(self._team_id, VIEWER, user_id, now)
            kept = frozenset(observation.facts["joined"]) if observation and now < check.due_at else None
            if kept is not None and not refresh:
                return kept
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    joined = await self._notifier.joined(user_id)
            except (DeliveryError, TimeoutError) as error:
                log.info("slack did not say what someone is in", user=user_id, why=str(error))
                return kept
            facts = {"joined": sorted(joined)}
            await self._schedules.keep(self._team_id, VIEWER, NextCheck(user_id, now + CACHED_FOR), now, facts)
            return frozenset(joined)


def _is_open(facts: Mapping[str, Any] | None, user_id: str) -> bool:
    """Return whether a person may see a conversation, whatever they are a member of."""
    return facts is not None and (bool(facts.get("is_public")) or facts.get("with_user") == user_id)


def _is_channel(facts: Mapping[str, Any]) -> bool:
    """Return whether Slack has said that a conversation is a channel, not a direct message of two or more."""
    return facts.get("is_public") is not None and not facts.get("is_direct")


def _visibility(
    channel_id: str, facts: Mapping[str, Any] | None, user_id: str, joined: frozenset[str] | None
) -> Visibility:
    if _is_open(facts, user_id) or (joined is not None and channel_id in joined):
        return Visibility.YES
    return Visibility.UNKNOWN if facts is None or joined is None else Visibility.NO
