"""The real app in this process, between the sandbox's Slack and the sandbox's Clust, both on loopback."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.core.notifications.slack_error_codes import CODES, About
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust, StandInAnswer
from bot.sandbox.slack.block_kit.elements import elements, label, with_ids
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.user_actions import Where, Who
from bot.sandbox.slack.views import View
from bot.settings import Settings
from bot.slack.views.building import ids
from bot.store import open_store
from bot.wiring.composition import run
from tests.patience import GAP_SECONDS, brisk

STOPS_WITHIN = 60.0
"""Seconds that a process has to end."""


class Account(SandboxClust):
    """A Clust account on the real clock, with an event for each request."""

    def __init__(self) -> None:
        super().__init__(token=f"clust-{secrets.token_hex(8)}", clock=lambda: datetime.now(UTC))
        self.list_stands_still = False
        """The list goes on showing what it showed: single reads know more than a poll sees."""
        self._last_list: StandInAnswer | None = None
        self.lists_read = 0
        """How often the list was asked for."""
        self._list_read = asyncio.Event()

    def respond(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> StandInAnswer:
        """Answer as the sandbox does, and tell of it."""
        answer = super().respond(method, path, query, headers, body)
        if path == "/dossiers" and query.get("page", "1") == "1":
            if self.list_stands_still:
                answer = self._last_list or answer
            self._last_list = answer
            self.lists_read += 1
        self._list_read.set()
        self._list_read = asyncio.Event()
        return answer

    async def read(self, times: int = 2) -> None:
        """Wait until the list was asked for so often, from now on: by the second time the first poll is kept."""
        enough = self.lists_read + times
        async with asyncio.timeout(60):
            while self.lists_read < enough:
                await self._list_read.wait()

    async def asked_for(self, path: str, times: int = 1) -> None:
        """Wait until a path was asked for so often, from the beginning on."""
        async with asyncio.timeout(60):
            while sum(request.path == path for request in self.requests) < times:
                await self._list_read.wait()


@dataclass
class RunningBot:
    """A running bot, the workspace and the account it works for, and what people did."""

    slack: SandboxSlack
    account: Account
    settings: Settings
    stop: asyncio.Event
    exchanges: list[Interaction] = field(default_factory=list)

    async def ask(
        self, text: str, *, user: Who | None = None, channel: Where | None = None, command: str = "/clust"
    ) -> Interaction:
        """Type a command. It must be acknowledged without a message."""
        exchange = await self.slack.command(command, text, user=user, channel=channel)
        self.exchanges.append(exchange)
        assert (exchange.status, exchange.body) == (200, None)
        return exchange

    async def say(self, text: str, *, user: Who | None = None, channel: Where | None = None) -> PostedMessage:
        """Type `/clust …` and return its answer, which the person alone sees."""
        answer = await (await self.ask(text, user=user, channel=channel)).answer()
        assert answer.is_ephemeral
        return answer

    async def press(self, place: PostedMessage | View, words: str, *, user: Who | None = None) -> Interaction:
        """Click a button. The click must be acknowledged without a message."""
        exchange = await self.slack.click(place, words, user=user)
        self.exchanges.append(exchange)
        assert (exchange.status, exchange.body) == (200, None)
        return exchange

    async def click(self, place: PostedMessage | View, words: str, *, user: Who | None = None) -> PostedMessage:
        """Click a button and return what is said to it."""
        return await (await self.press(place, words, user=user)).answer()

    async def choose(self, message: PostedMessage, words: str, *, user: Who | None = None) -> PostedMessage:
        """Choose from the menu of a message and return what is said to it."""
        value = next(one["value"] for one in menu(message) if one["text"]["text"] == words)
        exchange = await self.slack.click(message, ids.MORE, value=value, user=user)
        self.exchanges.append(exchange)
        return await exchange.answer()

    async def shows(self, message: PostedMessage, *words: str) -> PostedMessage:
        """Wait until a message shows all of `words`, on buttons too."""

        def there() -> PostedMessage | None:
            now = self.slack.state.messages.get(message.channel, message.ts)
            content = json.dumps(now.blocks, ensure_ascii=False) if now else ""
            return now if all(word in content for word in words) else None

        return await self.slack.wait_for(there) or message

    async def window(self, user: str, *words: str) -> str:
        """Wait until the window that someone sees holds all of `words`, and return it as JSON."""
        who = self._id(user)

        def there() -> str | None:
            view = self.slack.views.of(who)
            content = json.dumps(view.sent, ensure_ascii=False) if view else ""
            return content if view and all(word in content for word in words) else None

        return await self.slack.wait_for(there) or ""

    def put(
        self, *blocks: Mapping[str, Any], channel: Where | None = None, visible_to: Who | None = None
    ) -> PostedMessage:
        """Put a message of the bot's into a channel, as if it had been posted before."""
        where = self.slack.workspace.channel(channel or self.slack.workspace.onboarding)
        seen_by = self.slack.workspace.user(visible_to).id if visible_to else None
        return self.slack.state.messages.post(where.id, text="before", blocks=with_ids(blocks), visible_to=seen_by)

    async def status(self, *words: str) -> str:
        """Ask for the status until it says all of `words`."""
        return await self.until("status", *words)

    async def until(self, command: str, *words: str) -> str:
        """Type the same command again until its answer says all of `words`, and return that answer."""
        async with asyncio.timeout(60):
            while True:
                text = (await self.say(command, channel="general")).text
                if all(word in text for word in words):
                    return text

    async def baseline(self) -> None:
        """Wait until the bot has kept what it read of Clust first. On SQLite, to ask it would cost as much again."""
        if not self.settings.database_url.startswith("sqlite"):
            await self.status("Updated ")
            return
        if not self.account.lists_read:
            await self.account.read(1)
        kept = "SELECT 1 FROM connections WHERE baseline_at IS NOT NULL"
        async with asyncio.timeout(60):
            with closing(sqlite3.connect(self.settings.database_url.partition("///")[2])) as database:
                while not database.execute(kept).fetchone():  # noqa: ASYNC110  nothing tells when a transaction ends
                    await asyncio.sleep(0.002)

    async def poll_once(self) -> None:
        """Let an idle bot read its account now."""
        store = open_store(self.settings.database_url, posts_per_minute=300)
        for connection in await store.connections.all():
            await store.connections.note(connection.id, poll_at=None)
        await store.database.close()

    async def posted(self, channel: Where, *words: str) -> list[PostedMessage]:
        """Wait until what stands in a channel is as many messages, each with its words, in order.

        A card may be behind for a moment: an update of its facts can end after the one by which its event was posted.
        """

        def there() -> list[PostedMessage] | None:
            current = self.slack.messages(channel)
            are_there = len(current) >= len(words) and all(
                word in message.text for message, word in zip(current, words, strict=False)
            )
            return current if are_there else None

        with suppress(TimeoutError):
            await self.slack.wait_for(there)
        current = self.slack.messages(channel)
        for message, word in zip(current, words, strict=True):
            assert word in message.text
        return current

    async def direct_messages(self, user: str, *words: str) -> list[PostedMessage]:
        """Wait until someone's direct messages from the bot have these words, one message each."""
        return await self.posted(self.slack.workspace.direct(self.slack.workspace.bot.id, self._id(user)), *words)

    async def rows(self, statement: sa.Select[Any]) -> list[sa.RowMapping]:
        """Return what the bot's database holds."""
        store = open_store(self.settings.database_url, posts_per_minute=300)
        async with store.database.read() as tx:
            current = list((await tx.execute(statement)).mappings())
        await store.database.close()
        return current

    def faults(self) -> list[tuple[str, Any]]:
        """Return the calls and answers of the bot that Slack refused for what stood in them.

        The port can have been another test's Clust before, whose bot still asks there with its own account's token.
        """
        messages = {code for code, row in CODES.items() if row.about is About.MESSAGE}
        codes = messages | {"unknown_method", "invalid_auth", "missing_charset", "not_authed"}
        calls = [
            (call.method, call.answer)
            for call in self.slack.calls
            if ("." in call.method or call.token == self.account.token) and call.answer.get("error") in codes
        ]
        return calls + [("response_url", exchange.refused) for exchange in self.exchanges if exchange.refused]

    def _id(self, user: str) -> str:
        return self.slack.workspace.user(user).id


Start = Callable[..., Awaitable[RunningBot]]
"""Starts the bot. Keywords are settings that differ from the usual ones."""


async def healthy(port: int, within: float = 60) -> None:
    """Wait until `/healthz` answers."""
    async with asyncio.timeout(within), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
                    assert response.status == 200
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.01)  # nothing tells when someone begins to listen


@asynccontextmanager
async def running(slack: SandboxSlack, account: Account, settings: Settings) -> AsyncIterator[RunningBot]:
    """Run the bot in this process. At the end it must stop by itself, having sent nothing that Slack refused."""
    slack.state.rate_limits.between_messages = GAP_SECONDS
    with brisk():
        stop = asyncio.Event()
        listening = socket.create_server(("127.0.0.1", 0))  # closed with the bot's server
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
        bot = RunningBot(slack, account, settings, stop)
        slack.events_url = f"http://127.0.0.1:{settings.port}/slack/events"
        process = asyncio.create_task(run(settings, stop, web=True, worker=True, listening=listening))
        answering = asyncio.create_task(healthy(settings.port))
        try:
            await asyncio.wait({process, answering}, return_when=asyncio.FIRST_COMPLETED)
            yield bot
        finally:
            answering.cancel()
            stop.set()
            async with asyncio.timeout(STOPS_WITHIN):
                await asyncio.gather(process, answering, return_exceptions=True)
        await process
        assert bot.faults() == []


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
def account() -> Account:
    """An account with three applications."""
    account = Account()
    for title in ("Acme", "Birch", "Cedar"):
        account.add(title=title)
    return account


def usual_settings(slack: SandboxSlack, account: Account, clust_url: str, database_url: str) -> dict[str, Any]:
    """Return the settings of a bot between the stand-ins that polls ten times a second and is on loopback alone."""
    return {
        "slack_bot_token": slack.bot_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "clust_api_token": account.token,
        "clust_api_url": clust_url,
        "database_url": database_url,
        "listen_host": "127.0.0.1",
        "metrics_port": 0,
        "poll_interval": 0.1,
        "commands_per_minute": 1_000_000,
    }


@pytest.fixture
async def start(slack: SandboxSlack, account: Account, sqlite_url: str) -> AsyncIterator[Start]:
    """Start a bot that polls ten times a second."""
    async with AsyncExitStack() as stack:
        clust_url = await stack.enter_async_context(serve_clust(account))

        async def started(**different: Any) -> RunningBot:
            # First contacts have tests of their own, which turn them on.
            usual = usual_settings(slack, account, clust_url, sqlite_url) | {"clust_first_contact": "off"}
            settings = Settings(_env_file=None, **{**usual, **different})
            return await stack.enter_async_context(running(slack, account, settings))

        yield started


@pytest.fixture
async def bot(start: Start) -> RunningBot:
    """A bot that has read its baseline and goes on polling."""
    bot = await start()
    await bot.baseline()
    return bot


@pytest.fixture
async def idle_bot(start: Start) -> RunningBot:
    """A bot that has read its baseline and polls no more: what Clust says from now on is said to people alone."""
    bot = await start(poll_interval=3600)
    await bot.baseline()
    return bot


def menu(message: PostedMessage) -> list[Any]:
    """Return the options in the menu of a message."""
    return [option for _, one in elements(message.blocks) if one["type"] == "overflow" for option in one["options"]]


def buttons(message: PostedMessage) -> list[str]:
    """Return the words on the buttons of a message. Menus have none."""
    return [label(element) for _, element in elements(message.blocks) if element["type"] != "overflow"]
