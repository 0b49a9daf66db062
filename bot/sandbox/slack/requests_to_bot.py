"""How Slack reaches the bot: signed HTTP requests, or envelopes where the bot is connected by Socket Mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.socket_mode import SocketMode

RequestKind = Literal["slash_commands", "interactive", "events_api"]

OK = 200


@dataclass(frozen=True, slots=True)
class BotResponse:
    """The bot's response and the seconds it took. `status` is None if none came in time.

    `body` is decoded JSON if the bot sent JSON, else text. An empty body is None.
    """

    status: int | None
    body: Any
    seconds: float


def sign(secret: str, body: str, timestamp: int | None = None) -> dict[str, str]:
    """Return the signature headers of a request ("Verifying requests from Slack").

    The time is the real one, whatever the sandbox's clock says: the bot compares it with its own.
    """
    moment = str(int(time.time()) if timestamp is None else timestamp)
    digest = hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}


class Requests:
    """Sends payloads to the bot at `events_url`, or over `socket` while that is connected."""

    def __init__(self, signing_secret: str, socket: SocketMode) -> None:
        self.events_url: str | None = None
        self.socket = socket
        self._secret = signing_secret
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client. Connections are unlimited, so that a slow bot doesn't delay other requests to it."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def stop(self) -> None:
        """Close the client."""
        if self._session:
            await self._session.close()
            self._session = None

    @property
    def is_anyone_there(self) -> bool:
        """Whether the bot can be reached."""
        return self.socket.is_connected or self.events_url is not None

    async def send(
        self, kind: RequestKind, payload: Mapping[str, Any], within_seconds: float, retry: tuple[int, str] | None = None
    ) -> BotResponse:
        """Send a payload and wait up to `within` seconds. `retry` is the number and reason of an event's redelivery."""
        begun = time.perf_counter()
        status, body = None, None
        try:
            async with asyncio.timeout(within_seconds):
                if self.socket.is_connected:
                    retry_fields = {"retry_attempt": retry[0], "retry_reason": retry[1]} if retry else {}
                    accepts = kind != "events_api"
                    status, body = OK, await self.socket.send(kind, payload, accepts_response=accepts, **retry_fields)
                else:
                    status, body = await self._over_http(kind, payload, retry)
        except TimeoutError:
            pass  # the acknowledgement has no status
        except (aiohttp.ClientError, ConnectionError):
            status = 0
        return BotResponse(status, body, time.perf_counter() - begun)

    async def _over_http(
        self, kind: RequestKind, payload: Mapping[str, Any], retry: tuple[int, str] | None
    ) -> tuple[int, Any]:
        if self._session is None or self.events_url is None:
            raise ConnectionError("events_url says where the bot listens, and is not set")
        body = {
            "slash_commands": lambda: urlencode(payload),
            "interactive": lambda: urlencode({"payload": json.dumps(payload)}),
            "events_api": lambda: json.dumps(payload),
        }[kind]()
        form = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
        headers = {"Content-Type": form, **sign(self._secret, body)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        async with self._session.post(self.events_url, data=body.encode(), headers=headers) as response:
            return response.status, _decoded(await response.text())


def _decoded(body: str) -> Any:
    """Return decoded JSON, or the text if it isn't JSON. An empty body is None."""
    try:
        return json.loads(body) if body[:1] in ("{", "[") else body or None
    except ValueError:
        return body
