"""The life of a delivery: its states and the transitions between them. Drawn in docs/delivery.md.

`bot.store.notifications.transitions` changes states, and takes what it may change from `TRANSITIONS`. The words are
those of the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """How far a delivery has come."""

    HELD = "held"
    PENDING = "pending"
    SENDING = "sending"
    UNCLEAR = "unclear"
    GATHERED = "gathered"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class Hold(StrEnum):
    """What keeps a held delivery back; it stays in the row once the delivery goes on, for `/clust why`."""

    LIMIT = "limit"
    """The next tick, and the Limit of its subscription (rule S3)."""
    SCHEDULE = "schedule"
    """The channel's schedule or quiet hours."""
    MUTE = "mute"
    FLOOD = "flood"
    """An open question about many notifications (rule S4)."""
    CHANNEL = "channel"
    """The channel takes no messages, or nobody owns the subscription."""
    REPLAY = "replay"
    """The next summary, now that the channel takes messages again."""
    PROBE = "probe"
    """Nothing: it is posted although its channel is held. If Slack accepts it, the channel works again (rule P3)."""


class DeliveryKind(StrEnum):
    """What a delivery posts: one event, or a message of the bot's own about several or none."""

    EVENT = "event"
    DIGEST = "digest"
    FLOOD = "flood"
    REMINDER = "reminder"


class SubscriptionState(StrEnum):
    """Whether a subscription gets what it asks for."""

    ACTIVE = "active"
    HELD = "held"
    """Its channel takes no messages, or its owner has left; the subscription's reason says which."""
    WAITING = "waiting"
    """For the bot to be invited to the channel."""
    ENDED = "ended"


TRANSITIONS: Mapping[State, Mapping[State, str]] = {
    State.HELD: {
        State.PENDING: "its turn has come: the Limit, the end of a mute or schedule, Post all",
        State.GATHERED: "a digest lists it",
        State.SKIPPED: "no subscription wants it any more, or it was marked as seen",
        State.HELD: "something else holds it now",
    },
    State.PENDING: {
        State.SENDING: "a process has claimed it",
        State.HELD: "its channel takes no messages or asks about a flood, or an older digest must come first",
        State.SKIPPED: "no subscription wants it any more",
    },
    State.SENDING: {
        State.SENT: "Slack accepted it",
        State.PENDING: "Slack didn't accept it: a 429, no connection, or the card was deleted",
        State.UNCLEAR: "no answer, the connection broke, or the process stopped responding",
        State.HELD: "its channel takes no messages",
        State.FAILED: "Slack will never accept this message",
        State.SKIPPED: "no subscription wants it any more",
    },
    State.UNCLEAR: {
        State.SENT: "it was found in the channel",
        State.PENDING: "it was not found in the channel",
        State.SKIPPED: "it was not found in the channel, and no subscription wants it any more",
    },
    State.GATHERED: {
        State.SENT: "its digest was posted",
        State.FAILED: "Slack will never accept its digest",
        State.HELD: "its subscription has no owner any more",
        State.SKIPPED: "no subscription wants it any more",
    },
    State.SENT: {},
    State.SKIPPED: {},
    State.FAILED: {},
}
"""From each state to those that may follow, each with why."""

OVER = tuple(state for state, following in TRANSITIONS.items() if not following)
"""Final states: a delivery stays as it is until it is removed after `RETENTION_DAYS`."""

UNSENT = tuple(state for state, following in TRANSITIONS.items() if following)
"""The other states: the delivery has still to be posted, or its outcome to be found out."""

UNCLAIMED = (State.PENDING, State.HELD, State.GATHERED)
"""States in which no process is posting the delivery or may have posted it."""

UNDER_WAY = (State.PENDING, State.SENDING, State.UNCLEAR)
"""States from which a delivery reaches its end by itself, without a digest."""


def may_become(before: str, after: str) -> bool:
    """Return whether a delivery may go from one state to another. Staying in a state is always allowed."""
    return before == after or State(after) in TRANSITIONS[State(before)]


def states_before(after: State) -> tuple[State, ...]:
    """Return the states from which a delivery may go to `after`."""
    return tuple(state for state, following in TRANSITIONS.items() if after in following)
