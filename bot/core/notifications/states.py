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
        State.GATHERED: "a digest tells it",
        State.SKIPPED: "nobody wants it any more, or it was marked as seen",
        State.HELD: "something else holds it from now on",
    },
    State.PENDING: {
        State.SENDING: "a process has claimed it",
        State.HELD: "its channel takes no messages, more waits than the gate lets through, or a digest comes first",
        State.SKIPPED: "nobody wants it any more",
    },
    State.SENDING: {
        State.SENT: "Slack has taken it",
        State.PENDING: "Slack has not taken it: a 429, no connection, a card that is lost",
        State.UNCLEAR: "no answer, the connection was cut, or the process fell silent",
        State.HELD: "its channel takes no messages",
        State.FAILED: "Slack will never take this message",
        State.SKIPPED: "nobody wants it any more",
    },
    State.UNCLEAR: {
        State.SENT: "it stands in the channel",
        State.PENDING: "it does not stand in the channel",
        State.SKIPPED: "it does not stand in the channel, and nobody wants it any more",
    },
    State.GATHERED: {
        State.SENT: "its digest was posted",
        State.FAILED: "Slack will never take its digest",
        State.HELD: "nobody owns its subscription any more",
        State.SKIPPED: "nobody wants it any more",
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
