"""What a setting must be, and that a wrong value is never repeated."""

from __future__ import annotations

import pytest

from bot.settings import Settings
from tests.settings.examples import given, refused


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_database_urls_of_platforms_are_accepted(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """`postgres://` with `sslmode` is right, and so are its other names."""
    url = f"{scheme}://user:pw@host/name?sslmode=require"
    given(monkeypatch, DATABASE_URL=url)
    assert Settings.read().database_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-hush"),
        ("SLACK_BOT_TOKEN", "xoxb-hush hush"),
        ("SLACK_APP_TOKEN", "xoxb-hush"),
        ("SLACK_SIGNING_SECRET", "hush\nhush"),
        ("CLUST_API_TOKEN", "hüsh-hush"),
        ("CLUST_API_URL", "https://me:hush@api.clustdoc.com/api"),
        ("CLUST_API_URL", "https://api.clustdoc.com/api?api_token=hush"),
        ("CLUST_API_URL", "https://api.clustdoc.com:hush/api"),
        ("CLUST_API_URL", "https://[hush/api"),
        ("CLUST_API_URL", "ftp://hush"),
        ("CLUST_API_URL", "https://hush hush/api"),
        ("SLACK_API_URL", "https:///hush"),
        ("DATABASE_URL", "hush"),
        ("DATABASE_URL", "mysql://me:hush@host/name"),
        ("DATABASE_URL", "postgres://me:hush@host:port/name"),
        ("POLL_INTERVAL", "hush"),
        ("POLL_INTERVAL", "inf"),
        ("POLL_INTERVAL", "nan"),
        ("POLL_INTERVAL", "1e300"),
        ("RETENTION_DAYS", "999999999"),
        ("POLL_LIMIT", "1.5"),
        ("LEASE", "-1"),
        ("PORT", "-1"),
        ("LOG_FORMAT", "hush"),
    ],
)
def test_a_wrong_value_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One sentence names the setting and what it should be, and never the value, which may be a secret."""
    (sentence,) = refused(monkeypatch, **{name: value})
    assert sentence.startswith(f"{name}: ")
    assert "hush" not in sentence


@pytest.mark.parametrize(
    "name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET", "CLUST_API_TOKEN"]
)
@pytest.mark.parametrize("short", ["a", "xoxb-12", "xapp-12", "secret7"])
def test_a_secret_has_eight_characters(monkeypatch: pytest.MonkeyPatch, name: str, short: str) -> None:
    """C11: a shorter one would mask parts of words in the log. The sentence names the setting, not the secret."""
    sentences = refused(monkeypatch, **{name: short})
    assert f"{name}: It must have at least 8 characters. Check that all of it was copied." in sentences
    assert not any(short in sentence.partition(": ")[2].split() for sentence in sentences)
