"""Mutes in words: what is muted, until when, and that names from outside mean nothing to Slack."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.notifications.mutes import OFFERED, Mute
from bot.slack.views.channels import muting as views
from bot.slack.views.channels.muting import MAX_LISTED, MAX_NAMED
from tests.slack.views.conftest import Read

LATE = Mute("123", "late", connection_id=7)
NAMES = {7: "<emea>"}


def test_each_choice_completes_the_command(read: Read) -> None:
    """It is what was typed, with an end."""
    message = views.how_long([LATE], NAMES, "mute 123 late")
    assert read(message)
    (buttons,) = (block["elements"] for block in message.blocks if block["type"] == "actions")
    assert [button["value"] for button in buttons] == [f"mute 123 late {end}" for end in OFFERED.values()]
    assert len({button["action_id"] for button in buttons}) == len(buttons)


@pytest.mark.parametrize(
    ("mutes", "question"),
    [
        ([Mute()], "Mute this channel for how long?"),
        ([Mute(trigger="late")], "Mute *Late* events in this channel for how long?"),
        ([Mute("12")], "Mute application #12 in this channel for how long?"),
        (
            [LATE],
            (
                "Mute *Late* events of application #123 in this channel for how long? "
                "This only affects the Clust account &lt;emea&gt;."
            ),
        ),
        (
            [LATE, Mute("12"), Mute(trigger="late"), Mute()],
            (
                "Mute these in this channel for how long?\n• *Late* events of application #123 · &lt;emea&gt;\n"
                "• Application #12\n• *Late* events\n• Everything"
            ),
        ),
    ],
)
def test_what_a_mute_covers(read: Read, mutes: list[Mute], question: str) -> None:
    """A whole sentence for each kind, and a list of several. Names are escaped."""
    message = views.how_long(mutes, NAMES, "mute")
    assert message.blocks[0]["text"]["text"] == question
    assert read(message)


def test_a_mute_is_confirmed_with_its_end(read: Read, now: datetime) -> None:
    """As a moment that Slack shows in each reader's zone, and its end as how many ended."""
    until = now + timedelta(hours=2)
    assert f"<!date^{int(until.timestamp())}" in read(views.muted([LATE], NAMES, until))[0]
    assert "3" in read(views.unmuted(3))[0]
    assert read(views.unmuted(0)) == ["Nothing is muted here."]
    assert read(views.unmuted(0, everything=False)) == ["That isn't muted here."]
    assert "`/clust mute #123" in "".join(read(views.mute_elsewhere("123")))


def test_an_answer_about_many_mutes_counts_the_rest(read: Read, now: datetime) -> None:
    """So that it fits into one message, when it asks how long too."""
    many = [Mute(str(number)) for number in range(MAX_NAMED + 1)]
    for answer in (views.muted(many, NAMES, now), views.how_long(many, NAMES, "mute")):
        _head, *lines = read(answer)[: MAX_NAMED + 2]
        assert lines == [*(f"• Application #{number}" for number in range(MAX_NAMED)), "… and 1 more mute"]


def test_standing_mutes_fit_on_a_line(now: datetime) -> None:
    """Some are named, the rest is counted, and without any there is no line."""
    assert views.standing([], {}) == ""
    mutes = [Mute(str(number), until=now) for number in range(MAX_LISTED + 2)]
    line = views.standing(mutes, {})
    assert line.count("<!date^") == MAX_LISTED
    assert "2 more" in line
