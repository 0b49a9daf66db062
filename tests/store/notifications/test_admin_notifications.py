"""Notifications to people are stored until somebody was reached (rule W4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.core.notifications.admin_notifications import ClustAway, ClustBack
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.sandbox.slack.workspace import User
from bot.store import Store, open_store
from bot.store.people.people import Person
from tests.delivery.conftest import Outbox

OUTAGE = "outage_told_at"


@pytest.fixture
async def outbox(outbox: Outbox) -> Outbox:
    """Mei has subscribed, Adrien has used the bot as an admin; Slack takes messages without a pause."""
    outbox.slack.state.pace.between_messages = 0
    await outbox.subscribe("onboarding")
    await uses_as_admin(outbox, outbox.slack.workspace.admin)
    return outbox


async def uses_as_admin(outbox: Outbox, user: User) -> None:
    """Let the bot know someone as an admin."""
    await outbox.store.people.remember(Person(outbox.team_id, user.id, is_admin=True, zone="UTC"), outbox.clock())


async def away(outbox: Outbox) -> None:
    """Let Clust be unreachable, so that people must be notified."""
    now = outbox.clock()
    notification = ClustAway(now, "Clust answered 503.")
    assert await outbox.store.admin_notifications.about_connection(outbox.connection_id, OUTAGE, now, notification, now)


def admin_sender(outbox: Outbox, *admins: str, store: Store | None = None) -> AdminNotificationSender:
    """Return a sender with these ADMIN_USERS."""
    parts = (outbox.notifier, admins, outbox.access.is_admin, outbox.clock)
    return AdminNotificationSender(outbox.team_id, store or outbox.store, *parts)


def message_counts(outbox: Outbox, names: Sequence[str] = ("adrien", "mei")) -> dict[str, int]:
    """Return how many direct messages each has."""
    return {name: count for name in names if (count := len(outbox.slack.direct_messages(name)))}


async def waiting(outbox: Outbox) -> int:
    """Return how many notices still wait, a day later."""
    later = outbox.clock() + timedelta(days=1)
    return len(await outbox.store.admin_notifications.claim(outbox.team_id, later, timedelta(0)))


async def test_what_reaches_nobody_waits_for_someone(outbox: Outbox, url: str) -> None:
    """A4: it stays in the database, is retried less and less often, and reaches the first person who is there, once."""
    people = outbox.slack.workspace
    people.admin.deleted = people.member.deleted = True
    await away(outbox)
    for _ in range(60):
        await admin_sender(outbox).carry_on()
        outbox.clock.forward(60)
    assert len(outbox.slack.called("users.info")) < 30
    people.member.deleted = False
    other = open_store(url, posts_per_minute=300)
    for _ in range(60):
        await admin_sender(outbox, store=other).carry_on()
        outbox.clock.forward(60)
    await other.database.close()
    assert message_counts(outbox) == {"mei": 1}


async def test_the_end_of_what_nobody_heard_of_is_not_told(outbox: Outbox) -> None:
    """A4: who hears of it late hears neither; who heard that it began hears that it is over."""
    for is_down in (True, False):
        outbox.slack.faults.down = is_down
        await away(outbox)
        await admin_sender(outbox).carry_on()
        outbox.slack.faults.down = False
        now = outbox.clock.forward(60)
        notification = ClustBack(now, now, {})
        parts = (outbox.connection_id, OUTAGE, None, notification, now)
        assert await outbox.store.admin_notifications.about_connection(*parts, ends=f"{OUTAGE} {outbox.connection_id}")
        await admin_sender(outbox).carry_on()
        assert message_counts(outbox) == ({} if is_down else {"adrien": 2})


async def test_a_question_that_has_ended_is_not_asked(outbox: Outbox) -> None:
    """B4, A4: detection has gone on by itself before anybody could be asked."""
    await outbox.store.connections.note(outbox.connection_id, suspended="Of 3 known applications the list held 0.")
    outbox.slack.faults.down = True
    await outbox.tell()
    outbox.slack.faults.down = False
    await outbox.store.connections.note(outbox.connection_id, suspended=None)
    outbox.clock.forward(60)
    await outbox.tell()
    assert message_counts(outbox) == {}
    assert await waiting(outbox) == 0


async def test_a_held_channel_whose_maker_is_gone_is_told_to_admins(outbox: Outbox) -> None:
    """A4: it is for its people and for admins, and reaches the one who is there."""
    outbox.slack.workspace.member.deleted = True
    await outbox.store.subscriptions.hold(outbox.team_id, outbox.channel("onboarding"), "is_archived")
    await outbox.tell()
    assert message_counts(outbox) == {"adrien": 1}
    assert await waiting(outbox) == 0
