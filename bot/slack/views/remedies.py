"""Why a channel takes no messages, in words, and what a person can do about it: one row for each reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.routing import MAKER_GONE
from bot.slack.views import mrkdwn as md


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong, and what mends it; both are mrkdwn, the first without a full stop."""

    what: str
    remedy: str


_TOKEN = "Ask whoever runs the bot to install it again and to set the new `SLACK_BOT_TOKEN`."  # noqa: S105  a sentence
_RULES = "Ask a workspace admin to let Clust post there (Slack: Channel settings > Posting permissions)."

_REASONS: Mapping[str, Reason] = {
    "not_in_channel": Reason("the bot is not in the channel", "Type `/invite @Clust` there."),
    "channel_not_found": Reason(
        "the channel can't be found: it was deleted, or it is private and the bot was removed",
        "If it still exists, type `/invite @Clust` there.",
    ),
    "is_archived": Reason("the channel is archived", "Unarchive it, or move what it gets to another channel."),
    MAKER_GONE: Reason(
        "who subscribed it has left the workspace",
        "Adopt it: it goes on in your name. Or subscribe the same again.",
    ),
    "is_ext_shared": Reason(
        "the channel is now shared with another organisation",
        "An admin can allow it: by `/clust subscribe` there, with the same words.",
    ),
    "restricted_action": Reason("a rule of the workspace keeps apps from posting there", _RULES),
    "restricted_action_read_only_channel": Reason("the channel is read-only", _RULES),
    "restricted_action_non_threadable_channel": Reason("the channel takes replies alone", _RULES),
    "restricted_action_thread_only_channel": Reason("the channel takes replies alone", _RULES),
    "messages_tab_disabled": Reason(
        "the app takes no direct messages", "Switch on the Messages tab of the app's home (see `manifest.yml`)."
    ),
    "token_revoked": Reason("the bot's access to this workspace was withdrawn", _TOKEN),
    "token_expired": Reason("the bot's access to this workspace has run out", _TOKEN),
    "invalid_auth": Reason("Slack does not accept the bot's token", _TOKEN),
    "not_authed": Reason("Slack does not accept the bot's token", _TOKEN),
    "account_inactive": Reason("the bot was removed from this workspace", _TOKEN),
    "missing_scope": Reason("the bot lacks a permission in Slack", "Install the app again from its `manifest.yml`."),
    "team_access_not_granted": Reason("the bot was not let into this workspace", _TOKEN),
}


def in_words(kept_back: str, limit: int = 300) -> str:
    """Return what kept a notice back, as mrkdwn: a sentence of ours as it is, a code in its words, a person by name."""
    if re.fullmatch(r"[a-z_]+", kept_back):
        what = reason(kept_back).what
        return f"{what[:1].upper()}{what[1:]}."
    if by := re.match(r"<@([UW][A-Z0-9]+)> ", kept_back):
        return f"{md.user(by[1])} {md.sentence(kept_back[by.end() :], limit)}"
    return md.sentence(kept_back, limit)


def reason(code: str) -> Reason:
    """Return the words for Slack's error code or our own word; an unknown one is shown as it is."""
    known = _REASONS.get(code)
    return known or Reason(
        f"Slack refuses messages there ({md.code(code)})", "Ask a workspace admin what keeps Clust out."
    )
