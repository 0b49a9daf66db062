"""Notifications that wait in an outbox, for 20 channels that want no question about how many."""

from __future__ import annotations

from datetime import datetime

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.notifications.subscriptions import SubscriptionRequest

CHANNELS = 20
ALL = 1_000_000
"""More than ever waits: the Limit is not what is measured."""


async def fill(
    store: Store,
    slack: SandboxSlack,
    connection_id: int,
    fence: int,
    notifications: int,
    now: datetime,
    trigger: str = "created",
) -> None:
    """Let one poll find so many applications that are new (or late), and each channel want its part of them."""
    team_id, person = slack.workspace.bot.team_id, slack.workspace.member.id
    for number in range(CHANNELS):
        channel = slack.workspace.add_channel(f"bench-{number}", members={slack.workspace.bot.id})
        await store.channel_settings.save(team_id, channel.id, MessageStyle(gate=None), Schedule(), person, now)
        wish = SubscriptionRequest(
            team_id, channel.id, connection_id, f'title:"Part {number}."', (trigger,), ALL, person, "UTC"
        )
        await store.subscriptions.save(wish, now)
    applications = [
        Application(
            id=str(10**9 + number),
            title=f"Part {number % CHANNELS}.",
            created_at=now,
            updated_at=now,
            is_late=trigger == "late",
        )
        for number in range(notifications)
    ]
    events = [Event(trigger, 1, application, StatusClass.OPEN) for application in applications]
    seen = [PolledApplication(Snapshot(application, StatusClass.OPEN), 1) for application in applications]
    poll = PollRow(now, now, 1, len(seen), len(seen))
    made = await store.polls.keep(
        connection_id, fence, PollResult(poll, seen, [], [], [], events, "default", {"read_at": now})
    )
    assert made == notifications
