"""The demo as a newcomer runs it: a process that prints, serves a page, survives its bot, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.demo import terminal
from bot.demo.bot_process import DemoBot
from bot.demo.run import is_loopback
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from tests.clust_profiles import FILES
from tests.commands import run_command

PROJECT = Path(__file__).parents[2]

LONG = ("--seconds", "900")
"""So that no demo outlives for long a run of tests that was killed."""


class Running:
    """A demo that runs. What it prints is read line by line."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process, self.folder = process, folder
        self.output = ""

    async def says(self, pattern: str) -> re.Match[str]:
        """Wait until it has printed this."""
        assert self.process.stdout
        async with asyncio.timeout(60):
            while not (match := re.search(pattern, self.output)):
                line = await self.process.stdout.readline()
                assert line, self.output
                self.output += line.decode()
        return match

    @property
    def left_behind(self) -> list[Path]:
        """Folders that it made."""
        return list(self.folder.glob("clust-demo-*"))

    async def cleared_up(self) -> None:
        """Wait until nothing is left behind: another process may be the one that removes it."""
        async with asyncio.timeout(60):
            while self.left_behind:  # noqa: ASYNC110  another process does it
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running(folder: Path, *options: str) -> AsyncIterator[Running]:
    """Run `python -m bot demo` with these options, without a terminal. It is killed at the end if it still runs."""
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "TMPDIR": str(folder)}
    command = (sys.executable, "-P", "-m", "bot", "demo", *options)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=settings,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    demo = Running(process, folder)
    try:
        yield demo
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
async def test_the_main_job_on_each_profile(tmp_path: Path, name: str) -> None:
    """The whole bot posts what happens in an account that answers as the profile says."""
    async with running(tmp_path, *LONG, "--profile", str(FILES[name])) as demo:
        await demo.says(r"#onboarding · Clust\n  🆕")


OPEN_TO_OTHERS = ("--host", "0.0.0.0")


@pytest.mark.parametrize(
    "options", [OPEN_TO_OTHERS, pytest.param(("--socket",), marks=pytest.mark.long)], ids=["http", "socket"]
)
async def test_the_main_job_without_anybody(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Without a terminal each notification is printed as it is posted. The page is served, and Ctrl-C ends it.

    `--host` says in plain words what it means that other machines reach the page.
    """
    async with running(tmp_path, *options) as demo:
        url = (await demo.says(r"Open +(http://127\.0\.0\.1:\d+/)"))[1]
        await demo.says(r"#onboarding · Clust\n  🆕")
        is_warned = "anyone who can reach this machine can open the page" in demo.output
        assert is_warned == (options == OPEN_TO_OTHERS)
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert response.status == 200
        await demo.says("the demo runs until you stop it")
        demo.process.send_signal(signal.SIGINT)
        await demo.says("Nothing was kept")
        assert await demo.process.wait() == 0
        assert demo.left_behind == []


async def test_without_a_terminal_the_demo_runs_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal and without `--seconds` a list is shown once, and then it goes on until it is stopped."""
    monkeypatch.setattr(terminal, "LIST_AFTER_SECONDS", 0)
    bot, stop, listed = web.Application(), asyncio.Event(), asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        listed.set()
        return web.json_response({"text": "Nothing is late."})

    bot.router.add_post("/slack/events", answer)
    async with SandboxSlack() as slack, TestServer(bot) as server:
        slack.events_url = str(server.make_url("/slack/events"))
        alone = asyncio.create_task(terminal.Terminal(slack).alone(stop, None))
        await listed.wait()
        assert not (await asyncio.wait({alone}, timeout=0.2))[0]
        stop.set()
        await alone
    assert "Nothing is late." in capsys.readouterr().out


async def test_what_is_typed_in_the_terminal_closes_no_window_of_the_page() -> None:
    """Only the window that the command itself opened is closed again: a visitor may be using another."""
    words = {"type": "plain_text", "text": "A window"}
    window = {"type": "modal", "title": words, "blocks": [{"type": "section", "text": words}]}
    bot, triggers = web.Application(), list[str]()

    async def answer(request: web.Request) -> web.Response:
        triggers.append(str((await request.post())["trigger_id"]))
        return web.json_response({"text": "Nothing is late."})

    bot.router.add_post("/slack/events", answer)
    async with SandboxSlack() as slack, TestServer(bot) as server:
        slack.events_url = str(server.make_url("/slack/events"))
        await slack.command("/clust", "create")
        opened = slack.views.open(triggers[-1], window)
        await terminal.Terminal(slack).type("/clust list late:yes")
        assert slack.views.of(slack.workspace.member.id) is opened


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
async def test_nothing_is_left_of_a_demo_that_ends_at_once(tmp_path: Path, how: signal.Signals) -> None:
    """A demo that is killed, or stopped twice, takes its bot with it, and the folder."""
    async with running(tmp_path) as demo:
        await demo.says("#onboarding · Clust")
        assert len(demo.left_behind) == 1
        demo.process.send_signal(how)
        if how == signal.SIGINT:
            demo.process.send_signal(how)
        await demo.process.wait()
        await demo.cleared_up()


def test_a_wrong_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the page can't be served, one sentence says so."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code, output = run_command(tmp_path, "demo", "--host", "192.0.2.1", "--port", "4000")
    assert (code, "The page can't be served at 192.0.2.1, port 4000" in output) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    """Only this machine reaches loopback."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.com", ""])
def test_other_machines(host: str) -> None:
    """Others can reach an address that isn't loopback, or that may not be."""
    assert not is_loopback(host)


@pytest.mark.long
async def test_mei_can_use_it_in_french(tmp_path: Path) -> None:
    """The channel that she subscribes is in French too."""
    async with running(tmp_path, "--language", "fr", *LONG) as demo:
        await demo.says("Ce canal est maintenant abonné")


async def test_a_bot_that_is_killed_comes_back(tmp_path: Path) -> None:
    """After `kill -9` the bot is started again, with what it knew, and takes commands."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    async with SandboxSlack() as slack, serve_clust(account) as url:
        async with DemoBot(slack, url, account.token, tmp_path) as bot:
            first = bot.pid
            assert "is now subscribed to" in (await (await slack.command("/clust", "subscribe late")).answer()).text
            states: asyncio.Queue[str] = asyncio.Queue()
            bot.on_change.append(lambda: states.put_nowait(bot.state))
            bot.kill()
            async with asyncio.timeout(60):
                assert [await states.get() for _ in range(3)] == ["stopped", "starting", "running"]
            assert bot.pid not in (None, first)
            assert bot.starts == 2
            answered = await slack.command("/clust", "subscriptions")
            assert "late" in (await answered.answer()).text
        assert bot.pid is None
