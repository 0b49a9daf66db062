"""The Clust accounts that this process works with: one client for each connection, made when it is first needed.

A connection's token is the one that its workspace keeps, sealed, in the database, or CLUST_API_TOKEN for the connection
that the settings name. A connection that was made anew gets a new client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Protocol, Self

import structlog

from bot.clust import ClustClient
from bot.clust.client import Worked
from bot.core.errors import NoAccount
from bot.core.language import _
from bot.store import Store
from bot.store.clust.connections import Connection, is_for
from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)

OWN = "default"
"""The name of the connection that CLUST_API_TOKEN makes."""


class MakeClient(Protocol):
    """Makes clients of Clust's API."""

    def __call__(self, base_url: str, token: str, *, worked: Worked | None = None) -> ClustClient:
        """Return a client that calls `worked` after each call of a person's that succeeds."""


class AccountCheck:
    """Asks once at a time whether an account can be read: who asks meanwhile gets the same answer."""

    def __init__(self, clust: ClustClient) -> None:
        self._clust = clust
        self._asking: asyncio.Task[float] | None = None

    async def __call__(self) -> float:
        """Return the seconds until Clust's answer. Raises ClustError."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._clust.check())
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._asking)


@dataclass(frozen=True, slots=True)
class Account:
    """One Clust account, open: its connection's id and name, its client, and what asks whether it can be read."""

    id: int
    name: str
    clust: ClustClient
    check: AccountCheck


class Accounts:
    """Opens accounts. `own_token` is CLUST_API_TOKEN, which the connection without a token of its own uses.

    `wake_pollers` is called when a call shows that an account which could not be read answers.
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
        """Return a client of an account that is only tried, for `async with`."""
        return self._make(base_url, token)

    async def of(self, connection: Connection) -> Account:
        """Return the open account of a connection. Raises NoAccount where there is no token for it."""
        credential, account = self._open.get(connection.id, ("", None))
        if account is None or credential != connection.credential:
            token = self._store.connections.token(connection) if connection.sealed else self._own_for(connection)
            if token is None or connection.ended_at is not None:
                raise NoAccount(
                    _("The token of `{name}` can't be read. Connect the account again.", name=connection.name)
                )
            # The client before this one may be in use; it is closed with the process.
            made = self._make(connection.base_url, token, worked=partial(self._worked, connection.id))
            client = await self._clients.enter_async_context(made)
            account = Account(connection.id, connection.name, client, AccountCheck(client))
            self._open[connection.id] = (connection.credential, account)
        return account

    def _own_for(self, connection: Connection) -> str | None:
        """Return CLUST_API_TOKEN for the address that the settings named with it; another process may know others."""
        return self._own_token if self._own_token and is_for(connection, self._own_token) else None

    async def _worked(self, connection_id: int) -> None:
        """End the pause of an account to which a call succeeded, for every process (rule R3)."""
        try:
            if await self._store.connections.worked(connection_id):
                self._wake_pollers()
        except DATABASE_TROUBLE as error:  # the person has their answer; the next call, or probe, ends the pause
            log.info("a pause could not be ended", connection=connection_id, error=str(error))
