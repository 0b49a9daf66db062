"""Whatever Slack responds to a listener's call, the person gets a sentence and nothing unforeseen happens (C12)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.sandbox.slack.rate_limits import SlackRateLimits
from bot.sandbox.slack.stand_in import SandboxSlack
from tests.slack.conftest import RunningBot, Start

ODD: dict[str, Callable[[Any], Any]] = {
    "no object": lambda _: [1],
    "null": lambda _: None,
    "nothing in it": lambda _: {"ok": True},
    "lists": lambda answer: {key: [value] if key != "ok" else value for key, value in answer.items()},
    "texts": lambda answer: {key: "None" if key != "ok" else value for key, value in answer.items()},
}

SELDOM = {"no object", "null", "lists", "texts"}
"""Only run by `make faults`."""

COMMANDS = (
    *("help", "show 1", "subscribe late", "subscribe", "subscriptions all"),
    *(
        "roles",
        "roles set @mei viewer",
        "audit",
        "api",
        "api GET /dossiers",
        "create",
        "update 1",
        "delete 1",
        "connect",
    ),
)


METHODS = (
    # Who is asking is remembered for a minute, so this one is asked first.
    *("users.info", "conversations.info", "conversations.join", "conversations.members", "conversations.open"),
    *("users.conversations", "usergroups.users.list", "views.open", "views.update", "views.publish"),
)


async def ask(bot: RunningBot, words: str) -> None:
    """Type a command, and wait for its answer or its window."""
    opened = len(bot.slack.called("views.open"))
    exchange = await bot.ask(words, user="olivia")
    await bot.slack.wait_for(lambda: exchange.answers or len(bot.slack.called("views.open")) > opened)


@pytest.mark.parametrize(
    "odd", [pytest.param(name, marks=[pytest.mark.long] if name in SELDOM else []) for name in ODD]
)
async def test_malformed_responses_of_slack_break_no_listener(idle_bot: RunningBot, odd: str) -> None:
    """C12, D5: no malformed response of Slack breaks a listener: the person reads a sentence."""
    with capture_logs() as logs:
        for method in METHODS:
            # Each begins with an unhurried Slack: this is not about how fast it lets itself be asked.
            idle_bot.slack.state.rate_limits = SlackRateLimits(time.time)
            idle_bot.slack.state.rate_limits.between_messages = 0
            idle_bot.slack.alter_next(method, ODD[odd], times=1000)
            for words in COMMANDS:
                await ask(idle_bot, words)
            await idle_bot.slack.open_home(user="olivia")
            idle_bot.slack.state.alterations.clear()
    assert [line for line in logs if line["log_level"] in {"error", "critical"}] == []


@pytest.mark.parametrize("sparse", [0.5, 1.0])
async def test_answers_with_few_keys(start: Start, slack: SandboxSlack, sparse: float) -> None:
    """B5, C12: whatever optional key Slack leaves out, everything works."""
    slack.faults.sparse = sparse
    bot = await start()
    await bot.baseline()
    for channel in ("onboarding", "general"):
        assert "This channel is now subscribed to" in (await bot.say("subscribe all", channel=channel)).text
    assert "/invite @Clust" in (await bot.say("subscribe late", channel="compliance", user="adrien")).text
    assert "shared with another" in (await bot.say("subscribe late", channel="with-partner", user="bruno")).text
    assert "*2 subscriptions in all channels*" in (await bot.say("subscriptions all", user="bruno")).text
    assert "now a viewer" in (await bot.say(f"roles set @{slack.workspace.member.id} viewer", user="olivia")).text
    for name in ("gustav", "xavier", "dora"):
        assert "Sorry" in (await bot.say("list", user=name)).text
    bot.account.make_late(1)
    for channel in ("onboarding", "general"):
        await bot.posted(channel, "Late")
    await bot.press((await bot.say("list")), "Details", user="bruno")
    await bot.window("bruno", "Acme")
