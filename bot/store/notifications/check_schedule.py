"""The schedules of the periodic checks, and what each last check found (rule P4).

`core.check_schedule` makes the decisions, and the data is here. A thing is checked as long as it is one of `SUBJECTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.check_schedule import CheckOutcome, NextCheck, after, first_due, pick
from bot.core.notifications.states import SubscriptionState
from bot.store.engine.database import Database
from bot.store.engine.grouping import Grouped, padded
from bot.store.engine.tables import applications, channels, connections, people, rounds, subscriptions

CHANNEL, PERSON, REMINDER = "channel", "person", "reminder"
"""The kinds of checks."""

VIEWER = "viewer"
"""People whose access is remembered. It is checked only when they look at something."""

_NOT_ENDED = subscriptions.c.state != SubscriptionState.ENDED


SUBJECTS: Mapping[str, sa.FromClause] = {
    # Channels that want something.
    CHANNEL: sa.select(subscriptions.c.team_id, subscriptions.c.channel_id.label("subject_id"))
    .where(_NOT_ENDED)
    .distinct()
    .subquery(),
    # Those who subscribed or took something, or had it when they left, and admins: the people the bot writes to.
    PERSON: sa.union(
        sa.select(subscriptions.c.team_id, subscriptions.c.created_by.label("subject_id")).where(_NOT_ENDED),
        *(
            sa.select(connections.c.team_id, had.label("subject_id"))
            .join(connections, connections.c.id == applications.c.connection_id)
            .where(had.is_not(None), connections.c.ended_at.is_(None))
            for had in (applications.c.taken_by, applications.c.had_by)
        ),
        sa.select(people.c.team_id, people.c.user_id.label("subject_id")).where(people.c.is_admin),
    ).subquery(),
    # Channels that have set something. Whether they want reminders is part of that.
    REMINDER: sa.select(channels.c.team_id, channels.c.channel_id.label("subject_id")).subquery(),
}
"""What each kind checks, as the columns team_id and subject_id."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What Slack last said about something, and when."""

    facts: Mapping[str, Any]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _SavedCheck:
    """One check, to be saved: `schedule` returns when the next one is, from what is stored of that."""

    key: tuple[str, str, str]
    """The workspace, the kind and the thing."""
    schedule: Callable[[NextCheck], NextCheck]
    now: datetime
    facts: Mapping[str, Any] | None


class CheckSchedules:
    """The schedules of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._save = Grouped(self._save_all, apart=lambda check: check.key)

    async def due(self, team_id: str, kind: str, now: datetime, most: int) -> list[NextCheck]:
        """Return up to `most` due things, longest overdue first. New ones are due now. Obsolete ones are dropped.

        Only as many are read as can be picked: the first healthy ones, and the first of the others.
        """
        columns = (rounds.c.subject_id, rounds.c.due_at, rounds.c.strikes)
        due = sa.select(*columns).where(_of(team_id, kind), rounds.c.due_at <= now)
        checks = []
        async with self._db.read() as tx:
            for part in (rounds.c.strikes == 0, rounds.c.strikes > 0):
                first = due.where(part).order_by(rounds.c.due_at, rounds.c.subject_id).limit(most)
                checks += [NextCheck(**row) for row in (await tx.execute(first)).mappings()]
        return pick(checks, now, most)

    async def enrol(self, now: datetime, rests: Mapping[str, timedelta] | None = None) -> None:
        """Schedule what is new in any workspace, and delete the schedules of what is over.

        `rests` is the time between two checks of each kind, over which many new ones are spread. By default all are due
        now.
        """
        async with self._db.read() as tx:
            missing = {kind: (await tx.execute(_unscheduled(kind))).mappings().all() for kind in SUBJECTS}
            surplus = [kind for kind in SUBJECTS if (await tx.execute(_surplus(kind).limit(1))).first()]
        if not surplus and not any(missing.values()):
            return
        async with self._db.write() as tx:
            for kind, new in missing.items():
                if new:
                    due = first_due(now, len(new), (rests or {}).get(kind, timedelta()))
                    schedule = zip(new, due, strict=True)
                    rows = [{**row, "kind": kind, "due_at": due_at, "strikes": 0} for row, due_at in schedule]
                    await tx.execute(self._db.upsert(rounds, update=()), rows)
            for kind in surplus:
                await tx.execute(rounds.delete().where(rounds.c.kind == kind, ~_is_wanted(kind)))

    async def next_check(self, team_id: str, kind: str, subject_id: str, now: datetime) -> NextCheck:
        """Return the schedule of one thing, which is due now if it has none."""
        columns = (rounds.c.subject_id, rounds.c.due_at, rounds.c.strikes)
        statement = sa.select(*columns).where(_of(team_id, kind), rounds.c.subject_id == subject_id)
        async with self._db.read() as tx:
            row = (await tx.execute(statement)).mappings().first()
        return NextCheck(**row) if row else NextCheck(subject_id, now)

    async def keep(
        self, team_id: str, kind: str, check: NextCheck, now: datetime, facts: Mapping[str, Any] | None = None
    ) -> None:
        """Save the next schedule of something that was checked, and what Slack said about it at `now`, if it did.

        Facts that Slack didn't send keep their values.
        """
        await self._save(_SavedCheck((team_id, kind, check.subject_id), lambda _: check, now, facts))

    async def keep_check(
        self,
        team_id: str,
        kind: str,
        subject_id: str,
        outcome: CheckOutcome,
        now: datetime,
        rest: timedelta,
        facts: Mapping[str, Any],
    ) -> Observation:
        """Save a check made before it was due, with what Slack said. Returns all that is stored about the thing now.

        If it was held already, its schedule is unchanged.
        """

        def schedule(check: NextCheck) -> NextCheck:
            is_held = check.strikes and outcome is not CheckOutcome.WELL
            return check if is_held else after(check, outcome, now, rest)

        return Observation(await self._save(_SavedCheck((team_id, kind, subject_id), schedule, now, facts)), now)

    async def _save_all(self, checks: Sequence[_SavedCheck]) -> list[Mapping[str, Any]]:
        """Save checks. Returns the facts that are stored then."""
        columns = (*_KEY, rounds.c.due_at, rounds.c.strikes, rounds.c.facts, rounds.c.read_at)
        stored_checks = sa.select(*columns).where(sa.tuple_(*_KEY).in_(padded(sorted(check.key for check in checks))))
        async with self._db.write() as tx:
            # In an order in which no two transactions wait for each other.
            in_order = stored_checks.order_by(*_KEY).with_for_update()
            stored_rows = (await tx.execute(in_order)).mappings()
            stored = {(row["team_id"], row["kind"], row["subject_id"]): row for row in stored_rows}
            rows = {check.key: _row(check, stored.get(check.key)) for check in checks}
            for update in (("due_at", "strikes", "facts", "read_at"), ("due_at", "strikes")):
                alike = [row for _, row in sorted(rows.items()) if ("facts" in row) == ("facts" in update)]
                if alike:
                    await tx.execute(self._db.upsert(rounds, update=update), alike)
        return [rows[check.key].get("facts", {}) for check in checks]

    async def hasten(self, team_id: str, kind: str, now: datetime, subject_id: str | None = None) -> None:
        """Make one thing due now, or all of a kind, because it may have changed."""
        which = (
            _of(team_id, kind) if subject_id is None else sa.and_(_of(team_id, kind), rounds.c.subject_id == subject_id)
        )
        async with self._db.write() as tx:
            await tx.execute(rounds.update().where(which, rounds.c.due_at > now).values(due_at=now))

    async def forget_viewers(self, before: datetime) -> None:
        """Delete remembered access that expired before `before`."""
        old = sa.and_(rounds.c.kind == VIEWER, rounds.c.due_at < before)
        async with self._db.write() as tx:
            await tx.execute(rounds.delete().where(old))

    async def observations(
        self, team_id: str, kind: str, subjects: Collection[str] | None = None
    ) -> Mapping[str, Observation]:
        """Return what Slack last said about `subjects` (default: all of a kind), without unknown ones."""
        which = _of(team_id, kind)
        if subjects is not None:
            which = sa.and_(which, rounds.c.subject_id.in_(sorted(set(subjects))))
        async with self._db.read() as tx:
            return {
                subject_id: observation for (_, _, subject_id), observation in (await _observations(tx, which)).items()
            }


async def observations_of(
    tx: AsyncConnection, keys: Collection[tuple[str, str, str]]
) -> dict[tuple[str, str, str], Observation]:
    """Return what Slack last said about things (workspace, kind, id), without unknown ones."""
    return await _observations(tx, sa.tuple_(*_KEY).in_(padded(sorted(keys))))


async def _observations(tx: AsyncConnection, which: sa.ColumnElement[bool]) -> dict[tuple[str, str, str], Observation]:
    statement = sa.select(*_KEY, rounds.c.facts, rounds.c.read_at).where(which, rounds.c.read_at.is_not(None))
    rows = await tx.execute(statement)
    return {(row[0], row[1], row[2]): Observation(row.facts or {}, row.read_at) for row in rows}


_KEY = (rounds.c.team_id, rounds.c.kind, rounds.c.subject_id)


def _row(check: _SavedCheck, stored: sa.RowMapping | None) -> dict[str, Any]:
    """Return the row of something that was checked. `stored` is the one before."""
    team_id, kind, subject_id = check.key
    following = check.schedule(
        NextCheck(subject_id, stored["due_at"], stored["strikes"]) if stored else NextCheck(subject_id, check.now)
    )
    row: dict[str, Any] = {
        "team_id": team_id,
        "kind": kind,
        "subject_id": subject_id,
        "due_at": following.due_at,
        "strikes": following.strikes,
    }
    if check.facts is not None:
        before = (stored["facts"] if stored else None) or {}
        row |= {"facts": {**before, **check.facts}, "read_at": check.now}
    return row


def _of(team_id: str | sa.ColumnElement[str], kind: str) -> sa.ColumnElement[bool]:
    return sa.and_(rounds.c.team_id == team_id, rounds.c.kind == kind)


def _is_wanted(kind: str) -> sa.ColumnElement[bool]:
    subject = SUBJECTS[kind]
    same = sa.and_(subject.c.team_id == rounds.c.team_id, subject.c.subject_id == rounds.c.subject_id)
    return sa.select(subject.c.subject_id).where(same).exists()


def _unscheduled(kind: str) -> sa.Select[tuple[str, str]]:
    """Select what has no schedule yet."""
    subject = SUBJECTS[kind]
    same = rounds.c.subject_id == subject.c.subject_id
    has_check = sa.exists().where(_of(subject.c.team_id, kind), same)
    return sa.select(subject.c.team_id, subject.c.subject_id).where(~has_check)


def _surplus(kind: str) -> sa.Select[tuple[str]]:
    """Select what is scheduled and no longer wanted."""
    return sa.select(rounds.c.subject_id).where(rounds.c.kind == kind, ~_is_wanted(kind))
