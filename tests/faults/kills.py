"""`kill -9` of four processes at random while events happen, again and again: `python -m tests.faults.kills`.

Prints how many messages were expected, how many were lost, and how many came twice; the exit code says whether none
did. With `--pause` processes are stopped and woken instead (SIGSTOP, SIGCONT): then a message may come twice where a
process was suspended between its last look at the lease and the post (rule T1), and each such is explained.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.databases import address, create, migrated, postgresql
from tests.faults.deployment import Count, Deployment, Repeat, deployment, together
from tests.faults.fleet import Fleet, fleet, leave_nothing_behind
from tests.faults.many_workspaces import deployments
from tests.processes import baseline_read

WORKERS = ("worker",) * 4
CHANNELS = 5
"""Look-ups after a kill are paced as Slack wants it, 40 a minute: a kill must not leave more than it has time for."""

POSTS = 6
"""Within so many more the next process is killed."""

LAST_POST = 10.0
"""Seconds after its awakening within which a process posts what it had begun (POST_TIMEOUT of the bot)."""

Suspension = tuple[float, float]
"""When a process stood still, from and until."""

SUSPENDED = 14.0
"""Seconds that a process stands still: longer than its lease, and than it takes until its post is looked up."""


@dataclass(slots=True)
class Done:
    """What came of a run: how often processes were killed, when they stood still, and the count at the end."""

    count: Count
    kills: int = 0
    suspensions: list[Suspension] = field(default_factory=list)


def unexplained(count: Count, suspensions: Sequence[Suspension]) -> list[Repeat]:
    """Return the repeats that are none of those of rule T1.

    That one is posted by a process that had stood still, right after it woke, and was posted by another meanwhile.
    """
    return [
        one
        for one in count.repeated
        if not any(since <= one.first and until <= one.again <= until + LAST_POST for since, until in suspensions)
    ]


async def run(
    url: str, folder: Path, *, kills: int, seconds: float, seed: int, pause: bool = False, workspaces: int = 1
) -> Done:
    """Let events happen while processes are killed, or stand still, each after some more posts.

    So it is in the middle of a post, as likely as not. Ends after so many `kills`, and not before so many `seconds`.
    """
    done, random = Done(Count(0, [], [], [])), Random(seed)
    until = time.monotonic() + seconds
    async with (
        _places(url, workspaces, seed) as places,
        fleet(folder, places[0].settings, *WORKERS) as ships,
    ):
        await baseline_read(places[0].store)
        waiting = max(1, 4 * CHANNELS // len(places))
        for place in places:
            place.slack.faults.chance_after_accept, place.slack.faults.chance_before_accept = 0.02, 0.01
            place.slack.faults.delay = 0.05
        happening = [asyncio.create_task(each.events(1_000_000, waiting=waiting, timeout=300)) for each in places]
        while done.kills < kills or time.monotonic() < until:
            for _ in range(random.randint(1, POSTS)):
                await _a_post(places)
            chosen = random.randrange(len(ships.processes))
            if pause:
                done.suspensions.append(await _stand_still(ships, chosen))
            else:
                await ships.kill(chosen)
            done.kills += 1
        for task in happening:
            task.cancel()
        await asyncio.gather(*happening, return_exceptions=True)
        for place in places:
            await place.quiet(timeout=300)
        done.count = together([await place.tally() for place in places])
    return done


@asynccontextmanager
async def _places(url: str, workspaces: int, seed: int) -> AsyncIterator[list[Deployment]]:
    """Deploy bots for one workspace with several channels, or for many."""
    if workspaces > 1:
        async with deployments(url, workspaces=workspaces, seed=seed) as places:
            yield places
    else:
        async with deployment(url, channels=CHANNELS, seed=seed) as place:
            yield [place]


async def _a_post(places: Sequence[Deployment]) -> None:
    """Wait until there was one more post, or one more was tried, in any workspace."""
    posts = [asyncio.create_task(place.posts(1, timeout=300)) for place in places]
    done, _ = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    for task in posts:
        task.cancel()
    await asyncio.gather(*posts, return_exceptions=True)
    for task in done:
        task.result()


async def _stand_still(ships: Fleet, chosen: int) -> Suspension:
    """Let a process stand still while the others take its work over."""
    since = time.time()
    ships.pause(chosen)
    await asyncio.sleep(SUSPENDED)
    ships.wake(chosen)
    return since, time.time()


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="at least so many (50)")
    parser.add_argument("--seconds", type=float, default=60, help="for at least so long (60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what happens by chance follows from it")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--pause", action="store_true", help="stop and wake processes instead of killing them")
    parser.add_argument("--workspaces", type=int, default=1, help="so many, each with an account and a channel (1)")
    asked = parser.parse_args()
    leave_nothing_behind()
    with (
        tempfile.TemporaryDirectory(prefix="clust-kills-") as name,
        nullcontext("") if asked.sqlite else postgresql() as host,
    ):
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'bot.db'}" if asked.sqlite else address(host, "kills")
        asyncio.run(migrated(url) if asked.sqlite else create(host, "kills"))
        began = time.monotonic()
        done = asyncio.run(
            run(
                url,
                folder,
                kills=asked.kills,
                seconds=asked.seconds,
                seed=asked.seed,
                pause=asked.pause,
                workspaces=asked.workspaces,
            )
        )
        what, seconds = "pauses" if asked.pause else "kills", time.monotonic() - began
        odd = unexplained(done.count, done.suspensions)
        of_whom = f"{len(WORKERS)} processes, {asked.workspaces} workspaces"
        print(f"seed {asked.seed}: {done.kills} {what} of {of_whom} in {seconds:.0f} s: {done.count}")
        for one in done.count.lost:
            print(f"  lost: {one}")
        for again in done.count.repeated:
            why = "unexplained" if again in odd else "its process had stood still before the post (rule T1)"
            print(f"  repeated: {again.event} after {again.again - again.first:.1f} s: {why}")
        for one in done.count.misplaced:
            print(f"  out of order: {one}")
        return 0 if not (done.count.lost or odd or done.count.misplaced) else 1


if __name__ == "__main__":
    sys.exit(main())
