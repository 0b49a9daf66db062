"""What people read when they move, adopt or drop a subscription that is held."""

from __future__ import annotations

from bot.core.forms.forms import MoveForm
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, confirm, context, message, section
from bot.slack.views.building.forms import form

TITLE = "Move a subscription"


def move_form(channel_id: str) -> Block:
    """Return the form that asks where what `channel_id` gets is to go."""
    sentence = f"What {md.channel(channel_id)} gets goes to another channel from now on, and what was held with it."
    return form(
        MoveForm,
        callback_id=ids.MOVE,
        title=TITLE,
        submit="Move",
        private_metadata=channel_id,
        first=[section(sentence)],
    )


def moved(channel_id: str, target: str) -> Message:
    """Confirm that the subscriptions of `channel_id` now belong to `target`."""
    return message(
        section(f"✅ {md.channel(target)} now gets what {md.channel(channel_id)} got."),
        context("What was held follows there as one summary, with the next look at Clust."),
    )


def held_actions(channel_id: str, *, may_adopt: bool) -> Block | None:
    """Return the buttons Move, Adopt and Drop for the held subscriptions of a channel."""
    sure = confirm("Drop it?", "The subscription ends, and what was held is never posted.", "Drop it", style="danger")
    return actions(
        button("Move…", ids.MOVE, channel_id),
        button("Adopt", ids.ADOPT, channel_id) if may_adopt else None,
        button("Drop…", ids.DROP, channel_id, ask=sure),
    )


def adopted(channel_id: str, *, still_held: bool) -> Message:
    """Confirm a new owner. While the subscription is held, Move and Drop are offered."""
    goes_on = "What was held follows as one summary, with the next look at Clust."
    waits = "It stays held until the channel takes messages again; then you are told."
    return message(
        section(f"👤 You look after the subscription in {md.channel(channel_id)} now."),
        held_actions(channel_id, may_adopt=False) if still_held else None,
        context(waits if still_held else goes_on),
    )


def dropped(channel_id: str) -> Message:
    """Confirm that the subscriptions of the channel have ended."""
    return message(
        section(f"Dropped: {md.channel(channel_id)} gets nothing more of it, and what was held is not posted."),
        context("`/clust subscribe` starts again."),
    )
