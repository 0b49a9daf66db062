"""Four processes on PostgreSQL that are killed, or stand still, while events happen (rules D4, T1 to T3)."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import create, postgresql
from tests.faults.deployment import deployment
from tests.faults.fleet import fleet
from tests.faults.kills import Trial, run, unexplained
from tests.pooler import PGBOUNCER
from tests.processes import baseline_read

pytestmark = pytest.mark.timeout(900)

FEW_CONNECTIONS = {"DATABASE_POOL": "4"}


@pytest.fixture
def own_postgresql_url() -> Iterator[str]:
    """A migrated database on a server of the test's own, that can be restarted."""
    with postgresql() as host:
        yield asyncio.run(create(host, "kills"))


POOLED = pytest.mark.skipif(not PGBOUNCER, reason="PgBouncer is not installed")


def trial(**more: Any) -> Trial:
    """A short one."""
    return Trial(**{"kills": 4, "seed": 7, **more})


@pytest.mark.long
@pytest.mark.parametrize(
    "trial",
    [
        pytest.param(trial(), id="kill"),
        pytest.param(trial(workspaces=30), id="kill-30"),
        pytest.param(trial(workspaces=30, disturbance="pause", kills=3), id="pause-30"),
        pytest.param(trial(workspaces=30, disturbance="replace"), id="replace-30"),
        pytest.param(trial(is_pooled=True), id="pooler", marks=POOLED),
        pytest.param(trial(is_pooled=True, workspaces=30), id="pooler-30", marks=POOLED),
        pytest.param(trial(settings=FEW_CONNECTIONS), id="full-pool"),
        pytest.param(trial(settings=FEW_CONNECTIONS, workspaces=30), id="full-pool-30"),
    ],
)
async def test_each_message_is_there_once(postgresql_url: str, tmp_path: Path, trial: Trial) -> None:
    """T1 to T3: whatever happens to the processes while they send, in one workspace or in thirty."""
    done = await run(postgresql_url, tmp_path, trial)
    assert (done.count.lost, done.unexplained, done.count.misplaced) == ([], [], [])
    assert done.count.expected > 20


@pytest.mark.long
async def test_others_are_sent_to_while_one_workspace_has_much_and_an_account_is_slow(
    postgresql_url: str, tmp_path: Path
) -> None:
    """One has 10,000 waiting, one account takes half a minute for an answer: all others' messages come before."""
    done = await run(postgresql_url, tmp_path, trial(workspaces=30, flood=10_000, is_one_slow=True))
    assert done.count.is_right, done
    assert done.count.waiting > 5000


@pytest.mark.long
@pytest.mark.parametrize("workspaces", [1, 30])
async def test_each_message_is_there_once_when_postgresql_restarts(
    own_postgresql_url: str, workspaces: int, tmp_path: Path
) -> None:
    """D1: what was not committed is done again, and what was posted before is looked up."""
    done = await run(own_postgresql_url, tmp_path, trial(workspaces=workspaces, disturbance="restart-postgresql"))
    assert done.count.is_right, done
    assert done.count.expected > 20


async def test_the_poll_is_taken_over_from_a_process_that_died(postgresql_url: str, tmp_path: Path) -> None:
    """D4: the other process goes on with the poll, and sees what happened in between once."""
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
async def test_a_process_that_was_stopped_repeats_nothing(postgresql_url: str, tmp_path: Path) -> None:
    """T3: the leader is stopped in mid-work and wakes up when others have done it: it polls and posts nothing twice."""
    async with (
        deployment(postgresql_url, channels=5) as place,
        fleet(tmp_path, place.settings, "worker", "worker") as ships,
    ):
        await baseline_read(place.store)
        place.slack.faults.delay_seconds = 0.1
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
        # T1: it may have been stopped between its last look at the lease and its post. That is the only exception.
        assert (count.lost, count.misplaced) == ([], [])
        assert unexplained(count, suspensions) == []
