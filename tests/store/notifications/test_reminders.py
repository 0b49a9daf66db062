"""Reminders of what is late and untouched."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Schedule
from bot.store.engine.tables import applications, cards
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.people import Person
from tests.delivery.conftest import Outbox

DAY = 86_400


@pytest.fixture
async def reminding(outbox: Outbox) -> Outbox:
    """A channel that wants reminders after three working days, and has one late application. Monday, 10:00."""
    outbox.clock.now = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
    mei, now = outbox.slack.workspace.member.id, outbox.clock()
    await outbox.subscribe("onboarding")
    place = (outbox.team_id, outbox.channel("onboarding"))
    await outbox.store.channel_settings.save(*place, MessageStyle(reminder_days=3), Schedule(), mei, now)
    await outbox.happen(("1", "late"))
    async with outbox.store.database.write() as tx:
        await tx.execute(applications.update().values(late=True))
    await outbox.tick()
    await outbox.send()
    return outbox


async def remind(outbox: Outbox) -> None:
    """Let the check of reminders run, and the dispatcher post."""
    await outbox.store.reminders.remind(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    await outbox.send()


async def test_what_is_late_and_untouched_is_reminded_of_once(reminding: Outbox) -> None:
    """In the thread of its card, to the assignee. Weekends don't count, and a change restarts the time."""
    outbox = reminding
    (card,) = outbox.slack.messages("onboarding")
    outbox.clock.forward(2 * DAY)
    await remind(outbox)
    assert len(outbox.slack.messages("onboarding")) == 1
    mei = outbox.slack.workspace.member.id
    await outbox.store.applications.assign(outbox.connection_id, "1", mei, outbox.clock())
    outbox.clock.forward(2 * DAY)  # Friday: two working days since it was taken
    await remind(outbox)
    outbox.clock.forward(2 * DAY)  # Sunday
    await remind(outbox)
    assert len(outbox.slack.messages("onboarding")) == 1
    outbox.clock.forward(DAY)
    await remind(outbox)
    await remind(outbox)
    reminder = outbox.slack.messages("onboarding")[1]
    assert (reminder.thread_ts, reminder.reply_broadcast) == (card.ts, False)
    assert reminder.text.startswith(f"<@{mei}> 🔔 *Late and untouched for 3 business days* · File 1")
    outbox.clock.forward(30 * DAY)
    await remind(outbox)
    assert len(outbox.slack.messages("onboarding")) == 2


async def test_a_reminder_whose_card_is_gone_is_none(reminding: Outbox) -> None:
    """Its application was forgotten before the reminder came to be posted below it."""
    outbox = reminding
    outbox.clock.forward(3 * DAY)
    await outbox.store.reminders.remind(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    async with outbox.store.database.write() as tx:
        await tx.execute(cards.delete())
    await outbox.send()
    assert await outbox.states() == ["sent", "skipped"]
    assert len(outbox.slack.messages("onboarding")) == 1


async def test_a_reminder_waits_for_the_end_of_quiet_hours(reminding: Outbox) -> None:
    """It disturbs no one at night."""
    outbox = reminding
    quiet = Schedule(quiet_from=time(9), quiet_to=time(17))
    place = (outbox.team_id, outbox.channel("onboarding"))
    mei = outbox.slack.workspace.member.id
    await outbox.store.channel_settings.save(*place, MessageStyle(reminder_days=1), quiet, mei, outbox.clock())
    outbox.clock.forward(DAY)
    await remind(outbox)
    assert len(outbox.slack.messages("onboarding")) == 1
    outbox.clock.forward(7 * 3600)
    await remind(outbox)
    assert len(outbox.slack.messages("onboarding")) == 2
    assert outbox.slack.messages("onboarding")[1].reply_broadcast, "nobody took it: the channel reads it"


async def test_who_wants_no_mentions_is_reminded_of_nothing_by_name(reminding: Outbox) -> None:
    """Then the channel reads it."""
    outbox = reminding
    mei = outbox.slack.workspace.member.id
    await outbox.store.people.remember(Person(outbox.team_id, mei, is_admin=False, zone="UTC"), outbox.clock())
    await outbox.store.people.set_mentions(outbox.team_id, mei, is_on=False)
    await outbox.store.applications.assign(outbox.connection_id, "1", mei, outbox.clock())
    outbox.clock.forward(3 * DAY)
    await remind(outbox)
    reminder = outbox.slack.messages("onboarding")[1]
    assert reminder.text.startswith("🔔")
    assert reminder.reply_broadcast


async def finish(outbox: Outbox) -> None:
    """Let the application be approved, still flagged as late."""
    late = Application(id="1", title="File 1", is_late=True).model_dump_json(exclude_none=True)
    async with outbox.store.database.write() as tx:
        await tx.execute(applications.update().values(status_class=StatusClass.APPROVED, snapshot=late))


async def test_finished_work_is_not_reminded_of(reminding: Outbox) -> None:
    """C4: no one has anything left to do."""
    await finish(reminding)
    reminding.clock.forward(5 * DAY)
    await remind(reminding)
    assert len(reminding.slack.messages("onboarding")) == 1


async def test_a_reminder_of_what_was_finished_meanwhile_is_none(reminding: Outbox) -> None:
    """C4: it waited for the end of quiet hours."""
    reminding.clock.forward(3 * DAY)
    assert (
        await reminding.store.reminders.remind(reminding.team_id, reminding.channel("onboarding"), reminding.clock())
        == 1
    )
    await finish(reminding)
    await reminding.send()
    assert await reminding.states() == ["sent", "skipped"]
    assert len(reminding.slack.messages("onboarding")) == 1


async def test_a_digest_does_not_call_finished_work_late(outbox: Outbox) -> None:
    """C4: what became late while the channel was muted and has been finished since counts as neither."""
    await outbox.subscribe("onboarding")
    place, now = (outbox.team_id, outbox.channel("onboarding")), outbox.clock()
    mute = Mute(until=now + timedelta(hours=1))
    await outbox.store.channel_settings.mute(*place, [mute], outbox.slack.workspace.member.id, now)
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    async with outbox.store.database.write() as tx:
        done = applications.update().where(applications.c.id == "1")
        await tx.execute(done.values(status_class=StatusClass.CLOSED))
    outbox.clock.forward(2 * 3600)
    await outbox.tick()
    await outbox.send()
    (digest,) = outbox.slack.messages("onboarding")
    assert "2 updates while this channel was muted*\n⏰ 1 late\n⏰ *Late*\n• File 2 · open\n" in digest.text
    assert "⏰ *Was late, now finished*\n• File 1" in digest.text


async def test_a_digest_of_what_is_late_now_leaves_out_what_was_finished_meanwhile(outbox: Outbox) -> None:
    """C4: it may have waited for the channel."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "created"), ("2", "created"))
    await outbox.tick()
    await outbox.send()
    wish = SubscriptionRequest(
        outbox.team_id, outbox.channel("onboarding"), outbox.connection_id, "", (), None, "U1", "UTC"
    )
    await outbox.store.subscriptions.queue_late_now(wish, ["1", "2"], outbox.clock())
    async with outbox.store.database.write() as tx:
        done = applications.update().where(applications.c.id == "1")
        await tx.execute(done.values(status_class=StatusClass.CLOSED))
    for _ in range(4):
        outbox.clock.forward(2)
        await outbox.send()
    (digest,) = [one for one in outbox.slack.messages("onboarding") if "when this channel subscribed" in one.text]
    assert digest.text.startswith("📥 *1 application was already late")
    assert "File 1" not in digest.text
