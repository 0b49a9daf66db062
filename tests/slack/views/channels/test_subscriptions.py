"""Subscriptions in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.applications.triggers import TRIGGERS
from bot.slack.views.channels import subscriptions as views
from bot.slack.views.channels.subscriptions import Saved, SubscriptionView

Read = Callable[[Any], list[str]]

SOME = SubscriptionView(4, "C123", ["approved", "created", "late"], "late", 5, None, "U7")
ALL = SubscriptionView(5, "C9", list(TRIGGERS), held="is_archived", created_by="U8")
UNTIL = "  Use `/clust subscriptions` to see this channel's subscriptions, or `/clust unsubscribe` to end them."


def test_subscribing_says_what_comes_next(read: Read) -> None:
    """The answer has the events in order, the filter in words, the limit, and what happens next."""
    assert read(views.subscribed(SOME)) == [
        "✅ This channel is now subscribed to *created, late and approved* for applications that match: late.",
        (
            "I'll post each event here once, as soon as I see it in Clust. "
            "I'll post at most 5 notifications of each kind at a time. The rest follow shortly."
        ),
        UNTIL,
    ]


def test_subscribing_before_the_baseline_says_so(read: Read) -> None:
    """The first reading announces nothing (rule B1)."""
    lines = read(views.subscribed(ALL, Saved.CHANGED, before_baseline=True))
    assert lines[0] == "✅ Updated. This channel is subscribed to *all events* for every application."
    assert lines[1].startswith("I'm still reading Clust for the first time. ")


def test_subscribing_to_the_same_again_changes_nothing(read: Read) -> None:
    """It says that it is already so."""
    assert read(views.subscribed(SOME, Saved.SAME)) == [
        "✅ This channel is already subscribed to *created, late and approved* for applications that match: late.",
        UNTIL,
    ]


def test_a_private_channel_asks_for_an_invitation(read: Read) -> None:
    """Rule W3: with the line to type."""
    assert read(views.invite_needed(SOME, "I'm not in this private channel yet.")) == [
        "One more step. I'm not in this private channel yet.",
        "Type `/invite @Clust` here. The subscription then starts automatically, and I'll let you know.",
        "  Waiting to subscribe: *created, late and approved* for applications that match: late",
    ]


def test_a_direct_message_between_people_is_refused_with_the_reason(read: Read) -> None:
    """Rule W3."""
    assert read(views.direct_message_refused()) == [
        "Slack doesn't let apps post in direct messages between people.",
        "Use a public or private channel, or your direct messages with Clust.",
    ]


def test_a_channel_shared_with_others_needs_an_admin(read: Read) -> None:
    """Rule W2: others are sent to one, an admin is asked twice."""
    assert read(views.shared_needs_admin(SOME)) == [
        (
            "<#C123> is shared with another organization, whose members would see information about your clients. "
            "Ask an admin to subscribe it."
        )
    ]
    assert read(views.confirm_shared_subscription("C1", "late", "every application", "token")) == [
        (
            "<#C1> is shared with another organization, whose members will see these notifications. As an admin, you "
            "can allow this."
        ),
        "*Events:* late",
        "*Applications:* every application",
        "[Allow it here! subscription.confirm_shared token]",
    ]


def test_subscriptions_are_listed_with_why_they_are_held(read: Read) -> None:
    """Of one channel without its name, of all channels with it."""
    listed = [
        "*created, late and approved* for applications that match: late",
        "At most 5 at a time · Owner: <@U7>",
        "*all events* for every application",
        "At most 20 at a time · Owner: <@U8>",
        "⏸️ On hold. The channel is archived.",
    ]
    assert read(views.subscription_list([SOME, ALL])) == ["*2 subscriptions in this channel*", *listed]
    everywhere = read(views.subscription_list([SOME, ALL], everywhere=True))
    assert everywhere[0] == "*2 subscriptions in all channels*"
    assert everywhere[1] == f"<#C123> · {listed[0]}"


@pytest.mark.parametrize(
    ("everywhere", "line"), [(False, "This channel has no subscriptions."), (True, "No channels have subscriptions.")]
)
def test_no_subscription_says_how_to_make_one(read: Read, everywhere: bool, line: str) -> None:
    """With a line to type."""
    assert read(views.subscription_list([], everywhere=everywhere)) == [
        line,
        "  Use `/clust subscribe late` to get a notification here whenever an application becomes late.",
    ]


def test_a_hundred_long_subscriptions_fit(read: Read) -> None:
    """Twenty are shown, the rest is counted."""
    many = [SubscriptionView(1, "C1", list(TRIGGERS), "<" * 900, held="nobody_knows", created_by="U1")] * 100
    assert read(views.subscription_list(many, everywhere=True))[-1] == "  … and 80 more"
    assert read(views.ask_unsubscribe(many))[-1] == "  … and 80 more"


def test_unsubscribing_without_words_asks_which(read: Read) -> None:
    """One button each, and one for all that asks again, but a single one has no all (rule S1)."""
    lines = read(views.ask_unsubscribe([SOME, ALL]))
    assert lines[0] == "Which subscription do you want to end?"
    assert [line for line in lines if line.startswith("[")] == [
        "[End subscription.end 4]",
        "[End subscription.end 5]",
        "[End all! subscription.end all]",
    ]
    assert not [line for line in read(views.ask_unsubscribe([SOME])) if "all" in line and line.startswith("[")]


def test_unsubscribing_says_what_is_left(read: Read) -> None:
    """What ended, and what the channel still gets."""
    assert read(views.unsubscribed(["late"], ["pending"]))[0] == (
        "Done. This channel is no longer subscribed to *late*. It's still subscribed to *pending submission*."
    )
    assert read(views.unsubscribed(list(TRIGGERS)))[0] == (
        "Done. This channel is no longer subscribed to *all events*. It has no other subscriptions."
    )


def test_there_may_be_nothing_to_end(read: Read) -> None:
    """At all, with these events, or with a filter."""
    assert read(views.nothing_to_unsubscribe())[0] == "This channel has no subscriptions."
    assert (
        read(views.none_to_unsubscribe(["late", "created"]))[0] == "This channel isn't subscribed to *created or late*."
    )
    assert read(views.none_to_unsubscribe())[0] == "None of this channel's subscriptions match."


def test_the_form_lists_the_first_few_that_a_channel_has() -> None:
    """One line each, with what holds it up, and the rest is counted, so that the form keeps its shape."""
    rows = [SubscriptionView(number, "C1", ("late",), held="is_archived" if number else None) for number in range(7)]
    first, *lines, rest = views.already_subscribed(rows).splitlines()
    assert (first, lines[0], rest) == (
        "This channel is already subscribed to:",
        "• *late* for every application",
        "… and 2 more",
    )
    assert lines[1].startswith("• *late* for every application ⏸️ ")
    assert len(lines) == views.MAX_ALREADY
