"""Connections: a workspace's Clust accounts, which process polls them, and the state of reading them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.understanding import ContactState
from bot.core.errors import UsageError, Way
from bot.core.language import _
from bot.core.notifications.reasons import DISCONNECTED
from bot.core.quotas import ACCOUNTS, STATUSES
from bot.core.stored_reasons import StoredReason
from bot.store.engine.database import Database, Transaction
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import UtcMoment, connections, defaults, polls
from bot.store.notifications.disconnect_and_uninstall import skip_unsent


class LeaseLost(Exception):
    """Another process has the lease, so nothing may be committed (rule T3)."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One Clust account and the state of reading it.

    The fields are the columns of `connections` in `bot/store/engine/tables.py`, where comments say what each means.
    The data is as old as `read_at`.
    """

    id: int
    team_id: str
    name: str
    base_url: str
    status_rules: str
    chosen_status: Mapping[str, str] | None
    baseline_at: datetime | None
    suspended: str | None
    asked_at: datetime | None
    answer: str | None
    read_at: datetime | None
    failing_since: datetime | None
    failing_way: Way | None
    failing_alike_since: datetime | None
    error: str | None
    paused_until: datetime | None
    outage_told_at: datetime | None
    stalled_told_at: datetime | None
    pace_note: str | None
    poll_at: datetime | None
    hints_due_at: datetime | None
    webhook_at: datetime | None
    lease_until: datetime | None
    fence: int
    credential: str
    sealed: str | None
    hint: str | None
    made_by: str | None
    made_at: datetime | None
    ended_at: datetime | None
    first_contact: str | None


COLUMNS = [connections.c[name] for name in Connection.__slots__]
"""Of a connection, as `connection_of` reads them."""


ANSWER_BASELINE, ANSWER_GO_ON = "baseline", "go_on"
"""What an admin can say about suspended detection: start again, or continue with what the list has now (rule B4)."""

READABLE: Mapping[str, None] = dict.fromkeys(
    ("error", "failing_since", "failing_way", "failing_alike_since", "paused_until")
)
"""The values that clear a failure to read an account."""


_UNLESS_ASKED = "next_at"
"""Instead of `poll_at` among columns to set: a moment that counts unless someone has asked for a poll."""

# Ready-made, since each poll executes one: the columns to set are among the parameters.
_SET = connections.update().where(connections.c.id == sa.bindparam("own_id"))
_SET_FENCED = _SET.where(connections.c.fence == sa.bindparam("own_fence"))
_NEXT = sa.case((connections.c.poll_at.is_(None), sa.null()), else_=sa.bindparam(_UNLESS_ASKED, type_=UtcMoment))
_SET_NEXT, _SET_NEXT_FENCED = _SET.values(poll_at=_NEXT), _SET_FENCED.values(poll_at=_NEXT)


def connection_of(row: sa.RowMapping) -> Connection:
    """Return the connection of a row with `COLUMNS`."""
    # A later version may know more ways than this one, which runs beside it (rule D3).
    way = next((each for each in Way if each == row["failing_way"]), None)
    return Connection(**{**{name: row[name] for name in Connection.__slots__}, "failing_way": way})


class Connections:
    """Reads and writes connections. `first_contact`: what is understood of new ones is shown, and may be held."""

    def __init__(self, database: Database, secrets: Encryption, *, first_contact: bool = False) -> None:
        self._db, self._secrets, self._first_contact = database, secrets, first_contact

    @property
    def may_be_kept(self) -> bool:
        """Whether an API token can be stored: there is a SECRET_KEY to encrypt it with."""
        return self._secrets.outlive_the_process

    async def ensure(self, team_id: str, name: str, base_url: str, token: str) -> Connection:
        """Return the connection `name` from the settings, and create it if necessary.

        A changed address or token ends the pause after a 401 (rule R3). Only a hash of them is stored. The next sweep
        checks by the ids whether it is a different account (rule B4).
        """
        fresh = {"base_url": base_url, "credential": _credential(base_url, token), "sealed": None, "hint": token[-4:]}
        return await self._save(team_id, name, fresh)

    async def connect(
        self, team_id: str, name: str, base_url: str, token: str, made_by: str, now: datetime
    ) -> Connection:
        """Create or replace a connection, with its token encrypted.

        Raises UsageError without SECRET_KEY, and if the workspace has the maximum number of connections. What was read
        under that name is kept, and rule B4 applies if it is a different account.
        """
        if not self.may_be_kept:
            raise UsageError(
                _("Tokens are only stored encrypted. Ask the person who runs the bot to set SECRET_KEY first.")
            )
        fresh = {
            "base_url": base_url,
            "credential": _credential(base_url, token),
            "sealed": self._secrets.seal(token),
            "hint": token[-4:],
        }
        return await self._save(team_id, name, fresh, made_by=made_by, made_at=now)

    async def _save(self, team_id: str, name: str, fresh: Mapping[str, str | None], **made: object) -> Connection:
        one = sa.and_(connections.c.team_id == team_id, connections.c.name == name)
        async with self._db.write(lock=team_id) as tx:
            existing = (await tx.execute(sa.select(connections).where(one))).mappings().first()
            if existing is None:
                if made:
                    of_team = sa.select(sa.func.count()).where(connections.c.team_id == team_id)
                    ACCOUNTS.check((await tx.execute(of_team)).scalar_one())
                how = ContactState.BY_FORM if made else ContactState.BY_SETTINGS
                contact = {"first_contact": how if self._first_contact else None}
                await tx.execute(connections.insert().values(team_id=team_id, name=name, **fresh, **made, **contact))
            elif existing["credential"] != fresh["credential"] or existing["ended_at"] or made:
                await tx.execute(
                    connections.update()
                    .where(one)
                    .values(
                        **fresh,
                        **made,
                        paused_until=None,
                        failing_way=None,
                        failing_alike_since=None,
                        ended_at=None,
                        poll_at=None,
                    )
                )
            return connection_of((await tx.execute(sa.select(*COLUMNS).where(one))).mappings().one())

    def token(self, connection: Connection) -> str | None:
        """Return the API token of a connection, or None if none is stored or no key decrypts it.

        Also None if it was given for another address than the stored one, because it must be sent to that one only.
        """
        token = self._secrets.open(connection.sealed) if connection.sealed else None
        return token if token and is_for(connection, token) else None

    async def end(self, team_id: str, name: str, by: str, now: datetime) -> list[str] | None:
        """Disconnect an account: delete its token and stop everything about it from being posted.

        Returns the channels with subscriptions to it, or None if it doesn't exist.
        """
        one = sa.and_(connections.c.team_id == team_id, connections.c.name == name, connections.c.ended_at.is_(None))
        async with self._db.write(lock=team_id) as tx:
            key = (await tx.execute(sa.select(connections.c.id).where(one))).scalar_one_or_none()
            if key is None:
                return None
            ended = {"ended_at": now, "sealed": None, "hint": None, "credential": "", **READABLE}
            ended |= {"suspended": None, "asked_at": None, "answer": None}
            reset = {"outage_told_at": None, "stalled_told_at": None}
            await tx.execute(connections.update().where(one).values(**ended, **reset))
            await tx.execute(defaults.delete().where(defaults.c.connection_id == key))
            return await skip_unsent(tx, key, str(StoredReason(DISCONNECTED, by)))

    async def of_team(self, team_id: str) -> list[Connection]:
        """Return the connections of a workspace, oldest first."""
        return await self._all(connections.c.team_id == team_id)

    async def all(self) -> list[Connection]:
        """Return the connections of every workspace."""
        return await self._all()

    async def meant(self, team_id: str, channel_id: str) -> Connection | None:
        """Return the default connection, for commands that name none, or None if there is none at all.

        The channel's default comes first, then the workspace's, then the oldest connection.
        """
        places = defaults.c.channel_id.in_({channel_id, ""})
        chosen = sa.select(defaults.c.connection_id).where(defaults.c.team_id == team_id, places)
        first = chosen.order_by(defaults.c.channel_id.desc()).limit(1).scalar_subquery()
        of_team = sa.and_(connections.c.team_id == team_id, connections.c.ended_at.is_(None))
        order = (sa.case((connections.c.id == first, 0), else_=1), connections.c.id)
        async with self._db.read() as tx:
            row = (await tx.execute(sa.select(*COLUMNS).where(of_team).order_by(*order).limit(1))).mappings().first()
        return connection_of(row) if row else None

    async def mean(self, team_id: str, channel_id: str, connection_id: int) -> None:
        """Set the default connection of a channel or, with an empty id, of the workspace."""
        row = {"team_id": team_id, "channel_id": channel_id, "connection_id": connection_id}
        async with self._db.write() as tx:
            await tx.execute(self._db.upsert(defaults, update=("connection_id",)), [row])

    async def _all(self, *conditions: sa.ColumnElement[bool]) -> list[Connection]:
        async with self._db.read() as tx:
            return await _select_connections(tx, *conditions)

    async def choose_status(self, connection_id: int, code: str, class_word: str) -> None:
        """Store the class that an admin chose for a status code."""
        one = connections.c.id == connection_id
        async with self._db.write() as tx:
            present = sa.select(connections.c.chosen_status).where(one).with_for_update()
            chosen = (await tx.execute(present)).scalar_one() or {}
            STATUSES.check(len(chosen.keys() - {code}))
            await tx.execute(
                connections.update().where(one).values(chosen_status={**chosen, code: class_word}, poll_at=None)
            )

    async def get(self, connection_id: int) -> Connection:
        """Return one connection in its present state."""
        async with self._db.read() as tx:
            statement = sa.select(*COLUMNS).where(connections.c.id == connection_id)
            return connection_of((await tx.execute(statement)).mappings().one())

    async def ids(self) -> list[int]:
        """Return the ids of the connections of all workspaces."""
        async with self._db.read() as tx:
            return list((await tx.execute(sa.select(connections.c.id).order_by(connections.c.id))).scalars())

    async def note(self, connection_id: int, **columns: object) -> None:
        """Set columns of one connection: the state of reading it, an admin's answer."""
        statement = _SET_NEXT if _UNLESS_ASKED in columns else _SET
        async with self._db.write() as tx:
            await tx.execute(statement, {"own_id": connection_id, **columns})

    async def worked(self, connection_id: int) -> bool:
        """Record a successful call to an account, which ends a pause for all processes (rule R3).

        Returns True if the account couldn't be read before, so a poll is worth trying. Other obstacles than a pause are
        left for the next poll.
        """
        one = connections.c.id == connection_id
        ways = [way for way in Way if way.ends_with_a_success]
        failing = sa.or_(connections.c.failing_way.in_(ways), connections.c.paused_until.is_not(None))
        async with self._db.read() as tx:
            if not (await tx.execute(sa.select(connections.c.id).where(one, failing))).first():
                return False
        async with self._db.write() as tx:
            await tx.execute(
                connections.update().where(one, connections.c.paused_until.is_not(None)).values(**READABLE)
            )
            await tx.execute(connections.update().where(one).values(poll_at=None))
        return True

    async def doubtful(self, since: datetime) -> list[tuple[Connection, datetime | None]]:
        """Return the connections of which there may be something to tell, each with the end of its last poll.

        They can't be read, were not polled `since` a moment, or someone was notified that they were one of these.
        """
        last = sa.select(sa.func.max(polls.c.ended_at)).where(polls.c.connection_id == connections.c.id)
        polled = sa.exists().where(polls.c.connection_id == connections.c.id, polls.c.ended_at >= since)
        reported = sa.or_(connections.c.outage_told_at.is_not(None), connections.c.stalled_told_at.is_not(None))
        doubtful = sa.or_(connections.c.failing_since.is_not(None), reported, ~polled)
        statement = sa.select(*COLUMNS, last.scalar_subquery().label("polled_at")).where(
            connections.c.ended_at.is_(None), doubtful
        )
        async with self._db.read() as tx:
            rows = (await tx.execute(statement.order_by(connections.c.id))).mappings()
            return [(connection_of(row), row["polled_at"]) for row in rows]

    async def last_poll_at(self, connection_id: int) -> datetime | None:
        """Return when the last poll ended, whether it succeeded or not."""
        last = sa.select(sa.func.max(polls.c.ended_at)).where(polls.c.connection_id == connection_id)
        async with self._db.read() as tx:
            at: datetime | None = (await tx.execute(last)).scalar_one()
            return at

    async def well_until(self, connection_id: int, before: datetime) -> datetime | None:
        """Return when the last successful poll before a moment ended."""
        well = sa.and_(polls.c.connection_id == connection_id, polls.c.error.is_(None), polls.c.ended_at < before)
        async with self._db.read() as tx:
            at: datetime | None = (await tx.execute(sa.select(sa.func.max(polls.c.ended_at)).where(well))).scalar_one()
            return at

    async def answer(self, connection_id: int, answer: str) -> bool:
        """Store an admin's answer about suspended detection: `ANSWER_BASELINE` or `ANSWER_GO_ON` (rule B4).

        Returns False if it is no longer suspended.
        """
        open_question = sa.and_(connections.c.id == connection_id, connections.c.suspended.is_not(None))
        async with self._db.write() as tx:
            done = await tx.execute(connections.update().where(open_question).values(answer=answer, poll_at=None))
            return done.rowcount == 1


def looked_at_next(connection: Connection, at: datetime) -> Mapping[str, Any]:
    """Return the column to set so that an account is looked at next at a moment, unless someone asks for it earlier.

    If no one had asked for it when `connection` was read, a wish that came since stays.
    """
    return {"poll_at" if connection.poll_at is None else _UNLESS_ASKED: at}


async def _select_connections(tx: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> list[Connection]:
    statement = sa.select(*COLUMNS).where(connections.c.ended_at.is_(None), *conditions)
    return [connection_of(row) for row in (await tx.execute(statement.order_by(connections.c.id))).mappings()]


def is_for(connection: Connection, token: str) -> bool:
    """Return whether a token was given for this connection and its present address."""
    return secrets.compare_digest(connection.credential, _credential(connection.base_url, token))


def _credential(base_url: str, token: str) -> str:
    return hashlib.sha256(f"{base_url}\n{token}".encode()).hexdigest()


async def team_of(tx: AsyncConnection, connection_id: int) -> str:
    """Return the workspace of a connection. Empty if it doesn't exist."""
    team = sa.select(connections.c.team_id).where(connections.c.id == connection_id)
    return (await tx.execute(team)).scalar_one_or_none() or ""


async def check_fence(
    tx: Transaction, connection_id: int, fence: int, columns: Mapping[str, object] | None = None
) -> None:
    """Raise LeaseLost if `fence` is not the newest. Locks the row until the end of the transaction.

    `columns` of the connection are set by the same statement.
    """
    values = {"own_id": connection_id, "own_fence": fence, "fence": fence, **(columns or {})}
    statement = _SET_NEXT_FENCED if _UNLESS_ASKED in values else _SET_FENCED
    if (await tx.execute(statement, values)).rowcount != 1:
        raise LeaseLost
