"""What single people are told in a direct message about the bot's own work (rule W4): one view for each notice."""

from __future__ import annotations

from bot.core.notices import ChannelHeld, ChannelWorks, DetectionSuspended, Notice
from bot.slack import ids
from bot.slack.views import mrkdwn as md
from bot.slack.views.blocks import Message, actions, button, confirm, context, message, section
from bot.slack.views.remedies import reason


def notice_message(notice: Notice) -> Message:
    """Return the direct message for a notice."""
    match notice:
        case ChannelHeld():
            return channel_held(notice)
        case ChannelWorks():
            return channel_works(notice)
        case DetectionSuspended():
            return detection_suspended(notice)


def channel_held(notice: ChannelHeld) -> Message:
    """Tell who subscribed a channel that it takes no messages, why, and what mends it."""
    why = reason(notice.reason)
    return message(
        section(f"⏸️ Your subscription in {md.channel(notice.channel_id)} is held: {why.what}.\n{why.remedy}"),
        context("Nothing is lost: what happens meanwhile is kept, and posted when the channel works again."),
    )


def channel_works(notice: ChannelWorks) -> Message:
    """Tell who subscribed a channel that it works: again, or for the first time after the invitation (rule W3)."""
    where = md.channel(notice.channel_id)
    if notice.was == "not_in_channel":
        return message(section(f"✅ Thank you: Clust is in {where} now, and your subscription there works."))
    return message(section(f"✅ Your subscription in {where} works again. What was held is being posted."))


def detection_suspended(notice: DetectionSuspended) -> Message:
    """Ask admins whether an account that looks like another one is a new one (rule B4)."""
    value = str(notice.connection_id)
    anew = confirm(
        "Take a new baseline?",
        "What Clust shows now becomes the starting point. What changed until now is not announced.",
        "Take a new baseline",
    )
    return message(
        section(
            f"⚠️ *Is this still the same Clust account?*\nThe bot has stopped announcing changes of "
            f"the connection *{md.escape(notice.connection, 80)}*: {md.sentence(notice.reason, 600)}"
        ),
        section(
            "• *Go on*: it is the same account; announce what changed meanwhile.\n"
            "• *New baseline*: it is another account; start from what it shows now and announce nothing of it."
        ),
        actions(
            button("Go on", ids.GO_ON, value),
            button("New baseline", ids.NEW_BASELINE, value, ask=anew),
        ),
        context("Until you choose, nothing is announced. When the known applications are back, it goes on by itself."),
    )
