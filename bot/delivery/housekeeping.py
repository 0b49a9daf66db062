"""Remove stored data that is past its retention, for every workspace (setting RETENTION_DAYS).

Of events, totals by day are kept for reports: numbers without ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.delivery.independent_work import IndependentWork, run_independently
from bot.store import Store
from bot.store.clust.retention import GONE_KEPT, VIEWERS_KEPT
from bot.store.engine.periodic import pause, run_periodically

log = structlog.get_logger(__name__)

HOUSEKEEPING_SECONDS = 60.0

MAX_TOTALS = 20
"""Accounts whose totals of the last days are computed in one round."""


class Housekeeping:
    """Deletes old data. `kept` is how long events, polls, deliveries and audit rows are kept."""

    def __init__(self, store: Store, clock: Callable[[], datetime], kept: timedelta) -> None:
        self._store, self._clock, self._kept = store, clock, kept

    async def run(self, stop: asyncio.Event) -> None:
        """Delete what is past its retention every minute, until `stop` is set.

        The first time is a minute after the start: until then, what people wait for comes first.
        """
        await pause(stop, HOUSEKEEPING_SECONDS)
        await run_periodically(self.clean_up, HOUSEKEEPING_SECONDS, stop, "can't clean up")

    async def clean_up(self) -> None:
        """Delete what is past its retention. A failure with one kind of data doesn't affect the others."""
        now, store = self._clock(), self._store
        with_gone = await store.applications.with_gone(now - GONE_KEPT)
        # Before the events that they are made of are removed.
        lacking = await store.reports.without_totals(now, MAX_TOTALS)
        await run_independently([partial(store.reports.keep_totals, one, now) for one in lacking], "keeping totals")
        works: list[IndependentWork] = [
            partial(store.retention.remove, now - self._kept, now),
            partial(store.form_drafts.remove_expired, now),
            partial(store.check_schedule.forget_viewers, now - VIEWERS_KEPT),
            partial(store.installations.remove_expired_states, now),
            partial(store.idempotency_keys.remove_expired, now),
            *(partial(store.applications.erase_gone, one, now - GONE_KEPT) for one in with_gone),
            partial(self._remove_ended, now),
        ]
        await run_independently(works, "cleaning up")

    async def _remove_ended(self, now: datetime) -> None:
        ended, before = self._store.disconnect_and_uninstall, now - GONE_KEPT
        teams, installations = await ended.over(before)
        works = [partial(self._remove_from_workspace, team_id, before) for team_id in teams]
        # After the workspaces that they served.
        works += [partial(ended.remove_installation, one, before) for one in installations]
        await run_independently(works, "removing what ended")

    async def _remove_from_workspace(self, team_id: str, before: datetime) -> None:
        if await self._store.disconnect_and_uninstall.remove_from_workspace(team_id, before):
            log.info("what was stored of a workspace is removed", team=team_id)
