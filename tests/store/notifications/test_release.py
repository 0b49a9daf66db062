"""What a tick releases and what it holds: mutes, schedules, the gate, limits (rules S3, S4)."""

from __future__ import annotations

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Rhythm, Schedule
from tests.delivery.conftest import Outbox

HOUR = 3600


async def waiting(outbox: Outbox) -> list[str]:
    """Return the kind of each delivery that is to be posted."""
    return [row["kind"] for row in await outbox.rows() if row["state"] == "pending"]


async def test_twenty_notifications_at_once_are_released(outbox: Outbox) -> None:
    """The gate opens above twenty."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(one), "late") for one in range(20)))
    await outbox.tick()
    assert await waiting(outbox) == ["event"] * 20


async def test_the_largest_limit_lifts_the_gate(outbox: Outbox) -> None:
    """S4: who asks for forty at once gets forty."""
    await outbox.subscribe("onboarding", limit=40)
    await outbox.happen(*((str(one), "late") for one in range(40)))
    await outbox.tick()
    assert await waiting(outbox) == ["event"] * 40


async def test_what_a_mute_held_comes_back_as_one_summary(outbox: Outbox) -> None:
    """With its end. A single notification is posted as itself."""
    await outbox.subscribe("onboarding")
    mei, until = outbox.slack.workspace.member.id, outbox.clock.now.replace(hour=23)
    place = (outbox.team_id, outbox.channel("onboarding"))
    await outbox.store.channel_settings.mute(*place, [Mute(until=until)], mei, outbox.clock())
    await outbox.happen(("1", "late"), ("2", "created"))
    await outbox.tick()
    await outbox.send(5)
    assert await outbox.states() == ["held", "held"]
    outbox.clock.now = until
    await outbox.tick()
    await outbox.send(5)
    assert outbox.posted("onboarding") == ["📥 *2 updates while this channel was muted*"]


async def test_a_daily_channel_gets_one_summary_a_day(outbox: Outbox) -> None:
    """All that happened since yesterday, in one message, in order. A digest is no flood."""
    await outbox.subscribe("onboarding")
    mei = outbox.slack.workspace.member.id
    place = (outbox.team_id, outbox.channel("onboarding"))
    await outbox.store.channel_settings.save(*place, MessageStyle(), Schedule(rhythm=Rhythm.DAILY), mei, outbox.clock())
    for number in range(12):
        await outbox.happen((f"{number}-1", "late"), (f"{number}-2", "late"))
        await outbox.tick()
        outbox.clock.forward(2 * HOUR)
    await outbox.send(5)
    posted = outbox.posted("onboarding")
    assert len(posted) == 1
    assert posted[0].endswith(" updates*")
    outbox.clock.forward(24 * HOUR)
    await outbox.tick()
    await outbox.send(5)
    total = sum(int(line.split("*")[1].split()[0]) for line in outbox.posted("onboarding"))
    assert total == 24
