"""The secret in the address of the bot's own webhook is masked, however the address is written."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from bot.core.applications.webhook_urls import is_own_webhook, masked, webhook_url

URL = webhook_url("https://bot.example", "s3cret-_X")


@pytest.mark.parametrize(
    "written", [URL, json.dumps({"url": URL}), json.dumps(URL).replace("/", "\\/"), f"u={quote(URL, safe='')}&v=1"]
)
def test_the_secret_is_masked(written: str) -> None:
    """In plain text, in JSON with and without escaped slashes (as PHP writes them), and in a form."""
    assert "s3cret" in written
    assert "s3cret" not in masked(written)
    assert "•••" in masked(written)


def test_other_addresses_stay() -> None:
    """Only the bot's own path holds a secret."""
    assert masked("https://example.com/hooks/s3cret") == "https://example.com/hooks/s3cret"


@pytest.mark.parametrize(("url", "is_own"), [(URL, True), ("https://example.com/x", False), (None, False), (7, False)])
def test_the_own_address_is_recognized(url: object, *, is_own: bool) -> None:
    """By its path, so that the update form doesn't show it."""
    assert is_own_webhook(url) is is_own
