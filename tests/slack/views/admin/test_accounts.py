"""Clust accounts in words: names are escaped, keys are never shown, and lists are limited."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from bot.slack.views.admin import accounts as views
from bot.slack.views.admin.accounts import MAX_CHANNELS, MAX_LISTED, AccountLine
from tests.slack.views.conftest import Read

URL = "https://clust.example/api"


def test_a_line_says_how_reading_goes(now: datetime) -> None:
    """What is meant stands in bold. What is wrong takes the place of the age, and a name is escaped."""
    accounts = [
        AccountLine(1, "emea", "1234", URL, now - timedelta(minutes=5)),
        AccountLine(2, "<!here>", None, URL),
        AccountLine(3, "apac", "5678", URL, now, "Clust refuses the token."),
    ]
    _, first, second, third = views.account_lines(accounts, "emea", now).splitlines()
    assert first.startswith("🟢 *emea*")
    assert second.startswith("⏳ &lt;!here&gt;")
    assert third == "🔴 apac · Clust refuses the token."


def test_a_long_list_is_counted(now: datetime) -> None:
    """The rest is one line."""
    accounts = [AccountLine(number, f"account-{number}", None, URL) for number in range(MAX_LISTED + 3)]
    lines = views.account_lines(accounts, "", now).splitlines()
    assert len(lines) == MAX_LISTED + 2
    assert "3" in lines[-1]


@pytest.mark.parametrize("meant", ["channel", "workspace", "command"])
@pytest.mark.parametrize("again", [True, False, None])
def test_a_connected_account_is_confirmed_without_its_key(read: Read, meant: str, *, again: bool | None) -> None:
    """Only the last characters, and each way of meaning it has its sentence."""
    text = "\n".join(read(views.connected("emea", "1234", URL, meant, again=again)))
    assert "*emea*" in text
    assert "`1234`" in text
    assert ("connection:emea" in text) is (meant == "command")


def test_a_button_of_an_earlier_version_brings_back_what_was_typed() -> None:
    """C3: all that it holds, and never a key."""
    value = json.dumps({"name": "emea", "url": URL, "api_key": "secret"})
    assert views.typed_values(value) == {"name": "emea", "url": URL}


@pytest.mark.parametrize("value", ["", "no JSON", "[]", '"text"', json.dumps({"name": 7, "token": "secret"})])
def test_a_button_that_says_nothing_begins_an_empty_form(value: str) -> None:
    """Whatever someone sends as a button's value."""
    assert views.typed_values(value) == {}


def test_disconnecting_is_asked_about_with_what_stops(read: Read) -> None:
    """Channels are named, up to a limit, and counted beyond it. Afterwards the result is shown."""
    channels = [f"C{number}" for number in range(MAX_CHANNELS + 2)]
    text = "\n".join(read(views.disconnect_form("emea", "1234", channels)))
    assert text.count("<#C") == MAX_CHANNELS
    assert "2 more" in text
    assert "<#C" not in "\n".join(read(views.disconnect_form("emea", None, [])))
    assert "*emea*" in read(views.disconnected("emea", channels))[0]
    assert str(len(channels)) in read(views.disconnected("emea", channels))[0]
