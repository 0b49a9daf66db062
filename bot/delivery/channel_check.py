"""Watches the channels of one workspace: what refuses posts is held, told once, and tried again ever more seldom.

A trouble is over when Slack shows it as mended that showed it before, or when a post was taken (rule P3). So where
`conversations.info` looks normal while posts are refused, one of the notifications that wait is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.core.notifications.routing import OWNER_GONE
from bot.core.notifications.states import SubscriptionState
from bot.core.rounds import RoundOutcome, Turn, after
from bot.delivery.notifier import Notifier
from bot.delivery.rounds import GoingRound, Seeing
from bot.store import Store
from bot.store.notifications.rounds import CHANNEL
from bot.store.notifications.subscriptions import SubscriptionRow

log = structlog.get_logger(__name__)

REST = timedelta(minutes=10)
"""Between two looks at a channel that works (rule P5)."""

SHARED = "is_ext_shared"
"""Why a channel is held that was shared with another organisation without an admin's consent (rule W2)."""


class ChannelCheck:
    """Looks at channels, holds what they want, and lets it go on."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._notifier, self._clock = team_id, store, notifier, clock
        self._round = GoingRound(team_id, CHANNEL, store.rounds, self._look, REST, clock)

    async def go_round(self, most: int) -> None:
        """Look at up to `most` channels whose turn it is."""
        await self._round.go(most)

    async def check(self, channel_id: str) -> None:
        """Look at a channel because something may have changed there; what is held is tried soon again.

        Raises a DeliveryError where Slack does not say how it is.
        """
        outcome, facts = await self._look(channel_id)
        if facts is not None:
            now = self._clock()
            turn = after(Turn(channel_id, now), outcome, now, REST)
            await self._store.rounds.keep(self._team_id, CHANNEL, turn, now, facts)

    async def refresh(self, channel_id: str) -> Mapping[str, Any]:
        """Look at a channel before something is posted there; return what Slack says. Raises a DeliveryError."""
        _, facts = await self._round.look_now(channel_id)
        return facts or {}

    async def refused(self, channel_id: str, code: str) -> None:
        """Hold what a channel wants, since it refused a post; one that is held already keeps its turn."""
        if await self._store.subscriptions.hold(self._team_id, channel_id, code):
            log.warning("channel held", code=code)
            now = self._clock()
            turn = after(Turn(channel_id, now), RoundOutcome.HELD, now, REST)
            await self._store.rounds.keep(self._team_id, CHANNEL, turn, now)

    async def _look(self, channel_id: str) -> Seeing:
        """Hold or resume what a channel wants, by what Slack says of it now."""
        subscriptions = self._store.subscriptions
        rows = await subscriptions.of_channel(self._team_id, channel_id)
        if not rows:
            return RoundOutcome.WELL, None
        facts = await self._notifier.look_at(channel_id)
        before = await self._store.rounds.sightings(self._team_id, CHANNEL, [channel_id])
        was = before[channel_id].facts.get("problem") if before else None
        problem = problem_of(facts.problem, rows, is_shared=facts.is_shared)
        outcome = RoundOutcome.HELD if problem else RoundOutcome.WELL
        stopped = [row for row in rows if row.state != SubscriptionState.ACTIVE and row.reason != OWNER_GONE]
        if problem:
            await subscriptions.hold(self._team_id, channel_id, problem, instead_of=was)
        elif any(row.state == SubscriptionState.HELD and row.reason not in {was, SHARED} for row in stopped):
            # Slack never showed what is wrong there, so only a post that is taken shows that it is over.
            await self._store.probes.try_one(self._team_id, channel_id, self._clock())
            outcome = RoundOutcome.HELD
        elif stopped:
            await subscriptions.resume(self._team_id, channel_id, self._clock())
        return outcome, facts.kept()


def problem_of(problem: str | None, rows: Iterable[SubscriptionRow], *, is_shared: bool) -> str | None:
    """Return why nothing may be posted in a channel that wants `rows`, None where it may.

    One admin's consent counts for the channel: its people read whatever is posted there (rule W2).
    """
    unallowed = is_shared and not any(row.shared_ok for row in rows)
    return problem or (SHARED if unallowed else None)


def owners(rows: Sequence[SubscriptionRow]) -> set[str]:
    """Return those who own the subscriptions that a channel is posted to for."""
    return {row.created_by for row in rows if row.state == SubscriptionState.ACTIVE}
