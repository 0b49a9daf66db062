"""Room for connections: when there are too many, the oldest that nobody has vouched for goes.

A connection is vouched for from the moment its request's signature was checked until the answer is sent, and is never
cut in that time. All others are equal, whatever their address: behind a proxy every client shares one. The newest
always gets in, so whoever fills the room pushes out only what is older.
"""

from __future__ import annotations

from typing import Protocol


class Guest(Protocol):
    """A connection that can be ended."""

    def cut(self) -> None:
        """End it at once, and leave the room."""


class Room:
    """The connections of one server; `most` is how many may be open."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._guests: set[Guest] = set()
        # A dict for its order: whoever moved last stands last.
        self._may_go: dict[Guest, None] = {}

    def __len__(self) -> int:
        return len(self._guests)

    def enter(self, guest: Guest) -> None:
        """Let a new connection in, and cut the oldest that may go if there are too many.

        The newcomer itself is cut only if all others are vouched for.
        """
        self._guests.add(guest)
        self._may_go[guest] = None
        if len(self._guests) > self._most:
            next(iter(self._may_go)).cut()

    def renew(self, guest: Guest) -> None:
        """Make a connection the newest: a request began on it or was answered. It is not vouched for any more."""
        if guest in self._guests:
            self._may_go.pop(guest, None)
            self._may_go[guest] = None

    def vouch(self, guest: Guest) -> None:
        """Keep a connection until it is renewed: its request is known to come from Slack."""
        self._may_go.pop(guest, None)

    def leave(self, guest: Guest) -> None:
        """Forget a connection; one that left already is no error."""
        self._guests.discard(guest)
        self._may_go.pop(guest, None)
