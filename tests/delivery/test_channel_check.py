"""Channels that refuse posts are held, reported once, and tried less and less often until they accept one (rule P3)."""

from __future__ import annotations

import itertools
from datetime import time, timedelta

import pytest

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.store.notifications.check_schedule import CHANNEL
from tests.delivery.conftest import Outbox

POST = "chat.postMessage"
INVISIBLE = ("restricted_action", "a_code_of_tomorrow", "is_archived")
"""Codes of refused posts while `conversations.info` shows nothing wrong.

It never shows one, one is unknown, and Slack may be late to show one. Which codes hold a channel is the subject of the
tests of `refusal`.
"""


async def live(outbox: Outbox, time_span: timedelta, step_seconds: float = 30) -> None:
    """Let the bot do everything it does by itself for so long."""
    end, process = outbox.clock() + time_span, outbox.periodic_checks()
    while outbox.clock() < end:
        await outbox.look(process)
        await outbox.tick()
        await outbox.dispatcher.claim()
        await outbox.dispatcher.settled()
        outbox.clock.forward(step_seconds)


def tries(outbox: Outbox, channel: str = "onboarding") -> list[float]:
    """Return when posts into a channel were tried."""
    channel_id = outbox.channel(channel)
    return [call.at for call in outbox.slack.called(POST) if call.arguments["channel"] == channel_id]


def messages_to_admins(outbox: Outbox) -> list[str]:
    """Return the messages to Mei, who owns the subscription."""
    return [message.text.splitlines()[0] for message in outbox.slack.direct_messages("mei")]


@pytest.fixture
async def refusing(outbox: Outbox) -> Outbox:
    """Three notifications wait for a channel that will refuse posts."""
    outbox.slack.state.rate_limits.between_messages = 0
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"), ("2", "late"), ("3", "late"))
    return outbox


@pytest.mark.parametrize("code", INVISIBLE)
async def test_a_refusal_that_slack_does_not_show_is_reported_once(refusing: Outbox, code: str) -> None:
    """A5, P3: conversations.info looks normal all the time, but no one hears "works again" before a post was taken."""
    outbox = refusing
    outbox.slack.refuse(POST, outbox.channel("onboarding"), code)
    await live(outbox, timedelta(minutes=5), step_seconds=60)
    assert len(messages_to_admins(outbox)) == 1
    outbox.slack.refuse(POST, outbox.channel("onboarding"), None)
    await live(outbox, timedelta(minutes=10), step_seconds=60)
    assert [line[:1] for line in messages_to_admins(outbox)] == ["⏸", "✅"]
    assert set(await outbox.states()) == {"sent"}


async def test_a_held_channel_is_tried_ever_more_seldom(refusing: Outbox) -> None:
    """A5, P3: after 1, 2, 4 … minutes, at most every 6 hours, with one of the notifications that wait."""
    outbox = refusing
    outbox.slack.refuse(POST, outbox.channel("onboarding"), "restricted_action")
    await live(outbox, timedelta(seconds=15))
    for _ in range(12):
        check = await outbox.store.check_schedule.next_check(
            outbox.team_id, CHANNEL, outbox.channel("onboarding"), outbox.clock()
        )
        outbox.clock.now = check.due_at
        await live(outbox, timedelta(seconds=15))
    moments = tries(outbox)
    waits = [(after - before) / 60 for before, after in itertools.pairwise(moments)]
    assert [round(wait) for wait in waits[:9]] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert [round(wait) for wait in waits[9:]] == [360] * 3


async def test_a_channel_that_slack_shows_as_fixed_is_released(refusing: Outbox) -> None:
    """P3: what conversations.info showed as wrong and shows no more is over, though no post was tried."""
    outbox = refusing
    await outbox.slack.archive(outbox.channel("onboarding"))
    await live(outbox, timedelta(minutes=3), step_seconds=60)
    assert (len(messages_to_admins(outbox)), tries(outbox)) == (1, [])
    await outbox.slack.unarchive(outbox.channel("onboarding"))
    await live(outbox, timedelta(minutes=5), step_seconds=60)
    assert [line[:1] for line in messages_to_admins(outbox)] == ["⏸", "✅"]
    assert set(await outbox.states()) == {"sent"}


async def test_a_channel_with_another_problem_is_held_for_that(refusing: Outbox) -> None:
    """P3: a channel that was unarchived, and is shared with another organization by then, is held for that now."""
    outbox = refusing
    await outbox.slack.archive(outbox.channel("onboarding"))
    await live(outbox, timedelta(minutes=1))
    await outbox.slack.unarchive(outbox.channel("onboarding"))
    await outbox.slack.share_externally("onboarding")
    await live(outbox, timedelta(minutes=10), step_seconds=120)
    assert ["archived" in line for line in messages_to_admins(outbox)] == [True, False]
    assert "another organization" in messages_to_admins(outbox)[1]
    assert tries(outbox) == []


async def test_nothing_is_tried_in_quiet_hours(refusing: Outbox) -> None:
    """P3: what waits for a held channel comes at no hour at which that wants nothing."""
    outbox = refusing
    channel_id = outbox.channel("onboarding")
    outbox.slack.refuse(POST, channel_id, "restricted_action")
    await live(outbox, timedelta(minutes=1))
    schedule = Schedule(zone="UTC", quiet_from=time(12), quiet_to=time(18))
    await outbox.store.channel_settings.save(outbox.team_id, channel_id, MessageStyle(), schedule, "U1", outbox.clock())
    before = len(tries(outbox))
    await live(outbox, timedelta(hours=5), step_seconds=3600)
    assert len(tries(outbox)) == before
    await live(outbox, timedelta(hours=8), step_seconds=3600)
    assert len(tries(outbox)) > before


async def test_a_try_that_may_have_arrived_is_looked_up(refusing: Outbox) -> None:
    """T2, P3: a channel whose try was cut after it was taken works again, and the try is not repeated."""
    outbox = refusing
    outbox.slack.refuse(POST, outbox.channel("onboarding"), "restricted_action")
    await live(outbox, timedelta(seconds=30), step_seconds=15)
    outbox.slack.refuse(POST, outbox.channel("onboarding"), None)
    outbox.slack.faults.cut_after_accept = 1
    await live(outbox, timedelta(minutes=5))
    assert [line[:1] for line in messages_to_admins(outbox)] == ["⏸", "✅"]
    assert len([text for text in outbox.posted("onboarding") if "File 1" in text]) == 1
    assert set(await outbox.states()) == {"sent"}


async def test_an_end_is_not_reported_to_those_who_missed_the_beginning(refusing: Outbox) -> None:
    """P3: a channel that worked again before anyone heard that it did not."""
    outbox = refusing
    channel_id = outbox.channel("onboarding")
    await outbox.store.subscriptions.hold(outbox.team_id, channel_id, "restricted_action")
    await outbox.store.subscriptions.resume(outbox.team_id, channel_id, outbox.clock())
    await outbox.notify()
    assert messages_to_admins(outbox) == []


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "missing_scope_of_tomorrow"])
async def test_one_channel_that_can_not_be_looked_at_stops_no_other(outbox: Outbox, code: str) -> None:
    """A8: its failure is its own. The others are held as they should be, and reminders and notifications continue."""
    names = [f"channel-{number}" for number in range(8)]
    for name in names:
        await outbox.subscribe(name)
    for name in names[:3]:
        outbox.slack.refuse("conversations.info", outbox.channel(name), code)
    outbox.slack.workspace.channels[outbox.channel(names[-1])].is_archived = True
    await live(outbox, timedelta(minutes=2))
    rows = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel(names[-1]))
    assert [(row.state, row.reason) for row in rows] == [("held", "is_archived")]


@pytest.mark.parametrize("code", ["user_not_visible", "internal_error"])
async def test_one_person_who_can_not_be_looked_at_stops_no_other(outbox: Outbox, code: str) -> None:
    """A8: the others who left are still found."""
    outbox.slack.state.rate_limits.between_messages = 0
    people = outbox.slack.workspace
    for number in range(7):
        user = people.add_user(f"person-{number}")
        await outbox.subscribe(f"channel-{number}", created_by=user.id)
        outbox.slack.refuse("users.info", user.id, code)
    leaver = people.add_user("leaver")
    gone = await outbox.subscribe("onboarding", created_by=leaver.id)
    leaver.deleted = True
    await live(outbox, timedelta(minutes=3), step_seconds=60)
    row = await outbox.store.subscriptions.get(outbox.team_id, gone.id)
    assert row
    assert (row.state, row.reason) == ("held", "maker_gone")


async def test_held_channels_leave_the_others_their_part(outbox: Outbox) -> None:
    """A3: ten archived channels, and a live one that becomes shared while its event is lost: it is found out."""
    outbox.slack.state.rate_limits.between_messages = 0
    for number in range(10):
        await outbox.subscribe(f"old-{number}")
        outbox.slack.workspace.channels[outbox.channel(f"old-{number}")].is_archived = True
    await outbox.subscribe("onboarding")
    await live(outbox, timedelta(minutes=3), step_seconds=60)
    outbox.slack.workspace.channels[outbox.channel("onboarding")].is_ext_shared = True
    await live(outbox, timedelta(minutes=11), step_seconds=60)
    (row,) = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel("onboarding"))
    assert (row.state, row.reason) == ("held", "is_ext_shared")


async def test_checks_of_channels_continue_where_they_stopped(outbox: Outbox) -> None:
    """P4: after a 429, the next run begins with the channels that were not checked, in another process too."""
    names = [f"channel-{number}" for number in range(6)]
    for name in names:
        await outbox.subscribe(name)
    for _ in names:
        outbox.slack.rate_limit_method("conversations.info", 5)
        await outbox.watch()
        outbox.clock.forward(6)
        await outbox.watch()
        outbox.clock.forward(10)
    seen = await outbox.store.check_schedule.observations(outbox.team_id, CHANNEL)
    assert seen.keys() == {outbox.channel(name) for name in names}
