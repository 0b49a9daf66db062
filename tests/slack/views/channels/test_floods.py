"""Flood cards: the question, and what became of it (rule S4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.core.notifications.messages import Flood
from bot.slack.views.channels.floods import flood_card

Read = Callable[[Any], list[str]]
FLOOD = Flood(7, {"late": 30, "created": 14}, 44)
COUNTED = "🌊 *44 notifications* for this channel: 🆕 14 created · ⏰ 30 late"


def test_more_than_a_channel_wants_is_a_question(read: Read) -> None:
    """With its counts in the order of events, and what comes of no answer."""
    assert read(flood_card(FLOOD)) == [
        COUNTED,
        "That's more than this channel's limit. How should I post them?",
        "[Post all flood.answer:post 7]",
        "[Post one digest flood.answer:digest 7]",
        "[Mark as seen? flood.answer:seen 7]",
        "  If nobody answers within an hour, I'll post one digest.",
    ]


@pytest.mark.parametrize(
    ("answer", "by", "sent", "line"),
    [
        ("seen", "U1", 0, "<@U1> marked them as seen."),
        ("digest", "U1", 0, "<@U1> chose to post one digest."),
        ("digest", None, 0, "Nobody answered within an hour, so I posted one digest."),
        ("post", "U1", 12, "<@U1> chose to post all. 12 of 44 posted, one per second."),
        ("post", "U1", 44, "<@U1> chose to post all. All 44 have been posted."),
    ],
)
def test_an_answer_takes_the_place_of_the_buttons(
    read: Read, answer: str, by: str | None, sent: int, line: str
) -> None:
    """Who chose what, and how far it is."""
    flood = replace(FLOOD, answer=answer, answered_by=by, sent_count=sent)
    assert read(flood_card(flood)) == [COUNTED, f"  {line}"]
