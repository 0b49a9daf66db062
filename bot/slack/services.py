"""What the listeners work with: the open services of one process, and the person behind a request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.clust import ClustClient, UpdateMethod
from bot.core.errors import NotAllowed
from bot.core.permissions import Role, Workspace, who_may
from bot.core.statuses import StatusRules
from bot.slack.access import Access
from bot.slack.notifier import SlackNotifier
from bot.slack.templates import Templates
from bot.store import Store
from bot.store.audit import Deed
from bot.store.connections import Connection

Result = TypeVar("Result")


class Later(Protocol):
    """Begins work that goes on after the answer to a request; shutdown waits for it."""

    def __call__(self, work: Coroutine[Any, Any, Result], /) -> asyncio.Task[Result]:
        """Return the task that does the work."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a listener may ask.

    `client` waits for a 429 once; `opener` repeats nothing, for triggers that die in 3 s. `channel_changed` looks at a
    channel again, `wake_poller` at Clust.
    """

    workspace: Workspace
    connection_id: int
    client: AsyncWebClient
    opener: AsyncWebClient
    clust: ClustClient
    store: Store
    notifier: SlackNotifier
    access: Access
    templates: Templates
    status_rules: StatusRules
    update_method: UpdateMethod
    poll_interval: float
    poll_limit: int
    clock: Callable[[], datetime]
    channel_changed: Callable[[str], Awaitable[None]]
    wake_poller: Callable[[], None]

    async def rules(self) -> StatusRules:
        """Return how status codes are classified now: by the setting, and by what admins chose."""
        return self.status_rules.with_chosen((await self.connection()).chosen_status)

    async def connection(self) -> Connection:
        """Return the connection as it stands now."""
        return await self.store.connections.get(self.connection_id)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a person: who, where, and Slack's payload; `later` begins what outlives it."""

    services: Services
    body: dict[str, Any]
    user_id: str
    role: Role
    zone: ZoneInfo
    later: Later

    @property
    def channel_id(self) -> str:
        """The channel the person is in; empty where there is none."""
        return str(self.body.get("channel_id") or (self.body.get("channel") or {}).get("id") or "")

    def within(self, channel_id: str) -> Request:
        """Return the same request as if it had been made in a channel."""
        return replace(self, body={**self.body, "channel_id": channel_id})

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.services.clock().astimezone(UTC)

    async def write_down(self, action: str, outcome: str, target: str | None = None, detail: str = "") -> None:
        """Write into the audit log what the person did: no values of fields, no secrets."""
        deed = Deed(self.now, self.user_id, action, outcome, target, detail)
        await self.services.store.audit.write(self.services.workspace.team_id, deed)

    def needs(self, role: Role) -> None:
        """Raise NotAllowed where the person's role is lower than `role` (rule W1)."""
        if self.role < role:
            raise NotAllowed(who_may(role, self.role), sorted(self.services.access.admin_users))


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone `name`, UTC where nobody knows it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
