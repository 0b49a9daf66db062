"""Direct messages about the bot's own work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.notifications.admin_notifications import ChannelHeld, ChannelWorks, DetectionSuspended
from bot.slack.views.admin.admin_notifications import notification_message
from bot.slack.views.building.problems import reason

Read = Callable[[Any], list[str]]


def test_a_held_subscription_says_why_and_what_mends_it(read: Read) -> None:
    """And that nothing is lost."""
    assert read(notification_message(ChannelHeld("C1", "is_archived", ("U1", "U2")))) == [
        "⏸️ The subscription in <#C1> is held: the channel is archived.",
        "Unarchive it, or move what it gets to another channel.",
        "[Move… subscription.move C1]",
        "[Adopt subscription.adopt C1]",
        "[Drop…? subscription.drop C1]",
        "  Subscribed by <@U1>, <@U2>",
        "  Nothing is lost: what happens meanwhile is kept, and comes as one summary when it works again.",
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
    assert code not in why.what
    assert not why.what.endswith(".")
    assert why.remedy.endswith((".", ")"))


def test_an_unknown_refusal_shows_its_code(read: Read) -> None:
    """As it is, and escaped."""
    lines = read(notification_message(ChannelHeld("C1", "new_<code>")))
    assert lines[0].endswith("is held: Slack refuses messages there (`new_&lt;code&gt;`).")


def test_a_channel_that_works_says_which_story_ended(read: Read) -> None:
    """The invitation came, or what was wrong is over."""
    assert read(notification_message(ChannelWorks("C1", "not_in_channel"))) == [
        "✅ Thank you: Clust is in <#C1> now, and your subscription there works."
    ]
    assert read(notification_message(ChannelWorks("C1", "is_archived"))) == [
        "✅ Your subscription in <#C1> works again. What was held is being posted."
    ]


def test_a_suspension_asks_with_two_buttons(read: Read) -> None:
    """Go on, or a new baseline after one more question (rule B4)."""
    notification = DetectionSuspended(7, "emea", "5 of 120 known applications are left.")
    assert read(notification_message(notification)) == [
        "⚠️ *Is this still the same Clust account?*",
        "The bot has stopped announcing changes of the connection *emea*: 5 of 120 known applications are left.",
        "• *Go on*: it is the same account; announce what changed meanwhile.",
        "• *New baseline*: it is another account; start from what it shows now and announce nothing of it.",
        "[Go on connection.go_on 7]",
        "[New baseline? connection.new_baseline 7]",
        "  Until you choose, nothing is announced. When the known applications are back, it goes on by itself.",
    ]


def test_a_suspension_says_whose_answer_counts(read: Read) -> None:
    """C8: where nobody but who subscribed can be told, the buttons are marked: they work once one is an admin."""
    lines = read(notification_message(DetectionSuspended(7, "emea", "5 of 120 are left.", may_answer=False)))
    assert "  Only admins can choose. Please ask one to make you an admin." in lines
    assert lines[4:6] == ["[Go on connection.go_on 7]", "[New baseline? connection.new_baseline 7]"]
