"""Reads the applications that webhooks named, between two polls. Detection is the same as for a poll."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import Snapshot
from bot.poller.cycle import Memory, read_singly
from bot.poller.decide import SweepResult, decide
from bot.store import Store
from bot.store.clust.connections import Connection

log = structlog.get_logger(__name__)

MAX_READS_A_MINUTE = 20
"""Of one account, by this process."""

MINUTE = timedelta(minutes=1)

MISSING_RESTS = timedelta(hours=1)
"""How long an unknown ID that gave a 404 isn't read again."""


class HintReads:
    """Reads one account's hints, at most `MAX_READS_A_MINUTE`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reads = deque[datetime](maxlen=MAX_READS_A_MINUTE)

    async def read(
        self,
        connection: Connection,
        client: ClustClient,
        rules: StatusRules,
        memory: Memory,
        clock: Callable[[], datetime],
    ) -> int:
        """Read what waits, within the rate limit, and save what changed. Returns the number of deliveries created.

        Known applications come first. What can't be read now waits for another minute. Raises LeaseLost. Nothing is
        saved then.
        """
        store, now = self._store, clock()
        hints = await store.hints.waiting(connection.id, self._left(now))
        self._reads.extend([now] * len(hints))
        ids = [one.application_id for one in hints]
        singles = await read_singly(client, ids)
        before = await store.applications.snapshots(connection.id, ids)
        waiting = await store.applications.unread(connection.id, ids)
        sweep = SweepResult(now, clock(), is_full=False)
        # A new baseline is for a poll, which reads everything.
        result = decide(
            replace(connection, answer=None), sweep, before, singles, memory.fingerprints, waiting, {}, rules
        )
        seen = [
            one for one in result.seen if _is_news(one.snapshot, before.get(one.snapshot.application.id)) or waiting
        ]
        created = 0
        if seen:
            # Only a sweep shows how fresh the account's data is, and what is absent.
            result = replace(result, seen=seen, connection={}, let_go=(), suspension_end=None)
            created = await store.polls.keep(connection.id, connection.fence, result)
            memory.fingerprints.update((one.snapshot.application.id, one.fingerprint) for one in seen)
            log.info("changes seen", changed=len(seen), events=len(result.events), deliveries=created, by="webhook")
        now = clock()
        await store.hints.done(
            connection.id,
            connection.fence,
            [one for one in hints if one.application_id not in singles.failed],
            singles.missing,
            now,
            missing_until=now + MISSING_RESTS,
            next_at=now + MINUTE if singles.failed else self._next_at(now),
        )
        return created

    def _left(self, now: datetime) -> int:
        """Return how many more applications can be read now."""
        while self._reads and self._reads[0] <= now - MINUTE:
            self._reads.popleft()
        return MAX_READS_A_MINUTE - len(self._reads)

    def _next_at(self, now: datetime) -> datetime:
        """Return when the next application can be read."""
        return now if self._left(now) else self._reads[0] + MINUTE


def _is_news(after: Snapshot, before: Snapshot | None) -> bool:
    """Return whether a read showed anything that wasn't stored already."""
    if before is None or before.gone:
        return True
    return (after.application, after.status_class, after.discovered) != (
        before.application,
        before.status_class,
        before.discovered,
    )
