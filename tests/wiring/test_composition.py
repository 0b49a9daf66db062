"""Starting and stopping the whole bot, in this process and as one of its own."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.core.errors import UsageError
from bot.http.server import listen
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from bot.store.engine.work_listener import WorkListener
from bot.wiring import composition
from bot.wiring.composition import run
from tests.bot_process import BotProcess, bot_process
from tests.slack.conftest import STOPS_WITHIN, Account, healthy
from tests.wiring.conftest import read

HANGS = 3600.0
"""Seconds that Clust takes to answer, unless a test changes its mind."""


@asynccontextmanager
async def process(folder: Path, settings: dict[str, Any], command: str = "run") -> AsyncIterator[BotProcess]:
    """Start the bot as a process of its own."""
    environ = {name.upper(): str(value) for name, value in settings.items()}
    async with bot_process(folder, command, environ) as bot:
        yield bot


@asynccontextmanager
async def working(
    settings: dict[str, Any], *, web: bool = False, listening: socket.socket | None = None
) -> AsyncIterator[None]:
    """Run the bot in this process, a worker at least. It must end when it is asked to."""
    stop = asyncio.Event()
    bot = asyncio.create_task(run(read(settings), stop, web=web, worker=True, listening=listening))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(STOPS_WITHIN):
            await bot


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
async def test_a_signal_in_the_middle_of_work(
    tmp_path: Path, slack: SandboxSlack, account: Account, settings: dict[str, Any], number: int
) -> None:
    """Asked to stop while it polls, posts and answers, it finishes what it began and leaves nothing lying about."""
    asked_for = account.add(title="Dorn")["id"]
    if number == signal.SIGINT:
        settings["slack_app_token"] = slack.app_token
    async with process(tmp_path, settings) as bot:
        port = await bot.port()
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        await slack.wait_for(lambda: number == signal.SIGTERM or slack.socket.is_connected, STOPS_WITHIN)
        await (await slack.command("/clust", "subscribe all")).answer(timeout=STOPS_WITHIN)
        await account.read(3)
        for dossier_id in (1, 2, 3):
            account.make_late(dossier_id)
        await slack.wait_for(lambda: slack.messages("onboarding"), STOPS_WITHIN)
        account.faults.delay_seconds, slack.faults.delay_seconds = HANGS, 0.5
        answered = await slack.command("/clust", f"show {asked_for}")
        await account.asked_for(f"/dossiers/{asked_for}")
        bot.signal(number)
        # Both answer now, so that what was begun ends within its time, however busy the machine is.
        account.faults.delay_seconds = slack.faults.delay_seconds = 0
        assert await bot.ended(STOPS_WITHIN + 5) == 0
        assert "Dorn" in (await answered.answer()).text
        assert bot.complaints == []
    async with working(settings):
        await slack.wait_for(lambda: len(slack.messages("onboarding")) == 3, STOPS_WITHIN)
    assert len({message.text for message in slack.messages("onboarding")}) == 3


async def test_asked_to_stop_before_slack_has_answered(slack: SandboxSlack, settings: dict[str, Any]) -> None:
    """Asked to stop while Slack can't be reached, it ends as cleanly."""
    slack.faults.down = True
    listening = listen("PORT", "127.0.0.1", 0)
    async with working(settings, web=True, listening=listening):
        await healthy(listening.getsockname()[1])
        await slack.wait_for(lambda: slack.called("auth.test"))


@pytest.mark.long  # tests/wiring/test_process.py has the same of a smaller process
async def test_a_second_signal_ends_it_at_once(
    tmp_path: Path, account: Account, slack: SandboxSlack, settings: dict[str, Any]
) -> None:
    """Who asks twice does not want to wait for what is under way."""
    async with process(tmp_path, settings) as bot:
        port = await bot.port()
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        await (await slack.command("/clust", "list")).answer()
        account.faults.delay_seconds = 3600
        await account.read(1)
        bot.signal(signal.SIGTERM)
        with socket.create_connection(("127.0.0.1", port)) as closing:
            closing.settimeout(60)
            assert closing.recv(1) == b""
        bot.signal(signal.SIGTERM)
        assert await bot.ended() == 128 + signal.SIGTERM


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_token_that_slack_refuses(
    slack: SandboxSlack, settings: dict[str, Any], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong SLACK_BOT_TOKEN ends the start with a sentence that names it and Slack's word. No log has the token."""
    slack.fail_next("auth.test", code)
    caplog.set_level(logging.DEBUG)
    with (
        capture_logs() as logs,
        pytest.raises(UsageError, match=f"SLACK_BOT_TOKEN: Slack doesn't accept it \\({code}\\)") as refused,
    ):
        await run(read(settings), asyncio.Event(), web=True, worker=True)
    assert logs
    assert slack.bot_token not in f"{refused.value.sentence} {logs} {caplog.text}"


async def test_an_app_token_that_slack_refuses(slack: SandboxSlack, settings: dict[str, Any]) -> None:
    """A wrong SLACK_APP_TOKEN ends the start in the same way."""
    settings["slack_app_token"] = "xapp-wrong"
    with pytest.raises(UsageError, match=r"SLACK_APP_TOKEN: Slack doesn't accept it \(invalid_auth\)"):
        await run(read(settings), asyncio.Event(), web=True, worker=True)
    assert len(slack.called("apps.connections.open")) == 1


@pytest.mark.parametrize(
    "odd",
    [
        lambda _: [1],
        lambda _: None,
        lambda _: {"ok": True},
        lambda answer: {**answer, "team_id": None},
        lambda answer: {**answer, "team_id": ["T0SANDBOX"]},
        lambda answer: {**answer, "user_id": "None"},
    ],
)
async def test_an_odd_identity_at_the_start_is_asked_for_again(
    slack: SandboxSlack, account: Account, settings: dict[str, Any], odd: Callable[[Any], Any]
) -> None:
    """D2, D3: an `auth.test` that is no object, or not complete, ends nothing and makes up no team."""
    slack.alter_next("auth.test", odd)
    async with working(settings):
        await account.read(2)
    store = open_store(settings["database_url"], posts_per_minute=300)
    assert {one.team_id for one in await store.connections.all()} == {slack.workspace.team.id}
    await store.database.close()


async def test_a_passing_trouble_of_slack_is_waited_for(
    slack: SandboxSlack, account: Account, settings: dict[str, Any]
) -> None:
    """A Slack that is down, slow or throttles at the start is asked again, and nothing ends."""
    slack.fail_next("auth.test", "internal_error")
    async with working(settings):
        await account.read(2)
        assert len(slack.called("auth.test")) == 2


class _SlowConnection(sqlite3.Connection):
    """A connection that says whether it was closed. Without that, it stays open until no one has it any more."""

    is_closed = False

    def close(self) -> None:
        """Close it."""
        self.is_closed = True
        super().close()


@pytest.mark.usefixtures("real_driver")
async def test_a_connection_that_is_being_made_at_the_end_is_closed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What listens for work is asked to stop, not cancelled: the driver forgets what it was making when it is."""
    loop, connect = asyncio.get_running_loop(), sqlite3.connect
    connecting, may_connect, made = asyncio.Event(), threading.Event(), asyncio.Queue[_SlowConnection]()

    def slowly(*given: Any, **options: Any) -> sqlite3.Connection:
        loop.call_soon_threadsafe(connecting.set)
        may_connect.wait(STOPS_WITHIN)
        connection = connect(*given, factory=_SlowConnection, **options)
        loop.call_soon_threadsafe(made.put_nowait, connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", slowly)
    store = open_store(sqlite_url, posts_per_minute=300)
    async with composition._going_on(WorkListener(store.database).run):  # noqa: SLF001  the whole bot makes others too
        await connecting.wait()
        loop.call_soon(may_connect.set)  # runs once the end has begun
    assert (await made.get()).is_closed
