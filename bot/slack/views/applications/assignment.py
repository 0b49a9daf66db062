"""What someone who takes or releases an application reads."""

from __future__ import annotations

from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, context, message, section


def assigned(user_id: str, before: str | None, *, wants_mentions: bool) -> Message:
    """Confirm that the user is assigned, with a button that turns mentions off or on. `before`: the last assignee."""
    from_whom = f" (before: {md.user(before)})" if before and before != user_id else ""
    mentions_on = "You are mentioned first when something happens, but not of what you do here yourself."
    mentions_off = "You have turned mentions off."
    words, value = ("Turn mentions off", "off") if wants_mentions else ("Mention me", "on")
    switch = button(words, ids.MENTIONS, value)
    return message(
        section(f"👤 This is yours now{from_whom}. {mentions_on if wants_mentions else mentions_off}"),
        actions(switch),
        context("`/clust list mine:yes` shows all that you have taken."),
    )


def released(before: str | None) -> Message:
    """Confirm that the application has no assignee any more. `before`: who was assigned."""
    whom = f" {md.user(before)} had taken it." if before else " Nobody had taken it."
    return message(section(f"Released: nobody handles it now.{whom}"))
