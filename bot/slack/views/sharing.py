"""*Share here*, which asks for confirmation before personal data is posted to a channel."""

from __future__ import annotations

from bot.core.language import _
from bot.slack.views.building.blocks import Block, button, confirm

MAX_NAMED = 120
"""Characters of the shared content's name in the confirmation."""


def share_button(action_id: str, value: str, warning: str = "") -> Block:
    """Return the button *Share here*. With a `warning` about personal data, it asks for confirmation first.

    The warning is plain text of at most 300 characters (Slack's limit).
    """
    ask = confirm(_("Share this with everyone?"), warning, _("Share")) if warning else None
    return button(_("Share here"), action_id, value, ask=ask)
