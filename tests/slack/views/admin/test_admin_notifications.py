"""Direct messages about the bot's own work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.notifications.admin_notifications import ChannelHeld, ChannelWorks, DetectionSuspended
from bot.slack.views.admin.admin_notifications import notification_message
from bot.slack.views.building.channel_problems import reason

Read = Callable[[Any], list[str]]


def test_a_held_subscription_says_why_and_how_to_fix_it(read: Read) -> None:
    """And that nothing is lost."""
    assert read(notification_message(ChannelHeld("C1", "is_archived", ("U1", "U2")))) == [
        "⏸️ The subscription in <#C1> is on hold. The channel is archived.",
        "Unarchive it, or move its subscriptions to another channel.",
        "[Move… subscription.move C1]",
        "[Adopt subscription.adopt C1]",
        "[End…? subscription.drop C1]",
        "  Subscribed by <@U1>, <@U2>",
        "  Nothing is lost. You'll get one digest when it works again.",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "token_revoked",
        "account_inactive",
        "restricted_action",
        "is_ext_shared",
    ],
)
def test_every_known_refusal_has_words(code: str) -> None:
    """No code is shown where we know what it means."""
    why = reason(code)
    assert code not in why.problem
    assert why.problem.endswith(".")
    assert why.remedy.endswith((".", ")"))


def test_an_unknown_refusal_shows_its_code(read: Read) -> None:
    """As it is, and escaped."""
    lines = read(notification_message(ChannelHeld("C1", "new_<code>")))
    assert lines[0].endswith("is on hold. Slack refuses messages there (`new_&lt;code&gt;`).")


def test_a_channel_that_works_says_which_story_ended(read: Read) -> None:
    """The invitation came, or what was wrong is over."""
    assert read(notification_message(ChannelWorks("C1", "not_in_channel"))) == [
        "✅ Thanks for inviting me. Your subscription in <#C1> is now active."
    ]
    assert read(notification_message(ChannelWorks("C1", "is_archived"))) == [
        "✅ Your subscription in <#C1> works again. I'm posting the notifications that were on hold."
    ]


def test_a_suspension_asks_with_two_buttons(read: Read) -> None:
    """Go on, or a new baseline after one more question (rule B4)."""
    notification = DetectionSuspended(7, "emea", "5 of 120 known applications are left.")
    assert read(notification_message(notification)) == [
        "⚠️ *Is this still the same Clust account?*",
        "I've stopped posting changes from the account *emea*. 5 of 120 known applications are left.",
        "• *Continue*: it's the same account. I'll post what changed in the meantime.",
        (
            "• *New baseline*: it's a different account. I'll start from what it shows now and post nothing about the "
            "past."
        ),
        "[Continue connection.go_on 7]",
        "[New baseline? connection.new_baseline 7]",
        "  Nothing is posted until you choose. If the known applications come back, I'll continue automatically.",
    ]


def test_a_suspension_says_whose_answer_counts(read: Read) -> None:
    """C8: where only those who subscribed can get it, the buttons are marked: they work once one is an admin."""
    lines = read(notification_message(DetectionSuspended(7, "emea", "5 of 120 are left.", may_answer=False)))
    assert "  Only admins can choose. Ask an admin to decide, or to make you an admin." in lines
    assert lines[4:6] == ["[Continue connection.go_on 7]", "[New baseline? connection.new_baseline 7]"]
