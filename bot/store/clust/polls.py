"""Saves a poll: snapshots, events and deliveries, in one transaction, by the process that holds the lease."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.links import link_key
from bot.core.applications.model import Application
from bot.core.applications.triggers import Event, Snapshot
from bot.core.applications.understanding import ContactState
from bot.core.notifications.admin_notifications import FirstContact
from bot.core.notifications.routing import Route, Verdict, route
from bot.core.notifications.states import Hold, State
from bot.store.clust.connections import ANSWER_BASELINE, check_fence, team_of
from bot.store.engine.database import Database, LockedTransaction, Transaction
from bot.store.engine.scanning import chunks
from bot.store.engine.tables import applications, audit, connections, deliveries, events, polls
from bot.store.notifications.admin_notifications import notifications_lock, put_admin_notification
from bot.store.notifications.cards import dirty
from bot.store.notifications.release import release
from bot.store.notifications.subscriptions import routable
from bot.store.people.audit import WRITES, AuditOutcome


@dataclass(frozen=True, slots=True)
class PolledApplication:
    """What is saved of one application: its state, its row's fingerprint, and whether it needs a single read."""

    snapshot: Snapshot
    fingerprint: int
    unread: str | None = None
    unknown_status: str | None = None
    changed_at: datetime | None = None
    """When it was last seen to change. None means in this cycle."""
    is_new: bool = False
    """Whether nothing was stored of it before, so there is no card to update."""
    has_new_links: bool = True
    """Whether its links may differ from the stored ones: their indexes are written for these alone."""


@dataclass(frozen=True, slots=True)
class PollRow:
    """One cycle, as a row of `polls`."""

    started_at: datetime
    ended_at: datetime
    pages: int
    seen: int
    changed: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SuspensionEnd:
    """That detection is no longer suspended, and no one is asked about it any more (rule B4)."""

    obeyed: str | None
    """The admin's answer that the cycle obeyed, None if it had none."""


@dataclass(frozen=True, slots=True)
class PollResult:
    """Everything that follows from one complete sweep. Saved completely or not at all."""

    poll: PollRow
    seen: list[PolledApplication]
    absent: Sequence[str]
    returned: Sequence[str]
    gone: Sequence[str]
    events: Sequence[Event]
    name: str
    """The connection's name, for filters."""
    connection: Mapping[str, Any]
    """Columns of the connection to set: baseline and freshness."""
    let_go: Sequence[str] = ()
    """Ids to remove from the queue for single reads without a read."""
    first_contact: FirstContact | None = None
    """What admins are notified of after the first complete read of an account."""
    contact_state: ContactState | None = None
    """The state of a first contact after that, unless it was ended since the cycle began."""
    suspension_end: SuspensionEnd | None = None
    """Detection is no longer suspended (rule B4)."""


_INSERT_POLL = polls.insert().returning(polls.c.id)


class Polls:
    """Saves cycles."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def keep(self, connection_id: int, fence: int, cycle: PollResult) -> int:
        """Save a cycle: snapshots, events and deliveries, in one transaction. Returns the number of deliveries.

        Subscriptions are read in the same transaction, so each one counts from the moment it is confirmed (rule S1).
        Raises LeaseLost, with nothing saved, if another process polls this connection or something of it was erased.
        """
        async with self._db.write() as tx:
            # What announces nothing depends on nothing that others write.
            locked = await self._db.lock(tx, await team_of(tx, connection_id)) if cycle.events else None
            await check_fence(tx, connection_id, fence, cycle.connection)
            is_open = cycle.contact_state is not None and await _move_contact(tx, connection_id, cycle.contact_state)
            if cycle.suspension_end:
                await _end_suspension(tx, connection_id, cycle.suspension_end.obeyed)
            poll_id = await _insert_poll(tx, connection_id, cycle.poll)
            await self._keep_seen(tx, connection_id, cycle.seen, cycle.poll.ended_at)
            await _set(tx, connection_id, cycle.returned, absent=0)
            await _set(tx, connection_id, cycle.absent, absent=applications.c.absent + 1)
            await _set(tx, connection_id, cycle.gone, gone=True, gone_at=cycle.poll.ended_at, unread=None)
            await _set(tx, connection_id, cycle.let_go, unread=None)
            made = await _announce(locked, connection_id, poll_id, cycle) if locked is not None else 0
            # Last of all: a card that another transaction posts, from what was seen before, is brought up to date as
            # well.
            may_have_cards = [one.snapshot.application.id for one in cycle.seen if not one.is_new]
            for some in chunks([*may_have_cards, *cycle.gone]):
                await dirty(tx, connection_id, some, cycle.poll.ended_at)
            if is_open and cycle.first_contact:
                await self._notify_of_contact(tx, connection_id, cycle.first_contact, cycle.poll.ended_at)
            return made

    async def _notify_of_contact(
        self, tx: Transaction, connection_id: int, contact: FirstContact, now: datetime
    ) -> None:
        """Notify who connected an account, or admins, of what was understood."""
        columns = (connections.c.team_id, connections.c.made_by)
        row = (await tx.execute(sa.select(*columns).where(connections.c.id == connection_id))).one()
        locked = await self._db.lock(tx, notifications_lock(row.team_id))
        own = [row.made_by] if row.made_by else []
        await put_admin_notification(
            locked, row.team_id, f"first_contact {connection_id}", contact, now, own, is_personal=bool(own)
        )

    async def keep_poll(self, connection_id: int, fence: int, poll: PollRow, **connection: object) -> None:
        """Save a cycle without a result: it failed, or detection is suspended. Raises LeaseLost."""
        async with self._db.write() as tx:
            await check_fence(tx, connection_id, fence, connection)
            await _insert_poll(tx, connection_id, poll)

    async def tick(
        self, connection_id: int, fence: int, limit: int, now: datetime, since: datetime | None = None
    ) -> None:
        """Release or hold what is due at this tick of the poll clock (see `release`). Raises LeaseLost.

        `since`: not a tick itself, but what a read in between brought. It shares the limit of the tick at that moment.
        """
        async with self._db.write() as tx:
            team_id = await team_of(tx, connection_id)
            locked = await self._db.lock(tx, team_id)
            await check_fence(tx, connection_id, fence)
            await release(locked, team_id, connection_id, limit, now, since)

    async def _keep_seen(
        self, tx: Transaction, connection_id: int, seen: Sequence[PolledApplication], now: datetime
    ) -> None:
        """Save applications, a part at a time: the first poll has all of an account, and holds up no one who reads.

        It stays one transaction: on SQLite, every other writer waits until it ends.
        """
        for has_new_links in (True, False):
            for some in chunks([one for one in seen if one.has_new_links is has_new_links]):
                rows = [_row(connection_id, one, now) for one in some]
                columns = tuple(name for name in rows[0] if name not in {"connection_id", "id"})
                await tx.execute(self._db.upsert(applications, update=columns), rows)


def _row(connection_id: int, one: PolledApplication, now: datetime) -> dict[str, Any]:
    """Return an application as a row of `applications`, without the keys of links that are stored already."""
    application = one.snapshot.application
    row = {
        "connection_id": connection_id,
        "id": application.id,
        "fingerprint": one.fingerprint,
        "snapshot": _json(application),
        "status_class": one.snapshot.status_class,
        "unknown_status": one.unknown_status,
        "late": one.snapshot.is_flagged_late,
        "occurrences": dict(one.snapshot.occurrences),
        "updated_at": application.updated_at,
        "absent": 0,
        "gone": False,
        "discovered": one.snapshot.discovered,
        "unread": one.unread,
        "changed_at": one.changed_at or now,
    }
    if one.has_new_links:
        row["list_link"] = link_key(application.secured_list_url)
        row["client_link"] = link_key(application.public_url)
    return row


async def _set(tx: Transaction, connection_id: int, ids: Sequence[str], **values: Any) -> None:
    """Set columns of the applications `ids`."""
    for chunk in chunks(ids):
        matching = sa.and_(applications.c.connection_id == connection_id, applications.c.id.in_(chunk))
        await tx.execute(applications.update().where(matching).values(**values))


async def _end_suspension(tx: Transaction, connection_id: int, obeyed: str | None) -> None:
    """End a suspension, and forget the answer that was obeyed.

    A new baseline asked for since the cycle began is for the next one, which is due at once. To go on is done already.
    """
    answer, poll_at = connections.c.answer, connections.c.poll_at
    is_for_the_next = sa.and_(answer == ANSWER_BASELINE, answer.is_distinct_from(obeyed))
    ended = connections.update().where(connections.c.id == connection_id)
    await tx.execute(
        ended.values(
            suspended=None,
            asked_at=None,
            answer=sa.case((is_for_the_next, answer)),
            poll_at=sa.case((is_for_the_next, None), else_=poll_at),
        )
    )


async def _move_contact(tx: Transaction, connection_id: int, state: ContactState) -> bool:
    """Set the state of a first contact.

    Returns False if something else has ended it, as CLUST_FIRST_CONTACT=off does.
    """
    is_open = connections.c.first_contact.is_not(None)
    moved = connections.update().where(connections.c.id == connection_id, is_open).values(first_contact=state)
    return (await tx.execute(moved)).rowcount == 1


async def _insert_poll(tx: Transaction, connection_id: int, poll: PollRow) -> int:
    values = {name: getattr(poll, name) for name in PollRow.__slots__}
    return int((await tx.execute(_INSERT_POLL, {"connection_id": connection_id, **values})).scalar_one())


async def _announce(tx: LockedTransaction, connection_id: int, poll_id: int, cycle: PollResult) -> int:
    """Insert a cycle's events with all verdicts, and a delivery for each route. Returns the number of deliveries.

    `route` runs inside the transaction: subscriptions must be read under the lock under which the routes are saved, so
    that each counts from the moment it is confirmed (rule S1).
    """
    routing = route(
        cycle.events,
        await routable(tx, connection_id),
        connection=cycle.name,
        now=cycle.poll.ended_at,
        assignees=await _assignees(tx, connection_id, [event.application.id for event in cycle.events]),
    )
    event_ids = await _insert_events(tx, connection_id, poll_id, cycle, routing.verdicts)
    await _insert_deliveries(tx, connection_id, event_ids, routing.routes, cycle.poll.ended_at)
    return len(routing.routes)


async def _assignees(tx: AsyncConnection, connection_id: int, ids: Sequence[str]) -> dict[str, str]:
    """Return the assignees of those applications that have one."""
    assignees: dict[str, str] = {}
    assigned = sa.and_(applications.c.connection_id == connection_id, applications.c.taken_by.is_not(None))
    for chunk in chunks(ids):
        statement = sa.select(applications.c.id, applications.c.taken_by).where(assigned, applications.c.id.in_(chunk))
        assignees.update({row[0]: row[1] for row in await tx.execute(statement)})
    return assignees


async def _insert_events(
    tx: LockedTransaction, connection_id: int, poll_id: int, cycle: PollResult, verdicts: Sequence[Sequence[Verdict]]
) -> dict[tuple[str, str, int], int]:
    """Insert the events in order. Returns each row's id by application, trigger and occurrence."""
    actors = await _actors(tx, connection_id, poll_id, cycle)
    rows = [
        {
            "connection_id": connection_id,
            "application_id": event.application.id,
            "trigger": event.trigger,
            "occurrence": event.occurrence,
            "seen_at": cycle.poll.ended_at,
            "poll_id": poll_id,
            "snapshot": _json(event.application),
            "status_class": event.status_class,
            "actor": actors.get(event.application.id),
            "verdicts": [asdict(verdict) for verdict in event_verdicts],
        }
        for event, event_verdicts in zip(cycle.events, verdicts, strict=True)
    ]
    returning = [events.c.id, events.c.application_id, events.c.trigger, events.c.occurrence]
    inserted = await tx.execute(events.insert().returning(*returning), rows)
    return {(row.application_id, row.trigger, row.occurrence): row.id for row in inserted}


async def _actors(tx: AsyncConnection, connection_id: int, poll_id: int, cycle: PollResult) -> dict[str, str]:
    """Return who wrote to the events' applications through the bot since the start of the previous sweep.

    What webhooks named is read without pages, and isn't a sweep.

    Clust names no actors. These people know about the change already and are not mentioned.
    """
    before = sa.and_(
        polls.c.connection_id == connection_id, polls.c.id < poll_id, polls.c.error.is_(None), polls.c.pages > 0
    )
    last = (await tx.execute(sa.select(sa.func.max(polls.c.started_at)).where(before))).scalar_one()
    team = sa.select(connections.c.team_id).where(connections.c.id == connection_id)
    wrote = sa.and_(
        audit.c.team_id == (await tx.execute(team)).scalar_one(),
        audit.c.action.in_(WRITES),
        audit.c.outcome == AuditOutcome.OK,
        audit.c.at >= (last or cycle.poll.started_at),
    )
    rows = await tx.execute(sa.select(audit.c.target, audit.c.user_id).where(wrote).order_by(audit.c.id))
    return {row[0]: row[1] for row in rows if row[0]}


async def _insert_deliveries(
    tx: LockedTransaction,
    connection_id: int,
    event_ids: Mapping[tuple[str, str, int], int],
    routes: Sequence[Route],
    now: datetime,
) -> None:
    """Insert a delivery for each route, in order. Each waits for a tick (rule S3)."""
    columns = (connections.c.team_id, connections.c.first_contact)
    account = (await tx.execute(sa.select(*columns).where(connections.c.id == connection_id))).one()
    is_reviewed = account.first_contact == ContactState.HELD
    rows = [
        {
            "token": uuid.uuid4().hex,
            "event_id": event_ids[(one.event.application.id, one.event.trigger, one.event.occurrence)],
            "team_id": account.team_id,
            "channel_id": one.channel_id,
            "connection_id": connection_id,
            "application_id": one.event.application.id,
            "trigger": one.event.trigger,
            "subscription_ids": list(one.subscription_ids),
            "slot_id": one.subscription_ids[0],
            "state": State.HELD,
            "hold": Hold.REVIEW if is_reviewed else Hold.CHANNEL if one.held else Hold.LIMIT,
            "reason": None if is_reviewed else one.reason or None,
            "attempts": 0,
            "created_at": now,
            "due_at": now,
            "fence": 0,
        }
        for one in routes
    ]
    if rows:
        await tx.execute(deliveries.insert(), rows)


def _json(application: Application) -> str:
    return application.model_dump_json(exclude_none=True)
