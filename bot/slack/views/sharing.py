"""*Share here*: before personal data goes to a whole channel, the button says so and asks."""

from __future__ import annotations

import re

from bot.core.language import _
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, button, confirm

MAX_NAMED = 120
"""Characters by which the question names what is shared."""

_CONTACT = re.compile(r"@|(?:[0-9][ ()./+-]*){6}")
"""What an e-mail address or a phone number holds."""


def share_button(action_id: str, value: str, what: str = "") -> Block:
    """Return *Share here*; `what` is shared that may hold personal data, empty where nothing of the kind can be in it.

    Slack shows a button's question in plain text of at most 300 characters.
    """
    return button(_("Share here"), action_id, value, ask=_question(what) if what else None)


def may_name_somebody(text: str) -> bool:
    """Return whether a text may hold an e-mail address or a phone number."""
    return _CONTACT.search(text) is not None


def _question(what: str) -> Block:
    return confirm(
        _("Post this for everyone?"),
        _(
            "Everyone in the channel where you asked will see {what}. It may contain email addresses, phone "
            "numbers and other personal data.",
            what=md.bare(what, MAX_NAMED),
        ),
        _("Post it"),
    )
