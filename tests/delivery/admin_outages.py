"""An outage of Clust, who is notified of it, and what each of them gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.notifications.admin_notifications import ClustAway
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.sandbox.slack.workspace import User
from bot.store import Store
from bot.store.people.people import Person
from tests.delivery.conftest import Outbox

OUTAGE = "outage_told_at"
"""The column of an account that says when admins were notified."""


async def with_recipients(outbox: Outbox) -> Outbox:
    """Let Mei be subscribed, Adrien be known as an admin, and Slack take messages without a pause."""
    outbox.slack.state.rate_limits.between_messages = 0
    await outbox.subscribe("onboarding")
    await uses_as_admin(outbox, outbox.slack.workspace.admin)
    return outbox


async def uses_as_admin(outbox: Outbox, user: User) -> None:
    """Let someone be known as an admin, as after a command."""
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
    """Return how many direct messages each of those has who has any."""
    return {name: count for name in names if (count := len(outbox.slack.direct_messages(name)))}


async def waiting(outbox: Outbox) -> int:
    """Return how many notifications still wait, a day later."""
    later = outbox.clock() + timedelta(days=1)
    return len(await outbox.store.admin_notifications.claim(outbox.team_id, later, timedelta(0)))
