"""Bots that serve many workspaces, each with a Slack workspace, a Clust account and channels of its own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from cryptography.fernet import Fernet

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.enterprise_grid import SandboxGrid
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api_call import Arguments
from bot.sandbox.slack.workspace import BOT_ID
from bot.slack.web_api.scopes import NEEDED
from bot.store import Store, open_store
from bot.store.people.installations import Installation, Tokens
from tests.faults.deployment import Deployment

POLLS_A_SECOND = 15
"""Of all accounts together: the processes share two cores with everything that they are tried with."""


@asynccontextmanager
async def deployments(url: str, *, workspaces: int, seed: int = 1, **more: str) -> AsyncIterator[list[Deployment]]:
    """Install bots on the migrated database `url` into so many workspaces, each with a channel. `more` settings win."""
    async with AsyncExitStack() as stack:
        grid = await stack.enter_async_context(SandboxGrid(seed=seed))
        key = Fernet.generate_key().decode()
        store = open_store(url, posts_per_minute=6000, secret_keys=[key])
        stack.push_async_callback(store.database.close)
        settings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "SLACK_CLIENT_ID": grid.client_id,
            "SLACK_CLIENT_SECRET": grid.client_secret,
            "SLACK_SIGNING_SECRET": grid.signing_secret,
            "SLACK_API_URL": grid.api_url,
            "SECRET_KEY": key,
            "PUBLIC_URL": "https://bot.example",
            "DATABASE_URL": url,
            "POLL_INTERVAL": str(workspaces / POLLS_A_SECOND),
            "METRICS_PORT": "0",
            "LEASE": "3",
            "UNCLEAR_WAIT": "0.2",
            "POLL_LIMIT": "1000",
            "SLACK_POSTS_PER_MINUTE": "6000",
            "COMMANDS_PER_MINUTE": "1000000",
            **more,
        }
        places = []
        for number in range(workspaces):
            slack = await grid.add(f"T{number:05}", f"Office {number}")
            account = SandboxClust(clock=lambda: datetime.now(UTC), seed=seed + number)
            account.add()
            clust_url = await stack.enter_async_context(serve_clust(account))
            await _installed(grid, slack, store)
            slack.state.rate_limits.posts_a_minute = 12_000
            team, mei = slack.state.team.id, slack.workspace.member.id
            connection = await store.connections.connect(
                team, "default", clust_url, account.token, mei, datetime.now(UTC)
            )
            channels = [slack.workspace.add_channel("c0", members={slack.workspace.bot.id})]
            chance = Random(seed + number)
            place = Deployment(slack, account, store, connection, settings, channels, chance)
            slack.on_change.append(place.count)
            await place.subscribe()
            places.append(place)
        yield places


async def _installed(grid: SandboxGrid, slack: SandboxSlack, store: Store) -> None:
    """Install the app, as after Slack's consent page."""
    team, owner = slack.state.team, slack.workspace.owner.id
    query = {"client_id": grid.client_id, "scope": ",".join(sorted(NEEDED))}
    code = grid.oauth.allow(query, team, owner, is_org_wide=False)
    grid.oauth.access(Arguments({"code": code}), (grid.client_id, grid.client_secret))
    installation = Installation(
        id=team.id,
        is_org=False,
        enterprise_id=None,
        name=team.name,
        url=f"https://{team.id.lower()}.slack.com/",
        bot_user_id=slack.workspace.bot.id,
        bot_id=BOT_ID,
        scopes=query["scope"],
        installed_by=owner,
        tokens=Tokens(slack.bot_token),
    )
    await store.installations.save(installation, datetime.now(UTC))
