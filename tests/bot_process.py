"""A process of the bot that is to end by itself, started as an operator does, with Python's checks on (`-X dev`)."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.processes import Held

COMPLAINTS = (
    "was destroyed",
    "Unclosed",
    "unclosed",
    "never retrieved",
    "never awaited",
    "ResourceWarning",
    "Traceback",
)
"""What asyncio and its libraries print when something was left lying about."""

PROJECT = Path(__file__).parents[1]

PATIENT = "tests.patient_bot"
"""The bot with the time limits of tests: a busy machine would meet its own."""

_numbers = count(1)


@dataclass
class BotProcess:
    """One process, and the file that its output goes to."""

    process: asyncio.subprocess.Process
    log: Path

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def ended(self, within: float = 100.0) -> int:
        """Wait for its end and return its exit code."""
        async with asyncio.timeout(within):
            return await self.process.wait()

    async def port(self, part: str = "listening", within: float = 60.0) -> int:
        """Return the port that a part of it took, `listening` or `metrics`, as soon as the log says which."""
        line = re.compile(rf'\{{(?=[^\n]*"event": "{part}")[^\n]*"port": (\d+)')
        async with asyncio.timeout(within):
            while not (match := line.search(self.output)):
                assert self.process.returncode is None, self.output
                await asyncio.sleep(0.01)  # a file tells no one that it grew
        return int(match[1])

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self.log.read_text()

    @property
    def complaints(self) -> list[str]:
        """Lines of its output that tell of something left lying about."""
        return [line for line in self.output.splitlines() if any(word in line for word in COMPLAINTS)]


@asynccontextmanager
async def bot_process(
    folder: Path,
    command: str,
    settings: Mapping[str, str],
    listening: Held | None = None,
    *,
    module: str = "bot",
    checked: bool = True,
) -> AsyncIterator[BotProcess]:
    """Start `python -m bot command` in `folder` with these settings and no others. It is killed at the end.

    `module` is what is run instead of `bot`: `PATIENT`, if the test waits for what the bot answers. Without `checked`
    Python's checks are off: with them a busy process computes half as long again.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "CLUST_", "DATABASE"))}
    log = folder / f"{command}-{next(_numbers)}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-P",
                *(("-X", "dev") if checked else ()),
                "-m",
                module,
                command,
                *(listening.words if listening else ()),
            ),
            pass_fds=listening.fds if listening else (),
            env={**kept, "PYTHONPATH": str(PROJECT), **settings},
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        yield BotProcess(process, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
