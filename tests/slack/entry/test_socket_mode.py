"""Socket Mode: everything arrives by one WebSocket, is read as over HTTP, and the connection is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.sandbox.slack.requests_to_bot import RequestKind
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store.engine.tables import subscriptions
from tests.slack.conftest import Start


async def test_requests_arrive_by_socket_mode(start: Start, slack: SandboxSlack) -> None:
    """With an app token, commands, clicks and events come by WebSocket, and notifications go out as ever."""
    bot = await start(slack_app_token=slack.app_token, slack_signing_secret=None)
    await slack.wait_for(lambda: slack.socket.is_connected)
    await bot.baseline()
    listed = await bot.say("list")
    shared = await bot.click(listed, "Share here")
    assert shared.text.startswith("3 applications")
    await bot.say("subscribe late", channel="compliance")
    await slack.invite_bot("compliance")
    await bot.direct_messages("mei", "Thanks for inviting me.")
    bot.account.make_late(1)
    await bot.posted("compliance", "Acme")


async def test_half_a_character_by_socket_mode(start: Start, slack: SandboxSlack) -> None:
    """A lone surrogate is answered, stored and shown as the replacement character."""
    bot = await start(poll_interval=3600, slack_app_token=slack.app_token, slack_signing_secret=None)
    await slack.wait_for(lambda: slack.socket.is_connected)
    await bot.baseline()
    await bot.say("subscribe late title:ac\ud800me")
    (kept,) = await bot.rows(sa.select(subscriptions.c.filter))
    assert kept["filter"] == 'title:"ac\ufffdme"'


MALFORMED: Sequence[tuple[RequestKind, dict[str, Any]]] = (
    ("interactive", {"type": "block_actions", "user": {"id": "private"}, "trigger_id": "1", "actions": []}),
    ("interactive", {"type": "view_submission", "user": {"id": "U1"}, "view": {"id": "private"}}),
    ("events_api", {"type": "event_callback", "event": "private"}),
    ("slash_commands", {"command": "/clust", "text": ["private"]}),
)
"""Requests of which something private can't be read."""


async def test_a_malformed_payload_by_socket_mode(start: Start, slack: SandboxSlack) -> None:
    """A malformed payload is acknowledged, logged once without its content, and nothing is done."""
    bot = await start(poll_interval=3600, slack_app_token=slack.app_token, slack_signing_secret=None)
    await slack.wait_for(lambda: slack.socket.is_connected)
    await bot.baseline()
    for kind, payload in MALFORMED:
        calls = len(slack.calls)
        with capture_logs() as logs:
            acknowledgement = await slack.bot.send(kind, payload, within_seconds=20)
        assert (acknowledgement.status, acknowledgement.body) == (200, None), payload
        (line,) = [entry for entry in logs if entry["log_level"] != "info"]
        assert line["event"] == "request refused"
        assert "private" not in str(logs)
        assert len(slack.calls) == calls, payload
    assert "3 applications" in (await bot.say("list")).text


async def test_a_payload_of_another_kind_by_socket_mode(start: Start, slack: SandboxSlack) -> None:
    """A payload that isn't for this bot is acknowledged, and no more."""
    await start(poll_interval=3600, slack_app_token=slack.app_token, slack_signing_secret=None)
    await slack.wait_for(lambda: slack.socket.is_connected)
    unknown = {"type": "interactive_message", "callback_id": "x", "user": {"id": "U1"}}
    acknowledgement = await slack.bot.send("interactive", unknown, within_seconds=20)
    assert (acknowledgement.status, acknowledgement.body) == (200, None)


async def test_socket_mode_takes_no_requests_by_http(start: Start, slack: SandboxSlack) -> None:
    """In Socket Mode only `/healthz` is served: nothing would verify requests by HTTP."""
    bot = await start(poll_interval=3600, slack_app_token=slack.app_token)
    base = f"http://127.0.0.1:{bot.settings.port}"
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/slack/events", data="x", headers=slack.sign("x")) as response:
            assert response.status == 404
        async with session.get(f"{base}/healthz") as response:
            assert (response.status, await response.text()) == (200, "ok")


async def test_socket_mode_connects_when_slack_comes_back(start: Start, slack: SandboxSlack) -> None:
    """The first connection is retried while Slack is down, and a refreshed one is renewed."""
    slack.faults.down = True
    bot = await start(poll_interval=3600, slack_app_token=slack.app_token)
    slack.faults.down = False
    await slack.wait_for(lambda: slack.socket.is_connected)
    await bot.baseline()
    await slack.socket.refresh()
    await slack.wait_for(lambda: slack.socket.is_connected)
    assert "3 applications" in (await bot.say("list")).text


async def test_messages_and_shortcuts_by_socket_mode(start: Start, slack: SandboxSlack) -> None:
    """A mention in a thread is answered there to the person alone, and a shortcut on a message opens its window."""
    bot = await start(poll_interval=3600, slack_app_token=slack.app_token, slack_signing_secret=None)
    await slack.wait_for(lambda: slack.socket.is_connected)
    message = await slack.say("Please onboard Ana Silva <ana@acme.com>")
    await slack.say("@clust help", thread_ts=message.ts)
    await slack.wait_for(lambda: slack.ephemeral("onboarding"))
    (answer,) = slack.ephemeral("onboarding")
    assert answer.thread_ts == message.ts
    await slack.message_shortcut(message, "shortcut.from_message")
    await bot.window("mei", "ana@acme.com")
