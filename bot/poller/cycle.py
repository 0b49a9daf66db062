"""One poll cycle: read Clust and the store, call `decide`, and save the result in one transaction."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.clust import CachedRow, ClustClient, FrontSweep, FullSweep, Priority, RowCache, Sweep, Unsettled
from bot.clust.protocol import Page
from bot.core.applications.list_order import Front, ListOrder, judge_pages, page_dates
from bot.core.applications.model import Application
from bot.core.applications.status_rules import StatusRules, classify
from bot.core.errors import ClustError, ClustNotFound
from bot.poller.decide import (
    MAX_SINGLE_READS,
    SingleReads,
    SweepResult,
    decide,
    failing_after,
    suspicion,
    to_read_singly,
    unknown_status,
)
from bot.store import Store
from bot.store.clust.connections import READABLE, Connection, looked_at_next
from bot.store.clust.polls import PollRow

log = structlog.get_logger(__name__)

MAX_AT_ONCE = 1000
"""Changed applications that are decided on, or freed, between two turns of the event loop: ten milliseconds."""

GARBAGE_COLLECTED_AT = 2000
"""Changed applications at which the garbage collector looks through all objects, once in a read of the list.

It is a first poll then, and the next full collection by itself comes some 150,000 applications later. Among 100,000, of
which none is garbage, it would stop everything for 0.7 seconds.
"""


@dataclass(slots=True)
class Memory:
    """What a poller remembers of its connection between cycles.

    `fingerprints` are those of present applications by id, `row_cache` has the text of their rows. `failing` are the
    ids whose last single read failed, oldest failure first. `interval` is the time until the next cycle.
    """

    interval: timedelta
    fingerprints: dict[str, int] = field(default_factory=dict)
    list_order: ListOrder = field(default_factory=ListOrder)
    failing: dict[str, None] = field(default_factory=dict)
    row_cache: RowCache = field(init=False)

    def __post_init__(self) -> None:
        """Tie the row cache to `fingerprints`: a row counts as unchanged only as long as its fingerprint is there."""
        self.row_cache = RowCache(self.fingerprints)


@dataclass(frozen=True, slots=True)
class CycleResult:
    """The counts of one cycle: applications seen and changed, pages read, events and deliveries created.

    `suspended` is why detection was suspended, or None if it was not (rule B4).
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
    *,
    next_at: datetime | None = None,
    is_settled: bool = False,
) -> CycleResult:
    """Read a connection once, and save the snapshots, events and deliveries that follow.

    Updates `memory` with what was saved. `next_at` is when the connection is polled next. `is_settled`: no single read
    is queued and nothing is absent, so the store needn't be queried. Raises ClustError if a page fails or the list
    can't be right (rule R4), and LeaseLost. Nothing is saved then.
    """
    columns = looked_at_next(connection, next_at) if next_at else {}
    fingerprints = memory.fingerprints
    sweep_result = await _read(connection, client, memory, clock)
    if not sweep_result.ids and not fingerprints and connection.baseline_at is None:
        # Rule B1: an empty list is a baseline only if a second one agrees.
        sweep_result = await _read(connection, client, memory, clock)
    doubt = suspicion(sweep_result, fingerprints)
    if doubt and connection.baseline_at and connection.answer is None:
        poll = PollRow(
            sweep_result.started_at, sweep_result.ended_at, sweep_result.pages, len(sweep_result.ids), 0, error=doubt
        )
        columns = {**columns, "suspended": doubt, "read_at": sweep_result.ended_at, **READABLE}
        await store.polls.keep_poll(connection.id, fence, poll, **columns)
        return CycleResult(len(sweep_result.ids), 0, sweep_result.pages, suspended=doubt)

    waiting, missed = dict[str, str](), dict[str, int]()
    if not is_settled:
        waiting = await store.applications.waiting_for_read(connection.id, MAX_SINGLE_READS, tuple(memory.failing))
        missed = await store.applications.absences(connection.id)
    absent = (one for one in fingerprints if one not in sweep_result.ids)
    absences = {key: missed.get(key, 0) for key in (*missed, *absent)}
    if not sweep_result.is_full:
        absences = {key: times for key, times in missed.items() if key in sweep_result.ids}
    before = await store.applications.snapshots(connection.id, {*sweep_result.changed, *waiting})
    # What needs a single read at the baseline waits for the next cycle: every account gets its baseline soon.
    is_baseline = connection.baseline_at is None
    to_read = [] if is_baseline else to_read_singly(sweep_result, before, waiting, absences, rules, memory.failing)
    singles = await read_singly(client, to_read)
    memory.failing = failing_after(memory.failing, singles)
    before |= await store.applications.snapshots(connection.id, singles.read.keys() - before.keys())
    deciding = partial(decide, connection, sweep_result, before, singles, fingerprints, waiting, absences, rules)
    # In a thread where it takes long: with 100,000 applications, as in a first poll, a second, in which others go on.
    is_long = len(sweep_result.changed) > MAX_AT_ONCE
    cycle = await asyncio.to_thread(deciding) if is_long else deciding()
    cycle = replace(cycle, connection={**cycle.connection, **columns})
    made = await store.polls.keep(connection.id, fence, cycle)

    result = CycleResult(len(sweep_result.ids), len(sweep_result.changed), sweep_result.pages, len(cycle.events), made)
    memory.list_order = _list_order(memory.list_order, sweep_result)
    # A part at a time: to free 100,000 applications at once takes a quarter of a second, in which nothing else goes on.
    while cycle.seen:
        for one in cycle.seen[-MAX_AT_ONCE:]:
            key = one.snapshot.application.id
            fingerprints[key] = one.fingerprint
            sweep_result.changed.pop(key, None)
            before.pop(key, None)
        del cycle.seen[-MAX_AT_ONCE:]
        await asyncio.sleep(0)
    for key in cycle.gone:
        fingerprints.pop(key, None)
    return result


async def reclassify(connection: Connection, store: Store, rules: StatusRules, text: str) -> None:
    """Classify every stored application by changed status rules, without events (rule B3). Raises LeaseLost."""
    changed = []
    async for snapshot in store.applications.newest_first(connection.id):
        application = snapshot.application
        after = replace(snapshot, status_class=classify(application, rules, snapshot.status_class))
        changed.append((after, unknown_status(application, rules)))
    await store.applications.reclassify(connection.id, connection.fence, changed, text)


async def _read(
    connection: Connection, client: ClustClient, memory: Memory, clock: Callable[[], datetime]
) -> SweepResult:
    """Read the front of the list if that is allowed and sufficient, or else all of it (rule R5)."""
    memory.row_cache.trim()
    judges_absence = connection.baseline_at is None or connection.suspended or connection.answer
    if not judges_absence and memory.list_order.allows_front(clock(), memory.interval):
        sweep_result = SweepResult(started_at=clock(), ended_at=clock())
        try:
            front = FrontSweep(client, memory.row_cache, partial(_judge, sweep_result, memory.list_order))
            return await _gather(front, sweep_result, memory.fingerprints, clock)
        except Unsettled as unsettled:
            log.info("the whole list is read", connection=connection.id, why=str(unsettled))
    sweep_result = SweepResult(started_at=clock(), ended_at=clock())
    return await _gather(FullSweep(client, memory.row_cache), sweep_result, memory.fingerprints, clock)


def _judge(sweep_result: SweepResult, list_order: ListOrder, page: Page[CachedRow]) -> Front:
    has_news = any(row.id in sweep_result.changed for row in page.rows)
    return judge_pages(list(sweep_result.order.values()), list_order, has_news=has_news)


def _list_order(list_order: ListOrder, sweep_result: SweepResult) -> ListOrder:
    pages = [sweep_result.order[number] for number in sorted(sweep_result.order)]
    return (
        list_order.after_full(pages, sweep_result.started_at) if sweep_result.is_full else list_order.after_front(pages)
    )


async def _gather(
    sweep: Sweep, sweep_result: SweepResult, fingerprints: Mapping[str, int], clock: Callable[[], datetime]
) -> SweepResult:
    """Add all pages to `sweep_result`. Unchanged rows are dropped, so memory stays small."""
    sweep_result.is_full = sweep.is_full
    has_collected = False
    async for page in sweep.pages():
        sweep_result.pages += 1
        sweep_result.order.setdefault(page.number, page_dates(page.rows))
        for row in page.rows:
            sweep_result.ids.add(row.id)
            if row.application is None or fingerprints.get(row.id) == row.fingerprint:
                sweep_result.changed.pop(row.id, None)
            else:
                sweep_result.changed[row.id] = (row.application, row.fingerprint)
                # The number can stay the same: some rows are read again, as the first page is in the end.
                if not has_collected and len(sweep_result.changed) == GARBAGE_COLLECTED_AT:
                    has_collected = True
                    gc.collect()
    sweep_result.ended_at = clock()
    return sweep_result


async def read_singly(client: ClustClient, ids: Iterable[str]) -> SingleReads:
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
