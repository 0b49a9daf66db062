"""Four processes are disturbed at random while events happen, again and again: `python -m tests.faults.kills`.

By `kill -9` or another of DISTURBANCES, in one workspace or many, with few connections to the database, through a
pooler, or next to a workspace with much to send and an account that is slow. Prints how many messages were expected,
how many were lost, and how many came twice. The exit code says whether none did. After a pause a message may come twice
where a process was suspended between its last look at the lease and the post (rule T1), and each of these is explained.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from tests.databases import address, create, migrated, postgresql, restart
from tests.faults.deployment import Count, Deployment, Repeat, deployment, together
from tests.faults.fleet import Fleet, fleet, leave_nothing_behind
from tests.faults.many_workspaces import deployments
from tests.pooler import pooler
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

SLOW = 30.0
"""Seconds that the slow account takes for each answer."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a disturbance, again and again, under circumstances."""

    kills: int
    """So often, at least."""
    seed: int
    seconds: float = 0
    """For at least so long."""
    disturbance: str = "kill"
    workspaces: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    is_pooled: bool = False
    """Whether processes reach PostgreSQL through PgBouncer."""
    flood: int = 0
    """So many notifications wait in one of the workspaces, for hours: no one waits for all of them."""
    is_one_slow: bool = False
    """Whether the account of one of the workspaces answers after SLOW seconds, until all others are through."""


@dataclass(slots=True)
class Done:
    """What came of a run: how often processes were disturbed, when they stood still, and the count at the end."""

    count: Count
    kills: int = 0
    suspensions: list[Suspension] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Repeat]:
        """Return the repeats that are none of those of rule T1."""
        return unexplained(self.count, self.suspensions)


def unexplained(count: Count, suspensions: Sequence[Suspension]) -> list[Repeat]:
    """Return the repeats that are none of those of rule T1.

    That one is posted by a process that had stood still, right after it woke, and had been posted by another process by
    then.
    """
    return [
        one
        for one in count.repeated
        if not any(since <= one.first and until <= one.again <= until + LAST_POST for since, until in suspensions)
    ]


async def run(url: str, folder: Path, trial: Trial) -> Done:
    """Let events happen while processes are disturbed, each after some more posts.

    So it is in the middle of a post, as likely as not.
    """
    done, random = Done(Count(0, [], [], [])), Random(trial.seed)
    host, until = urlsplit(url).query.removeprefix("host="), time.monotonic() + trial.seconds
    async with (
        pooler(url) if trial.is_pooled else nullcontext(url) as reached,
        set_up(reached, trial.workspaces, trial.seed, **trial.settings) as places,
        fleet(folder, places[0].settings, *WORKERS) as ships,
    ):
        await baseline_read(places[0].store)
        others = list(places)
        flooded = others.pop(0) if trial.flood else None
        slow = others.pop() if trial.is_one_slow else None
        if flooded:
            flooded.create(trial.flood)
            assert await flooded.detected(timeout=300)
        if slow:
            slow.account.faults.delay_seconds = SLOW
            slow.create(1)
        waiting = max(1, 4 * CHANNELS // len(places))
        for place in places:
            place.slack.faults.chance_after_accept, place.slack.faults.chance_before_accept = 0.02, 0.01
            place.slack.faults.delay_seconds = 0.05
        happening = [asyncio.create_task(each.events(1_000_000, waiting=waiting, timeout=300)) for each in others]
        while done.kills < trial.kills or time.monotonic() < until:
            for _ in range(random.randint(1, POSTS)):
                await _a_post(others)
            disturb, chosen = DISTURBANCES[trial.disturbance], random.randrange(len(ships.processes))
            done.suspensions += await disturb(ships, chosen, host)
            done.kills += 1
        for task in happening:
            task.cancel()
        await asyncio.gather(*happening, return_exceptions=True)
        for place in others:
            await place.quiet(timeout=300)
        # The flood still waits and the slow account is still slow: what did not come in spite of them counts as lost.
        counts = [await place.tally() for place in others]
        if slow:
            slow.account.faults.delay_seconds = 0
            await slow.quiet(timeout=300)
            counts.append(await slow.tally())
        if flooded:
            counts.append(await flooded.tally(is_over=False))
        done.count = together(counts)
    return done


@asynccontextmanager
async def set_up(url: str, workspaces: int, seed: int, **settings: str) -> AsyncIterator[list[Deployment]]:
    """Deploy bots for one workspace with several channels, or for many."""
    if workspaces > 1:
        async with deployments(url, workspaces=workspaces, seed=seed, **settings) as places:
            yield places
    else:
        async with deployment(url, channels=CHANNELS, seed=seed, proxied=False, **settings) as place:
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


async def _kill(ships: Fleet, chosen: int, _host: str) -> list[Suspension]:
    await ships.kill(chosen)
    return []


async def _pause(ships: Fleet, chosen: int, _host: str) -> list[Suspension]:
    """Let a process stand still while the others take its work over."""
    since = time.time()
    ships.pause(chosen)
    await asyncio.sleep(SUSPENDED)
    ships.wake(chosen)
    return [(since, time.time())]


async def _replace(ships: Fleet, chosen: int, _host: str) -> list[Suspension]:
    """Ask a process to stop, and start another. One that still begins has nothing to finish, and just ends."""
    code = await ships.replace(chosen)
    assert code in {0, -signal.SIGTERM}, code
    return []


async def _restart(_ships: Fleet, _chosen: int, host: str) -> list[Suspension]:
    await restart(host)
    return []


DISTURBANCES: Mapping[str, Callable[[Fleet, int, str], Awaitable[list[Suspension]]]] = {
    "kill": _kill,
    "pause": _pause,
    "replace": _replace,
    "restart-postgresql": _restart,
}
"""What is done to one of the processes, or to the server that their database is on. Returns who stood still."""


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--by", choices=DISTURBANCES, default="kill", help="what is done to processes (kill)")
    parser.add_argument("--kills", type=int, default=50, help="at least so many (50)")
    parser.add_argument("--seconds", type=float, default=60, help="for at least so long (60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what happens by chance follows from it")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--pooler", action="store_true", help="through PgBouncer")
    parser.add_argument("--pool", type=int, default=10, help="connections to the database for each process (10)")
    parser.add_argument("--workspaces", type=int, default=1, help="so many, each with an account and a channel (1)")
    parser.add_argument("--flood", type=int, default=0, help="so many notifications wait in one of them (0)")
    parser.add_argument("--slow", action="store_true", help="the account of one of them answers after half a minute")
    arguments = parser.parse_args()
    if arguments.workspaces < 1 + bool(arguments.flood) + arguments.slow:
        parser.error("There must be a workspace besides those that hold others up: --workspaces 3.")
    if arguments.sqlite and (arguments.pooler or arguments.by == "restart-postgresql"):
        parser.error("That is for PostgreSQL.")
    leave_nothing_behind()
    trial = Trial(
        kills=arguments.kills,
        seed=arguments.seed,
        seconds=arguments.seconds,
        disturbance=arguments.by,
        workspaces=arguments.workspaces,
        settings={"DATABASE_POOL": str(arguments.pool)},
        is_pooled=arguments.pooler,
        flood=arguments.flood,
        is_one_slow=arguments.slow,
    )
    with (
        tempfile.TemporaryDirectory(prefix="clust-kills-") as name,
        nullcontext("") if arguments.sqlite else postgresql() as host,
    ):
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'bot.db'}" if arguments.sqlite else address(host, "kills")
        asyncio.run(migrated(url) if arguments.sqlite else create(host, "kills"))
        began = time.monotonic()
        done = asyncio.run(run(url, folder, trial))
        _report(trial, done, time.monotonic() - began)
        return 0 if not (done.count.lost or done.unexplained or done.count.misplaced) else 1


def _report(trial: Trial, done: Done, seconds: float) -> None:
    of_whom = f"{len(WORKERS)} processes, {trial.workspaces} workspaces"
    print(f"seed {trial.seed}: {done.kills} × {trial.disturbance} of {of_whom} in {seconds:.0f} s: {done.count}")
    for one in done.count.lost:
        print(f"  lost: {one}")
    for again in done.count.repeated:
        why = "unexplained" if again in done.unexplained else "its process had stood still before the post (rule T1)"
        print(f"  repeated: {again.event} after {again.again - again.first:.1f} s: {why}")
    for one in done.count.misplaced:
        print(f"  out of order: {one}")


if __name__ == "__main__":
    sys.exit(main())
