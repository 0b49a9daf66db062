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
UNTIL = "  `/clust subscriptions` shows what this channel gets; `/clust unsubscribe` ends it."


def test_subscribing_says_what_comes_next(read: Read) -> None:
    """Events in the order in which they are told, the filter in words, the limit, what happens next."""
    assert read(views.subscribed(SOME)) == [
        "✅ This channel now gets *created, late and approved*",
        "of: *late*.",
        (
            "From now on, each event is posted here once, as soon as the bot sees it in Clust. "
            "At most 5 notifications of each kind at a time; what is more follows a little later."
        ),
        UNTIL,
    ]


def test_subscribing_before_the_baseline_says_so(read: Read) -> None:
    """The first reading announces nothing (rule B1)."""
    lines = read(views.subscribed(ALL, Saved.CHANGED, before_baseline=True))
    assert lines[:2] == ["✅ This channel's subscription is changed. It gets *all events*", "of: *every application*."]
    assert lines[2].startswith("The bot is still reading Clust for the first time: ")


def test_subscribing_to_the_same_again_changes_nothing(read: Read) -> None:
    """It says that it is already so."""
    assert read(views.subscribed(SOME, Saved.SAME)) == [
        "✅ This channel already gets *created, late and approved*",
        "of: *late*.",
        UNTIL,
    ]


def test_a_private_channel_asks_for_an_invitation(read: Read) -> None:
    """Rule W3: with the line to type."""
    assert read(views.invite_needed(SOME, "The bot is not in this private channel yet.")) == [
        "One step is left. The bot is not in this private channel yet.",
        "Type `/invite @Clust` here. The subscription then starts by itself, and you will be told.",
        "  Waiting: created, late and approved of: late",
    ]


def test_a_direct_message_between_people_is_refused_with_the_reason(read: Read) -> None:
    """Rule W3."""
    assert read(views.direct_message_refused()) == [
        "A direct message between people can't be subscribed: Slack lets no app into it.",
        "Use a channel, a private channel, or your own messages with Clust.",
    ]


def test_a_channel_shared_with_others_needs_an_admin(read: Read) -> None:
    """Rule W2: others are sent to one, an admin is asked twice."""
    assert read(views.shared_needs_admin(SOME)) == [
        (
            "<#C123> is shared with another organisation, whose people would read about your clients. "
            "Please ask an admin to subscribe it."
        )
    ]
    assert read(views.confirm_shared("C1", "a list: late", "token")) == [
        (
            "<#C1> is shared with another organisation: its people will read a list: late. "
            "You are an admin, so you may allow this."
        ),
        "[Allow it here! subscription.confirm_shared token]",
    ]


def test_subscriptions_are_listed_with_why_they_are_held(read: Read) -> None:
    """Of one channel without its name, of all channels with it."""
    listed = [
        "*created, late and approved* of: late",
        "_at most 5 at a time_ · made by <@U7>",
        "*all events* of: every application",
        "_at most 20 at a time_ · made by <@U8>",
        "⏸️ Held: the channel is archived",
    ]
    assert read(views.subscription_list([SOME, ALL])) == ["*2 subscriptions in this channel*", *listed]
    everywhere = read(views.subscription_list([SOME, ALL], everywhere=True))
    assert everywhere[0] == "*2 subscriptions in all channels*"
    assert everywhere[1] == f"<#C123> · {listed[0]}"


@pytest.mark.parametrize(
    ("everywhere", "line"), [(False, "This channel has no subscription."), (True, "No channel has a subscription.")]
)
def test_no_subscription_says_how_to_make_one(read: Read, everywhere: bool, line: str) -> None:
    """With a line to type."""
    assert read(views.subscription_list([], everywhere=everywhere)) == [
        line,
        "  `/clust subscribe late` posts here whenever an application becomes late.",
    ]


def test_a_hundred_long_subscriptions_fit(read: Read) -> None:
    """Twenty are shown, the rest is counted."""
    many = [SubscriptionView(1, "C1", list(TRIGGERS), "<" * 900, held="nobody_knows", created_by="U1")] * 100
    assert read(views.subscription_list(many, everywhere=True))[-1] == "  … and 80 more"
    assert read(views.ask_unsubscribe(many))[-1] == "  … and 80 more"


def test_unsubscribing_without_words_asks_which(read: Read) -> None:
    """One button each, and one for all that asks again; a single one has no all (rule S1)."""
    lines = read(views.ask_unsubscribe([SOME, ALL]))
    assert lines[0] == "Which subscription of this channel should end?"
    assert [line for line in lines if line.startswith("[")] == [
        "[End it subscription.end 4]",
        "[End it subscription.end 5]",
        "[End them all! subscription.end all]",
    ]
    assert not [line for line in read(views.ask_unsubscribe([SOME])) if "all" in line and line.startswith("[")]


def test_unsubscribing_says_what_is_left(read: Read) -> None:
    """What ended, and what the channel still gets."""
    assert read(views.unsubscribed(["late"], ["pending"]))[0] == (
        "Done: this channel no longer gets *late*. It still gets pending submission."
    )
    assert read(views.unsubscribed(list(TRIGGERS)))[0] == (
        "Done: this channel no longer gets *all events*. It gets nothing more from Clust."
    )


def test_there_may_be_nothing_to_end(read: Read) -> None:
    """At all, or with these events."""
    assert read(views.nothing_to_unsubscribe())[0] == "There is nothing to end. This channel has no subscription."
    assert read(views.nothing_to_unsubscribe(["late", "created"]))[0] == (
        "There is nothing to end. This channel does not get *created and late*."
    )
