"""The demo's bot: a process of its own, given only settings. It restarts after it was killed."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from bot.core.errors import UsageError
from bot.core.language import _
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import TEAM_ID
from bot.store import open_store
from bot.store.engine.migrate import migrate

POLL_SECONDS = 1.0
PUBLIC_URL = "https://bot.demo.invalid"
START_SECONDS = 30.0
STOP_SECONDS = 12.0

PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SYSTEMROOT")
"""Environment variables the bot inherits. No others, so that the demo is the same everywhere."""

_LISTENING = re.compile(r'^\{(?=[^\n]*"event": "listening")[^\n]*"port": (\d+)', re.MULTILINE)

ProcessState = Literal["starting", "running", "stopped"]


class DemoBot:
    """Runs `python -m bot run` between the two stand-ins, by signed requests or, with `by_socket`, by Socket Mode.

    All its data is in `folder`. `on_change` is called when `state`, `starts` or `pid` change. As a context manager it
    starts the bot (raising UsageError if it fails to start) and stops it.
    """

    def __init__(
        self, slack: SandboxSlack, clust_url: str, clust_token: str, folder: Path, *, by_socket: bool = False
    ) -> None:
        self.by_socket = by_socket
        self.state: ProcessState = "stopped"
        self.starts = 0
        self.on_change: list[Callable[[], None]] = []
        self._slack = slack
        self._folder = folder
        self._log = folder / "bot.log"
        self._settings = self._settings_for(clust_url, clust_token)
        self._process: asyncio.subprocess.Process | None = None
        self._origin = ""
        self._running: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process ID, or None if it isn't running."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def __aenter__(self) -> Self:
        await self._start()
        self._running = asyncio.create_task(self._keep_running())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._stop()

    async def make_report_due(self, channel_id: str) -> bool:
        """Let a channel's regular report be due now. Returns False if it has none."""
        store = open_store(self._settings["DATABASE_URL"], posts_per_minute=1)
        try:
            await migrate(store.database)  # before the bot's first start there are no tables
            report = await store.regular_reports.get(TEAM_ID, channel_id)
            return report is not None and await store.regular_reports.postpone(report, datetime.now(UTC), None)
        finally:
            await store.database.close()

    def webhook_address(self, url: str) -> str | None:
        """Return where the bot takes a webhook with this URL now, or None if it isn't the bot's or isn't up."""
        return f"{self._origin}{url.removeprefix(PUBLIC_URL)}" if self._origin and url.startswith(PUBLIC_URL) else None

    def kill(self) -> None:
        """Kill it as `kill -9` does. It restarts by itself."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def _keep_running(self) -> None:
        while self._process:
            await self._process.wait()
            self._became("stopped")
            await self._start()

    async def _start(self) -> None:
        self._became("starting")
        with self._log.open("ab") as output:
            begins_at = output.tell()
            # Its own folder, so that no other `.env` is read, and its own session, so that Ctrl-C reaches the demo
            # alone, which then stops it in order.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # no module of the working folder
                "-m",
                "bot.demo.bot_child",
                self._slack.workspace.member.locale,
                env=self._settings,
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.starts += 1
        try:
            async with asyncio.timeout(START_SECONDS):
                while self._process.returncode is None and not self._is_reachable(begins_at):  # noqa: ASYNC110  a file can't notify
                    await asyncio.sleep(0.05)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        except asyncio.CancelledError:
            await self._stop()
            raise
        if self._process.returncode is not None and self.starts == 1:
            raise UsageError(_("The bot didn't start:") + f"\n{self._log.read_text()[-2000:]}")
        self._became("running" if self._process.returncode is None else "stopped")

    def _is_reachable(self, begins_at: int) -> bool:
        """Return whether the bot can be reached.

        Over HTTP, reads its port from the log and sets Slack's `events_url`.
        """
        with self._log.open("rb") as log:
            log.seek(begins_at)
            port = port_in(log.read().decode(errors="replace"))
        if port:
            self._origin = f"http://127.0.0.1:{port}"
        if self.by_socket:
            return self._slack.socket.is_connected
        if port:
            self._slack.events_url = f"{self._origin}/slack/events"
        return port is not None

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _became(self, state: ProcessState) -> None:
        self.state = state
        for listener in self.on_change:
            listener()

    def _settings_for(self, clust_url: str, clust_token: str) -> dict[str, str]:
        slack = self._slack
        way_in = (
            {"SLACK_APP_TOKEN": slack.app_token} if self.by_socket else {"SLACK_SIGNING_SECRET": slack.signing_secret}
        )
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {
            **kept,
            **way_in,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_API_URL": slack.api_url,
            "CLUST_API_TOKEN": clust_token,
            "CLUST_API_URL": clust_url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{self._folder / 'clust-bot.db'}",
            "LISTEN_HOST": "127.0.0.1",
            "PORT": "0",
            "LOG_FORMAT": "json",
            "METRICS_PORT": "0",
            "POLL_INTERVAL": str(POLL_SECONDS),
            # The stand-in for Clust calls webhooks at the port that the bot has then (`webhook_address`).
            "PUBLIC_URL": PUBLIC_URL,
            # So that a form outlives `kill -9`.
            "SECRET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            # Shorter than usual, so that a user who kills the bot soon sees it catch up.
            "LEASE": "15",
            "UNCLEAR_WAIT": "3",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }


def port_in(log: str) -> int | None:
    """Return the port that a bot's log says it listens on, or None if it doesn't say so yet."""
    match = _LISTENING.search(log)
    return int(match[1]) if match else None
