"""Socket Mode, Slack's side, against the client of slack_sdk and against a bare WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.stand_in import SandboxSlack
from tests.patience import LONG


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace that soon gives up waiting."""
    async with SandboxSlack() as slack:
        slack.faults.acknowledge_seconds = 0.1
        yield slack


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a client."""
    async with aiohttp.ClientSession() as session:
        yield session


async def address(slack: SandboxSlack, session: aiohttp.ClientSession) -> str:
    """Ask for a WebSocket's address."""
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.post(f"{slack.api_url}apps.connections.open", headers=headers) as response:
        return str((await response.json())["url"])


async def test_a_connection(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """A connection begins with a hello. An envelope that isn't acknowledged in time is given up."""
    url = await address(slack, session)
    async with session.ws_connect(url) as connection:
        assert (await connection.receive_json())["type"] == "hello"
        await slack.wait_for(lambda: slack.socket.is_connected)
        interaction = await slack.command("/clust", "list")
        envelope = await connection.receive_json()
        assert (envelope["type"], envelope["payload"]["text"]) == ("slash_commands", "list")
        assert interaction.answers[0].text == '/clust failed with the error "operation_timeout"'
        await connection.send_json({"envelope_id": envelope["envelope_id"]})
    async with session.get(url.replace("ws://", "http://")) as second_use:
        assert second_use.status == 403


async def test_at_most_ten_connections(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """The eleventh connection is turned away."""
    connections = []
    hellos: list[Any] = []
    for _ in range(11):
        connections.append(await session.ws_connect(await address(slack, session)))
        hellos.append(await connections[-1].receive_json())
    assert [hello["type"] for hello in hellos] == ["hello"] * 10 + ["disconnect"]
    for connection in connections:
        await connection.close()


async def test_nobody_connected(slack: SandboxSlack) -> None:
    """Without a connection and without an address nothing is sent."""
    acknowledgement = await slack.bot.send("events_api", {}, 1)
    assert (acknowledgement.status, acknowledgement.body) == (0, None)


async def test_refresh(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """Bolt's client reconnects when asked to, and commands keep working."""
    slack.faults.acknowledge_seconds = LONG
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.command("/clust")
    async def command(ack: Any) -> None:
        await ack("here")

    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.socket.refresh()
    await slack.wait_for(lambda: slack.socket.is_connected)
    interaction = await slack.command("/clust")
    assert [answer.text for answer in interaction.answers] == ["here"]
    await handler.close_async()  # type: ignore[no-untyped-call]
