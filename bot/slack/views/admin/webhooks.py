"""Views of webhooks to the bot. The secret in their address is never shown."""

from __future__ import annotations

from datetime import datetime

from bot.core.applications.webhook_urls import MASK, webhook_url
from bot.core.language import _
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, context, message, section


def webhook_state(name: str, base: str | None, last_at: datetime | None, now: datetime) -> Message:
    """Return whether webhooks come for the account `name`.

    `base` begins their address. None means that none can come.
    """
    if base is None:
        return message(
            section(_("Webhooks from Clust are turned off.")),
            context(_("Ask the person who runs the bot to set `PUBLIC_URL`, `SECRET_KEY` and `CLUST_HOOKS=on`.")),
        )
    state = (
        _("Last webhook received {age}.", age=md.ago(last_at, now))
        if last_at
        else _("No webhook received yet. Clust sends them for applications created with *Send webhooks to this bot*.")
    )
    return message(
        section(f"*{md.escape(name, 80)}*\n{state}"),
        context(_("Address: {address}", address=md.code(webhook_url(base, MASK), 500))),
    )


def rotated(name: str) -> Message:
    """Confirm that the secret of an account's webhook was replaced."""
    done = _("The webhook for *{name}* has a new secret.", name=md.escape(name, 80))
    return message(
        section(done),
        context(_("Applications that already use the webhook keep the old secret. It works for 7 more days.")),
    )
