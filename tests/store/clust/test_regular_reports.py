"""Which channel gets a report when, and into the outbox exactly once each, whatever several processes do."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from bot.core.notifications.messages import ChannelReport
from bot.core.notifications.report_rhythm import ReportRhythm, next_report_at
from bot.core.notifications.schedule import Schedule
from bot.core.reports.figures import Figures, Overdue
from bot.store.clust.regular_reports import RegularReport
from bot.store.engine.tables import deliveries
from tests.delivery.conftest import Outbox

WEEKLY = ReportRhythm.WEEKLY
FIGURES = Figures(classes={"open": 1}, overdue=(Overdue(id="1"), Overdue(id="gone")))


async def set_rhythm(outbox: Outbox, rhythm: ReportRhythm | None = WEEKLY, schedule: Schedule | None = None) -> None:
    """Let the channel want a report."""
    place = (outbox.team_id, outbox.channel("onboarding"), outbox.connection_id)
    await outbox.store.regular_reports.set(*place, rhythm, schedule or Schedule(), "U1", outbox.clock())


async def plan(outbox: Outbox) -> RegularReport:
    """Return the channel's report."""
    report = await outbox.store.regular_reports.get(outbox.team_id, outbox.channel("onboarding"))
    assert report
    return report


async def queued(outbox: Outbox) -> int:
    """Return how many reports are in the outbox."""
    count = sa.select(sa.func.count()).where(deliveries.c.kind == "report")
    async with outbox.store.database.read() as tx:
        return int((await tx.execute(count)).scalar_one())


async def test_a_channel_has_one_report_or_none(outbox: Outbox) -> None:
    """Another rhythm takes its place, none ends it, and a changed schedule moves it."""
    await set_rhythm(outbox)
    await set_rhythm(outbox, ReportRhythm.MONTHLY)
    assert (await plan(outbox)).rhythm is ReportRhythm.MONTHLY
    later = Schedule(zone="Pacific/Auckland")
    await set_rhythm(outbox, ReportRhythm.MONTHLY, later)
    assert (await plan(outbox)).due_at == next_report_at(ReportRhythm.MONTHLY, later, outbox.clock())
    await set_rhythm(outbox, None)
    assert await outbox.store.regular_reports.get(outbox.team_id, outbox.channel("onboarding")) is None


async def test_a_report_is_due_at_its_time(outbox: Outbox) -> None:
    """Not before, and with the schedule and the mutes of its channel."""
    await set_rhythm(outbox)
    due_at = (await plan(outbox)).due_at
    store = outbox.store.regular_reports
    assert await store.due(outbox.team_id, due_at - timedelta(seconds=1), 5) == []
    (due,) = await store.due(outbox.team_id, due_at, 5)
    assert (due.report, due.mutes) == (await plan(outbox), [])
    assert {work.team_id for work in await outbox.store.due_work.checks() if work.kind == "report"} == {outbox.team_id}


async def test_several_processes_queue_it_once(outbox: Outbox) -> None:
    """All of them read that it is due. One makes it, and the next is a week later."""
    await set_rhythm(outbox)
    report = await plan(outbox)
    store, now = outbox.store.regular_reports, report.due_at + timedelta(minutes=2)
    results = await asyncio.gather(*(store.queue(report, Schedule(), FIGURES, 8, now) for _ in range(4)))
    assert sorted(results) == [False, False, False, True]
    assert await queued(outbox) == 1
    following = await plan(outbox)
    assert (following.due_at - report.due_at, following.owed_since) == (timedelta(weeks=1), None)
    assert not await store.postpone(report, now, None)


async def test_a_report_that_changed_meanwhile_is_not_queued(outbox: Outbox) -> None:
    """It was ended or moved while it was computed."""
    await set_rhythm(outbox)
    report = await plan(outbox)
    await set_rhythm(outbox, None)
    assert not await outbox.store.regular_reports.queue(report, Schedule(), FIGURES, 8, report.due_at)
    assert await queued(outbox) == 0


async def test_a_postponed_report_stays_owed(outbox: Outbox) -> None:
    """Postponed twice, it knows since when, and a form that is saved again doesn't forget it."""
    await set_rhythm(outbox)
    first = await plan(outbox)
    store = outbox.store.regular_reports
    assert await store.postpone(first, first.due_at + timedelta(hours=1), None)
    second = await plan(outbox)
    assert await store.postpone(second, second.due_at + timedelta(hours=1), outbox.clock())
    await set_rhythm(outbox)
    third = await plan(outbox)
    assert (third.since, third.due_at - first.due_at) == (first.due_at, timedelta(hours=2))
    assert third.told_at is not None


async def test_a_report_ends_with_its_account(outbox: Outbox) -> None:
    """A person who disconnects the account gets no reports about it anymore."""
    await set_rhythm(outbox)
    await outbox.store.connections.end(outbox.team_id, "default", "U1", outbox.clock())
    assert await outbox.store.regular_reports.get(outbox.team_id, outbox.channel("onboarding")) is None


async def test_a_report_names_stored_applications_alone(outbox: Outbox) -> None:
    """Overdue applications by their present titles, but one that was erased isn't named."""
    await outbox.happen(("1", "late"))
    await set_rhythm(outbox)
    report = await plan(outbox)
    outbox.clock.now = report.due_at + timedelta(hours=3)
    assert await outbox.store.regular_reports.queue(report, Schedule(), FIGURES, 8, outbox.clock())
    (claim,) = await outbox.store.outbox.claim(outbox.team_id, "me", outbox.clock(), timedelta(minutes=1), 1)
    post = claim.plan.post
    assert isinstance(post, ChannelReport)
    assert [application.title for application, _since in post.overdue] == ["File 1"]
    assert (post.missed_at, post.made_at) == (report.due_at, outbox.clock())
