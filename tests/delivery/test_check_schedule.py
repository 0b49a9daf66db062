"""Periodic checks of channels, people and accounts: they continue by themselves, report once, and keep to limits."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.core.errors import Throttled
from bot.core.notifications.admin_notifications import ClustAway
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.channel_check import ChannelCheck
from bot.delivery.housekeeping import Housekeeping
from bot.delivery.owner_check import OwnerCheck
from bot.delivery.watchdog import Watchdog
from bot.store.engine.tables import admin_notifications
from bot.store.notifications.check_schedule import CHANNEL
from tests.delivery.conftest import AWAY, Outbox, logged, once
from tests.delivery.test_watchdog import INTERVAL, poll


class Failing:
    """A question to the database, which is away for a while. `calls` has one entry for each time."""

    def __init__(self, question: Any) -> None:
        self._question, self.is_away = question, True
        self.calls = asyncio.Queue[None]()

    async def __call__(self, *given: Any) -> Any:
        """Answer, or fail."""
        self.calls.put_nowait(None)
        if self.is_away:
            raise AWAY
        return await self._question(*given)


async def test_the_checks_continue_after_a_failure(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away is logged once, however often it is queried, and once more when it is away again."""
    monkeypatch.setattr("bot.delivery.periodic_checks.LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr("bot.delivery.workspace_loop.backoff", lambda *_: 0.01)
    due, stop = Failing(outbox.store.due_work.checks), asyncio.Event()
    monkeypatch.setattr(outbox.store.due_work, "checks", due)
    with capture_logs() as logs:
        running = asyncio.create_task(outbox.periodic_checks().run(stop))
        for _ in range(3):
            await due.calls.get()
        due.is_away = False
        while not due.calls.empty():
            due.calls.get_nowait()
        for _ in range(2):
            await due.calls.get()
        assert logged(logs, "can't watch channels") == ["can't watch channels"]
        due.is_away = True
        for _ in range(3):
            await due.calls.get()
        stop.set()
        await running
    assert logged(logs, "can't watch channels") == ["can't watch channels"] * 2


async def test_the_checks_end_when_slack_asks_to_wait(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """P1: no other channel is checked. The next run continues from there."""
    for name in ("one", "two", "three"):
        await outbox.subscribe(name)
    looked_at: list[str] = []

    async def throttled(channel_id: str) -> None:
        looked_at.append(channel_id)
        raise Throttled(30)

    monkeypatch.setattr(outbox.notifier, "look_at", throttled)
    await outbox.watch()
    assert len(looked_at) == 1


async def test_a_row_that_can_not_be_read_keeps_no_other_from_its_turn(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A8, P4: the others are looked at, the loop hears of the database's trouble, and the one is looked at again."""
    for name in ("one", "two"):
        await outbox.subscribe(name)
        outbox.slack.workspace.channel(name).is_archived = True
    of_channel = outbox.store.posting_facts.of_channel
    with monkeypatch.context() as patched:
        patched.setattr(outbox.store.posting_facts, "of_channel", once(AWAY, of_channel))
        with pytest.raises(type(AWAY)):
            await outbox.watch()
    held = [row.channel_id for row in await outbox.store.subscriptions.of_team(outbox.team_id) if row.state == "held"]
    assert len(held) == 1
    outbox.clock.forward(60)
    await outbox.watch()
    assert {row.state for row in await outbox.store.subscriptions.of_team(outbox.team_id)} == {"held"}


async def test_looking_before_a_post_does_not_put_off_the_look_that_is_due(outbox: Outbox) -> None:
    """P4: a held channel that is asked about again and again is let go as soon as its own turn comes."""
    await outbox.subscribe("one")
    channel = outbox.channel("one")
    await outbox.slack.archive(channel)
    await outbox.watch()
    before = await outbox.store.check_schedule.next_check(outbox.team_id, CHANNEL, channel, outbox.clock())
    check = ChannelCheck(outbox.team_id, outbox.store, outbox.notifier, outbox.clock)
    for _ in range(3):
        outbox.clock.forward(10)
        stored = await outbox.store.posting_facts.of_channel(outbox.team_id, channel)
        assert (await check.refresh(channel, stored)).facts["problem"] == "is_archived"
    assert await outbox.store.check_schedule.next_check(outbox.team_id, CHANNEL, channel, outbox.clock()) == before
    assert before.strikes == 1


async def test_a_channel_that_wants_nothing_is_not_looked_at(outbox: Outbox) -> None:
    """Its last subscription ended just now."""
    await outbox.checks.check(outbox.channel("onboarding"))
    assert not outbox.slack.called("conversations.info")


async def test_a_notification_that_reached_nobody_is_sent_again_with_the_next_checks(outbox: Outbox) -> None:
    """W4: of a held channel, and of an account whose reading is suspended."""
    outbox.slack.state.rate_limits.between_messages = 0
    await outbox.subscribe("onboarding")
    await outbox.store.subscriptions.hold(outbox.team_id, outbox.channel("onboarding"), "is_archived")
    await outbox.store.connections.note(outbox.connection_id, suspended="Of 3 known applications the list held 0.")
    for is_down in (True, False, False):
        outbox.slack.faults.down = is_down
        await outbox.notify()
        outbox.clock.forward(60)
    texts = [message.text for message in outbox.slack.direct_messages("mei")]
    assert len(texts) == 2
    assert any("the list held 0" in text for text in texts)


async def test_who_can_not_be_looked_at_now_is_looked_at_later(outbox: Outbox) -> None:
    """No one's subscriptions are held because Slack has trouble."""
    row = await outbox.subscribe("onboarding")
    outbox.slack.fail_next("users.info", "internal_error")
    owners = OwnerCheck(outbox.team_id, outbox.store, outbox.notifier, outbox.clock)
    with capture_logs() as logs:
        await outbox.store.check_schedule.enrol(outbox.clock())
        await owners.check_due(5)
    assert logged(logs, "slack could not be asked")
    (after,) = await outbox.store.subscriptions.of_team(outbox.team_id)
    assert (after.id, after.state) == (row.id, "active")


@pytest.fixture
def watchdog(outbox: Outbox) -> Watchdog:
    """What watches. Adrien is the admin."""
    admins, is_admin = [outbox.slack.workspace.admin.id], outbox.access.is_admin
    admin_sender = AdminNotificationSender(
        outbox.team_id, outbox.store, outbox.notifier, admins, is_admin, outbox.clock
    )

    async def opened(_team_id: str) -> AdminNotificationSender:
        return admin_sender

    return Watchdog(outbox.store, opened, INTERVAL, outbox.clock)


async def test_the_watchdog_continues_after_an_error(
    outbox: Outbox, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever failed, the next check runs."""
    monkeypatch.setattr("bot.delivery.watchdog.LOOK_EVERY_SECONDS", 0.01)
    looked, stop = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        looked.set()

    monkeypatch.setattr(watchdog, "check", once(AWAY, look))
    with capture_logs() as logs:
        running = asyncio.create_task(watchdog.run(stop))
        await looked.wait()
        stop.set()
        await running
    assert logged(logs, "the watchdog could not look") == ["the watchdog could not look"]
    assert outbox.slack.direct_messages("adrien") == []


async def test_what_another_process_reported_meanwhile_is_not_reported_again(
    outbox: Outbox, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several processes that saw it, the database chooses the one that sends it."""
    began = outbox.clock()
    outbox.clock.forward(600)
    await poll(outbox, "Clust answered 503.", failing_since=began)
    connections = outbox.store.connections
    seen = await connections.doubtful(outbox.clock())
    now, notification = outbox.clock(), ClustAway(began, "Clust answered 503.")
    parts = (outbox.connection_id, "outage_told_at", now, notification, now)
    assert await outbox.store.admin_notifications.about_connection(*parts)
    async with outbox.store.database.write() as tx:
        await tx.execute(admin_notifications.delete())

    async def before(_since: datetime) -> Any:
        return seen

    monkeypatch.setattr(connections, "doubtful", before)
    await watchdog.check()
    assert outbox.slack.direct_messages("adrien") == []


async def test_housekeeping_continues_after_an_error(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database failure is logged once. A removed workspace is logged too."""
    monkeypatch.setattr("bot.delivery.housekeeping.HOUSEKEEPING_SECONDS", 0.01)
    ended, stop = Failing(_one_workspace), asyncio.Event()
    monkeypatch.setattr(outbox.store.disconnect_and_uninstall, "over", ended)
    monkeypatch.setattr(outbox.store.disconnect_and_uninstall, "remove_from_workspace", _has_ended)
    with capture_logs() as logs:
        running = asyncio.create_task(Housekeeping(outbox.store, outbox.clock, timedelta(days=90)).run(stop))
        for _ in range(3):
            await ended.calls.get()
        ended.is_away = False
        while not ended.calls.empty():
            ended.calls.get_nowait()
        for _ in range(2):
            await ended.calls.get()
        stop.set()
        await running
    assert logged(logs, "can't clean up") == ["can't clean up"]
    assert logged(logs, "what was stored of a workspace is removed")


async def _one_workspace(_before: datetime) -> tuple[list[str], list[str]]:
    return ["T0GONE"], []


async def _has_ended(_team_id: str, _before: datetime) -> bool:
    return True


async def test_a_check_holds_a_channel_and_ends_the_hold(outbox: Outbox) -> None:
    """What takes no messages is held with its reason, as long as that lasts. The others are looked at in turn."""
    for name in ("one", "two"):
        await outbox.subscribe(name)
    await outbox.slack.archive(outbox.channel("one"))
    for problem in ("is_archived", None):
        await outbox.watch()
        rows = await outbox.store.subscriptions.of_team(outbox.team_id)
        assert {row.channel_id: row.reason for row in rows if row.state == "held"} == (
            {outbox.channel("one"): problem} if problem else {}
        )
        await outbox.slack.unarchive(outbox.channel("one"))
        outbox.clock.forward(60)
