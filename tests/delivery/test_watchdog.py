"""Admins get one message when Clust can't be read or no one reads it, whichever process notices, and one at the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import ChannelRefused, NotSent
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.watchdog import Watchdog
from bot.store.clust.polls import PollRow
from bot.store.engine.tables import connections
from tests.delivery.conftest import Outbox, once

INTERVAL = timedelta(minutes=1)


def watching(outbox: Outbox, *admins: str) -> list[Watchdog]:
    """Return two processes that watch for these admins."""
    outbox.slack.state.rate_limits.between_messages = 0
    admin_sender = AdminNotificationSender(
        outbox.team_id, outbox.store, outbox.notifier, admins, outbox.access.is_admin, outbox.clock
    )

    async def opened(_team_id: str) -> AdminNotificationSender:
        return admin_sender

    return [Watchdog(outbox.store, opened, INTERVAL, outbox.clock) for _ in range(2)]


@pytest.fixture
def watchdogs(outbox: Outbox) -> list[Watchdog]:
    """Two processes that watch. Adrien is the admin."""
    return watching(outbox, outbox.slack.workspace.admin.id)


def messages_to_admins(outbox: Outbox) -> list[str]:
    """Return the first lines of the messages to Adrien."""
    return [message.text.splitlines()[0] for message in outbox.slack.direct_messages("adrien")]


async def poll(outbox: Outbox, error: str | None = None, **columns: Any) -> None:
    """Let a poll end now."""
    now = outbox.clock()
    row = PollRow(now, now, 0, 0, 0, error=error)
    await outbox.store.polls.keep_poll(outbox.connection_id, outbox.fence, row, error=error, **columns)


async def outage(outbox: Outbox) -> None:
    """Let Clust fail until admins are notified."""
    began = outbox.clock()
    outbox.clock.forward(300)
    await poll(outbox, "Clust answered 503.", failing_since=began)


async def look(watchdogs: list[Watchdog]) -> None:
    """Let both processes look."""
    for watchdog in watchdogs:
        await watchdog.check()


async def test_an_outage_and_its_end_are_reported_once_each(outbox: Outbox, watchdogs: list[Watchdog]) -> None:
    """After five minutes. And Clust works again, with two new events."""
    await poll(outbox, read_at=outbox.clock())
    outbox.clock.forward(60)
    began = outbox.clock()
    for _ in range(6):
        await poll(outbox, "Clust answered 503.", failing_since=began)
        await look(watchdogs)
        outbox.clock.forward(60)
    assert [line.split("<")[0] for line in messages_to_admins(outbox)] == [
        "🔴 *I haven't been able to read Clust since "
    ]
    (first,) = outbox.slack.direct_messages("adrien")
    assert f"<!date^{began.timestamp():.0f}^" in first.text
    assert "Clust answered 503." in first.text
    await outbox.happen(("1", "late"), ("2", "late"))
    await poll(outbox, failing_since=None, read_at=outbox.clock())
    await look(watchdogs)
    await look(watchdogs)
    assert messages_to_admins(outbox)[1:] == ["🟢 *Clust is back* after 7 minutes. Caught up: ⏰ 2 late."]


async def test_a_short_outage_is_not_reported(outbox: Outbox, watchdogs: list[Watchdog]) -> None:
    """Below five minutes no one is disturbed, neither by its end."""
    await poll(outbox, "Clust answered 503.", failing_since=outbox.clock())
    outbox.clock.forward(299)
    await look(watchdogs)
    await poll(outbox, failing_since=None)
    await look(watchdogs)
    assert messages_to_admins(outbox) == []


async def test_a_web_process_notices_a_dead_worker(outbox: Outbox, watchdogs: list[Watchdog]) -> None:
    """No one polls and no one holds the lease. A later poll ends it."""
    await poll(outbox)
    await outbox.store.account_shares.give_back("poller", [outbox.connection_id])
    outbox.clock.forward(301)
    await look(watchdogs)
    assert [line.split("<")[0] for line in messages_to_admins(outbox)] == ["🔴 *Nothing has been reading Clust since "]
    fence = (
        await outbox.store.account_shares.take(
            "other", [outbox.connection_id], outbox.clock(), outbox.clock() + timedelta(hours=1)
        )
    )[outbox.connection_id]
    outbox.fence = fence
    outbox.clock.forward(1)
    await poll(outbox)
    await look(watchdogs)
    assert messages_to_admins(outbox)[1].startswith("🟢 I'm reading Clust again.")
    assert len(messages_to_admins(outbox)) == 2


async def test_a_new_account_is_given_time_to_be_read(outbox: Outbox, watchdogs: list[Watchdog]) -> None:
    """However long the process has watched others: the five minutes begin when the account is connected."""
    outbox.clock.forward(3600)
    async with outbox.store.database.write() as tx:
        await tx.execute(connections.update().values(made_at=outbox.clock()))
    await outbox.store.account_shares.give_back("poller", [outbox.connection_id])
    outbox.clock.forward(299)
    await look(watchdogs)
    assert messages_to_admins(outbox) == []
    outbox.clock.forward(2)
    await look(watchdogs)
    assert len(messages_to_admins(outbox)) == 1


async def test_a_notification_that_could_not_be_sent_is_sent_later(outbox: Outbox, watchdogs: list[Watchdog]) -> None:
    """Slack is down just then: the next look tries again."""
    await outage(outbox)
    outbox.slack.faults.down = True
    await look(watchdogs)
    outbox.slack.faults.down = False
    outbox.clock.forward(15)
    await look(watchdogs)
    assert len(messages_to_admins(outbox)) == 1


async def test_a_person_who_accepts_no_messages_is_not_tried_again(
    outbox: Outbox, watchdogs: list[Watchdog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A4: an admin who accepts no messages is skipped from then on. Owners of subscriptions are notified instead."""
    await outbox.subscribe("onboarding")
    monkeypatch.setattr(outbox.notifier, "notify", once(ChannelRefused("user_disabled"), outbox.notifier.notify))
    await outage(outbox)
    await look(watchdogs)
    await look(watchdogs)
    assert (messages_to_admins(outbox), len(outbox.slack.direct_messages("mei"))) == ([], 1)


async def test_nobody_is_notified_twice_because_another_could_not_be_reached(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W4: of two admins one can't be reached just then: both hear of it in the end, once each."""
    watchdogs = watching(outbox, outbox.slack.workspace.admin.id, outbox.slack.workspace.member.id)
    monkeypatch.setattr(outbox.notifier, "notify", once(NotSent("No route."), outbox.notifier.notify))
    await outage(outbox)
    for expected in ([0, 1], [1, 1], [1, 1]):
        await look(watchdogs)
        assert [len(outbox.slack.direct_messages(name)) for name in ("adrien", "mei")] == expected
        outbox.clock.forward(15)


async def test_a_workspace_without_a_readable_token_is_notified_later(outbox: Outbox) -> None:
    """W4: while its token can't be read, the notification waits. Then it is sent once."""
    is_served = False

    async def opened(_team_id: str) -> AdminNotificationSender | None:
        admins = (outbox.slack.workspace.admin.id,)
        parts = (outbox.notifier, admins, outbox.access.is_admin, outbox.clock)
        return AdminNotificationSender(outbox.team_id, outbox.store, *parts) if is_served else None

    await outage(outbox)
    for is_served in (False, True, True):
        await Watchdog(outbox.store, opened, INTERVAL, outbox.clock).check()
        assert len(messages_to_admins(outbox)) == is_served


async def test_an_end_that_another_process_reported_is_not_reported_again(
    outbox: Outbox, watchdogs: list[Watchdog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """W4: this process read before the other wrote. The database decides which one sends it."""
    await outage(outbox)
    await look(watchdogs)
    outbox.clock.forward(60)
    await poll(outbox, failing_since=None, read_at=outbox.clock())
    doubtful = await outbox.store.connections.doubtful(outbox.clock())
    assert doubtful

    async def before(_since: datetime) -> Any:
        return doubtful

    monkeypatch.setattr(outbox.store.connections, "doubtful", before)
    await look(watchdogs)
    assert [line.split("*")[1] for line in messages_to_admins(outbox)][1:] == ["Clust is back"]
