"""How one event is posted in one channel: every switch, and every kind of card that exists already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.delivery_plan import LIVING, LivingCard, delay_of, mention_of, plan_delivery
from bot.core.notifications.messages import Card, ThreadReply

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEEN, SINCE = Application(id="7", title="As seen"), Application(id="7", title="As it is now")


def card(**style: Any) -> Card:
    """Return the card as the application stands now."""
    return Card("created", SINCE, StatusClass.OPEN, MessageStyle(**style))


def living(age: timedelta = timedelta(hours=1), **values: Any) -> LivingCard:
    """Return the card that stands in the channel."""
    return LivingCard("1.0", "token", NOW - age, "hash", "created", **values)


def event(trigger: str = "submitted") -> Event:
    """Return an event of the application."""
    return Event(trigger, 1, SEEN, StatusClass.SUBMITTED)


@pytest.mark.parametrize(
    ("style", "trigger", "mention", "updates", "replies", "broadcast"),
    [
        ({}, "submitted", None, True, True, False),
        ({}, "late", None, True, True, True),
        ({"also_to_channel": ("submitted",)}, "submitted", None, True, True, True),
        ({"also_to_channel": ()}, "late", None, True, True, False),
        ({"update": False}, "submitted", None, False, True, False),
        ({"thread": False}, "submitted", None, True, False, False),
        ({"thread": False}, "late", None, True, True, True),
        # The assignee is notified, also where the channel wants no other replies.
        ({"thread": False}, "submitted", "U1", True, True, False),
    ],
)
def test_a_later_event_of_a_living_card(
    style: dict[str, Any], trigger: str, mention: str | None, updates: bool, replies: bool, broadcast: bool
) -> None:
    """Update and reply are separate switches, and the events that the channel reads too are chosen one by one."""
    plan = plan_delivery(event(trigger), card(**style), living(), NOW, mention)
    assert (plan.update is not None, plan.post is not None) == (updates, replies)
    assert plan.thread_ts == "1.0"
    if plan.update:
        assert (plan.update.trigger, plan.update.application) == (trigger, SINCE)
    if plan.post:
        assert isinstance(plan.post, ThreadReply)
        assert (plan.post.broadcast, plan.post.mention, plan.post.card.application) == (broadcast, mention, SEEN)


@pytest.mark.parametrize(
    ("before", "style", "follows"),
    [
        (None, {}, None),
        (living(LIVING), {}, "replied"),
        (living(LIVING + timedelta(seconds=1)), {}, "1.0"),
        (living(lost="edit_window_closed"), {}, "1.0"),
        (living(lost="cant_update_message"), {}, "1.0"),
        (living(lost="message_not_found"), {}, None),
        # Each event its own card: nothing goes on from anything.
        (living(), {"update": False, "thread": False}, None),
    ],
)
def test_when_there_is_a_new_card(before: LivingCard | None, style: dict[str, Any], follows: str | None) -> None:
    """After 30 days, or where the old one can't be updated, and it links to one that still stands there."""
    plan = plan_delivery(event(), card(**style), before, NOW)
    if follows == "replied":
        assert isinstance(plan.post, ThreadReply)
        return
    assert isinstance(plan.post, Card)
    assert (plan.update, plan.thread_ts, plan.post.follows) == (None, None, follows)
    assert plan.post.application == SEEN, "rule E1: it describes what the event saw"


@pytest.mark.parametrize(
    ("assignee", "actor", "wants", "mention"),
    [
        (None, None, True, None),
        ("U1", None, True, "U1"),
        ("U1", "U2", True, "U1"),
        ("U1", "U1", True, None),
        ("U1", None, False, None),
    ],
)
def test_who_is_mentioned(assignee: str | None, actor: str | None, wants: bool, mention: str | None) -> None:
    """The assignee, never about their own changes, and only if they want mentions."""
    assert mention_of(assignee, actor, wants_mentions=wants) == mention


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (5, False), (5.1, True)])
def test_when_a_notification_says_that_it_is_late(minutes: float, late: bool) -> None:
    """Beyond five minutes."""
    delay = delay_of(NOW - timedelta(minutes=minutes), "Slack couldn't be reached.", NOW)
    assert (delay is not None) is late
