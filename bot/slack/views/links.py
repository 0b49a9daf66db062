"""What people read about links that they pasted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.language import _
from bot.core.permissions import Role, who_may
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, message, section
from bot.slack.views.refusals import who_to_ask


def restricted_pane(needed: Role, has: Role, admins: Sequence[str]) -> Block:
    """Return the pane for someone who can't see applications: who can, and the admins to ask."""
    text = f"{who_may(needed, has)} {who_to_ask(admins)}".strip()
    return _error("restricted", _("You don't have access"), text)


def not_found_pane() -> Block:
    """Return the pane of an application that isn't there: gone from Clust, or of an account that isn't connected."""
    return _error(
        "not_found",
        _("Application not found"),
        _("It's no longer in Clust, or its Clust account isn't connected to this workspace."),
    )


def not_here_pane() -> Block:
    """Return the pane in a channel that doesn't get links (rule W2)."""
    return _error(
        "custom",
        _("Not in this channel"),
        _(
            "I don't show applications in this channel, because it's shared with another organization or I'm not in "
            "it. Use `/clust show` instead."
        ),
    )


def _error(status: str, title: str, text: str) -> Block:
    return {"status": status, "custom_title": title, "custom_message": text, "message_format": "markdown"}


def links_switch(*, on: bool) -> Message:
    """Answer `links`: whether cards are shown, and how to change it."""
    if on:
        return message(
            section(_("Pasted links to applications get a card. An admin can turn this off with `/clust links off`."))
        )
    return message(
        section(_("Pasted links to applications don't get a card. An admin can turn this on with `/clust links on`."))
    )


def link_hidden() -> Message:
    """Confirm that a link isn't shown any more, where its card was."""
    return message(section(_("I won't show a card for this link in this message anymore.")))


def client_page_pasted(channel_id: str) -> Message:
    """Warn a person that anyone with the link they pasted can open the client's page."""
    return message(
        section(
            _(
                "The link you posted in {channel} opens a client page. Anyone with the link can open it, so I didn't "
                "post a card. If the people there shouldn't open it, delete your message.",
                channel=md.channel(channel_id),
            )
        )
    )
