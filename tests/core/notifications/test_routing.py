"""Which channels an event goes to (rules S2, S3, F2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS, Event
from bot.core.filters.language import Filter, parse
from bot.core.language import speaking
from bot.core.notifications.routing import Route, Subscription, Verdict, route
from tests.pseudo_language import pseudo

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALL = frozenset(TRIGGERS)


def event(trigger: str = "created", **keys: object) -> Event:
    """Make an event of application 1, which is open."""
    return Event(trigger, 1, Application.model_validate({"id": 1, **keys}), StatusClass.OPEN)


def subscription(
    number: int, channel: str, events: frozenset[str] = ALL, wants: str = "", *, held: bool = False
) -> Subscription:
    """Make a subscription in Greenwich."""
    return Subscription(number, channel, events, parse(wants), UTC, held)


def routes(events: Sequence[Event], *subscriptions: Subscription) -> list[Route]:
    """Route at noon, from the connection that is called main."""
    return route(events, subscriptions, connection="main", now=NOON).routes


def test_one_route_for_each_channel() -> None:
    """A channel gets an event once, with the ids of all subscriptions that matched, in order (S2)."""
    one = event()
    assert routes([one], subscription(3, "C1"), subscription(2, "C2"), subscription(1, "C1")) == [
        Route(one, "C1", (1, 3), held=False),
        Route(one, "C2", (2,), held=False),
    ]


def test_the_first_subscription_lends_its_slot() -> None:
    """The oldest of those that matched stands first, whatever order they are given in (S3)."""
    subscriptions = [subscription(number, "C1") for number in (30, 4, 12)]
    assert [each.subscription_ids for each in routes([event()], *subscriptions)] == [(4, 12, 30)]


def test_a_subscription_that_does_not_match_is_not_named() -> None:
    """Another event, another filter or another connection's name is no match, and no match is no route (S2)."""
    late = event("late", is_late=True)
    matching = subscription(1, "C1", frozenset({"late", "created"}), "late:yes")
    others = [
        subscription(2, "C1", frozenset({"created"})),
        subscription(3, "C1", ALL, "late:no"),
        subscription(4, "C2", ALL, "connection:other"),
        subscription(5, "C3", frozenset()),
    ]
    assert routes([late], *others, matching) == [Route(late, "C1", (1,), held=False)]
    assert [each.channel_id for each in routes([late], subscription(6, "C4", ALL, "connection:main"))] == ["C4"]


def test_held_only_where_all_that_matched_are() -> None:
    """A route is held when every subscription that matched is, and one that did not match doesn't count."""
    one = event()
    held = [subscription(1, "C1", held=True), subscription(2, "C1", held=True)]
    assert [each.held for each in routes([one], *held)] == [True]
    assert [each.held for each in routes([one], *held, subscription(3, "C1"))] == [False]
    assert [each.held for each in routes([one], *held, subscription(3, "C1", frozenset({"late"})))] == [True]


def test_why_it_is_held_goes_with_it() -> None:
    """The reason is that of the first, and what is not held has none."""
    archived = replace(subscription(2, "C1", held=True), reason="is_archived")
    others = [
        replace(subscription(3, "C1", held=True), reason="maker_gone"),
        replace(subscription(1, "C2"), reason="over"),
    ]
    assert [(each.channel_id, each.reason) for each in routes([event()], archived, *others)] == [
        ("C2", ""),
        ("C1", "is_archived"),
    ]


def test_filters_see_the_application_as_it_was() -> None:
    """The class that a filter asks for is the one that the event kept (E1)."""
    then = Event("submitted", 1, Application(id="1", status="4_approved"), StatusClass.SUBMITTED)
    routed = routes(
        [then], subscription(1, "C1", ALL, "status:submitted"), subscription(2, "C2", ALL, "status:pending")
    )
    assert [each.channel_id for each in routed] == ["C1"]


def test_days_begin_where_the_subscriber_is() -> None:
    """A date is asked in the zone of who made the subscription (F2)."""
    one = event(created_at="2026-03-01T23:30:00Z")
    east = timezone(timedelta(hours=2))
    today = parse("created:2026-03-02")
    routed = routes([one], Subscription(1, "C1", ALL, today, UTC), Subscription(2, "C2", ALL, today, east))
    assert [each.channel_id for each in routed] == ["C2"]


subscriptions_ = st.lists(
    st.builds(
        Subscription,
        id=st.integers(1, 99),
        channel_id=st.sampled_from(["C1", "C2", "C3"]),
        events=st.frozensets(st.sampled_from([*TRIGGERS])),
        filter=st.sampled_from([Filter(), parse("late:yes"), parse("-late:yes")]),
        zone=st.just(UTC),
        held=st.booleans(),
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)
events_ = st.lists(st.builds(event, st.sampled_from([*TRIGGERS]), is_late=st.booleans()), max_size=4)


@given(events_, subscriptions_)
def test_routes_are_what_matched_and_nothing_else(events: list[Event], subscriptions: list[Subscription]) -> None:
    """In the order of the events each channel has one route with exactly the subscriptions that want the event (S2)."""
    expected = []
    for one in events:
        for channel in {each.channel_id: None for each in sorted(subscriptions, key=lambda each: each.id)}:
            matched = [
                each
                for each in subscriptions
                if each.channel_id == channel
                and one.trigger in each.events
                and (
                    not each.filter.terms
                    or each.filter == parse("late:yes" if one.application.is_late else "-late:yes")
                )
            ]
            if matched:
                ids = tuple(each.id for each in sorted(matched, key=lambda each: (each.held, each.id)))
                expected.append((id(one), channel, ids, not any(not each.held for each in matched)))
    routed = [
        (id(each.event), each.channel_id, each.subscription_ids, each.held) for each in routes(events, *subscriptions)
    ]
    assert [each[0] for each in routed] == [each[0] for each in expected]
    assert sorted(routed) == sorted(expected)


def test_each_subscription_says_why() -> None:
    """A verdict names the filter that matched, or the part that did not (why)."""
    late = event("late", title="Acme", is_late=True)
    subscriptions = [
        subscription(1, "C1", ALL, "late:yes title:acme"),
        subscription(2, "C2", frozenset({"created", "approved"})),
        subscription(3, "C3", ALL, "title:acme progress:>50"),
        subscription(4, "C4", frozenset()),
    ]
    (verdicts,) = route([late], subscriptions, connection="main", now=NOON).verdicts
    assert [(one.matched, one.words, one.explain()) for one in verdicts] == [
        (True, "filter:late:yes title:acme", "late and title contains “acme”"),
        (False, "events:created,approved", "The subscription only covers created and approved events."),
        (False, "requires:progress:>50", "The filter requires: progress is above 50."),
        (False, "events:", "The subscription has no events."),
    ]
    with speaking(pseudo("xx")):
        assert verdicts[2].explain() == "⟦The filter requires: ⟦progress is ⟦above 50⟧⟧.⟧"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict(1, "C1", matched=True, words="late and title contains “acme”"), "late and title contains “acme”"),
        (Verdict(1, "C1", matched=False, words="The filter requires: late"), "The filter requires: late."),
        (Verdict(1, "C1", matched=False, words="requires:height:>5"), "The filter requires: height:>5."),
    ],
)
def test_reasons_of_other_versions_stay_readable(verdict: Verdict, words: str) -> None:
    """Older versions stored English texts, and newer ones may have filter keys that this one doesn't."""
    assert verdict.explain() == words


def test_filters_see_the_assignee() -> None:
    """`mine` is about who made the subscription, `assignees` about anyone."""
    own, assignees = subscription(1, "C1", ALL, "mine:yes"), subscription(2, "C2", ALL, "taken:@u2")
    own = replace(own, made_by="U1")
    for assignee, channels in (("U1", ["C1"]), ("U2", ["C2"])):
        routed = route([event()], [own, assignees], connection="main", now=NOON, assignees={"1": assignee}).routes
        assert [one.channel_id for one in routed] == channels
    assert route([event()], [own, assignees], connection="main", now=NOON).routes == []
