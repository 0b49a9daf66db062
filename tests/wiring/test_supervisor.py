"""Which loops run in a process, and that each is started again after it failed."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.wiring.composition import run
from tests.processes import held
from tests.slack.conftest import STOPS_WITHIN, Account
from tests.wiring.conftest import read


async def test_a_worker_binds_no_port_and_a_web_process_polls_nothing(
    slack: SandboxSlack, account: Account, settings: dict[str, Any]
) -> None:
    """W5: `worker` listens nowhere, even if another process has its port, and `web` leaves Clust alone."""
    stop = asyncio.Event()
    with held() as busy_socket:
        worker = asyncio.create_task(run(read({**settings, "port": busy_socket.port}), stop, web=False, worker=True))
        await account.read(2)
        stop.set()
        await worker
    before, stop = len(account.requests), asyncio.Event()
    listening = socket.create_server(("127.0.0.1", 0))  # closed with the bot's server
    slack.events_url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    web = asyncio.create_task(run(read(settings), stop, web=True, worker=False, listening=listening))
    assert "3 applications" in (await (await slack.command("/clust", "list")).answer()).text
    stop.set()
    await web
    assert len(account.requests) == before


async def test_status_and_home_are_right_whichever_process_polls(
    slack: SandboxSlack, account: Account, settings: dict[str, Any]
) -> None:
    """W5: a process that polls nothing says what the other one reads, and that it can't, and that it can again."""
    stop, listening = asyncio.Event(), socket.create_server(("127.0.0.1", 0))  # closed with the bot's server
    slack.events_url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    polling = asyncio.create_task(run(read(settings), stop, web=False, worker=True))
    answering = asyncio.create_task(run(read(settings), stop, web=True, worker=False, listening=listening))

    async def says(*words: str) -> None:
        """Wait until both the status and the Home tab say all of `words`."""
        async with asyncio.timeout(STOPS_WITHIN):
            status = home = ""
            while not all(word in status and word in home for word in words):
                status = (await (await slack.command("/clust", "status")).answer()).text
                await slack.open_home()
                view = slack.views.homes.get(slack.workspace.member.id)
                home = json.dumps(view.sent, ensure_ascii=False) if view else ""

    account.make_late(1)
    await says("Updated ", "3 applications", "1 late")
    account.faults.refuse_token = True
    await says("I can't read Clust right now")
    account.faults.refuse_token = False
    await (await slack.command("/clust", "show 1")).answer()
    await says("All is well")
    stop.set()
    await asyncio.gather(polling, answering)
