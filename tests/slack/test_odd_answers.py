"""Whatever Slack answers to a call of a listener, the person gets a sentence and nothing unforeseen happens (C12)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.sandbox.slack_pace import Pace
from tests.slack.conftest import World

ODD: dict[str, Callable[[Any], Any]] = {
    "no object": lambda _: [1],
    "null": lambda _: None,
    "nothing in it": lambda _: {"ok": True},
    "lists": lambda answer: {key: [value] if key != "ok" else value for key, value in answer.items()},
    "texts": lambda answer: {key: "None" if key != "ok" else value for key, value in answer.items()},
}

SELDOM = {"null", "lists", "texts"}
"""Tried by `make faults` alone."""

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


async def ask(world: World, words: str) -> None:
    """Type a command, and wait for its answer or its window."""
    opened = len(world.slack.called("views.open"))
    exchange = await world.ask(words, user="olivia")
    await world.slack.wait_for(lambda: exchange.answers or len(world.slack.called("views.open")) > opened)


@pytest.mark.parametrize(
    "odd", [pytest.param(name, marks=[pytest.mark.long] if name in SELDOM else []) for name in ODD]
)
async def test_odd_answers_to_listeners(calm: World, odd: str) -> None:
    """C12, D5: no listener stumbles over an answer of Slack's, on any way in: the person reads a sentence."""
    with capture_logs() as logs:
        for method in METHODS:
            # Each begins with an unhurried Slack: this is not about how fast it lets itself be asked.
            calm.slack.world.pace = Pace(time.time)
            calm.slack.world.pace.between_messages = 0
            calm.slack.alter_next(method, ODD[odd], times=1000)
            for words in COMMANDS:
                await ask(calm, words)
            await calm.slack.open_home(user="olivia")
            calm.slack.world.alterations.clear()
    assert [line for line in logs if line["log_level"] in {"error", "critical"}] == []
