"""What a post into a channel depends on, as it is stored: its subscriptions, and what Slack last said (rule P5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.store.engine.database import Database
from bot.store.engine.grouping import Grouped
from bot.store.notifications.check_schedule import CHANNEL, PERSON, Observation, observations_of
from bot.store.notifications.subscriptions import SubscriptionRow, of_channels

CheckSubject = tuple[str, str]
"""What Slack is asked about: its kind of check, CHANNEL or PERSON, and its id."""


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """A channel's subscriptions, without ended ones, and what Slack last said about it and their owners."""

    subscriptions: Sequence[SubscriptionRow]
    observations: Mapping[CheckSubject, Observation]


class PostingFactsOfChannels:
    """Reads what posts depend on, for channels of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._read = Grouped(self._read_all)

    async def of_channel(self, team_id: str, channel_id: str) -> PostingFacts:
        """Return what a post into a channel depends on."""
        return await self._read((team_id, channel_id))

    async def _read_all(self, channels: Sequence[tuple[str, str]]) -> list[PostingFacts]:
        async with self._db.read() as tx:
            by_channel: defaultdict[tuple[str, str], list[SubscriptionRow]] = defaultdict(list)
            for row in await of_channels(tx, channels):
                by_channel[row.team_id, row.channel_id].append(row)
            subjects = {
                (team_id, channel_id): {(CHANNEL, channel_id), *((PERSON, row.created_by) for row in rows)}
                for (team_id, channel_id), rows in by_channel.items()
            }
            keys = {
                (team_id, *subject)
                for (team_id, _), channel_subjects in subjects.items()
                for subject in channel_subjects
            }
            observations = await observations_of(tx, keys) if keys else {}
        return [
            PostingFacts(
                by_channel[channel],
                {
                    subject: observations[channel[0], *subject]
                    for subject in subjects.get(channel, ())
                    if (channel[0], *subject) in observations
                },
            )
            for channel in channels
        ]
