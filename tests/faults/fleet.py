"""Processes of the bot that are killed, stopped, woken and replaced."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.processes import Held

Process = asyncio.subprocess.Process


@dataclass
class Fleet:
    """One process for each of `commands`. What they print goes to a file for each place."""

    commands: Sequence[str]
    settings: Mapping[str, str]
    folder: Path
    more: Sequence[Mapping[str, str]] = ()
    """Settings of each place's own."""
    listening: Sequence[Held | None] = ()
    """The socket that is handed to each place, whatever process is there."""
    processes: list[Process] = field(default_factory=list)

    async def start(self, place: int) -> Process:
        """Start a process in a place, beside whatever runs there."""
        own = self.more[place] if self.more else {}
        handed = self.listening[place] if self.listening else None
        with (self.folder / f"{place}-{self.commands[place]}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "bot", self.commands[place], *(handed.words if handed else ())),
                pass_fds=handed.fds if handed else (),
                env={**self.settings, **own},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    async def kill(self, place: int) -> None:
        """Kill a process in the middle of whatever it does (`kill -9`), and start another."""
        await _killed(self.processes[place])
        self.processes[place] = await self.start(place)

    async def replace(self, place: int) -> int:
        """Ask a process to stop (SIGTERM), and start another once it has. Returns its exit code."""
        self.processes[place].send_signal(signal.SIGTERM)
        code = await self.processes[place].wait()
        self.processes[place] = await self.start(place)
        return code

    def pause(self, place: int) -> None:
        """Let a process stand still (SIGSTOP)."""
        self.processes[place].send_signal(signal.SIGSTOP)

    def wake(self, place: int) -> None:
        """Let it go on (SIGCONT)."""
        self.processes[place].send_signal(signal.SIGCONT)

    def place_of(self, owner: str) -> int:
        """Return the place of the process that a lease names: host, process id, and something random."""
        return [process.pid for process in self.processes].index(int(owner.split("-")[-2]))

    @property
    def output(self) -> str:
        """All that the processes have printed."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


@asynccontextmanager
async def fleet(
    folder: Path,
    settings: Mapping[str, str],
    *commands: str,
    more: Sequence[Mapping[str, str]] = (),
    listening: Sequence[Held | None] = (),
) -> AsyncIterator[Fleet]:
    """Start `python -m bot` with each of these commands. Whatever runs at the end is killed."""
    ships = Fleet(commands, settings, folder, more, listening)
    try:
        for place in range(len(commands)):
            ships.processes.append(await ships.start(place))
        yield ships
    finally:
        await asyncio.gather(*map(_killed, ships.processes))


def leave_nothing_behind() -> None:
    """Let a command that is asked to stop by SIGTERM end its processes and its database first."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


async def _killed(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    await process.wait()
