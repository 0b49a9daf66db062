"""Why a delivery waited or wasn't posted, in words: one row for each stored reason."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.language import N_, _
from bot.core.notifications.reasons import (
    DISCONNECTED,
    MARKED_AS_SEEN,
    MOVED,
    MUTED,
    NO_ANSWER,
    NOT_SENT,
    OUTCOME_UNCLEAR,
    PROCESS_STOPPED,
    SCHEDULED,
    SLACK_BROKEN,
    THROTTLED,
    UNSUBSCRIBED,
    UNWANTED,
    UPDATE_LIMIT,
)
from bot.core.notifications.schedule import Schedule
from bot.core.stored_reasons import read_reason
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.channel_problems import reason

_TEXTS: Mapping[str, str] = {
    UNWANTED: N_("No subscription matches this anymore."),
    MUTED: N_("Muted in that channel."),
    NO_ANSWER: N_("Slack didn't respond in time."),
    PROCESS_STOPPED: N_("The process that was posting it stopped."),
    UPDATE_LIMIT: N_("Slack limits how many messages can be changed per minute."),
    THROTTLED: N_("Slack asked me to wait."),
    NOT_SENT: N_("Slack couldn't be reached."),
    SLACK_BROKEN: N_("Slack isn't working properly right now."),
    OUTCOME_UNCLEAR: N_("I couldn't confirm whether Slack accepted the message."),
    MOVED: N_("Its subscription was moved to a channel that already had this notification."),
    MARKED_AS_SEEN: N_("It was marked as seen."),
}
"""Why a delivery waited or wasn't posted, for the bot's own codes without a value."""

_BY_SOMEBODY: Mapping[str, str] = {
    MARKED_AS_SEEN: N_("{user} marked it as seen."),
    UNSUBSCRIBED: N_("{user} unsubscribed."),
    DISCONNECTED: N_("{user} disconnected the Clust account."),
}
"""The same for codes whose value is a person."""


def in_words(kept_back: str, limit: int = 300) -> str:
    """Return a delivery's stored reason as mrkdwn, in the current language. Old sentences are returned as they are."""
    stored = read_reason(kept_back)
    if stored is None:
        if by := re.match(r"<@([UW][A-Z0-9]+)> ", kept_back):
            return f"{md.user(by[1])} {md.sentence(kept_back[by.end() :], limit)}"
        return md.sentence(kept_back, limit)
    code, value = stored
    if code == SCHEDULED:
        return md.escape(Schedule.model_validate_json(value or "{}").explain(), limit)
    if value and code in _BY_SOMEBODY:
        return _(_BY_SOMEBODY[code], user=md.user(value))
    return _(_TEXTS[code]) if code in _TEXTS else _(reason(code).problem)
