"""One cycle: gather what Clust says and what is known, let `decide` decide, keep it in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.clust import ClustClient, FullSweep, Priority, Sweep
from bot.core.errors import ClustError, ClustNotFound
from bot.core.model import Application, fingerprint
from bot.core.statuses import StatusRules
from bot.core.triggers import classify
from bot.poller.decide import SINGLE_READS, Found, Singles, decide, suspicion, to_read_singly, unknown_status
from bot.store import Store
from bot.store.connections import Connection
from bot.store.cycles import PollRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
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
    known: MutableMapping[str, int],
    clock: Callable[[], datetime],
) -> Outcome:
    """Read a connection once and keep what follows.

    `known` holds the fingerprints of all present applications and is brought up to date with what was kept. Raises
    ClustError, with nothing kept, when a page fails or the list can't be right (rule R4); LeaseLost likewise.
    """
    found = await _sweep(client, known, clock)
    if not found.ids and not known and connection.baseline_at is None:
        found = await _sweep(client, known, clock)  # rule B1: an empty list is a baseline only if a second one agrees
    doubt = suspicion(found, known)
    if doubt and connection.baseline_at and connection.answer is None:
        poll = PollRow(found.started_at, found.ended_at, found.pages, len(found.ids), 0, error=doubt)
        await store.cycles.keep_poll(
            connection.id, fence, poll, suspended=doubt, read_at=found.ended_at, failing_since=None, error=None
        )
        return Outcome(len(found.ids), 0, found.pages, suspended=doubt)

    waiting = await store.applications.waiting_for_read(connection.id, SINGLE_READS)
    missed = await store.applications.absences(connection.id)
    absences = {key: missed.get(key, 0) for key in (*missed, *(one for one in known if one not in found.ids))}
    before = await store.applications.snapshots(connection.id, {*found.changed, *waiting})
    singles = await _read_singly(client, to_read_singly(found, before, list(waiting), absences, rules))
    before |= await store.applications.snapshots(connection.id, singles.read.keys() - before.keys())
    cycle = decide(connection, found, before, singles, known, waiting, absences, rules)
    made = await store.cycles.keep(connection.id, fence, cycle)

    known.update((one.snapshot.application.id, one.fingerprint) for one in cycle.seen)
    for key in cycle.gone:
        known.pop(key, None)
    return Outcome(len(found.ids), len(found.changed), found.pages, len(cycle.events), made)


async def reclassify(connection: Connection, store: Store, rules: StatusRules, text: str) -> None:
    """Give every stored application the class that changed status rules say, without events (rule B3)."""
    changed = []
    async for snapshot in store.applications.newest_first(connection.id):
        application = snapshot.application
        after = replace(snapshot, status_class=classify(application, rules, snapshot.status_class))
        changed.append((after, unknown_status(application, rules)))
    await store.applications.reclassify(connection.id, changed, text)


async def _sweep(client: ClustClient, known: MutableMapping[str, int], clock: Callable[[], datetime]) -> Found:
    """Read every page; rows that are as they were are not kept in memory."""
    found = Found(started_at=clock(), ended_at=clock())
    sweep: Sweep = FullSweep(client)
    async for page in sweep.pages():
        found.pages += 1
        for row in page.rows:
            found.ids.add(row.id)
            mark = fingerprint(row)
            if known.get(row.id) == mark:
                found.changed.pop(row.id, None)
            else:
                found.changed[row.id] = (row, mark)
    found.ended_at = clock()
    return found


async def _read_singly(client: ClustClient, ids: Iterable[str]) -> Singles:
    """Read applications one by one. What can't be read now stays in the queue for a later cycle."""
    read: dict[str, Application] = {}
    missing: list[str] = []

    async def one(key: str) -> None:
        try:
            read[key] = await client.application(key, priority=Priority.POLL)
        except ClustNotFound:
            missing.append(key)
        except ClustError as error:
            log.info("an application could not be read singly", application=key, error=str(error))

    await asyncio.gather(*(one(key) for key in ids))
    return Singles(read, missing)
