"""What people read when they move, adopt or drop a subscription that is held."""

from __future__ import annotations

from bot.core.drafts import MoveDraft
from bot.slack import ids
from bot.slack.views import mrkdwn as md
from bot.slack.views.blocks import Block, Message, context, message, section
from bot.slack.views.forms import form

TITLE = "Move a subscription"


def move_form(channel_id: str) -> Block:
    """Return the form that asks where what `channel_id` gets is to go."""
    told = f"What {md.channel(channel_id)} gets goes to another channel from now on, and what was held with it."
    return form(
        MoveDraft, callback_id=ids.MOVE, title=TITLE, submit="Move", private_metadata=channel_id, first=[section(told)]
    )


def moved(channel_id: str, target: str) -> Message:
    """Tell where it is now."""
    return message(
        section(f"✅ {md.channel(target)} now gets what {md.channel(channel_id)} got."),
        context("What was held follows there as one summary, with the next look at Clust."),
    )


def adopted(channel_id: str, *, still_held: bool) -> Message:
    """Tell who adopts it what follows."""
    goes_on = "What was held follows as one summary, with the next look at Clust."
    waits = "It stays held until the channel takes messages again; then you are told."
    return message(
        section(f"👤 You look after the subscription in {md.channel(channel_id)} now."),
        context(waits if still_held else goes_on),
    )


def dropped(channel_id: str) -> Message:
    """Tell that it has ended."""
    return message(
        section(f"Dropped: {md.channel(channel_id)} gets nothing more of it, and what was held is not posted."),
        context("`/clust subscribe` starts again."),
    )
