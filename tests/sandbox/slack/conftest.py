"""One workspace, and calls of its Web API without a network."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.state import IssuedTokens, SlackState
from bot.sandbox.slack.web_api import methods


class Clock:
    """A clock that moves a second forward each time that someone looks, so that no message comes too fast."""

    now = 1_767_326_125.0

    def __call__(self) -> float:
        """Return the time."""
        self.now += 1
        return self.now


@pytest.fixture
def state() -> SlackState:
    """Make a workspace."""
    return SlackState(clock=Clock(), tokens=IssuedTokens("xoxb", "xapp"), seed=1)


def call(state: SlackState, name: str, **arguments: Any) -> Any:
    """Call a method with the token that it wants."""
    token = "xapp" if name.startswith("apps.") else "xoxb"
    return methods.answer(state, name, token, arguments)


def post(state: SlackState, text: str = "Late", channel: str = "onboarding", **arguments: Any) -> Any:
    """Post a message."""
    return call(state, "chat.postMessage", channel=state.workspace.channel(channel).id, text=text, **arguments)


def listed(state: SlackState, method: str = "conversations.history", **arguments: Any) -> list[str]:
    """Return the texts of #onboarding's history, in order."""
    answer = call(state, method, channel=state.workspace.onboarding.id, **arguments)
    return [message["text"] for message in answer["messages"]]
