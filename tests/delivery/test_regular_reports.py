"""Regular reports: posted at their time, once, held where they can't be posted, and a missed one once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.report_rhythm import ReportRhythm
from bot.core.notifications.schedule import Schedule
from bot.store.engine.due_work import WorkKind
from bot.store.engine.tables import connections
from tests.delivery.conftest import Outbox

SCHEDULE = Schedule(zone="Europe/Lisbon")
SCHEDULE_ZONE = ZoneInfo(SCHEDULE.zone)


@pytest.fixture
async def weekly(outbox: Outbox) -> Outbox:
    """A channel that gets a report each week, with the clock at its time."""
    async with outbox.store.database.write() as tx:
        await tx.execute(connections.update().values(baseline_at=outbox.clock()))
    await outbox.happen(("1", "created"), ("1", "late"))
    mei, channel_id = outbox.slack.workspace.member.id, outbox.channel("onboarding")
    await outbox.store.channel_settings.save(outbox.team_id, channel_id, MessageStyle(), SCHEDULE, mei, outbox.clock())
    await want(outbox)
    await until_due(outbox)
    return outbox


async def until_due(outbox: Outbox) -> None:
    """Let time pass until the channel's next report is due."""
    report = await outbox.store.regular_reports.get(outbox.team_id, outbox.channel("onboarding"))
    assert report
    outbox.clock.forward((report.due_at - outbox.clock()).total_seconds())


async def want(outbox: Outbox, rhythm: ReportRhythm | None = ReportRhythm.WEEKLY) -> None:
    """Let the channel want a report."""
    place = (outbox.team_id, outbox.channel("onboarding"), outbox.connection_id)
    mei = outbox.slack.workspace.member.id
    await outbox.store.regular_reports.set(*place, rhythm, SCHEDULE, mei, outbox.clock())


async def pass_by(outbox: Outbox, seconds: float = 0) -> list[str]:
    """Let time pass, make what is due, post it, and return what stands in the channel."""
    outbox.clock.forward(seconds)
    await outbox.checks.begin(WorkKind.REPORT)
    await outbox.send(3)
    return [message.text for message in outbox.slack.messages("onboarding")]


async def test_a_report_is_posted_once_at_its_time(weekly: Outbox) -> None:
    """With its figures. Looking again makes no second one, and the next one comes a week later."""
    (text,) = await pass_by(weekly)
    assert text.startswith("📊 *Report for the last 8 weeks*\n1 application\n")
    assert "Time zone: Europe/Lisbon." in text
    assert "was due" not in text
    assert len(await pass_by(weekly, 3600)) == 1
    assert len(await pass_by(weekly, 7 * 86400)) == 2


async def test_where_there_are_no_charts_it_is_posted_as_text(weekly: Outbox) -> None:
    """Slack refuses the blocks, so the same figures are posted as words, once."""
    weekly.slack.faults.no_charts = True
    await pass_by(weekly)
    (message,) = weekly.slack.messages("onboarding")
    assert {block["type"] for block in message.blocks} <= {"section", "context"}
    assert "• Open: 1" in message.text


async def test_a_missed_report_is_posted_once(weekly: Outbox) -> None:
    """The bot was away for a month: one report, which says when it was due, and then the next ones as usual."""
    (text,) = await pass_by(weekly, 30 * 86400)
    assert "This report was due " in text
    assert len(await pass_by(weekly, 60)) == 1
    await until_due(weekly)
    *_, last = await pass_by(weekly)
    assert "was due" not in last


async def test_a_shared_channel_gets_no_report(weekly: Outbox) -> None:
    """W2: held, and the person who set it is notified once.

    When the channel isn't shared anymore, it is posted once.
    """
    channel = weekly.slack.workspace.channel("onboarding")
    channel.is_ext_shared = True
    assert await pass_by(weekly) == []
    assert await pass_by(weekly, 660) == []
    await weekly.checks.begin(WorkKind.NOTIFY)
    (text,) = [message.text for message in weekly.slack.direct_messages("mei")]
    assert text.startswith("⏸️ The regular report in <#")
    channel.is_ext_shared = False
    assert len(await pass_by(weekly, 660)) == 1


async def test_an_archived_channel_gets_its_report_later(weekly: Outbox) -> None:
    """As notifications do."""
    channel = weekly.slack.workspace.channel("onboarding")
    channel.is_archived = True
    assert await pass_by(weekly) == []
    channel.is_archived = False
    assert len(await pass_by(weekly, 660)) == 1


async def test_a_report_waits_while_slack_does_not_answer(weekly: Outbox) -> None:
    """Nothing is posted on a guess, and no one is notified of a short outage."""
    weekly.slack.fail_next("conversations.info", "internal_error")
    assert await pass_by(weekly) == []
    assert len(await pass_by(weekly, 660)) == 1
    assert weekly.slack.direct_messages("mei") == []


@pytest.mark.parametrize("ends", [True, False])
async def test_a_muted_channel_gets_its_report_afterwards(weekly: Outbox, ends: bool) -> None:
    """At the end of the mute, or with the next one if it has none. A mute of one event holds no report."""
    place, now = (weekly.team_id, weekly.channel("onboarding")), weekly.clock()
    until = now + timedelta(hours=2) if ends else None
    await weekly.store.channel_settings.mute(*place, [Mute(until=until)], "U1", now)
    assert await pass_by(weekly) == []
    assert len(await pass_by(weekly, 7260)) == (1 if ends else 0)
    await weekly.store.channel_settings.unmute(*place, [], weekly.clock())
    await weekly.store.channel_settings.mute(*place, [Mute(trigger="late")], "U1", weekly.clock())
    assert len(await pass_by(weekly, 7 * 86400)) == (2 if ends else 1)


async def test_quiet_hours_hold_a_report(weekly: Outbox) -> None:
    """It comes when they end."""
    mei, now = weekly.slack.workspace.member.id, weekly.clock()
    local = now.astimezone(SCHEDULE_ZONE).time()
    later = (now + timedelta(hours=1)).astimezone(SCHEDULE_ZONE).time()
    quiet = SCHEDULE.model_copy(update={"quiet_from": local, "quiet_to": later})
    style = (await weekly.store.channel_settings.get(weekly.team_id, weekly.channel("onboarding"))).style
    await weekly.store.channel_settings.save(weekly.team_id, weekly.channel("onboarding"), style, quiet, mei, now)
    assert await pass_by(weekly) == []
    assert len(await pass_by(weekly, 3600)) == 1


async def test_a_channel_can_end_its_reports(weekly: Outbox) -> None:
    """A channel that wants none anymore gets none."""
    await want(weekly, None)
    assert await pass_by(weekly) == []
