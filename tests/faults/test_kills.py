"""Four processes on PostgreSQL that are killed, or stand still, while events happen (rules D4, T1 to T3)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.deployment import deployment
from tests.faults.fleet import fleet
from tests.faults.kills import run, unexplained
from tests.pooler import PGBOUNCER, pooler
from tests.processes import baseline_read

pytestmark = pytest.mark.timeout(400)


@pytest.mark.long
async def test_kill_9_of_four_processes_loses_nothing_and_repeats_nothing(postgresql_url: str, tmp_path: Path) -> None:
    """T1 to T3: processes are killed while they send, and Slack cuts connections: each message is there once."""
    done = await run(postgresql_url, tmp_path, kills=4, seconds=0, seed=7)
    assert done.count.is_right, done
    assert done.count.expected > 20


@pytest.mark.long
@pytest.mark.skipif(not PGBOUNCER, reason="PgBouncer is not installed")
async def test_kill_9_behind_a_pooler_loses_nothing_and_repeats_nothing(postgresql_url: str, tmp_path: Path) -> None:
    """The same where each transaction gets another session, and there are fewer of these than processes."""
    async with pooler(postgresql_url) as url:
        done = await run(url, tmp_path, kills=4, seconds=0, seed=8)
    assert done.count.is_right, done
    assert done.count.expected > 20


@pytest.mark.long
async def test_kill_9_of_those_who_serve_many_workspaces(postgresql_url: str, tmp_path: Path) -> None:
    """Thirty workspaces, whose accounts move from process to process: each message of each is there once."""
    done = await run(postgresql_url, tmp_path, kills=4, seconds=0, seed=9, workspaces=30)
    assert done.count.is_right, done
    assert done.count.expected > 30


async def test_the_poll_is_taken_over_from_a_process_that_died(postgresql_url: str, tmp_path: Path) -> None:
    """D4: the other process goes on with the poll, and sees what happened meanwhile once."""
    async with (
        deployment(postgresql_url, channels=1) as place,
        fleet(tmp_path, place.settings, "worker", "worker") as ships,
    ):
        await baseline_read(place.store)
        died = await place.leader()
        os.kill(ships.processes[ships.place_of(died)].pid, signal.SIGKILL)
        place.happen()
        assert await place.quiet()
        assert await place.leader() != died
        assert (await place.tally()).is_right


@pytest.mark.long
async def test_a_process_that_stood_still_does_not_send_what_others_took_over(
    postgresql_url: str, tmp_path: Path
) -> None:
    """T3: the leader is stopped in mid-work and wakes up when others have done it: it polls and posts nothing twice."""
    async with (
        deployment(postgresql_url, channels=5) as place,
        fleet(tmp_path, place.settings, "worker", "worker") as ships,
    ):
        await baseline_read(place.store)
        place.slack.faults.delay = 0.1
        place.happen()
        await place.posts(1)
        stopped = ships.place_of(await place.leader())
        ships.pause(stopped)
        since = time.time()
        place.happen()
        assert await place.quiet()
        ships.wake(stopped)
        suspensions = [(since, time.time())]
        place.happen()
        assert await place.quiet()
        count = await place.tally()
        # T1: it may have been stopped between its last look at the lease and its post; that is the only exception.
        assert (count.lost, count.misplaced) == ([], [])
        assert unexplained(count, suspensions) == []
