"""Why a delivery waits, was tried again or wasn't posted: stored as a code, and worded in its reader's language.

The codes here are the bot's own. Any other code is Slack's (`slack_error_codes`). How they are stored:
`bot.core.stored_reasons`.
"""

from __future__ import annotations

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
"""Someone marked it as seen. The value is their user ID."""
UNSUBSCRIBED = "unsubscribed"
"""The value is the user ID of the person who unsubscribed."""
DISCONNECTED = "disconnected"
"""Someone disconnected the account. The value is their user ID."""


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
