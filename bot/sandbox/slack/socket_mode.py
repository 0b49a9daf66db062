"""Socket Mode, Slack's side: WebSockets that the bot opened, envelopes sent over them, and their acknowledgements.

From Slack's "Using Socket Mode": a hello, then each payload in an envelope to any one of at most ten connections. The
bot answers with the `envelope_id`, and with a payload where the envelope accepts one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.sandbox.malformed_requests import parsed
from bot.sandbox.slack.messages import Changes
from bot.sandbox.slack.workspace import APP_ID

MAX_CONNECTIONS = 10

_REFRESH = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "sandbox"}}


class SocketMode:
    """The open connections. `changes` is notified of each. `seed` makes the choice among several repeatable."""

    def __init__(self, changes: Changes, seed: int) -> None:
        self._changes = changes
        self._random = Random(seed)
        self._connections: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    @property
    def is_connected(self) -> bool:
        """Whether the bot has at least one connection open."""
        return bool(self._connections)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Keep one connection until either side closes it."""
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        if len(self._connections) >= MAX_CONNECTIONS:
            await connection.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await connection.close()
            return connection
        number = len(self._connections) + 1
        await connection.send_json({"type": "hello", "num_connections": number, "connection_info": {"app_id": APP_ID}})
        self._connections.append(connection)
        self._changes.publish("connected")
        try:
            async for message in connection:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(parsed(message.data))
        finally:
            self._left(connection)
        return connection

    async def send(self, kind: str, payload: Mapping[str, Any], *, accepts_response: bool, **fields: Any) -> Any:
        """Send an envelope and return the payload of its acknowledgement. `fields` are added to the envelope.

        It waits without a limit, which is the caller's. Raises ConnectionError if no connection takes it.
        """
        if not self._connections:
            raise ConnectionError("no WebSocket is open")
        envelope_id = str(uuid4())
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, **fields}
        acknowledgement = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acknowledgement
        try:
            await self._random.choice(self._connections).send_json(
                {**envelope, "accepts_response_payload": accepts_response}
            )
            return await acknowledgement
        finally:
            del self._waiting[envelope_id]

    async def refresh(self) -> None:
        """Ask the bot to reconnect and close every connection, as Slack does every few hours."""
        for connection in tuple(self._connections):
            await connection.send_json(_REFRESH)
        await self.close()

    async def close(self) -> None:
        """Close every connection. Nothing more is sent over them."""
        for connection in tuple(self._connections):
            self._left(connection)
            await connection.close()

    def _left(self, connection: web.WebSocketResponse) -> None:
        if connection in self._connections:
            self._connections.remove(connection)

    def _acknowledged(self, envelope: Any) -> None:
        if not isinstance(envelope, Mapping):
            return
        waiting = self._waiting.get(str(envelope.get("envelope_id")))
        if waiting and not waiting.done():
            waiting.set_result(envelope.get("payload"))
