"""Flood cards: what to do with more notices than a channel wants at once (rule S4)."""

from __future__ import annotations

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.messages import Flood
from bot.slack.views.building import facts, ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section


def flood_card(flood: Flood) -> Message:
    """Return the question with its buttons or, once answered, the answer and its progress."""
    counts = [
        f"{row.emoji} {flood.counts[name]} {row.title.lower()}"
        for name, row in TRIGGERS.items()
        if flood.counts.get(name)
    ]
    many = f"🌊 *{md.count(flood.total, 'notice')}* for this channel: {facts.joined(*counts) or 'none any more'}."
    if flood.answer:
        return message(section(many), context(_answered(flood)))
    number = str(flood.delivery_id)
    sure = confirm("Mark as seen?", "None of these notices will be posted. /clust why tells of each.", "Mark as seen")
    return message(
        section(f"{many}\nThat is more than comes at once here. What shall I do?"),
        actions(
            button("Post all", ids.variant(ids.FLOOD, "post"), number),
            button("One digest", ids.variant(ids.FLOOD, "digest"), number, "primary"),
            button("Mark as seen", ids.variant(ids.FLOOD, "seen"), number, ask=sure),
        ),
        context("Without an answer they come as one digest after an hour."),
    )


def _answered(flood: Flood) -> str:
    who = md.user(flood.answered_by) if flood.answered_by else ""
    if flood.answer == "seen":
        return f"{who} marked them as seen."
    if flood.answer == "digest":
        return f"{who} chose one digest." if who else "Nobody answered within an hour, so they come as one digest."
    if flood.sent_count < flood.total:
        return f"{who} chose to post all: {flood.sent_count} of {flood.total} posted, one a second."
    return f"{who} chose to post all: all {flood.total} are posted."
