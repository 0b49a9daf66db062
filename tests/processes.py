"""Real processes of the bot, for tests that kill them or look at them from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.sandbox.slack import SandboxSlack
from bot.store import Store
from bot.store.tables import connections


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
        **more,
    }


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@asynccontextmanager
async def killed_at_the_end(
    command: str, settings: Mapping[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bot command`, and kill it in the middle of whatever it does."""
    with (folder / "bot.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", command, env=settings, cwd=folder, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.wait()


async def baseline_read(store: Store) -> None:
    """Wait until the first sweep of the only connection is kept; another process does that."""
    async with asyncio.timeout(60):
        while True:
            async with store.database.read() as tx:
                if (await tx.execute(sa.select(connections.c.baseline_at))).scalar_one_or_none():
                    return
            await asyncio.sleep(0.1)
