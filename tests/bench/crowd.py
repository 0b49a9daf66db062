"""Many workspaces in a database, each with an account, a channel and a subscription, as after as many installations."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.slack.web_api.scopes import NEEDED
from bot.store import Store
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.installations import Installation, Tokens
from tests.bench.crowd_server import BOT, PERSON

AT_ONCE = 8
NAME = "default"


def team_of(number: int) -> str:
    """Return the id of a workspace."""
    return f"T{number:05}"


def channel_of(number: int) -> str:
    """Return the id of a workspace's channel."""
    return f"C{number:05}"


def token_of(number: int) -> str:
    """Return the API token of a workspace's account."""
    return f"clust-token-{number:05}"


def installation_of(team_id: str) -> Installation:
    """Return the installation of a workspace, with a token that names it."""
    return Installation(
        id=team_id,
        is_org=False,
        enterprise_id=None,
        name=team_id,
        url=f"https://{team_id.lower()}.slack.com/",
        bot_user_id=BOT,
        bot_id="B0BOT",
        scopes=",".join(sorted(NEEDED)),
        installed_by=PERSON,
        tokens=Tokens(f"xoxb-{team_id}"),
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """The first workspaces of a database, by number from 0."""

    store: Store
    clust_url: str

    async def fill(self, workspaces: int) -> None:
        """Install so many."""
        numbers = iter(range(workspaces))

        async def some() -> None:
            for one in numbers:
                await self.install(one)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    async def install(self, number: int) -> None:
        """Install one."""
        team_id, now = team_of(number), datetime.now(UTC)
        await self.store.installations.save(installation_of(team_id), now)
        connection = await self.store.connections.connect(team_id, NAME, self.clust_url, token_of(number), PERSON, now)
        wish = SubscriptionRequest(team_id, channel_of(number), connection.id, "", ("created",), 100_000, PERSON, "UTC")
        await self.store.subscriptions.save(wish, now)
