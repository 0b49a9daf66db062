"""*Share here*: before personal data goes to a whole channel, the button says so and asks."""

from __future__ import annotations

import re

from bot.core.language import _
from bot.slack.views.building.blocks import Block, button, confirm

MAX_NAMED = 120
"""Characters by which the question names what is shared."""

_CONTACT = re.compile(r"@|(?:[0-9][ ()./+-]*){6}")
"""What an e-mail address or a phone number holds."""


def share_button(action_id: str, value: str, warning: str = "") -> Block:
    """Return the button *Share here*. With a `warning` about personal data, it asks for confirmation first.

    Slack shows the warning in plain text of at most 300 characters.
    """
    ask = confirm(_("Post this for everyone?"), warning, _("Post it")) if warning else None
    return button(_("Share here"), action_id, value, ask=ask)


def may_name_somebody(text: str) -> bool:
    """Return whether a text may hold an e-mail address or a phone number."""
    return _CONTACT.search(text) is not None
