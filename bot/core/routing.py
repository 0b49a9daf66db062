"""Which channels an event goes to, and why: events and subscriptions -> routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.core.filters import Facts, Filter
from bot.core.triggers import Event


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a channel wants, as far as routing needs it. `held` says that the channel takes no posts now."""

    id: int
    channel_id: str
    events: frozenset[str]
    filter: Filter
    zone: tzinfo
    held: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One event for one channel: the subscriptions that matched, the first one lending its slot (rules S2, S3)."""

    event: Event
    channel_id: str
    subscription_ids: tuple[int, ...]
    held: bool


def route(
    events: Iterable[Event], subscriptions: Iterable[Subscription], *, connection: str, now: datetime
) -> list[Route]:
    """Return the routes of `events`, in their order, at most one for each channel.

    A route is held where every subscription that matched is. Filters see the application as the event does.
    """
    ordered = sorted(subscriptions, key=lambda subscription: subscription.id)
    routes: list[Route] = []
    for event in events:
        facts = Facts(event.application, event.status_class, connection)
        matched: defaultdict[str, list[Subscription]] = defaultdict(list)
        for subscription in ordered:
            wanted = event.trigger in subscription.events
            if wanted and subscription.filter.matches(facts, now, subscription.zone):
                matched[subscription.channel_id].append(subscription)
        routes.extend(
            Route(event, channel, tuple(one.id for one in found), all(one.held for one in found))
            for channel, found in matched.items()
        )
    return routes
