"""Unclear deliveries are looked up a page at a time, also where Slack gives 15 messages a minute: rules T0 and T2."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.notifications.unclear_posts import LookUp, PostsPage
from bot.delivery import WorkspaceDispatcher
from bot.delivery.sender import Timing
from bot.store import open_store
from bot.store.notifications.unclear_posts import UnclearPosts
from tests.delivery.conftest import AWAY, LEASE, UNCLEAR_WAIT, Outbox, failing

HISTORY = "conversations.history"


@pytest.fixture
async def crowded(outbox: Outbox) -> Outbox:
    """A post that was cut after Slack took it, and 40 messages of people behind it. Slack gives 15 a minute."""
    outbox.slack.faults.is_distributed = True
    await unclear(outbox, "onboarding", "1")
    talk(outbox, "onboarding", 40)
    return outbox


async def unclear(outbox: Outbox, channel: str, application: str) -> None:
    """Let Slack take a notification for a channel, and no one hear of it."""
    await outbox.subscribe(channel)
    await outbox.happen((application, "late"))
    await outbox.tick()
    outbox.slack.faults.cut_after_accept = 1
    await outbox.send()


def talk(outbox: Outbox, channel: str, messages: int) -> None:
    """Let people write in a channel."""
    for number in range(messages):
        outbox.slack.state.messages.post(outbox.channel(channel), text=f"message {number}")


def reads(outbox: Outbox) -> list[tuple[int | None, str]]:
    """Return the status and the cursor of each call that read a channel."""
    return [(call.status, str(call.arguments.get("cursor") or "")) for call in outbox.slack.called(HISTORY)]


async def test_a_busy_channel_is_settled_after_as_many_calls_as_it_has_pages(crowded: Outbox) -> None:
    """A2: 41 messages at 15 a call and a call a minute are three calls, and Slack never has to say 429."""
    await crowded.send(25 + 119)
    assert await crowded.states() == ["unclear"]
    await crowded.send(10)
    assert await crowded.states() == ["sent"]
    assert reads(crowded) == [(200, ""), (200, "after:15"), (200, "after:30")]


async def test_a_look_up_continues_where_another_process_stopped(crowded: Outbox, url: str) -> None:
    """A2, T0: its cursor and what it has found stand in the database."""
    await crowded.send(30)
    store = open_store(url, posts_per_minute=300)
    timing = Timing(LEASE, UNCLEAR_WAIT)
    other = WorkspaceDispatcher(crowded.team_id, "other", store, crowded.notifier, timing, crowded.clock)
    await replace(crowded, dispatcher=other).send(150)
    await store.database.close()
    assert await crowded.states() == ["sent"]
    assert [cursor for _, cursor in reads(crowded)] == ["", "after:15", "after:30"]


async def test_a_429_in_the_middle_repeats_no_page(crowded: Outbox) -> None:
    """A2, T0: after the pause the next page is read, and not the first one."""
    await crowded.send(30)
    crowded.slack.rate_limit_method(HISTORY, 300)
    await crowded.send(500)
    assert await crowded.states() == ["sent"]
    assert reads(crowded) == [(200, ""), (429, "after:15"), (200, "after:15"), (200, "after:30")]


async def test_only_what_stands_around_the_attempt_is_read(outbox: Outbox) -> None:
    """T2: from a minute before the attempt to a minute after its time limit. What people write later costs no call."""
    outbox.slack.faults.is_distributed = True
    talk(outbox, "onboarding", 40)
    outbox.clock.forward(61)
    await unclear(outbox, "onboarding", "1")
    outbox.slack.faults.down = True
    await outbox.send(71)
    outbox.slack.faults.down = False
    talk(outbox, "onboarding", 40)
    await outbox.send(60)
    assert await outbox.states() == ["sent"]
    assert [cursor for status, cursor in reads(outbox) if status == 200] == [""]


async def test_another_unclear_post_does_not_restart_a_look_up(crowded: Outbox) -> None:
    """T2: it has a look-up of its own, or joins one that has read nothing yet."""
    await crowded.send(30)
    for application in ("2", "3"):
        await unclear(crowded, "onboarding", application)
        crowded.clock.forward(2)
    await crowded.send(600)
    assert await crowded.states() == ["sent"] * 3
    assert len(crowded.posted("onboarding")) == 43
    cursors = [cursor for status, cursor in reads(crowded) if status == 200]
    assert sorted(cursors) == ["", "", "after:15", "after:30"]


async def test_a_search_that_outlives_its_process_settles_no_later_attempt(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T2: killed between posting again and ending its search, it leaves one that has read the channel too early."""

    async def killed(*_: object) -> None:
        """End no search."""

    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    outbox.slack.faults.cut_before_accept = 1
    await outbox.send()
    with monkeypatch.context() as patch:
        patch.setattr(UnclearPosts, "end", killed)
        outbox.slack.faults.cut_after_accept = 1
        await outbox.send(30)
    assert await outbox.states() == ["unclear"]
    await outbox.send(120)
    assert await outbox.states() == ["sent"]
    assert len(outbox.posted("onboarding")) == 1


async def test_a_long_look_up_stops_no_other_channel(crowded: Outbox) -> None:
    """A2: other channels get their posts, and a look-up of theirs has its turn before the long one is through."""
    talk(crowded, "onboarding", 400)
    await crowded.send(30)
    await unclear(crowded, "other", "2")
    await crowded.happen(("3", "late"))
    await crowded.tick()
    await crowded.send(150)
    by_channel = {row["channel_id"]: row["state"] for row in await crowded.rows() if row["application_id"] == "2"}
    assert by_channel[crowded.channel("other")] == "sent"
    assert len(crowded.posted("other")) == 2
    assert (await crowded.states())[0] == "unclear"


async def test_a_channel_that_can_not_be_read_is_asked_ever_more_seldom(outbox: Outbox) -> None:
    """T2, P4: and at once when it takes messages again."""
    await unclear(outbox, "onboarding", "1")
    outbox.slack.fail_next(HISTORY, "channel_not_found", times=1000)
    await outbox.send(3600, step=5)
    assert 5 <= len(outbox.slack.called(HISTORY)) <= 10
    outbox.slack.state.failures.clear()
    await outbox.store.subscriptions.resume(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    await outbox.send(2)
    assert await outbox.states() == ["sent"]


async def test_a_call_that_is_refused_holds_no_channel(outbox: Outbox) -> None:
    """T2, A5: a code that is about the call says nothing about the channel, which gets its other posts."""
    await unclear(outbox, "onboarding", "1")
    outbox.slack.fail_next(HISTORY, "invalid_arguments", times=1000)
    await outbox.send(600, step=5)
    assert 2 <= len(outbox.slack.called(HISTORY)) <= 6
    await outbox.happen(("2", "late"))
    await outbox.tick()
    await outbox.send(2)
    assert await outbox.states() == ["unclear", "sent"]


async def test_a_cursor_that_slack_has_forgotten(crowded: Outbox) -> None:
    """T0: the first page is read again, and what was found is kept."""
    await crowded.send(30)
    crowded.slack.fail_next(HISTORY, "invalid_cursor")
    await crowded.send(300)
    assert await crowded.states() == ["sent"]
    read = [cursor for status, cursor in reads(crowded) if status == 200]
    assert read == ["", "after:15", "", "after:15", "after:30"]


async def test_a_process_that_ends_before_it_marks(crowded: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """T2, T3: what was read is not read again. Another process marks what was found."""
    with monkeypatch.context() as patched:
        patched.setattr(crowded.store.unclear_posts, "claims", failing(AWAY))
        await crowded.send(160)
    assert await crowded.states() == ["unclear"]
    before = len(reads(crowded))
    await crowded.send(60)
    assert (await crowded.states(), len(reads(crowded))) == (["sent"], before)
    assert len(crowded.posted("onboarding")) == 41


async def test_a_process_that_lost_its_lease_settles_nothing(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """T3: its lease ended while it read, and another settled. The page that it saw is old, so it posts nothing more."""
    await unclear(outbox, "onboarding", "1")
    other = WorkspaceDispatcher(
        outbox.team_id, "other", outbox.store, outbox.notifier, Timing(LEASE, UNCLEAR_WAIT), outbox.clock
    )
    look_up, overtaken = outbox.notifier.look_up, asyncio.Event()

    async def late(_search: LookUp) -> PostsPage:
        monkeypatch.setattr(outbox.notifier, "look_up", look_up)
        outbox.clock.forward(LEASE.total_seconds() + 1)
        await replace(outbox, dispatcher=other).send(1)
        overtaken.set()
        return PostsPage({})

    monkeypatch.setattr(outbox.notifier, "look_up", late)
    await outbox.send(60)
    assert overtaken.is_set()
    assert await outbox.states() == ["sent"]
    assert len(outbox.posted("onboarding")) == 1


async def test_people_hear_of_a_look_up_that_takes_long(crowded: Outbox) -> None:
    """A2: after three tries it is known in which channel, and since when."""
    attempted_at = crowded.clock()
    talk(crowded, "onboarding", 100)
    await crowded.send(25 + 65)
    assert await crowded.store.unclear_posts.overdue(crowded.team_id, crowded.clock()) == {}
    await crowded.send(60)
    overdue = await crowded.store.unclear_posts.overdue(crowded.team_id, crowded.clock())
    assert overdue == {crowded.channel("onboarding"): attempted_at}
    await crowded.send(1000)
    assert await crowded.store.unclear_posts.overdue(crowded.team_id, crowded.clock()) == {}
