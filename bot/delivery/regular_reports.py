"""Makes the regular reports of channels when they are due, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from bot.core.errors import DeliveryError
from bot.core.filters.language import Filter
from bot.core.notifications.admin_notifications import ReportHeld
from bot.core.notifications.report_rhythm import put_off_until
from bot.core.reports.figures import USUAL_WEEKS
from bot.delivery.channel_check import problem_of
from bot.delivery.independent_work import run_independently
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.clust.regular_reports import DueReport
from bot.store.clust.reports import ReportQuery

log = structlog.get_logger(__name__)

MAX_REPORTS = 5
"""Reports made in one round."""

TRY_AGAIN = timedelta(minutes=10)
"""While a channel accepts no report, or Slack doesn't say."""


class RegularReports:
    """The regular reports of one workspace. Events are kept for `retention`."""

    def __init__(
        self,
        team_id: str,
        store: Store,
        notifier: Notifier,
        clock: Callable[[], datetime],
        retention: timedelta,
    ) -> None:
        self._team_id, self._store, self._notifier = team_id, store, notifier
        self._clock, self._retention = clock, retention

    async def make_due(self) -> None:
        """Make the reports that are due. What can't be made now is made later, and its failure is its own."""
        due = await self._store.regular_reports.due(self._team_id, self._clock(), MAX_REPORTS)
        await run_independently([partial(self._make, one) for one in due], "making reports")

    async def _make(self, due: DueReport) -> None:
        report, now, reports = due.report, self._clock(), self._store.regular_reports
        if later := put_off_until(report.rhythm, due.schedule, due.mutes, now):
            await reports.postpone(report, later, report.told_at)
            return
        try:
            problem = await self._problem(report.channel_id)
        except DeliveryError as error:
            log.info("slack does not say whether a report may be posted", channel=report.channel_id, why=str(error))
            await reports.postpone(report, now + TRY_AGAIN, report.told_at)
            return
        if problem:
            if await reports.postpone(report, now + TRY_AGAIN, report.told_at or now) and report.told_at is None:
                held = ReportHeld(report.channel_id, problem)
                subject = f"report {report.channel_id}"
                await self._store.admin_notifications.put(self._team_id, subject, held, now, own=[report.set_by])
            return
        connection = await self._store.connections.get(report.connection_id)
        query = ReportQuery(Filter(), USUAL_WEEKS, ZoneInfo(due.schedule.zone), self._retention)
        figures = await self._store.reports.figures(connection, query, now)
        await reports.queue(report, due.schedule, figures, USUAL_WEEKS, self._clock())

    async def _problem(self, channel_id: str) -> str | None:
        """Return why nothing may be posted in a channel now (rule W2), None if it may. Raises a DeliveryError."""
        facts = await self._notifier.look_at(channel_id)
        stored = await self._store.posting_facts.of_channel(self._team_id, channel_id)
        return problem_of(facts.problem, stored.subscriptions, is_shared=facts.is_shared)
