"""Views of moving, adopting and ending a subscription on hold."""

from __future__ import annotations

from bot.core.forms.subscription_forms import MoveForm
from bot.core.language import N_, _
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, confirm, context, message, section
from bot.slack.views.building.forms import form

TITLE = N_("Move subscriptions")


def move_form(channel_id: str) -> Block:
    """Return the form that asks where to move a channel's subscriptions."""
    sentence = _(
        "Move the subscriptions in {channel} to another channel, together with any notifications on hold.",
        channel=md.channel(channel_id),
    )
    return form(
        MoveForm,
        callback_id=ids.MOVE,
        title=_(TITLE),
        submit=_("Move"),
        private_metadata=channel_id,
        first=[section(sentence)],
    )


def moved(channel_id: str, target: str) -> Message:
    """Confirm that the subscriptions of `channel_id` moved to `target`."""
    return message(
        section(
            _(
                "✅ Moved the subscriptions in {source} to {target}.",
                source=md.channel(channel_id),
                target=md.channel(target),
            )
        ),
        context(_("Notifications on hold will be posted there in one digest at the next check.")),
    )


def held_actions(channel_id: str, *, may_adopt: bool) -> Block | None:
    """Return the buttons Move, Adopt and Drop for a channel's subscriptions on hold."""
    sure = confirm(
        _("End this subscription?"),
        _("Notifications on hold won't be posted."),
        _("End it"),
        style="danger",
    )
    return actions(
        button(_("Move…"), ids.MOVE, channel_id),
        button(_("Adopt"), ids.ADOPT, channel_id) if may_adopt else None,
        button(_("End…"), ids.END_HELD, channel_id, ask=sure),
    )


def adopted(channel_id: str, *, still_held: bool) -> Message:
    """Confirm a new owner. While the subscription is on hold, Move and Drop are offered."""
    goes_on = _("Notifications on hold will be posted in one digest at the next check.")
    waits = _("It stays on hold until the channel accepts messages again. I'll let you know.")
    return message(
        section(_("👤 You now own the subscription in {channel}.", channel=md.channel(channel_id))),
        held_actions(channel_id, may_adopt=False) if still_held else None,
        context(waits if still_held else goes_on),
    )


def held_ended(channel_id: str) -> Message:
    """Confirm that the channel's subscriptions have ended."""
    return message(
        section(
            _(
                "The subscription in {channel} has ended. Notifications on hold won't be posted.",
                channel=md.channel(channel_id),
            )
        ),
        context(_("Use `/clust subscribe` to start again.")),
    )
