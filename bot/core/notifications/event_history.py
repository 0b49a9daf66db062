"""The life of an application's events, as the bot keeps it: what `why` tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.model import Application, StatusClass
from bot.core.notifications.routing import Verdict


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """What became of one event in one channel: a delivery, and the digest or flood card that stands for it."""

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
    """One event: when and in which poll it was seen, what each subscription said, and what was told where.

    `verdicts` is None for an event that was seen before the bot kept them.
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
    """All that is known of an application: how it was last seen, and its events, oldest first."""

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
    """Events that were removed after `RETENTION_DAYS`."""
    deletion: Deletion | None = None
    """None where it is there, or someone deleted it in Clust itself."""
