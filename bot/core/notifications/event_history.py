"""The stored history of an application's events, for `/clust why`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.model import Application, StatusClass
from bot.core.notifications.routing import Verdict


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """What became of one event in one channel: its delivery, with the digest or flood card that replaced it."""

    channel_id: str
    state: str
    hold: str | None = None
    held_until: datetime | None = None
    reason: str | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    message_ts: str | None = None
    thread_ts: str | None = None
    in_digest: bool = False


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event: when and in which poll it was seen, each subscription's verdict, and its deliveries.

    `verdicts` is None for events of versions that didn't store them.
    """

    trigger: str
    seen_at: datetime
    poll_id: int
    poll_started_at: datetime
    verdicts: Sequence[Verdict] | None
    deliveries: Sequence[DeliveryHistory]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Who deleted an application through the bot, and when."""

    user_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationStory:
    """Everything known about an application: its last known state, and its events, oldest first."""

    application: Application
    status_class: StatusClass | None
    gone: bool
    discovered: bool
    changed_at: datetime | None
    read_at: datetime | None
    baseline_at: datetime | None
    suspended: bool
    chapters: Sequence[EventStory]
    forgotten: int = 0
    """Number of events that were deleted after `RETENTION_DAYS`."""
    deletion: Deletion | None = None
    """None if it exists, or was deleted in Clust itself."""
