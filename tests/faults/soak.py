"""Half an hour of an account's life at high speed, with faults on every side: `python -m tests.faults.soak`.

A `web` and a `worker` on one database go through it. Prints how much memory and how many file descriptors each had
along the way, and what was lost or repeated. The exit code says whether they stayed flat and nothing was.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from tests.databases import address, create, migrated, postgresql
from tests.faults.deployment import Count, Deployment, deployment
from tests.faults.fleet import Fleet, fleet, leave_nothing_behind
from tests.processes import baseline_read, held
from tests.slack.conftest import healthy

CHANNELS = 5
CHANCE = 0.02
"""Requests on either side that meet a fault."""

GROWTH_MB, MORE_FILES = 25, 10
"""What the last figures may be above those after a quarter of the time, when all that is needed once is there."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Memory and file descriptors of each process, some minutes after the start."""

    minutes: float
    megabytes: tuple[int, ...]
    files: tuple[int, ...]

    def __str__(self) -> str:
        each = zip(self.megabytes, self.files, strict=True)
        return f"{self.minutes:5.1f} min: " + "; ".join(f"{size} MB, {files} files" for size, files in each)


@dataclass(slots=True)
class Soaked:
    """What came of it."""

    count: Count
    figures: list[Figures] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    unanswered: int = 0

    @property
    def is_flat(self) -> bool:
        """Whether nothing grew after the first quarter."""
        first, last = self.figures[len(self.figures) // 4], self.figures[-1]
        grown = [after - before for before, after in zip(first.megabytes, last.megabytes, strict=True)]
        opened = [after - before for before, after in zip(first.files, last.files, strict=True)]
        return max(grown) <= GROWTH_MB and max(opened) <= MORE_FILES


def measured(ships: Fleet, began: float) -> Figures:
    """Look at the processes (proc(5))."""
    megabytes, files = [], []
    for process in ships.processes:
        status = Path(f"/proc/{process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        megabytes.append(int(kilobytes) // 1024)
        files.append(len(list(Path(f"/proc/{process.pid}/fd").iterdir())))
    return Figures((time.monotonic() - began) / 60, tuple(megabytes), tuple(files))


async def typing(place: Deployment, soaked: Soaked) -> None:
    """Type a command after the other. In bad weather not each is answered by what was asked, but each is answered."""
    for text in cycle(("list", "status", "show 1", "why 1", "subscriptions")):
        interaction = await place.slack.command("/clust", text)
        soaked.commands += 1
        try:
            await interaction.answer()
        except TimeoutError:
            soaked.unanswered += 1
        await asyncio.sleep(0.5)


async def soak(url: str, folder: Path, minutes: float, seed: int) -> Soaked:
    """Let the bot live through so many minutes, and print what it takes."""
    soaked = Soaked(Count(0, [], [], []))
    async with AsyncExitStack() as stack:
        door = stack.enter_context(held())
        place = await stack.enter_async_context(deployment(url, channels=CHANNELS, seed=seed, proxied=True))
        ships = await stack.enter_async_context(fleet(folder, place.settings, "web", "worker", listening=[door, None]))
        place.slack.events_url = door.events_url
        place.slack.faults.acknowledge_seconds = 60
        await healthy(door.port, within=60)
        await baseline_read(place.store)
        for proxy in place.proxies:
            proxy.chance = CHANCE
        began = time.monotonic()
        tasks = [
            asyncio.create_task(place.events(10_000_000, waiting=8 * CHANNELS, timeout=3600)),
            asyncio.create_task(typing(place, soaked)),
        ]
        while (time.monotonic() - began) / 60 < minutes:
            soaked.figures.append(measured(ships, began))
            print(soaked.figures[-1], f"; {place.posted} messages", flush=True)
            await asyncio.sleep(60 * minutes / 20)
        soaked.figures.append(measured(ships, began))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for proxy in place.proxies:
            proxy.chance = 0
            soaked.faults.update(proxy.happened)
        await place.quiet(timeout=600)
        soaked.count = await place.tally()
    return soaked


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="for so long (30)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what happens by chance follows from it")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    arguments = parser.parse_args()
    leave_nothing_behind()
    with (
        tempfile.TemporaryDirectory(prefix="clust-soak-") as name,
        nullcontext("") if arguments.sqlite else postgresql() as host,
    ):
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'bot.db'}" if arguments.sqlite else address(host, "soak")
        asyncio.run(migrated(url) if arguments.sqlite else create(host, "soak"))
        done = asyncio.run(soak(url, folder, arguments.minutes, arguments.seed))
        print(f"seed {arguments.seed}: {done.figures[-1]} (web; worker)")
        print(
            f"{sum(done.faults.values())} faults: {', '.join(f'{n} × {name}' for name, n in done.faults.most_common())}"
        )
        print(
            f"{done.count}; {done.commands} commands, {done.unanswered} unanswered; "
            f"{'flat' if done.is_flat else 'GROWN'}"
        )
        for fault, events in (("lost", done.count.lost), ("repeated", done.count.repeated)):
            for one in events[:20]:
                print(f"  {fault}: {one}")
        return 0 if done.is_flat and done.count.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
