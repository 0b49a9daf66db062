"""One cycle: gather what Clust says and what is known, let `decide` decide, keep it in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.clust import CachedRow, ClustClient, FrontSweep, FullSweep, Priority, RowCache, Sweep, Unsettled
from bot.clust.protocol import Page
from bot.core.applications.list_order import Front, Habit, judge_front, stretch
from bot.core.applications.model import Application
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import classify
from bot.core.errors import ClustError, ClustNotFound
from bot.poller.decide import SINGLE_READS, SingleReads, SweepResult, decide, suspicion, to_read_singly, unknown_status
from bot.store import Store
from bot.store.clust.connections import READABLE, Connection
from bot.store.clust.polls import PollRow

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Memory:
    """What a poller knows of its connection from one cycle to the next.

    `known` holds the fingerprints of all present applications, `familiar` how their rows were spelled; `interval` is
    the time until the next cycle.
    """

    interval: timedelta
    known: dict[str, int] = field(default_factory=dict)
    habit: Habit = field(default_factory=Habit)
    familiar: RowCache = field(init=False)

    def __post_init__(self) -> None:
        """A row is familiar while `known` has what it told."""
        self.familiar = RowCache(self.known)


@dataclass(frozen=True, slots=True)
class CycleResult:
    """What a cycle came to: applications seen and changed, pages read, events, and deliveries made.

    `suspended` is a reason.
    """

    seen: int
    changed: int
    pages: int
    events: int = 0
    deliveries: int = 0
    suspended: str | None = None


async def read_cycle(
    connection: Connection,
    fence: int,
    client: ClustClient,
    store: Store,
    rules: StatusRules,
    memory: Memory,
    clock: Callable[[], datetime],
) -> CycleResult:
    """Read a connection once and keep what follows.

    `memory` is brought up to date with what was kept. Raises ClustError, with nothing kept, when a page fails or the
    list can't be right (rule R4); LeaseLost likewise.
    """
    known = memory.known
    found = await _read(connection, client, memory, clock)
    if not found.ids and not known and connection.baseline_at is None:
        # Rule B1: an empty list is a baseline only if a second one agrees.
        found = await _read(connection, client, memory, clock)
    doubt = suspicion(found, known)
    if doubt and connection.baseline_at and connection.answer is None:
        poll = PollRow(found.started_at, found.ended_at, found.pages, len(found.ids), 0, error=doubt)
        await store.cycles.keep_poll(connection.id, fence, poll, suspended=doubt, read_at=found.ended_at, **READABLE)
        return CycleResult(len(found.ids), 0, found.pages, suspended=doubt)

    waiting = await store.applications.waiting_for_read(connection.id, SINGLE_READS)
    missed = await store.applications.absences(connection.id)
    absent = (one for one in known if one not in found.ids)
    absences = {key: missed.get(key, 0) for key in (*missed, *absent)}
    if not found.is_full:
        absences = {key: times for key, times in missed.items() if key in found.ids}
    before = await store.applications.snapshots(connection.id, {*found.changed, *waiting})
    singles = await _read_singly(client, to_read_singly(found, before, waiting, absences, rules))
    before |= await store.applications.snapshots(connection.id, singles.read.keys() - before.keys())
    cycle = decide(connection, found, before, singles, known, waiting, absences, rules)
    made = await store.cycles.keep(connection.id, fence, cycle)

    known.update((one.snapshot.application.id, one.fingerprint) for one in cycle.seen)
    for key in cycle.gone:
        known.pop(key, None)
    memory.habit = _habit(memory.habit, found)
    return CycleResult(len(found.ids), len(found.changed), found.pages, len(cycle.events), made)


async def reclassify(connection: Connection, store: Store, rules: StatusRules, text: str) -> None:
    """Give every stored application the class that changed status rules say, without events (rule B3)."""
    changed = []
    async for snapshot in store.applications.newest_first(connection.id):
        application = snapshot.application
        after = replace(snapshot, status_class=classify(application, rules, snapshot.status_class))
        changed.append((after, unknown_status(application, rules)))
    await store.applications.reclassify(connection.id, changed, text)


async def _read(
    connection: Connection, client: ClustClient, memory: Memory, clock: Callable[[], datetime]
) -> SweepResult:
    """Read the front of the list, where that is allowed and settles the rest; else all of it (rule R5)."""
    judges_absence = connection.baseline_at is None or connection.suspended or connection.answer
    if not judges_absence and memory.habit.allows_front(clock(), memory.interval):
        found = SweepResult(started_at=clock(), ended_at=clock())
        try:
            front = FrontSweep(client, memory.familiar, partial(_judge, found, memory.habit))
            return await _gather(front, found, memory.known, clock)
        except Unsettled as unsettled:
            log.info("the whole list is read", connection=connection.id, why=str(unsettled))
    found = SweepResult(started_at=clock(), ended_at=clock())
    return await _gather(FullSweep(client, memory.familiar), found, memory.known, clock)


def _judge(found: SweepResult, habit: Habit, page: Page[CachedRow]) -> Front:
    has_news = any(row.id in found.changed for row in page.rows)
    return judge_front(list(found.order.values()), habit, has_news=has_news)


def _habit(habit: Habit, found: SweepResult) -> Habit:
    pages = [found.order[number] for number in sorted(found.order)]
    return habit.after_full(pages, found.started_at) if found.is_full else habit.after_front(pages)


async def _gather(
    sweep: Sweep, found: SweepResult, known: Mapping[str, int], clock: Callable[[], datetime]
) -> SweepResult:
    """Take the pages in; rows that are as they were are not kept in memory."""
    found.is_full = sweep.is_full
    async for page in sweep.pages():
        found.pages += 1
        found.order.setdefault(page.number, stretch(page.rows))
        for row in page.rows:
            found.ids.add(row.id)
            if row.application is None or known.get(row.id) == row.fingerprint:
                found.changed.pop(row.id, None)
            else:
                found.changed[row.id] = (row.application, row.fingerprint)
    found.ended_at = clock()
    return found


async def _read_singly(client: ClustClient, ids: Iterable[str]) -> SingleReads:
    """Read applications one by one. What can't be read now stays in the queue for a later cycle."""
    read: dict[str, Application] = {}
    missing: list[str] = []
    failed: list[str] = []

    async def one(key: str) -> None:
        try:
            read[key] = await client.application(key, priority=Priority.POLL)
        except ClustNotFound:
            missing.append(key)
        except ClustError as error:
            failed.append(key)
            log.info("an application could not be read singly", application=key, error=str(error))

    await asyncio.gather(*(one(key) for key in ids))
    return SingleReads(read, missing, failed)
