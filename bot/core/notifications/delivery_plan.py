"""How an event is posted in a channel: as a new card, as an update of its card, as a reply in its thread.

It depends on the channel's `MessageStyle`. The update comes first: no reply follows an update that failed. The assignee
is mentioned in a reply even if the channel wants no other replies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.applications.triggers import Event
from bot.core.notifications.messages import NOTABLE_DELAY, Card, ChannelMessage, Delay, Reminder, ThreadReply

LIVING = timedelta(days=30)
"""An older card is no longer updated. The next event gets a new card that links to it."""


GONE = frozenset({"message_not_found", "thread_not_found"})
"""Slack's codes for a message that was deleted."""


@dataclass(frozen=True, slots=True)
class LivingCard:
    """An application's card in a channel. `lost` is why it can't be updated any more, or None if it can."""

    message_ts: str
    token: str
    posted_at: datetime
    fingerprint: str
    trigger: str
    lost: str | None = None
    follows_ts: str | None = None

    @property
    def can_be_linked(self) -> bool:
        """Return whether it still exists in the channel, by what the bot last saw."""
        return self.lost not in GONE

    def is_current(self, now: datetime) -> bool:
        """Return whether it can still be updated and replied to."""
        return self.lost is None and now - self.posted_at <= LIVING


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """What to do, in this order: `update` the `living` card, then `post`, as a reply if there is a `thread_ts`.

    If both are None, there is nothing to post.
    """

    post: ChannelMessage | None = None
    update: Card | None = None
    thread_ts: str | None = None
    living: LivingCard | None = None

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards that it posts or updates, and that of a reply or a reminder."""
        post = self.post.card if isinstance(self.post, ThreadReply | Reminder) else self.post
        return tuple(card for card in (self.update, post) if isinstance(card, Card))

    def with_cards(self, change: Callable[[Card], Card]) -> DeliveryPlan:
        """Return the plan with each of its cards changed."""
        post = self.post
        if isinstance(post, ThreadReply | Reminder):
            post = replace(post, card=change(post.card))
        elif isinstance(post, Card):
            post = change(post)
        return replace(self, update=change(self.update) if self.update else None, post=post)


def plan_delivery(
    event: Event,
    current_card: Card,
    living: LivingCard | None,
    now: datetime,
    mention: str | None = None,
    delay: Delay | None = None,
) -> DeliveryPlan:
    """Return how to post `event`. `current_card` is the card for the application's present state.

    A new card shows the application as it was at the event (rule E1) and is updated right after.
    """
    style = current_card.style
    lives = style.update or style.thread
    as_seen = replace(
        current_card,
        trigger=event.trigger,
        application=event.application,
        status_class=event.status_class,
        gone=False,
        mention=mention,
        delay=delay,
    )
    if living and lives and living.is_current(now):
        broadcast = event.trigger in style.also_to_channel
        return DeliveryPlan(
            post=ThreadReply(as_seen, broadcast) if style.thread or broadcast or mention else None,
            update=replace(current_card, trigger=event.trigger, follows=living.follows_ts) if style.update else None,
            thread_ts=living.message_ts,
            living=living,
        )
    follows = living.message_ts if living and lives and living.can_be_linked else None
    return DeliveryPlan(post=replace(as_seen, follows=follows))


def delay_of(seen_at: datetime, why: str | None, now: datetime) -> Delay | None:
    """Return why a notification is posted late, or None if it is in time or was meant to wait."""
    return Delay(seen_at, why or "") if now - seen_at > NOTABLE_DELAY else None


def mention_of(assignee: str | None, actor: str | None, *, wants_mentions: bool) -> str | None:
    """Return the user to @-mention: the assignee, unless they made the change or turned mentions off."""
    return assignee if assignee and assignee != actor and wants_mentions else None
