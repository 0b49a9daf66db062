"""The table of the Web API's methods: an unknown one, which token each wants, and the small ones."""

from __future__ import annotations

from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.web_api import methods
from tests.sandbox.slack.conftest import call, post


def test_links_bots_and_members(state: SlackState) -> None:
    """The small methods answer too."""
    ts, channel = post(state)["ts"], state.workspace.onboarding
    link = call(state, "chat.getPermalink", channel=channel.id, message_ts=ts)["permalink"]
    assert link == f"https://sandbox.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    assert call(state, "chat.getPermalink", channel=channel.id, message_ts="1.0")["error"] == "message_not_found"
    assert call(state, "bots.info", bot="B404")["error"] == "bot_not_found"
    assert set(call(state, "conversations.members", channel=channel.id)["members"]) == channel.members
    assert call(state, "auth.test")["user_id"] == call(state, "bots.info")["bot"]["user_id"]
    assert call(state, "chat.postTelegram")["error"] == "unknown_method"


def test_tokens(state: SlackState) -> None:
    """A connection for Socket Mode takes the app's token, everything else the bot's."""
    state.base_url = "http://127.0.0.1:1/"
    assert call(state, "apps.connections.open")["url"].startswith("ws://127.0.0.1:1/socket?ticket=")
    assert methods.answer(state, "apps.connections.open", "xoxb", {})["error"] == "not_allowed_token_type"
