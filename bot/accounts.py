"""The Clust accounts that this process works with: one client for each connection, made when it is first needed.

A connection's token is the one that its workspace keeps, sealed, in the database, or CLUST_API_TOKEN for the connection
that the settings name. A connection that was made anew gets a new client.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bot.clust import ClustClient
from bot.core.errors import NoAccount
from bot.store import Store
from bot.store.connections import Connection, is_for

OWN = "default"
"""The name of the connection that CLUST_API_TOKEN makes."""

MakeClient = Callable[[str, str], ClustClient]
"""Makes a client of a base URL and a token."""


@dataclass(frozen=True, slots=True)
class Account:
    """One Clust account, open: its connection's id and name, and its client."""

    id: int
    name: str
    clust: ClustClient


class Accounts:
    """Opens accounts. `own_token` is CLUST_API_TOKEN, which the connection without a token of its own uses."""

    def __init__(self, store: Store, own_token: str | None, make_client: MakeClient = ClustClient) -> None:
        self._store, self._own_token, self._make = store, own_token, make_client
        self._open: dict[int, tuple[str, Account]] = {}
        self._clients = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._clients.aclose()

    @property
    def has_own(self) -> bool:
        """Whether CLUST_API_TOKEN is set."""
        return self._own_token is not None

    def tried(self, base_url: str, token: str) -> ClustClient:
        """Return a client of an account that is only tried, for `async with`."""
        return self._make(base_url, token)

    async def of(self, connection: Connection) -> Account:
        """Return the open account of a connection. Raises NoAccount where there is no token for it."""
        credential, account = self._open.get(connection.id, ("", None))
        if account is None or credential != connection.credential:
            token = self._store.connections.token(connection) if connection.sealed else self._own_for(connection)
            if token is None or connection.ended_at is not None:
                raise NoAccount(f"There is no token for `{connection.name}` that can be read: connect it again.")
            # The client before this one may be in use; it is closed with the process.
            client = await self._clients.enter_async_context(self._make(connection.base_url, token))
            account = Account(connection.id, connection.name, client)
            self._open[connection.id] = (connection.credential, account)
        return account

    def _own_for(self, connection: Connection) -> str | None:
        """Return CLUST_API_TOKEN for the address that the settings named with it; another process may know others."""
        return self._own_token if self._own_token and is_for(connection, self._own_token) else None
