"""Digests: what needs someone comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.core.applications.model import Application
from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.messages import Digest, DigestEntry
from bot.core.notifications.states import Hold
from bot.slack.views.channels.digests import BY_URGENCY, digest_message

Read = Callable[[Any], list[str]]


def test_a_digest_begins_with_what_is_urgent(read: Read) -> None:
    """The most urgent first, in its first line and in its groups, whatever happened first."""
    entries = tuple(DigestEntry(Application(id=name, title=name), None, name) for name in TRIGGERS)
    digest = Digest(Hold.SCHEDULE, entries, dict.fromkeys(TRIGGERS, 1))
    lines = read(digest_message(digest))
    titles = [f"{TRIGGERS[name].emoji} *{TRIGGERS[name].title}*" for name in BY_URGENCY]
    assert [line for line in lines if line in titles] == titles
    counts = [f"{TRIGGERS[name].emoji} 1 {TRIGGERS[name].title.lower()}" for name in BY_URGENCY]
    assert " · ".join(counts) in lines


def test_urgent_events_come_first_in_a_digest() -> None:
    """Late applications first, new ones last. Another kind of event stands where its row says."""
    order = ["late", "pending", "submitted", "approved", "created"]
    assert [name for name in BY_URGENCY if name in order] == order
