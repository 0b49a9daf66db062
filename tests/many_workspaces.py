"""A bot that serves many workspaces by OAuth, with its workspaces and accounts, for tests of any room."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.enterprise_grid import SandboxGrid
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.views import View
from bot.settings import Settings
from bot.store import Store, open_store
from bot.wiring.composition import run, utc_now
from tests.patience import GAP_SECONDS, LONG, brisk
from tests.slack.conftest import healthy
from tests.slack.listeners.admin.test_accounts import Several

ADMIN = "adrien"


@dataclass
class Tenant:
    """A workspace, and the Clust accounts that it connects, by name."""

    slack: SandboxSlack
    accounts: Mapping[str, SandboxClust]

    async def say(self, text: str, *, user: str | None = None, channel: str | None = None) -> PostedMessage:
        """Type `/clust …` and return its answer."""
        return await (await self.slack.command("/clust", text, user=user, channel=channel)).answer()

    async def window(self, *words: str, user: str | None = None) -> View:
        """Wait until the modal that someone sees contains all of `words`."""
        who = self.slack.workspace.user(user).id if user else self.slack.workspace.member.id

        def opened_view() -> View | None:
            view = self.slack.views.of(who)
            return view if view and all(word in json.dumps(view.sent) for word in words) else None

        view = await self.slack.wait_for(opened_view)
        assert view
        return view

    async def until(self, command: str, *words: str) -> str:
        """Repeat a command until its answer contains all of `words`."""
        async with asyncio.timeout(60):
            while True:
                text = (await self.say(command)).text
                if all(word in text for word in words):
                    return text

    async def connect(self) -> None:
        """Connect every account, as an admin does."""
        for name, account in self.accounts.items():
            await self.slack.command("/clust", "connect", user=ADMIN)
            view = await self.window("api_key", user=ADMIN)
            await self.slack.submit(view, {"name": name, "api_key": account.token})
            await self.until(f"list connection:{name}", f"{name} of")
            await self.slack.close_view(view, everything=True)

    async def posted(self, channel: str, *words: str) -> list[PostedMessage]:
        """Wait until a channel has as many messages as `words`, each containing its words."""
        messages = await self.slack.wait_for(
            lambda: [one for one in [self.slack.messages(channel)] if len(one) >= len(words)]
        )
        for message, word in zip(messages[0], words, strict=True):
            assert word in message.text
        return messages[0]


@dataclass
class SharedBot:
    """A bot that serves many workspaces."""

    grid: SandboxGrid
    settings: Settings
    stop: asyncio.Event
    clust: Several
    count: int = 0

    @property
    def base(self) -> str:
        """The bot's own URL."""
        return f"http://127.0.0.1:{self.settings.port}"

    async def tenant(self, team_id: str, *, org: str | None = None, is_in: bool = True, accounts: int = 2) -> Tenant:
        """Add a workspace. With `is_in` it installs the app and connects its accounts."""
        slack = await self.grid.add(team_id, team_id.lower(), enterprise_id=org)
        slack.faults.acknowledge_seconds, slack.state.rate_limits.between_messages = LONG, GAP_SECONDS
        made: dict[str, SandboxClust] = {}
        for name in ("emea", "apac")[:accounts]:
            self.count += 1
            token = f"key-{team_id}-{name}"
            made[name] = SandboxClust(token=token, seed=self.count, clock=lambda: datetime.now(UTC))
            made[name].add(title=f"{name} of {team_id}")
            self.clust.others[token] = made[name]
        tenant = Tenant(slack, made)
        if is_in:
            visit = await self.grid.install(slack, f"{self.base}/slack/install")
            assert visit.status == 200, visit.text
            await tenant.connect()
        return tenant

    async def rows(self, statement: sa.Select[Any]) -> list[sa.RowMapping]:
        """Return rows of the bot's database."""
        async with self.store() as store, store.database.read() as tx:
            return list((await tx.execute(statement)).mappings())

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Open the bot's database beside it."""
        keys = [key.get_secret_value() for key in self.settings.secret_key]
        store = open_store(self.settings.database_url, posts_per_minute=300, secret_keys=keys)
        try:
            yield store
        finally:
            await store.database.close()


StartSharedBot = Callable[..., Any]


@pytest.fixture
async def start_shared_bot(sqlite_url: str) -> AsyncIterator[StartSharedBot]:
    """Start a bot for many workspaces. `clock` replaces its clock."""
    async with AsyncExitStack() as stack:
        stack.enter_context(brisk())
        grid = await stack.enter_async_context(SandboxGrid())
        clust = Several()
        clust_url = await stack.enter_async_context(serve_clust(clust))

        async def started(*, clock: Callable[[], datetime] = utc_now, **different: Any) -> SharedBot:
            listening = socket.create_server(("127.0.0.1", 0))  # closed with the bot's server
            port = listening.getsockname()[1]
            usual: dict[str, Any] = {
                "slack_client_id": grid.client_id,
                "slack_client_secret": grid.client_secret,
                "slack_signing_secret": grid.signing_secret,
                "slack_api_url": grid.api_url,
                "secret_key": Fernet.generate_key().decode(),
                "clust_api_url": clust_url,
                "database_url": sqlite_url,
                "listen_host": "127.0.0.1",
                "port": port,
                "metrics_port": 0,
                "public_url": f"http://127.0.0.1:{port}",
                "poll_interval": 0.1,
                "commands_per_minute": 1_000_000,
            }
            settings = Settings(_env_file=None, **{**usual, **different})
            stop = asyncio.Event()
            grid.events_url = f"http://127.0.0.1:{port}/slack/events"
            bot = asyncio.create_task(run(settings, stop, web=True, worker=True, clock=clock, listening=listening))

            async def end() -> None:
                stop.set()
                await bot

            stack.push_async_callback(end)
            await healthy(port)
            return SharedBot(grid, settings, stop, clust)

        yield started


@pytest.fixture
async def shared_bot(start_shared_bot: StartSharedBot) -> SharedBot:
    """A bot that no workspace has installed yet."""
    shared_bot: SharedBot = await start_shared_bot()
    return shared_bot
