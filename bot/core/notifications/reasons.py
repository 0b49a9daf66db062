"""Why a delivery waits, was tried again or wasn't posted: stored as a code, and worded in its reader's language.

A stored reason is `code` or `code:value`. The codes here are the bot's own; any other code is Slack's (`error_codes`).
Older versions stored English sentences instead. They are shown as they are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.core.errors import DeliveryError, NotSent, OutcomeUnclear, SlackRefused, Throttled

UNWANTED = "unwanted"
"""No subscription matches it anymore."""
MUTED = "muted"
SCHEDULED = "scheduled"
"""The value is the channel's schedule, as JSON."""
NO_ANSWER = "no_answer"
"""Slack didn't respond within the time limit."""
PROCESS_STOPPED = "process_stopped"
"""The process that was posting it stopped responding."""
UPDATE_LIMIT = "update_limit"
"""Slack limits how many messages can be changed per minute."""
THROTTLED = "throttled"
NOT_SENT = "not_sent"
SLACK_BROKEN = "slack_broken"
OUTCOME_UNCLEAR = "outcome_unclear"
MOVED = "moved"
"""Its channel's subscriptions were moved to a channel that already had it."""
MARKED_AS_SEEN = "marked_as_seen"
"""Somebody marked it as seen. The value is their user ID."""
UNSUBSCRIBED = "unsubscribed"
"""The value is the user ID of the person who unsubscribed."""
DISCONNECTED = "disconnected"
"""Somebody disconnected the account. The value is their user ID."""

_STORED = re.compile(r"([a-z0-9_]+)(?::(.*))?", re.DOTALL)


class StoredReason(NamedTuple):
    """A reason as it is stored: its code, and a value that belongs into its text."""

    code: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.code}:{self.value}" if self.value else self.code


def read_reason(text: str) -> StoredReason | None:
    """Return a stored reason; None for a sentence that an older version stored."""
    parts = _STORED.fullmatch(text)
    return StoredReason(parts[1], parts[2] or "") if parts else None


def reason_of(error: DeliveryError) -> str:
    """Return the code to store for a failed post or update: Slack's own if it gave one."""
    match error:
        case SlackRefused():
            return error.code
        case Throttled():
            return THROTTLED
        case NotSent():
            return NOT_SENT
        case OutcomeUnclear():
            return OUTCOME_UNCLEAR
        case _:
            return SLACK_BROKEN
