"""The address of the bot's own webhook. It holds a secret, which is never shown."""

from __future__ import annotations

import re

WEBHOOK_PATH = "/clust/hook/"
"""Before the secret."""

_SLASH = r"(?:\\?/|%2[Ff])"
"""As JSON and form bodies may write it."""

_SECRET = re.compile(rf"({_SLASH}clust{_SLASH}hook{_SLASH})[\w%-]+", re.ASCII)

MASK = "•••"


def webhook_url(public_url: str, secret: str) -> str:
    """Return the address at which Clust calls the bot. `public_url` is PUBLIC_URL."""
    return f"{public_url}{WEBHOOK_PATH}{secret}"


def masked(text: str) -> str:
    """Return a text with the secrets in addresses of webhooks masked."""
    return _SECRET.sub(rf"\1{MASK}", text) if "hook" in text else text


def is_own_webhook(url: object) -> bool:
    """Return whether an address is one of a webhook of this bot, or of another that runs it."""
    return isinstance(url, str) and WEBHOOK_PATH in url
