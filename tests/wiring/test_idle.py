"""What a worker asks of the database while nothing happens: counted, with one workspace and with many."""

from __future__ import annotations

import asyncio
import re
import selectors
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.settings import Settings
from bot.store import Store, open_store
from bot.store.engine.tables import connections, installations, rounds, subscriptions
from bot.store.engine.tables import workspaces as installed_workspaces
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.installations import Installation, Tokens
from bot.wiring.composition import run
from tests.statements import counted

SPEED = 60
"""Seconds of the loop's clock in one real one."""

MINUTE_SECONDS = 60

START_SECONDS = 30
"""Until a process asks as it does on and on."""

NOW = datetime.now(UTC)

TEAM = "T0"

ALLOWED_QUERIES: Mapping[str, tuple[str, int]] = {
    "dispatcher": (r"^WITH RECURSIVE .*FROM deliveries", 30),
    "problems": (r"^WITH RECURSIVE .*FROM subscriptions", 30),
    "checks": (r"^WITH RECURSIVE .*FROM rounds", 13),
    "what is to be checked": (r"^SELECT (anon_1\.team_id, anon_1\.subject_id|rounds\.subject_id) ", 30),
    "the lease of checks and reports": (r" leases\b|pg_advisory_xact_lock", 8),
    "watchdog": (r"^SELECT connections\.id, .* AS polled_at|^WITH RECURSIVE .*FROM notices", 10),
    "form results": (r"^SELECT DISTINCT drafts\.team_id", 5),
    "tokens": (r"installations\.expires_at <", 2),
    "clock": (r"clock_timestamp", 7),
    "polls": (r"\bprocesses\b|^UPDATE connections SET lease_until|^SELECT connections\.id, connections\.team_id", 150),
    "housekeeping": (r"^DELETE|_at <|^SELECT DISTINCT applications|^SELECT installations\.id|totals_until <", 38),
    "transactions": (r"^BEGIN", 250),
}
"""What each loop asks, and how often a minute at most: those that look every five seconds may be woken besides."""


class FastSelector(selectors.DefaultSelector):
    """Waits as much shorter as the loop's clock runs faster."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for what is ready, or until the next timer."""
        return super().select(timeout if timeout is None else timeout / SPEED)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock runs faster."""

    def time(self) -> float:
        """Return the loop's time, in seconds."""
        return time.monotonic() * SPEED


async def fill(store: Store, workspaces: int) -> None:
    """Install the app in so many workspaces, in which nothing happens: nothing is polled, and no check is due."""
    installation = Installation(
        id=TEAM,
        is_org=False,
        enterprise_id=None,
        name="One",
        url="https://example.slack.com/",
        bot_user_id="U0BOT",
        bot_id="B0BOT",
        scopes="",
        installed_by="U1",
        tokens=Tokens("xoxb-one"),
    )
    await store.installations.save(installation, NOW)
    connection = await store.connections.connect(TEAM, "default", "https://clust.invalid/api", "x", "U1", NOW)
    wish = SubscriptionRequest(TEAM, "C1", connection.id, "", ("late",), None, "U1", "UTC")
    await store.subscriptions.save(wish, NOW)
    await store.check_schedule.enrol(NOW)
    async with store.database.write() as tx:
        await tx.execute(rounds.update().values(due_at=NOW + timedelta(days=1)))
        await tx.execute(connections.update().values(ended_at=NOW))
        for table in (installations, installed_workspaces, connections, subscriptions, rounds):
            rows = (await tx.execute(sa.select(table))).mappings().all()
            if copies := [_of_workspace(dict(row), number) for row in rows for number in range(1, workspaces)]:
                await tx.execute(table.insert(), copies)


def _of_workspace(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return a copy of the first workspace's row that belongs to another workspace."""
    numbered = {name: row[name] + number for name in ("id", "connection_id") if isinstance(row.get(name), int)}
    return {name: f"T{number}" if value == TEAM else value for name, value in row.items()} | numbered


@pytest.fixture(autouse=True)
def _brisk() -> None:
    """Leave the bot's pauses as they are, unlike other tests of this folder: they are what is counted."""


def asked_by(statements: Counter[str]) -> Counter[str]:
    """Return how many statements each loop sent. One that no loop is known for stands for itself."""
    requests: Counter[str] = Counter()
    for statement, count in statements.items():
        (loop, *_) = [loop for loop, (pattern, _) in ALLOWED_QUERIES.items() if re.search(pattern, statement)] or [
            statement
        ]
        requests[loop] += count
    return requests


async def idle(settings: Settings, statements: Counter[str]) -> None:
    """Run a worker, and count what it asks in a minute once it has started."""
    loop = asyncio.get_running_loop()
    began_at, began = datetime.now(UTC), loop.time()

    def clock() -> datetime:
        return began_at + timedelta(seconds=loop.time() - began)

    stop = asyncio.Event()
    worker = asyncio.create_task(run(settings, stop, web=False, worker=True, clock=clock))
    has_started, had_a_turn = asyncio.Event(), asyncio.Event()

    def watch(counts: Counter[str], had: asyncio.Event) -> Callable[[], None]:
        def look() -> None:
            if not had.is_set() and {"dispatcher", "checks"} <= asked_by(counts).keys():
                loop.call_soon_threadsafe(had.set)

        return look

    first: Counter[str] = Counter()
    with counted(first, watch(first, has_started)):
        await has_started.wait()  # on a busy machine it takes more than some seconds of this clock
    await asyncio.sleep(START_SECONDS)
    with counted(statements, watch(statements, had_a_turn)):
        await asyncio.sleep(MINUTE_SECONDS)
        await had_a_turn.wait()  # a busy machine: a minute of this clock is too short for a turn of each
    stop.set()
    await worker


async def a_minute(url: str, workspaces: int) -> Counter[str]:
    """Return what a worker asks in an idle minute, on a loop whose clock runs faster."""
    key = Fernet.generate_key().decode()
    store = open_store(url, posts_per_minute=300, secret_keys=[key])
    await fill(store, workspaces)
    await store.database.close()
    oauth = {
        "slack_client_id": "1.1",
        "slack_client_secret": "s" * 32,
        "slack_signing_secret": "s" * 32,
        "secret_key": key,
    }
    given: dict[str, Any] = {**oauth, "database_url": url, "public_url": "https://bot.example", "metrics_port": 0}
    settings = Settings(_env_file=None, **given)
    statements: Counter[str] = Counter()

    def measure() -> None:
        with asyncio.Runner(loop_factory=lambda: FastLoop(FastSelector())) as runner:
            runner.run(idle(settings, statements))

    await asyncio.to_thread(measure)
    return statements


@pytest.mark.parametrize("workspaces", [1, pytest.param(1000, marks=pytest.mark.long)])
async def test_an_idle_worker_asks_the_same_of_many_workspaces_as_of_one(url: str, workspaces: int) -> None:
    """Each loop asks once for all of them. What it does for a workspace in which nothing waits is nothing."""
    requests = asked_by(await a_minute(url, workspaces))
    assert set(requests) <= set(ALLOWED_QUERIES)
    assert {loop: count for loop, count in requests.items() if count > ALLOWED_QUERIES[loop][1]} == {}
