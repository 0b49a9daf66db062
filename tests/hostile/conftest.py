"""Sending the running bot what no one should, and seeing that it takes it calmly."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import aiohttp
import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from structlog.testing import capture_logs

from tests.slack.conftest import RunningBot, Start, account, slack, start

__all__ = ["account", "slack", "start"]

Example = TypeVar("Example")
Result = TypeVar("Result")

TRIED: dict[str, int] = {}
"""How many examples each test has tried: a figure of `make fuzz`."""

HANG = 60.0
"""Seconds after which a request counts as hung: no measure of speed, since machines are busy."""


async def for_all(
    examples: SearchStrategy[Example], check: Callable[[Example], Coroutine[Any, Any, None]], share: float = 1.0
) -> None:
    """Run an asynchronous check on many examples against what runs in this loop. Hypothesis shrinks what fails.

    `share` of the usual number of examples is tried: they cost more than others.
    """
    loop = asyncio.get_running_loop()
    name = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].rpartition("::")[2]
    usual = settings.default.max_examples if settings.default else 100

    @settings(
        max_examples=max(1, int(usual * share)),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(examples)
    def check_all(example: Example) -> None:
        TRIED[name] = TRIED.get(name, 0) + 1
        asyncio.run_coroutine_threadsafe(check(example), loop).result(60)

    await asyncio.to_thread(check_all)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many examples were tried, where that was asked for."""
    if os.environ.get("FUZZ"):
        for name, count in TRIED.items():
            terminalreporter.write_line(f"{name:70} {count:>8,} examples")


class Attacker:
    """A person who can sign a request and fill it with anything."""

    def __init__(self, bot: RunningBot, session: aiohttp.ClientSession, logs: list[Any]) -> None:
        self.bot, self.logs, self._session = bot, logs, session
        self._moments = itertools.cycle(range(int(time.time()) - 200, int(time.time()) + 200))
        self._url = f"http://127.0.0.1:{bot.settings.port}/slack/events"

    async def send(self, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> int:
        """Send a signed body, wait for what it begins, and return the status of the answer."""

        async def sent() -> int:
            headers = {"Content-Type": content_type, **self._signed(body)}
            async with self._session.post(self._url, data=body, headers=headers) as response:
                await response.read()
                return response.status

        return await self.settled(sent())

    async def settled(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something, wait a little for what it begins, and see that nothing unforeseen came of it."""
        before = asyncio.all_tasks()
        async with asyncio.timeout(HANG):
            result = await work
        if begun := asyncio.all_tasks() - before:
            await asyncio.wait(begun, timeout=0.3)
        self.calm()
        return result

    def _signed(self, body: bytes) -> dict[str, str]:
        """Return Slack's proof of a body, or two for one sent twice, since the same request again is refused."""
        timestamp = str(next(self._moments))
        secret = self.bot.slack.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    def calm(self) -> None:
        """Assert that nothing unforeseen has happened since it was asked last."""
        surprises = [line for line in self.logs if line["log_level"] in {"error", "critical"}]
        self.logs.clear()
        assert surprises == []


@pytest.fixture
async def idle_bot(start: Start) -> RunningBot:
    """A bot that keeps secrets, has read its baseline and polls no more."""
    bot = await start(poll_interval=3600, secret_key=Fernet.generate_key().decode())
    await bot.baseline()
    return bot


@pytest.fixture
async def attacker(idle_bot: RunningBot, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Attacker]:
    """Send requests to a bot that has read its baseline. In the end nothing unforeseen may have happened."""
    with caplog.at_level(logging.ERROR), capture_logs() as logs:
        async with aiohttp.ClientSession() as session:
            one = Attacker(idle_bot, session, logs)
            yield one
        assert [record.getMessage() for record in caplog.records] == []
        one.calm()
