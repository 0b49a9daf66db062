"""What someone reads who may not do something: why, and which admins to ask."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.language import _, one_of
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, context, message, section

MAX_TO_ASK = 3
"""Admins named in a refusal."""


def not_allowed(why: str = "", ask: Sequence[str] = ()) -> Message:
    """Answer someone without the required role. `why` says who can do it, `ask` are admins who can help (rule W1)."""
    refusal = md.sentence(why, 2000) or _(
        "Sorry, only members of this workspace can do this. Guests and people from other organizations first "
        "need a role from an admin."
    )
    admins = who_to_ask(ask)
    return message(section(refusal), context(admins) if admins else None)


def who_to_ask(admins: Sequence[str]) -> str:
    """Return a sentence with the admins who can help, or an empty text if there are none."""
    named = one_of([md.user(admin) for admin in admins[:MAX_TO_ASK]])
    return _("You can ask {admins}.", admins=named) if named else ""
