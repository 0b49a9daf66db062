"""Flood cards: they ask what to do with more notifications than a channel wants at once (rule S4)."""

from __future__ import annotations

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import _, ngettext
from bot.core.notifications.messages import Flood
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section


def flood_card(flood: Flood) -> Message:
    """Return the question with its buttons or, once answered, the answer and its progress."""
    counts = [facts.counted(row, flood.counts[name]) for name, row in TRIGGERS.items() if flood.counts.get(name)]
    summary = ngettext(
        "🌊 *{count} notification* for this channel", "🌊 *{count:,} notifications* for this channel", flood.total
    )
    if counts:
        summary = _("{total}: {parts}", total=summary, parts=facts.joined(*counts))
    if flood.answer:
        return message(section(summary), context(_answered(flood)))
    number = str(flood.delivery_id)
    sure = confirm(
        _("Mark as seen?"),
        _("None of these notifications will be posted. Use /clust why to see what happened to each."),
        _("Mark as seen"),
    )
    return message(
        section("\n".join((summary, _("That's more than this channel's limit. How should I post them?")))),
        actions(
            button(_("Post all"), ids.variant(ids.FLOOD, "post"), number),
            button(_("Post one digest"), ids.variant(ids.FLOOD, "digest"), number, "primary"),
            button(_("Mark as seen"), ids.variant(ids.FLOOD, "seen"), number, ask=sure),
        ),
        context(_("If nobody answers within an hour, I'll post one digest.")),
    )


def _answered(flood: Flood) -> str:
    who = md.user(flood.answered_by) if flood.answered_by else ""
    if flood.answer == "seen":
        return _("{user} marked them as seen.", user=who)
    if flood.answer == "digest":
        return (
            _("{user} chose to post one digest.", user=who)
            if who
            else _("Nobody answered within an hour, so I posted one digest.")
        )
    if flood.sent_count < flood.total:
        return _(
            "{user} chose to post all. {posted} of {total} posted, one per second.",
            user=who,
            posted=flood.sent_count,
            total=flood.total,
        )
    return _("{user} chose to post all. All {total} have been posted.", user=who, total=flood.total)
