"""Why a channel doesn't accept messages, and what to do: one row for each reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.language import N_, _
from bot.core.notifications.routing import OWNER_GONE
from bot.core.notifications.slack_error_codes import CODES
from bot.slack.views.building import mrkdwn as md


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong, and what to do: sentences in mrkdwn, translated where they are shown."""

    problem: str
    remedy: str


_OWN: Mapping[str, Reason] = {
    OWNER_GONE: Reason(
        N_("The person who subscribed has left the workspace."),
        N_("Adopt the subscription to keep it going in your name, or subscribe the channel again."),
    ),
    "is_ext_shared": Reason(
        N_("The channel is now shared with another organization."),
        N_("An admin can allow this by running the same `/clust subscribe` command there."),
    ),
}
"""The bot's own codes. The others are Slack's."""


def reason(code: str) -> Reason:
    """Return the texts for Slack's error code or our own. An unknown code is shown as it is."""
    if code in _OWN:
        return _OWN[code]
    if row := CODES.get(code):
        return Reason(row.problem, row.remedy or _("Ask a workspace admin why Clust is blocked."))
    return Reason(
        _("Slack refuses messages there ({code}).", code=md.code(code)),
        _("Ask a workspace admin why Clust is blocked."),
    )
