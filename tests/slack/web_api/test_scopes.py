"""The scopes of the bot: each has a use and a reason, and each use its scopes."""

from __future__ import annotations

import pytest

from bot.slack.web_api.scopes import CALLS, EVENTS, NEEDED, RESPONSE_URL, SCOPE_REASONS, SCOPES, uses


def test_each_scope_has_a_reason_and_no_other() -> None:
    """A person who installs the app reads why it asks for each."""
    assert set(SCOPE_REASONS) == NEEDED
    assert all(SCOPE_REASONS.values())


@pytest.mark.parametrize("scope", sorted(NEEDED))
def test_each_scope_is_used(scope: str) -> None:
    """The doctor names what doesn't work without it: calls and events, or the slash commands."""
    names = uses(scope)
    assert names
    assert set(names) <= {*SCOPES, *EVENTS, "slash commands"}


def test_an_unknown_scope_is_of_the_slash_commands_alone() -> None:
    """No call or event needs it."""
    assert uses("commands") == ["slash commands"]
    assert uses("admin") == ["slash commands"]


def test_every_method_is_counted() -> None:
    """Slack's metrics have a label for each, and one for response URLs, whose addresses are secrets."""
    assert set(SCOPES) < CALLS
    assert RESPONSE_URL in CALLS
