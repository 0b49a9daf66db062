"""What a post depends on is known to be at most 2 minutes old (rule P5)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import prechecks
from bot.delivery.prechecks import PrecheckResult, Prechecks
from tests.delivery.conftest import AWAY, Hanging, Outbox, failing


async def notify(outbox: Outbox, *events: tuple[str, str]) -> None:
    """Let events happen, and post what may be posted."""
    await outbox.happen(*events)
    await outbox.tick()
    await outbox.send(3)


async def state(outbox: Outbox, channel: str = "onboarding") -> list[tuple[str, str | None]]:
    """Return how the subscriptions of a channel stand, and why."""
    rows = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel(channel))
    return [(row.state, row.reason) for row in rows]


@pytest.fixture
async def live(outbox: Outbox) -> Outbox:
    """A channel that had a notification, two minutes ago."""
    await outbox.subscribe("onboarding")
    await notify(outbox, ("1", "late"))
    outbox.clock.forward(120)
    return outbox


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_ext_shared": True}, "is_ext_shared"),
        ({"is_pending_ext_shared": True}, "is_ext_shared"),
        ({"is_archived": True}, "is_archived"),
        ({"members": set()}, "not_in_channel"),
    ],
)
async def test_a_channel_that_changed_silently_is_held_before_the_next_post(
    live: Outbox, change: dict[str, Any], reason: str
) -> None:
    """A3, P5: Slack's event was lost. Nothing more goes there, neither a post nor an update of what stands there."""
    for name, value in change.items():
        setattr(live.slack.workspace.channels[live.channel("onboarding")], name, value)
    updates = len(live.slack.called("chat.update"))
    await notify(live, ("1", "submitted"), ("2", "late"))
    assert len(live.posted("onboarding")) == 1
    assert len(live.slack.called("chat.update")) == updates
    assert await state(live) == [("held", reason)]


async def test_a_card_is_not_brought_up_to_date_for_outsiders(live: Outbox) -> None:
    """P5: an update shows as much as a post."""
    live.slack.workspace.channels[live.channel("onboarding")].is_ext_shared = True
    await live.store.applications.assign(live.connection_id, "1", live.slack.workspace.member.id, live.clock())
    await live.send(20)
    assert not live.slack.called("chat.update")
    assert await state(live) == [("held", "is_ext_shared")]


async def test_what_a_leaver_subscribed_is_held_before_the_next_post(live: Outbox) -> None:
    """P5: the owner must be active. Events that someone else's subscription wants too are posted."""
    adrien = live.slack.workspace.admin.id
    other = await live.subscribe("onboarding", filter="title:2")
    await live.store.orphans.adopt(live.team_id, [other.id], adrien, live.clock())
    live.slack.workspace.member.deleted = True
    await notify(live, ("2", "late"), ("3", "late"))
    assert ["File 2" in line for line in live.posted("onboarding")] == [False, True]
    assert await state(live) == [("held", "maker_gone"), ("active", None)]


async def test_a_channel_is_asked_about_once_for_all_that_waits(live: Outbox) -> None:
    """P5: one look at a channel, and at each owner, in 2 minutes, however many channels they own."""
    for name in ("one", "two", "three"):
        await live.subscribe(name)
    for number in range(3):
        await notify(live, *((f"{number}-{one}", "late") for one in range(2)))
    looks = [call.arguments["channel"] for call in live.slack.called("conversations.info")]
    assert len(looks) == len(set(looks)) + 1  # the first one was looked at before
    assert len(live.slack.called("users.info")) == 2


@pytest.mark.parametrize("code", ["internal_error", "ratelimited", "service_unavailable"])
async def test_where_slack_can_not_say_what_was_known_holds(live: Outbox, code: str) -> None:
    """P5: nothing waits for an answer that does not come."""
    for method in ("conversations.info", "users.info"):
        live.slack.fail_next(method, code, times=9)
    await notify(live, ("2", "late"))
    assert len(live.posted("onboarding")) == 2


async def test_a_precheck_waits_three_seconds_for_slack(live: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """P5: a look that hangs delays a post no longer than that, and is not waited for again at once."""
    monkeypatch.setattr("bot.delivery.prechecks.PATIENCE_SECONDS", 0.5)
    hanging = Hanging()
    monkeypatch.setattr(live.notifier, "look_at", hanging)
    await notify(live, ("2", "late"), ("3", "late"))
    assert len(live.posted("onboarding")) == 3
    assert hanging.calls == 1


async def test_what_was_known_to_be_wrong_holds(outbox: Outbox) -> None:
    """P5: another process saw that the channel is shared. This one need not ask."""
    await outbox.subscribe("onboarding")
    outbox.slack.workspace.channels[outbox.channel("onboarding")].is_ext_shared = True
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.watch()
    outbox.clock.forward(timedelta(minutes=5).total_seconds())
    outbox.slack.fail_next("conversations.info", "internal_error", times=9)
    await outbox.send(5)
    assert outbox.posted("onboarding") == []


async def test_two_channels_of_one_owner_ask_once(live: Outbox) -> None:
    """P5: at the same moment, too."""
    before = len(live.slack.called("users.info"))
    await live.subscribe("one")
    await live.happen(("2", "late"))
    await live.tick()
    await live.dispatcher.claim()
    await asyncio.wait_for(live.dispatcher.settled(), 30)
    assert len(live.slack.called("users.info")) == before + 1


async def test_a_channel_that_wants_nothing_any_more_is_not_asked_about(outbox: Outbox) -> None:
    """Its last subscription ended, but what still stands there, or was promised, may be brought up to date."""
    checker = Prechecks(outbox.team_id, outbox.store, outbox.notifier, outbox.clock)
    assert await checker.before(outbox.channel("onboarding")) == PrecheckResult()
    assert not outbox.slack.called("conversations.info")


@pytest.mark.parametrize(("table", "method"), [("posting_facts", "of_channel"), ("check_schedule", "keep_check")])
async def test_nothing_is_posted_while_the_database_can_not_say_what_is_known(
    live: Outbox, monkeypatch: pytest.MonkeyPatch, table: str, method: str
) -> None:
    """P5, T3: the post stays claimed, and is made when the database answers again: once."""
    with monkeypatch.context() as patched:
        patched.setattr(getattr(live.store, table), method, failing(AWAY))
        await notify(live, ("2", "late"))
    assert len(live.posted("onboarding")) == 1
    await live.send(90)
    assert await live.states() == ["sent", "sent"]
    assert len(live.posted("onboarding")) == 2


async def test_only_so_many_channels_are_remembered(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not fresh any more makes room for what is."""
    monkeypatch.setattr(prechecks, "MAX_REMEMBERED", 3)
    checker = Prechecks(outbox.team_id, outbox.store, outbox.notifier, outbox.clock)
    for name in ("one", "two", "three", "four"):
        await outbox.subscribe(name)
        await checker.before(outbox.channel(name))
        outbox.clock.forward(prechecks.FRESH.total_seconds() / 2)
    fresh = {outbox.channel(name) for name in ("three", "four")}
    assert checker._open.keys() == fresh  # noqa: SLF001  nothing else tells what is remembered
