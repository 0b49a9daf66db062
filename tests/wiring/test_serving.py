"""Requests are taken over HTTP or by Socket Mode, until the process is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.core.errors import UsageError
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.wiring.composition import run
from tests.processes import held
from tests.slack.conftest import STOPS_WITHIN
from tests.wiring.conftest import read


async def test_a_stop_while_socket_mode_can_not_connect(slack: SandboxSlack, settings: dict[str, Any]) -> None:
    """Asked to stop while it tries to connect, it does not wait for Slack."""
    settings["slack_app_token"] = slack.app_token
    slack.fail_next("apps.connections.open", "internal_error", times=100)
    stop = asyncio.Event()
    running = asyncio.create_task(run(read(settings), stop, web=True, worker=True))
    await slack.wait_for(lambda: len(slack.called("apps.connections.open")) > 1)
    stop.set()
    async with asyncio.timeout(STOPS_WITHIN):
        await running


async def test_a_port_that_is_taken(settings: dict[str, Any]) -> None:
    """A port that someone listens on is named, before anything else is begun."""
    with held() as busy_socket, pytest.raises(UsageError, match=r"PORT: Can't listen on 127\.0\.0\.1:"):
        await run(read({**settings, "port": busy_socket.port}), asyncio.Event(), web=True, worker=True)


@pytest.mark.parametrize("odd", [lambda _: [1], lambda _: {"ok": True}, lambda _: {"ok": True, "url": ["wss://x/"]}])
async def test_an_odd_address_of_socket_mode_is_asked_for_again(
    slack: SandboxSlack, settings: dict[str, Any], odd: Callable[[Any], Any]
) -> None:
    """C12, D3: an `apps.connections.open` without an address is trouble that is tried again."""
    slack.alter_next("apps.connections.open", odd)
    settings["slack_app_token"] = slack.app_token
    stop = asyncio.Event()
    running = asyncio.create_task(run(read(settings), stop, web=True, worker=True))
    await slack.wait_for(lambda: slack.socket.is_connected)
    stop.set()
    async with asyncio.timeout(STOPS_WITHIN):
        await running
