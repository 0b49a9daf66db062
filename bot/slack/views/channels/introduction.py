"""What the bot says in a channel that it was invited to."""

from __future__ import annotations

from bot.core.language import _
from bot.slack.views.building.blocks import Message, context, message, section


def introduction() -> Message:
    """Return the one message in the channel. It has no buttons: everyone there would share them."""
    return message(
        section(
            _(
                "👋 Hi, I'm Clust. Once this channel is subscribed, I'll post here when a client application needs "
                "attention."
            )
        ),
        context(_("Details are in the thread.")),
    )


def introduction_details() -> Message:
    """Return the details, for the thread."""
    return message(
        section(
            "\n".join(
                (
                    _("• `/clust subscribe` chooses which events are posted here, and shows a preview first."),
                    _("• `/clust late` and `/clust show 123` look up applications. Only you see the answer."),
                    _("• In threads, mention me: `@Clust assign me` under a card assigns its application to you."),
                    _("• `/clust help` lists everything else."),
                )
            )
        ),
        context(_("I only read messages that mention me or link to Clust.")),
    )
