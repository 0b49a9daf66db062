"""Which connection is closed when too many are open: the oldest that nobody has vouched for.

A connection is vouched for from the moment its request's signature was checked until the answer is sent, and is never
cut in that time. All others are equal, whatever their address: behind a proxy every client shares one. The newest
always gets in, so whoever opens many closes only older ones.
"""

from __future__ import annotations

from typing import Protocol


class OpenConnection(Protocol):
    """A connection that can be ended."""

    def cut(self) -> None:
        """Close it at once, and call `leave`."""


class OpenConnections:
    """The connections of one server; `most` is how many may be open."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._connections: set[OpenConnection] = set()
        # A dict for its order: whoever moved last stands last.
        self._evictable: dict[OpenConnection, None] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def enter(self, connection: OpenConnection) -> None:
        """Let a new connection in, and cut the oldest that may go if there are too many.

        The newcomer itself is cut only if all others are vouched for.
        """
        self._connections.add(connection)
        self._evictable[connection] = None
        if len(self._connections) > self._most:
            next(iter(self._evictable)).cut()

    def renew(self, connection: OpenConnection) -> None:
        """Make a connection the newest: a request began on it or was answered. It is not vouched for any more."""
        if connection in self._connections:
            self._evictable.pop(connection, None)
            self._evictable[connection] = None

    def vouch(self, connection: OpenConnection) -> None:
        """Keep a connection until it is renewed: its request is known to come from Slack."""
        self._evictable.pop(connection, None)

    def leave(self, connection: OpenConnection) -> None:
        """Forget a connection; one that left already is no error."""
        self._connections.discard(connection)
        self._evictable.pop(connection, None)
