"""Notifications to people are stored until someone was reached (rule W4)."""

from __future__ import annotations

import pytest

from bot.core.notifications.admin_notifications import ClustBack
from bot.store import open_store
from tests.delivery.admin_outages import OUTAGE, admin_sender, away, message_counts, waiting, with_recipients
from tests.delivery.conftest import Outbox


@pytest.fixture
async def outbox(outbox: Outbox) -> Outbox:
    """An outbox whose workspace has Mei, a subscriber, and Adrien, an admin."""
    return await with_recipients(outbox)


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


async def test_the_end_of_an_unreported_outage_is_not_reported(outbox: Outbox) -> None:
    """A4: a person who would hear of it late hears neither, but one who heard that it began hears that it is over."""
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
    """B4, A4: detection has gone on by itself before anyone could be asked."""
    await outbox.store.connections.note(outbox.connection_id, suspended="Of 3 known applications the list held 0.")
    outbox.slack.faults.down = True
    await outbox.notify()
    outbox.slack.faults.down = False
    await outbox.store.connections.note(outbox.connection_id, suspended=None)
    outbox.clock.forward(60)
    await outbox.notify()
    assert message_counts(outbox) == {}
    assert await waiting(outbox) == 0


async def test_a_held_channel_without_an_owner_is_reported_to_admins(outbox: Outbox) -> None:
    """A4: it is for its people and for admins, and reaches the one who is there."""
    outbox.slack.workspace.member.deleted = True
    await outbox.store.subscriptions.hold(outbox.team_id, outbox.channel("onboarding"), "is_archived")
    await outbox.notify()
    assert message_counts(outbox) == {"adrien": 1}
    assert await waiting(outbox) == 0
