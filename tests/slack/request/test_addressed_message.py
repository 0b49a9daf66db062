"""Which messages are for the bot, and which command stands in one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.request.addressed_message import AddressedMessage, addressed_message
from bot.slack.request.event_payloads import EventCallback

BOT = "U0BOT"


def _event(**different: Any) -> AddressedMessage | None:
    event = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.5", "text": f"<@{BOT}> late", **different}
    return addressed_message(EventCallback.model_validate({"event": event, "team_id": "T1", "enterprise_id": None}))


def _typed(text: str) -> str:
    received = _event(text=text)
    assert received is not None
    return received.typed(BOT)


def test_a_mention_is_a_message_in_a_channel() -> None:
    """Who wrote it, where, and in which thread."""
    received = _event(thread_ts="1.0")
    assert received is not None
    assert (received.sender.team_id, received.sender.user_id) == ("T1", "U1")
    assert (received.place, received.place_name, received.thread_ts, received.is_direct) == ("C1", "", "1.0", False)


def test_a_direct_message_needs_no_mention() -> None:
    """Its place is called as with commands. A thread's first message is in no thread."""
    received = _event(type="message", channel_type="im", channel="D1", text="late", thread_ts="1.5")
    assert received is not None
    assert (received.place_name, received.thread_ts, received.typed(BOT)) == ("directmessage", None, "late")


@pytest.mark.parametrize(
    "different",
    [
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"edited": {"user": "U1", "ts": "2.0"}},
        {"type": "message", "channel_type": "channel"},
        {"type": "message"},
        {"user": None},
        {"user": "no id"},
        {"channel": None},
        {"channel": "no id"},
        {"ts": None},
    ],
)
def test_what_is_not_answered(different: dict[str, Any]) -> None:
    """Messages of bots, changed messages, messages that don't mention the bot, and what names no one."""
    assert _event(**different) is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (f"<@{BOT}> late", "late"),
        (f"<@{BOT}|clust>: late", "late"),
        (f"hey <@{BOT}>, show 123", "show 123"),
        (f"assign me <@{BOT}>", "assign me"),
        (f"<@{BOT}>\nlist status:open\nthanks!", "list status:open"),
        (f"<@{BOT}> assign 123 <@U2>", "assign 123 @U2"),
        (f"<@{BOT}> list progress:&lt;50", "list progress:<50"),
        (f"<@{BOT}> late <@{BOT}>", "late"),
        (f"<@{BOT}>", ""),
        (f"  <@{BOT}> : \u200b \n ", ""),
        ("", ""),
    ],
)
def test_the_command_is_the_line_behind_the_mention(text: str, command: str) -> None:
    """Otherwise the one before it. People are ids, entities are decoded, and courtesies on other lines are left out."""
    assert _typed(text) == command


@given(st.text())
def test_any_text_gives_one_line_without_the_mention(text: str) -> None:
    """Whatever is written, the command is one line of it."""
    command = _typed(f"<@{BOT}> {text}")
    assert len(command.splitlines()) <= 1
    assert f"<@{BOT}>" not in command
