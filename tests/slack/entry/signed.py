"""Signed requests, and the web application that receives them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette

from bot.wiring.serving import create_web
from tests.slack.payloads import command

SECRET = "signing-secret"
NOW = 1_772_452_800
BODY = urlencode(
    {name: value for name, value in command(text="private words").items() if name != "trigger_id"}
).encode()
"""Without a trigger, so that it may come twice."""


async def authorize(**_: Any) -> AuthorizeResult:
    """Let every workspace in, without asking Slack."""
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")


def make_app() -> AsyncApp:
    """Return an app with one command, which repeats its text."""
    app = AsyncApp(authorize=authorize, request_verification_enabled=False, process_before_response=True)

    @app.command("/clust")
    async def _clust(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack(f"You said: {command['text']}")

    return app


def make_web(signing_secret: str | None = SECRET, **limits: Any) -> Starlette:
    """Return the web application at noon. `limits` are those of bodies."""
    return create_web(make_app(), signing_secret, lambda: NOW, **limits)


def signature(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    """Sign as Slack does."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


def headers(body: bytes = BODY, timestamp: str = str(NOW), secret: str = SECRET) -> dict[str, str]:
    """Return the headers that Slack sends with a command."""
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature(body, timestamp, secret),
    }
