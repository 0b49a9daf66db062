"""Which channels get an event, and why: from events and subscriptions to routes and verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property

from bot.core.applications.triggers import TRIGGERS, Event
from bot.core.filters.language import Facts, Filter, FilterError, read_stored
from bot.core.language import _, all_of

MATCHED, REQUIRED, SUBSCRIBED = "filter:", "requires:", "events:"
"""Prefixes of a stored verdict's reason: before a filter that matched, a term that didn't, and events without it."""

_PREFIXES = (MATCHED, REQUIRED, SUBSCRIBED)

OWNER_GONE = "maker_gone"
"""The reason of a held subscription whose owner has left the workspace. Other reasons are Slack's codes."""


@dataclass(frozen=True)
class Subscription:
    """A subscription, as routing needs it. `held`: its notifications are held now, because of `reason`."""

    id: int
    channel_id: str
    events: frozenset[str]
    filter: Filter
    zone: tzinfo
    held: bool = False
    reason: str = ""
    made_by: str = ""

    @cached_property
    def match(self) -> str:
        """The stored reason of each event that it matches."""
        return f"{MATCHED}{self.filter.normalized()}"


@dataclass(frozen=True, slots=True)
class Route:
    """One event for one channel: the matching subscriptions, of which the first provides the slot (rules S2, S3).

    A held subscription provides it only if all of them are held.
    """

    event: Event
    channel_id: str
    subscription_ids: tuple[int, ...]
    held: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One subscription's result for one event.

    `words` is the reason: a prefix with the normalized filter if it matched, else with the term or the events that
    didn't match. Older versions stored an English text instead. The names are those of the stored JSON.
    """

    subscription_id: int
    channel_id: str
    matched: bool
    words: str

    def explain(self) -> str:
        """Return the reason in the current language: a filter in words, or a sentence about what didn't match."""
        prefix, rest = next(
            ((each, self.words.removeprefix(each)) for each in _PREFIXES if self.words.startswith(each)), ("", "")
        )
        if prefix == SUBSCRIBED:
            events = [_(row.title).lower() for name, row in TRIGGERS.items() if name in rest.split(",")]
            if not events:
                return _("The subscription has no events.")
            return _("The subscription only covers {events} events.", events=all_of(events))
        try:
            filter_in_words = read_stored(rest).explain() if prefix else ""
        except FilterError:  # of a newer or older version, with a key that this one doesn't have
            filter_in_words = rest
        if prefix == REQUIRED:
            return _("The filter requires: {term}.", term=filter_in_words)
        if prefix:
            return filter_in_words
        return self.words if self.matched else f"{self.words}."


@dataclass(slots=True)
class Routing:
    """The routes of events in their order, and each subscription's verdict by the event's index."""

    routes: list[Route] = field(default_factory=list)
    verdicts: list[list[Verdict]] = field(default_factory=list)


def route(
    events: Iterable[Event],
    subscriptions: Iterable[Subscription],
    *,
    connection: str,
    now: datetime,
    assignees: Mapping[str, str] | None = None,
) -> Routing:
    """Route `events`: at most one route per event and channel, in the order of the events, with all verdicts.

    A route is held if every matching subscription is. Filters match the application as it was at the event. `assignees`
    are by application id.
    """
    ordered = sorted(subscriptions, key=lambda subscription: subscription.id)
    routing = Routing()
    for event in events:
        facts = Facts(
            event.application, event.status_class, connection, assignee=(assignees or {}).get(event.application.id)
        )
        verdicts = [_judge(event, facts, each, now) for each in ordered]
        matched: defaultdict[str, list[Subscription]] = defaultdict(list)
        for subscription, verdict in zip(ordered, verdicts, strict=True):
            if verdict.matched:
                matched[subscription.channel_id].append(subscription)
        routing.verdicts.append(verdicts)
        routing.routes.extend(
            _to(event, channel, sorted(subscribers, key=lambda one: one.held))
            for channel, subscribers in matched.items()
        )
    return routing


def _to(event: Event, channel_id: str, matched: list[Subscription]) -> Route:
    first = matched[0]
    return Route(event, channel_id, tuple(one.id for one in matched), first.held, first.reason if first.held else "")


def _judge(event: Event, facts: Facts, subscription: Subscription, now: datetime) -> Verdict:
    if event.trigger not in subscription.events:
        events = ",".join(name for name in TRIGGERS if name in subscription.events)
        return Verdict(subscription.id, subscription.channel_id, matched=False, words=f"{SUBSCRIBED}{events}")
    failed = subscription.filter.because(facts.asked_by(subscription.made_by), now, subscription.zone)
    words = subscription.match if failed is None else f"{REQUIRED}{failed.normalized()}"
    return Verdict(subscription.id, subscription.channel_id, failed is None, words)
