"""What is seen of a running bot from outside: `/metrics` and `/readyz` on METRICS_PORT, and what they never tell."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from bot.core.readiness import Check
from bot.observability.measuring import Instruments, Observer
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from bot.store import Store
from tests.conftest import Clock
from tests.slack.conftest import Account, RunningBot, Start, running, usual_settings

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
def account() -> Account:
    """An account with two applications."""
    account = Account()
    for title in ("Acme", "Birch"):
        account.add(title=title)
    return account


@pytest.fixture
async def start(slack: SandboxSlack, account: Account, url: str) -> AsyncIterator[Start]:
    """Start a bot that polls ten times a second, on either database."""
    async with AsyncExitStack() as stack:
        clust_url = await stack.enter_async_context(serve_clust(account))

        async def started(**different: Any) -> RunningBot:
            usual = usual_settings(slack, account, clust_url, url)
            settings = Settings(_env_file=None, **{**usual, **different})
            if settings.metrics_port:
                return await stack.enter_async_context(running(slack, account, settings))
            with capture_logs() as logs:
                bot = await stack.enter_async_context(running(slack, account, settings))
            port = next(line["port"] for line in logs if line["event"] == "metrics")
            bot.settings = bot.settings.model_copy(update={"metrics_port": port})
            return bot

        yield started


async def ask(bot: RunningBot, path: str) -> tuple[int, str]:
    """Return the status and the text that a probe is answered with."""
    address = f"http://127.0.0.1:{bot.settings.metrics_port}{path}"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, await response.text()


async def metrics(bot: RunningBot) -> Samples:
    """Return every sample by its name and labels."""
    status, text = await ask(bot, "/metrics")
    assert status == 200
    return parsed(text)


def parsed(text: str) -> Samples:
    """Return every sample of an answer by its name and labels."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def named(exposed: Samples, name: str, **labels: str) -> float:
    """Return the sum of the samples of a name that have these labels."""
    return sum(
        value for (metric, has), value in exposed.items() if metric == name and labels.items() <= dict(has).items()
    )


async def test_a_day_at_work_is_counted(start: Start, account: Account, slack: SandboxSlack) -> None:
    """Polls, deliveries, calls and commands are labeled by the tables' words. Nothing that people typed is a label."""
    bot = await start(clust_first_contact="off")  # else an admin is sent what the bot understood, at any moment
    await bot.baseline()
    await bot.say("subscribe all")
    account.make_late(1)
    await bot.posted("onboarding", "Acme")
    await bot.say("lsit very-private-words")
    await bot.say("api GET /very-private-words/77")
    await bot.say("show 1")
    await account.read(2)
    status, text = await ask(bot, "/metrics")
    exposed = await metrics(bot)
    where = {"workspace": slack.workspace.bot.team_id, "connection": "default"}
    assert 0 <= named(exposed, "clustbot_poll_age_seconds", **where) < 60
    assert named(exposed, "clustbot_poll_duration_seconds_count", **where, result="ok") >= 2
    assert named(exposed, "clustbot_poll_pages_total", **where) >= 2
    assert named(exposed, "clustbot_poll_changes_total", **where) == 3
    assert named(exposed, "clustbot_deliveries_total", result="sent") == 1
    assert named(exposed, "clustbot_outbox_deliveries") == 0
    assert named(exposed, "clustbot_slack_request_seconds_count", method="chat.postMessage", status="200") == 1
    assert named(exposed, "clustbot_slack_request_seconds_count", method="response_url", status="200") >= 4
    assert named(exposed, "clustbot_slack_request_seconds_count", method="other") == 0
    assert named(exposed, "clustbot_clust_request_seconds_count", endpoint="dossiers", status="200") >= 2
    assert named(exposed, "clustbot_clust_request_seconds_count", endpoint="dossiers/{id}", method="GET") >= 1
    assert named(exposed, "clustbot_clust_request_seconds_count", endpoint="other", status="404") == 1
    assert named(exposed, "clustbot_command_seconds_count", word="subscribe") == 1
    assert named(exposed, "clustbot_command_seconds_count", word="other") == 1
    assert named(exposed, "clustbot_database_up") == 1
    assert named(exposed, "clustbot_build_info") == 1
    assert status == 200
    assert "private" not in text
    assert "Acme" not in text


async def test_a_429_and_a_call_without_an_answer(start: Start, account: Account, slack: SandboxSlack) -> None:
    """Both are labeled by their status. A failed poll counts as one."""
    bot = await start()
    await bot.baseline()
    account.faults.fail_status, account.faults.fail_next = 429, 1
    slack.rate_limit_method("users.info", 0.2)
    await account.read(2)
    account.faults.unreachable = True
    await bot.status("couldn't be reached")
    exposed = await metrics(bot)
    assert named(exposed, "clustbot_throttled_total", service="clust") == 1
    assert named(exposed, "clustbot_clust_request_seconds_count", status="429") == 1
    assert named(exposed, "clustbot_clust_request_seconds_count", status="none") >= 1
    assert named(exposed, "clustbot_poll_duration_seconds_count", result="failed") >= 1


async def test_ready_says_what_is_wrong(start: Start, slack: SandboxSlack) -> None:
    """Ready once Slack knows the token and Clust was read, with a sentence for each check."""
    bot = await start()
    await bot.baseline()
    status, text = await ask(bot, "/readyz")
    assert (status, '"ready":true' in text) == (200, True)
    assert "default: " in text
    assert (await ask(bot, "/healthz")) == (200, "ok")
    assert slack.workspace.bot.team_id in text


async def test_not_ready_while_slack_is_away(start: Start, slack: SandboxSlack) -> None:
    """Slack that does not say who we are is named, with 503. The process lives on."""
    slack.faults.down = True
    bot = await start()
    status, text = await ask(bot, "/readyz")
    assert status == 503
    assert '"slack":{"ok":false' in text
    assert (await ask(bot, "/healthz"))[0] == 200


async def test_a_taken_port_is_one_line_and_no_end(start: Start) -> None:
    """Of several processes on one machine the second goes on without metrics, and says what to choose."""
    with socket.create_server(("127.0.0.1", 0)) as busy_socket, capture_logs() as logs:
        bot = await start(metrics_port=busy_socket.getsockname()[1])
        await bot.baseline()
    lines = [line for line in logs if "METRICS_PORT" in str(line)]
    assert len(lines) == 1
    assert "Choose another" in lines[0]["why"]


def test_nobody_else_can_ask_by_default() -> None:
    """METRICS_HOST is loopback by default."""
    assert Settings.model_fields["metrics_host"].default == "127.0.0.1"


async def test_above_so_many_workspaces_labels_are_other(store: Store, clock: Clock) -> None:
    """Metrics stay small: with more workspaces the largest age stands for all, and how many are overdue is counted."""
    for number in range(3):
        connection = await store.connections.ensure(f"T{number}", "default", "http://clust", "token")
        read_at = clock() - timedelta(seconds=100 * number)
        await store.connections.note(connection.id, read_at=read_at)

    async def slack() -> Check:
        return Check("slack", ok=True, detail="")

    interval = timedelta(seconds=10)
    for most, ages in ((3, {"T0": 0.0, "T1": 100.0, "T2": 200.0}), (2, {"other": 200.0})):
        observer = Observer(Instruments(most), store, slack, interval, clock, polls=True)
        samples = parsed((await observer.exposition()).decode())
        assert samples["clustbot_polls_overdue", frozenset()] == 0
        seen = {dict(labels)["workspace"]: value for (name, labels), value in samples.items() if "poll_age" in name}
        assert seen == ages
    clock.forward(150)
    observer = Observer(Instruments(0), store, slack, interval, clock, polls=True)
    samples = parsed((await observer.exposition()).decode())
    labels = frozenset({("workspace", "other"), ("connection", "other")})
    assert samples["clustbot_poll_age_seconds", labels] == 350
    assert samples["clustbot_polls_overdue", frozenset()] == 1
