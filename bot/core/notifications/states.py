"""The states of a delivery and the transitions between them, drawn in docs/delivery.md.

`bot.store.notifications.transitions` makes them and derives from `TRANSITIONS` what it may change. The words are those
of the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """The state of a delivery."""

    HELD = "held"
    PENDING = "pending"
    SENDING = "sending"
    UNCLEAR = "unclear"
    GATHERED = "gathered"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class Hold(StrEnum):
    """Why a delivery is held. It stays in the row after the delivery goes on, for `/clust why`."""

    LIMIT = "limit"
    """Until a next tick, by the Limit of its subscription (rule S3)."""
    SCHEDULE = "schedule"
    """Until the channel's schedule or quiet hours allow it."""
    MUTE = "mute"
    FLOOD = "flood"
    """Until a question about many notifications is answered (rule S4)."""
    CHANNEL = "channel"
    """The channel accepts no messages, or the subscription has no owner."""
    REPLAY = "replay"
    """Until the next summary, now that the channel accepts messages again."""
    REVIEW = "review"
    """Until an admin starts the posting of a new account of which not everything was understood."""
    PROBE = "probe"
    """Posted although its channel is held. If Slack accepts it, the channel works again (rule P3)."""


class DeliveryKind(StrEnum):
    """What a delivery posts: one event, or a message about several or none."""

    EVENT = "event"
    DIGEST = "digest"
    FLOOD = "flood"
    REMINDER = "reminder"
    ACTION = "action"
    REPORT = "report"


class SubscriptionState(StrEnum):
    """Whether a subscription's notifications are posted."""

    ACTIVE = "active"
    HELD = "held"
    """Its channel accepts no messages, or its owner has left. The reason says which."""
    WAITING = "waiting"
    """The bot must be invited to the channel first."""
    ENDED = "ended"


TRANSITIONS: Mapping[State, Mapping[State, str]] = {
    State.HELD: {
        State.PENDING: "its turn has come: the Limit, the end of a mute or schedule, Post all",
        State.GATHERED: "a digest lists it",
        State.SKIPPED: "no subscription matches it anymore, or it was marked as seen",
        State.HELD: "something else holds it now",
    },
    State.PENDING: {
        State.SENDING: "a process has claimed it",
        State.HELD: "its channel takes no messages or asks about a flood, or an older digest must come first",
        State.SKIPPED: "no subscription matches it anymore",
    },
    State.SENDING: {
        State.SENT: "Slack accepted it",
        State.PENDING: "Slack didn't accept it: a 429, no connection, or the card was deleted",
        State.UNCLEAR: "no answer, the connection broke, or the process stopped responding",
        State.HELD: "its channel takes no messages",
        State.FAILED: "Slack will never accept this message",
        State.SKIPPED: "no subscription matches it anymore",
    },
    State.UNCLEAR: {
        State.SENT: "it was found in the channel",
        State.PENDING: "it was not found in the channel",
        State.SKIPPED: "it was not found in the channel, and no subscription matches it anymore",
    },
    State.GATHERED: {
        State.SENT: "its digest was posted",
        State.FAILED: "Slack will never accept its digest",
        State.HELD: "its subscription has no owner anymore",
        State.SKIPPED: "no subscription matches it anymore",
    },
    State.SENT: {},
    State.SKIPPED: {},
    State.FAILED: {},
}
"""For each state, the possible next states, each with its cause."""

OVER = tuple(state for state, following in TRANSITIONS.items() if not following)
"""Final states. The delivery is deleted after `RETENTION_DAYS`."""

UNSENT = tuple(state for state, following in TRANSITIONS.items() if following)
"""The other states: the delivery is still to be posted, or its outcome is unclear."""

UNCLAIMED = (State.PENDING, State.HELD, State.GATHERED)
"""States in which no process is posting the delivery or may have posted it."""

UNDER_WAY = (State.PENDING, State.SENDING, State.UNCLEAR)
"""States from which a delivery reaches a final state by itself, without a digest."""


def may_become(before: str, after: str) -> bool:
    """Return whether a transition is allowed. Staying in a state always is."""
    return before == after or State(after) in TRANSITIONS[State(before)]


def states_before(after: State) -> tuple[State, ...]:
    """Return the states with a transition to `after`."""
    return tuple(state for state, following in TRANSITIONS.items() if after in following)
