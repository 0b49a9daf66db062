"""Checks the channels of one workspace: one that refuses posts is held, reported once, and retried ever less often.

A problem is over when Slack no longer shows it, if it did before, or when a post succeeds (rule P3). So if
`conversations.info` looks normal while posts are refused, one of the waiting notifications is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.core.check_schedule import CheckOutcome, NextCheck, after
from bot.core.notifications.routing import OWNER_GONE
from bot.core.notifications.states import SubscriptionState
from bot.delivery.check_schedule import CheckResult, ScheduledChecks
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.notifications.check_schedule import CHANNEL, Observation
from bot.store.notifications.posting.posting_facts import PostingFacts
from bot.store.notifications.subscriptions import SubscriptionRow

log = structlog.get_logger(__name__)

REST = timedelta(minutes=10)
"""Between two checks of a channel that works (rule P5)."""

SHARED = "is_ext_shared"
"""Why a channel is held that was shared with another organization without an admin's consent (rule W2)."""


class ChannelCheck:
    """Checks channels, and holds and resumes their subscriptions."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._notifier, self._clock = team_id, store, notifier, clock
        self._checks = ScheduledChecks(team_id, CHANNEL, store.check_schedule, self._check, REST, clock)

    async def check_due(self, most: int) -> None:
        """Check up to `most` channels that are due."""
        await self._checks.go(most)

    async def check(self, channel_id: str) -> None:
        """Check a channel because something may have changed. If it is held, it is retried soon.

        Raises a DeliveryError if Slack doesn't answer.
        """
        outcome, facts = await self._check(channel_id)
        if facts is not None:
            now = self._clock()
            check = after(NextCheck(channel_id, now), outcome, now, REST)
            await self._store.check_schedule.keep(self._team_id, CHANNEL, check, now, facts)

    async def refresh(self, channel_id: str, stored: PostingFacts) -> Observation:
        """Check a channel before a post. `stored` has its subscriptions. Returns what Slack says.

        Raises a DeliveryError.
        """
        outcome, facts = await self._look_at(channel_id, stored)
        keep = self._store.check_schedule.keep_check
        return await keep(self._team_id, CHANNEL, channel_id, outcome, self._clock(), REST, facts)

    async def refused(self, channel_id: str, code: str) -> None:
        """Hold a channel because it refused a post. If it was held already, its schedule is unchanged."""
        if await self._store.subscriptions.hold(self._team_id, channel_id, code):
            log.warning("channel held", code=code)
            now = self._clock()
            check = after(NextCheck(channel_id, now), CheckOutcome.HELD, now, REST)
            await self._store.check_schedule.keep(self._team_id, CHANNEL, check, now)

    async def _check(self, channel_id: str) -> CheckResult:
        """Hold or resume a channel according to what Slack says now, if it has subscriptions."""
        stored = await self._store.posting_facts.of_channel(self._team_id, channel_id)
        return await self._look_at(channel_id, stored) if stored.subscriptions else (CheckOutcome.WELL, None)

    async def _look_at(self, channel_id: str, stored: PostingFacts) -> tuple[CheckOutcome, Mapping[str, Any]]:
        subscriptions, rows = self._store.subscriptions, stored.subscriptions
        facts = await self._notifier.look_at(channel_id)
        before = stored.observations.get((CHANNEL, channel_id))
        was = before.facts.get("problem") if before else None
        problem = problem_of(facts.problem, rows, is_shared=facts.is_shared)
        outcome = CheckOutcome.HELD if problem else CheckOutcome.WELL
        stopped = [row for row in rows if row.state != SubscriptionState.ACTIVE and row.reason != OWNER_GONE]
        if problem:
            await subscriptions.hold(self._team_id, channel_id, problem, instead_of=was)
        elif any(row.state == SubscriptionState.HELD and row.reason not in {was, SHARED} for row in stopped):
            # Slack never showed what is wrong there, so only a post that is taken shows that it is over.
            await self._store.channel_probes.try_one(self._team_id, channel_id, self._clock())
            outcome = CheckOutcome.HELD
        elif stopped:
            await subscriptions.resume(self._team_id, channel_id, self._clock())
        return outcome, facts.kept()


def problem_of(problem: str | None, rows: Iterable[SubscriptionRow], *, is_shared: bool) -> str | None:
    """Return why nothing may be posted in a channel with the subscriptions `rows`, or None if it may.

    The consent of one admin is enough for the channel, whose members all read what is posted (rule W2).
    """
    unallowed = is_shared and not any(row.shared_ok for row in rows)
    return problem or (SHARED if unallowed else None)


def owners(rows: Sequence[SubscriptionRow]) -> set[str]:
    """Return those who own the subscriptions that a channel is posted to for."""
    return {row.created_by for row in rows if row.state == SubscriptionState.ACTIVE}
