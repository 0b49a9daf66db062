"""Clust accounts of this process: one client for each connection, created on first use.

A connection's token is stored encrypted in the database. The connection from the settings uses CLUST_API_TOKEN. A
changed connection gets a new client.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Protocol, Self

import structlog

from bot.clust import ClustClient
from bot.clust.session import Worked
from bot.clust.shared_check import SharedCheck
from bot.core.errors import NoAccount
from bot.core.language import _
from bot.store import Store
from bot.store.clust.connections import Connection, is_for
from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)

OWN = "default"
"""The name of the connection that CLUST_API_TOKEN makes."""


class MakeClient(Protocol):
    """Creates clients of Clust's API."""

    def __call__(self, base_url: str, token: str, *, worked: Worked | None = None) -> ClustClient:
        """Return a client. It calls `worked` after each successful call for a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """An open Clust account: connection ID and name, client, and check."""

    id: int
    name: str
    clust: ClustClient
    check: SharedCheck


class Accounts:
    """Opens accounts. `own_token` is CLUST_API_TOKEN, for the connection without a stored token.

    `wake_pollers` is called when a call succeeds for an account that couldn't be read before.
    """

    def __init__(
        self,
        store: Store,
        own_token: str | None,
        make_client: MakeClient = ClustClient,
        wake_pollers: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._own_token, self._make, self._wake_pollers = store, own_token, make_client, wake_pollers
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
        """Return a client for an account that is only tested, to be used with `async with`."""
        return self._make(base_url, token)

    async def of(self, connection: Connection) -> Account:
        """Return the open account of a connection. Raises NoAccount if there is no token for it."""
        credential, account = self._open.get(connection.id, ("", None))
        if account is None or credential != connection.credential:
            token = self._store.connections.token(connection) if connection.sealed else self._own_for(connection)
            if token is None or connection.ended_at is not None:
                raise NoAccount(
                    _(
                        "I can't read the API token for `{name}`. An admin can connect the account again with "
                        "`/clust connect`.",
                        name=connection.name,
                    )
                )
            # The client before this one may be in use, so it is closed with the process.
            made = self._make(connection.base_url, token, worked=partial(self._worked, connection.id))
            client = await self._clients.enter_async_context(made)
            account = Account(connection.id, connection.name, client, SharedCheck(client))
            self._open[connection.id] = (connection.credential, account)
        return account

    def _own_for(self, connection: Connection) -> str | None:
        """Return CLUST_API_TOKEN if the connection has the address that the settings name for it."""
        return self._own_token if self._own_token and is_for(connection, self._own_token) else None

    async def _worked(self, connection_id: int) -> None:
        """End the pause of an account in every process, since a call succeeded (rule R3)."""
        try:
            if await self._store.connections.worked(connection_id):
                self._wake_pollers()
        except DATABASE_TROUBLE as error:  # the person has their answer. The next call, or probe, ends the pause
            log.info("a pause could not be ended", connection=connection_id, error=str(error))
