"""What people read about links that they pasted."""

from __future__ import annotations

from bot.core.language import _
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, message, section


def link_hidden() -> Message:
    """Confirm that a link isn't shown any more, where its card was."""
    return message(section(_("I won't show this link in this message anymore.")))


def client_page_pasted(channel_id: str) -> Message:
    """Tell someone that the link they pasted opens a client's page to whoever has it."""
    return message(
        section(
            _(
                "The link that you posted in {channel} opens a client's page. Anyone who has the link can open it, so "
                "I don't show a card for it. If people there shouldn't open it, delete your message.",
                channel=md.channel(channel_id),
            )
        )
    )
