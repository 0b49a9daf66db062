"""Real processes of the bot, for tests that kill them or look at them from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store
from bot.store.engine.tables import connections


def environment(slack: SandboxSlack, clust_url: str, clust_token: str, url: str, **more: str) -> dict[str, str]:
    """Return the settings of a bot between the two stand-ins, on the database `url`."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "CLUST_API_TOKEN": clust_token,
        "CLUST_API_URL": clust_url,
        "DATABASE_URL": url,
        "POLL_INTERVAL": "0.3",
        "METRICS_PORT": "0",
        "COMMANDS_PER_MINUTE": "1000000",
        **more,
    }


@dataclass(frozen=True, slots=True)
class Held:
    """A socket that listens and stays open, even if no process reads from it. A process gets it by `--fd`."""

    socket: socket.socket

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self.socket.getsockname()[1])

    @property
    def words(self) -> tuple[str, str]:
        """What hands it down on the command line, beside `fds` for the process."""
        return ("--fd", str(self.socket.fileno()))

    @property
    def fds(self) -> tuple[int]:
        """What the process inherits."""
        return (self.socket.fileno(),)

    @property
    def events_url(self) -> str:
        """Where Slack sends to."""
        return f"http://127.0.0.1:{self.port}/slack/events"


@contextmanager
def held() -> Iterator[Held]:
    """Listen on a port while the context lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        yield Held(listening)


@contextmanager
def refusing() -> Iterator[str]:
    """Return a host and port that refuse every connection while the context lasts: bound, so no one else gets it."""
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{free_socket.getsockname()[1]}"


@asynccontextmanager
async def killed_at_the_end(
    command: str, settings: Mapping[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bot command`, and kill it in the middle of whatever it does."""
    with (folder / "bot.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "bot", command, env=settings, cwd=folder, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.wait()


async def baseline_read(store: Store) -> None:
    """Wait until the first sweep of every connection is kept. Other processes do that."""
    async with asyncio.timeout(60):
        while True:
            async with store.database.read() as tx:
                baselines = (await tx.execute(sa.select(connections.c.baseline_at))).scalars().all()
            if baselines and all(baselines):
                return
            await asyncio.sleep(0.1)
