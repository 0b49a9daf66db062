"""Processes of the core that die at a chosen step: before a commit, a call of Slack or a request to Clust.

To die after a step is to die before the next one: nothing happens in between. `survived` lets them die at every step
of one story.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import httpx
import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.rate_limits import TooFast
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api import methods
from bot.store import open_store
from tests.conftest import Clock
from tests.databases import memory_folder
from tests.faults.core import Core, core


class Crash(BaseException):
    """The process is dead. No error of the bot's: nothing may handle it."""


class Steps:
    """Counts what a process does. It dies before step number `dies_at`, and does nothing after that."""

    def __init__(self) -> None:
        self.done = 0
        self.dies_at: int | None = None

    def step(self, *_: object) -> None:
        """Count one step, and raise Crash."""
        if self.is_dead:
            raise Crash
        self.done += 1

    @property
    def is_dead(self) -> bool:
        """Whether the process has died."""
        return self.dies_at is not None and self.done >= self.dies_at


class DirectSlack(AsyncWebClient):
    """Slack's client, answered by the sandbox without a network. What happens to the next posts is in `troubles`."""

    def __init__(self, slack: SandboxSlack, steps: Steps, troubles: deque[str]) -> None:
        super().__init__(token=slack.bot_token)
        self._state, self._steps, self._troubles = slack.state, steps, troubles

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Answer one call. Raises what the real client raises."""
        self._steps.step()
        sent = dict(arguments.get("json") or arguments.get("params") or {})
        trouble = self._troubles.popleft() if api_method == "chat.postMessage" and self._troubles else "ok"
        status, headers, answer = 200, {}, {}
        if trouble == "cut before":
            raise aiohttp.ServerDisconnectedError
        if trouble == "429":
            status, headers, answer = 429, {"Retry-After": "20"}, {"ok": False, "error": "ratelimited"}
        elif trouble == "500":
            status, answer = 500, {"ok": False, "error": "internal_error"}
        else:
            try:
                answer = methods.answer(self._state, api_method, self.token or "", sent)
            except TooFast as refusal:
                status, headers = 429, {"Retry-After": str(refusal.retry_after)}
                answer = {"ok": False, "error": "ratelimited"}
        if trouble == "cut after":
            raise aiohttp.ServerDisconnectedError
        response = AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url=api_method,
            req_args={},
            data=dict(answer),
            headers=headers,
            status_code=status,
        )
        response.validate()  # type: ignore[no-untyped-call]
        return response


def _buried(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
    """Report what a loop reports, but for tasks of a process that is dead."""
    if not isinstance(about.get("exception"), Crash):
        loop.default_exception_handler(about)


class CountedClust(SandboxClustTransport):
    """Carries requests to the account, and counts them."""

    def __init__(self, account: SandboxClust, steps: Steps) -> None:
        super().__init__(account)
        self._steps = steps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request of httpx."""
        self._steps.step()
        return await super().handle_async_request(request)


class Mortal:
    """The core as one process after another, over one database, one account and one workspace."""

    def __init__(self, url: str, clock: Clock, account: SandboxClust, slack: SandboxSlack) -> None:
        self._url, self.clock, self.account, self.slack = url, clock, account, slack
        self.troubles: deque[str] = deque()
        self.processes = 0
        self._stack = AsyncExitStack()
        self.core: Core
        self.steps: Steps

    async def begin(self) -> None:
        """Start the next process. The one before it is no more."""
        asyncio.get_running_loop().set_exception_handler(_buried)
        await self._stack.aclose()
        self.processes += 1
        self.steps = steps = Steps()
        store = open_store(self._url, posts_per_minute=300)
        sa.event.listen(store.database.engine.sync_engine, "commit", steps.step)
        self._stack.push_async_callback(store.database.close)
        parts = core(
            store,
            self.clock,
            self.account,
            self.slack,
            transport=CountedClust(self.account, steps),
            client=DirectSlack(self.slack, steps, self.troubles),
            owner=f"process {self.processes}",
        )
        self.core = await self._stack.enter_async_context(parts)
        steps.done = 0

    async def end(self) -> None:
        """Close what is open."""
        await self._stack.aclose()

    async def attempt(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something. Where the process dies of it, start another and return False."""
        with suppress(Crash):
            await work()
        if self.steps.is_dead:
            await self.core.dispatcher.settled()
            await self.begin()
            return False
        return True

    async def live(self, seconds: int, step: int = 15) -> None:
        """Let time pass for whichever process there is."""
        for _ in range(0, seconds, step):
            self.clock.forward(step)
            await self.attempt(self.core.poll)
            await self.attempt(self.core.send)


@asynccontextmanager
async def mortal(url: str) -> AsyncIterator[Mortal]:
    """Open a core that may die, for an account with three applications whose list has all fields."""
    clock = Clock()
    account = SandboxClust(clock=clock)
    account.faults.list_counts = True
    for _ in range(3):
        account.add()
    being = Mortal(url, clock, account, SandboxSlack(clock=lambda: clock().timestamp()))
    await being.begin()
    try:
        yield being
    finally:
        await being.end()


@contextmanager
def memory(template: Path) -> Iterator[str]:
    """Copy a SQLite database to where a thousand commits are not slowed by a disk, and yield its `DATABASE_URL`."""
    with TemporaryDirectory(dir=memory_folder()) as folder:
        shutil.copy(template, folder)
        yield f"sqlite+aiosqlite:///{folder}/{template.name}"


async def survived(template: Path, first: int, every: int) -> AsyncIterator[int]:
    """Live one story with a crash at step `first`, and again at later ones, until none comes. Yields each step.

    An application is created, late and submitted. One post arrives unheard, one is throttled. Raises AssertionError if
    that isn't what was posted in the end.
    """
    for dies_at in count(first, every):
        with memory(template) as url:
            async with mortal(url) as being:
                await being.core.subscribe("a")
                await being.core.subscribe("b", "late")
                await being.core.poll()
                being.troubles.extend(["cut after", "ok", "429"])
                being.steps.done, being.steps.dies_at = 0, dies_at
                key = being.account.add(title="Acme")["id"]
                await being.live(60, step=20)
                being.account.make_late(key)
                await being.live(60, step=20)
                being.account.submit(key)
                await being.live(60, step=20)
                died = being.processes > 1
                being.steps.dies_at = None
                await being.live(180, step=30)
                # The card shows the last event by now. Each later one has its reply.
                posted = being.core.posted_events("a"), being.core.posted_events("b")
                assert posted == (["Submitted Acme", "Late Acme", "Submitted Acme"], ["Late Acme"]), dies_at
        if not died:
            return
        yield dies_at
