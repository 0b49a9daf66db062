"""Why a channel takes no messages, in words, and what a person can do about it: one row for each reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.language import N_, _
from bot.core.notifications.routing import OWNER_GONE
from bot.core.notifications.slack_error_codes import CODES
from bot.slack.views.building import mrkdwn as md


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong, and what mends it: sentences in mrkdwn, to be translated where they are shown."""

    what: str
    remedy: str


_OWN: Mapping[str, Reason] = {
    OWNER_GONE: Reason(
        N_("The person who subscribed has left the workspace."),
        N_("Adopt it to keep it going in your name, or subscribe again."),
    ),
    "is_ext_shared": Reason(
        N_("The channel is now shared with another organization."),
        N_("An admin can allow this by running the same `/clust subscribe` command there."),
    ),
}
"""Reasons of the bot's own; the others are Slack's codes."""


def in_words(kept_back: str, limit: int = 300) -> str:
    """Return what kept a notice back, as mrkdwn: a sentence of ours as it is, a code in its words, a person by name."""
    if re.fullmatch(r"[a-z_]+", kept_back):
        return _(reason(kept_back).what)
    if by := re.match(r"<@([UW][A-Z0-9]+)> ", kept_back):
        return f"{md.user(by[1])} {md.sentence(kept_back[by.end() :], limit)}"
    return md.sentence(kept_back, limit)


def reason(code: str) -> Reason:
    """Return the words for Slack's error code or our own word; an unknown one is shown as it is."""
    if code in _OWN:
        return _OWN[code]
    if row := CODES.get(code):
        return Reason(row.what, row.remedy or _("Ask a workspace admin why Clust is blocked."))
    return Reason(
        _("Slack refuses messages there ({code}).", code=md.code(code)),
        _("Ask a workspace admin why Clust is blocked."),
    )
