"""Which loops run in a process, and that each is started again after it failed."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.wiring.composition import run
from tests.processes import held
from tests.slack.conftest import Account
from tests.wiring.conftest import read


async def test_a_worker_binds_no_port_and_a_web_process_polls_nothing(
    slack: SandboxSlack, account: Account, settings: dict[str, Any]
) -> None:
    """W5: `worker` listens nowhere, whoever has its port; `web` leaves Clust alone."""
    stop = asyncio.Event()
    with held() as taken:
        worker = asyncio.create_task(run(read({**settings, "port": taken.port}), stop, web=False, worker=True))
        await account.read(2)
        stop.set()
        await worker
    asked, stop = len(account.requests), asyncio.Event()
    listening = socket.create_server(("127.0.0.1", 0))  # closed with the bot's server
    slack.events_url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    web = asyncio.create_task(run(read(settings), stop, web=True, worker=False, listening=listening))
    assert "3 applications" in (await (await slack.command("/clust", "list")).answer()).text
    stop.set()
    await web
    assert len(account.requests) == asked
