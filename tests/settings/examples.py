"""Settings that are set, and how others are refused."""

from __future__ import annotations

import pytest

from bot.core.errors import UsageError
from bot.settings import Settings

RIGHT = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "CLUST_API_TOKEN": "clust-secret",
}
"""The fewest that will do, for HTTP."""


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Set the fewest settings, and these. An empty one counts as not set."""
    for name, value in {**RIGHT, **values}.items():
        monkeypatch.setenv(name, value)


def refused(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[str]:
    """Return the sentences with which these settings are refused."""
    given(monkeypatch, **values)
    with pytest.raises(UsageError) as error:
        Settings.read()
    return str(error.value).splitlines()
