"""The life of a delivery: its states and the only ways between them. Drawn in docs/delivery.md.

`store` writes what happens; here stands what may happen. A delivery that has come to its end stays there until it is
removed after `RETENTION_DAYS`.
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


WAYS: Mapping[State, Mapping[State, str]] = {
    State.HELD: {
        State.PENDING: "its turn has come: the Limit, the end of a mute or schedule, Post all",
        State.GATHERED: "a digest tells it",
        State.SKIPPED: "nobody wants it any more, or it was marked as seen",
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
        State.SKIPPED: "nobody wants it any more",
    },
    State.SENT: {},
    State.SKIPPED: {},
    State.FAILED: {},
}
"""From each state to those that may follow, each with why."""

OVER = tuple(state.value for state, ways in WAYS.items() if not ways)
"""The states in which a delivery has come to its end."""

UNSENT = tuple(state.value for state, ways in WAYS.items() if ways)
"""The other ones."""

UNDER_WAY = tuple(state.value for state in (State.PENDING, State.SENDING, State.UNCLEAR))
"""States of a delivery that comes to its end by itself, and alone."""


def may_become(before: str, after: str) -> bool:
    """Tell whether a delivery may go from one state to another; to stay as it is, it always may."""
    return before == after or State(after) in WAYS[State(before)]
