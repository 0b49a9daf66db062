"""Which connection is closed when too many are open: the oldest that no one has vouched for.

A connection is vouched for from the moment its request's signature was checked until the answer is sent, and is never
cut in that time. All others are equal, whatever their address: behind a proxy every client shares one. The newest
always gets in, so a client that opens many closes only older ones.
"""

from __future__ import annotations

from typing import Protocol


class OpenConnection(Protocol):
    """A connection that can be ended."""

    def cut(self) -> None:
        """Close it at once, and call `leave`."""


class OpenConnections:
    """The connections of one server. `most` is how many may be open."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._connections: set[OpenConnection] = set()
        # A dict for its order: the connection that moved last stands last.
        self._evictable: dict[OpenConnection, None] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def enter(self, connection: OpenConnection) -> None:
        """Add a new connection, and close the oldest evictable one if there are too many.

        The new connection itself is closed only if all others are vouched for.
        """
        self._connections.add(connection)
        self._evictable[connection] = None
        if len(self._connections) > self._most:
            next(iter(self._evictable)).cut()

    def renew(self, connection: OpenConnection) -> None:
        """Make a connection the newest, since a request began or was answered. It is no longer vouched for."""
        if connection in self._connections:
            self._evictable.pop(connection, None)
            self._evictable[connection] = None

    def vouch(self, connection: OpenConnection) -> None:
        """Protect a connection until it is renewed: its request is verified as from Slack."""
        self._evictable.pop(connection, None)

    def leave(self, connection: OpenConnection) -> None:
        """Remove a connection. One that was removed already is ignored."""
        self._connections.discard(connection)
        self._evictable.pop(connection, None)
