"""OAuth installations: the tokens that Slack issued, and the workspaces they serve.

An installation belongs to a workspace (T…) or to an organization (E…), whose token serves all its workspaces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.engine.database import Database, Transaction
from bot.store.engine.encryption import Encryption
from bot.store.engine.grouping import Grouped, padded
from bot.store.engine.tables import installations, oauth_states, workspaces

RENEWING = timedelta(seconds=30)
"""How long one process has the right to renew a token. Then another may try."""


MAX_STATES = 1000
"""Installations in progress at once, far more than people start in ten minutes."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A bot token and, with token rotation, its expiry and refresh token (Slack: Token rotation)."""

    bot: str
    refresh: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation. `version` changes with its token. `tokens` is None if no key of SECRET_KEY decrypts them."""

    id: str
    is_org: bool
    enterprise_id: str | None
    name: str
    url: str
    bot_user_id: str
    bot_id: str
    scopes: str
    installed_by: str
    tokens: Tokens | None
    version: int = 0
    ended_at: datetime | None = None


_COLUMNS = [installations.c[name] for name in Installation.__slots__ if name != "tokens"]


class Installations:
    """Reads and writes installations."""

    def __init__(self, database: Database, secrets: Encryption) -> None:
        self._db, self._secrets = database, secrets
        self._of_workspace = Grouped(self._of_workspaces)

    async def save(self, installation: Installation, now: datetime) -> None:
        """Store an installation in place of an earlier one, also of one that had ended."""
        values = {column.name: getattr(installation, column.name) for column in _COLUMNS}
        values |= self._sealed(installation.tokens) | {"ended_at": None, "renewing_until": None, "installed_at": now}
        one = installations.c.id == installation.id
        async with self._db.write(lock=installation.id) as tx:
            before = (await tx.execute(sa.select(installations.c.version).where(one))).scalar_one_or_none()
            if before is None:
                await tx.execute(installations.insert().values(**values | {"version": 1}))
            else:
                await tx.execute(installations.update().where(one).values(**values | {"version": before + 1}))
            if not installation.is_org:
                await self._serve(tx, installation.id, installation.id)

    async def serving(self, team_id: str, enterprise_id: str | None) -> Installation | None:
        """Return the installation for a workspace, its own before its organization's, or None if there is none.

        Nothing is stored, because anyone can name a workspace. See `serve`.
        """
        candidates = await self._living(team_id, *filter(None, [enterprise_id]))
        return candidates.get(team_id) or candidates.get(enterprise_id or "")

    async def may_be_foreign(self, team_id: str, enterprise_id: str) -> bool:
        """Return whether a workspace is served by an installation that isn't stored with this organization, or was.

        The installation can also be older than the workspace's place in the organization.
        """
        joined = sa.select(installations.c.enterprise_id).join(
            workspaces, workspaces.c.installation_id == installations.c.id
        )
        async with self._db.read() as tx:
            row = (await tx.execute(joined.where(workspaces.c.team_id == team_id))).first()
        return row is not None and row.enterprise_id != enterprise_id

    async def organizations(self, limit: int) -> list[str]:
        """Return the organizations that have the app installed for all their workspaces, at most `limit` of them."""
        living = sa.select(installations.c.id).where(installations.c.is_org, installations.c.ended_at.is_(None))
        async with self._db.read() as tx:
            return list((await tx.execute(living.order_by(installations.c.id).limit(limit))).scalars())

    async def serve(self, team_id: str, installation_id: str) -> None:
        """Record that an installation serves a workspace, whose background work needs its token."""
        served = sa.select(workspaces.c.installation_id).where(workspaces.c.team_id == team_id)
        async with self._db.read() as tx:
            before = (await tx.execute(served)).scalar_one_or_none()
        if before != installation_id:
            async with self._db.write() as tx:
                await self._serve(tx, team_id, installation_id)

    async def of(self, installation_id: str) -> Installation | None:
        """Return one installation that hasn't ended, or None."""
        return (await self._living(installation_id)).get(installation_id)

    async def workspaces(self) -> Mapping[str, Installation]:
        """Return all served workspaces with their installations."""
        return await self._working()

    async def team_ids(self) -> set[str]:
        """Return the workspaces that the bot works for."""
        return set(await self._team_ids())

    async def expiring(self, before: datetime) -> list[str]:
        """Return the workspaces that the bot works for with a token that ends before a moment."""
        return await self._team_ids(installations.c.expires_at < before)

    async def _team_ids(self, *conditions: sa.ColumnElement[bool]) -> list[str]:
        joined = sa.select(workspaces.c.team_id).join(installations, installations.c.id == workspaces.c.installation_id)
        async with self._db.read() as tx:
            return sorted((await tx.execute(joined.where(installations.c.ended_at.is_(None), *conditions))).scalars())

    async def of_workspace(self, team_id: str) -> Installation | None:
        """Return the installation that serves a workspace, or None if none does."""
        return await self._of_workspace(team_id)

    async def _of_workspaces(self, team_ids: Sequence[str]) -> list[Installation | None]:
        working = await self._working(workspaces.c.team_id.in_(padded(sorted(set(team_ids)))))
        return [working.get(team_id) for team_id in team_ids]

    async def _working(self, *conditions: sa.ColumnElement[bool]) -> Mapping[str, Installation]:
        joined = sa.select(workspaces.c.team_id, *_COLUMNS, installations.c.sealed, installations.c.expires_at).join(
            installations, installations.c.id == workspaces.c.installation_id
        )
        async with self._db.read() as tx:
            rows = (await tx.execute(joined.where(installations.c.ended_at.is_(None), *conditions))).mappings()
            return {row["team_id"]: self._installation(row) for row in rows}

    async def end(self, installation_id: str, now: datetime) -> bool:
        """Record that an installation has ended, and delete its token. Returns False if it had ended before."""
        alive = sa.and_(installations.c.id == installation_id, installations.c.ended_at.is_(None))
        async with self._db.write() as tx:
            ended = {"ended_at": now, "sealed": "", "version": installations.c.version + 1}
            return (await tx.execute(installations.update().where(alive).values(**ended))).rowcount == 1

    async def begin_renewal(self, installation: Installation, now: datetime) -> bool:
        """Acquire the right to renew a token, since a refresh token works once. False if another process has it."""
        one = sa.and_(installations.c.id == installation.id, installations.c.version == installation.version)
        free = sa.or_(installations.c.renewing_until.is_(None), installations.c.renewing_until < now)
        async with self._db.write() as tx:
            renewing = installations.update().where(one, free).values(renewing_until=now + RENEWING)
            return (await tx.execute(renewing)).rowcount == 1

    async def renew(self, installation: Installation, tokens: Tokens) -> None:
        """Store the renewed tokens."""
        one = sa.and_(installations.c.id == installation.id, installations.c.version == installation.version)
        fresh = self._sealed(tokens) | {"version": installation.version + 1, "renewing_until": None}
        async with self._db.write() as tx:
            await tx.execute(installations.update().where(one).values(**fresh))

    async def issue_state(self, state: str, now: datetime, expires_at: datetime) -> None:
        """Store an OAuth state. Expired states are deleted and, beyond MAX_STATES, the oldest."""
        newest_first = (oauth_states.c.expires_at.desc(), oauth_states.c.state)
        too_many = sa.select(oauth_states.c.state).order_by(*newest_first).offset(MAX_STATES - 1)
        async with self._db.write(lock="oauth_states") as tx:
            await tx.execute(oauth_states.delete().where(oauth_states.c.expires_at <= now))
            oldest = (await tx.execute(too_many)).scalars().all()
            await tx.execute(oauth_states.delete().where(oauth_states.c.state.in_(oldest)))
            await tx.execute(oauth_states.insert().values(state=state, expires_at=expires_at))

    async def consume_state(self, state: str, now: datetime) -> bool:
        """Use up an OAuth state. Returns whether it was valid: once, for a limited time.

        An unknown one causes no write.
        """
        alive = sa.and_(oauth_states.c.state == state, oauth_states.c.expires_at > now)
        async with self._db.read() as tx:
            if (await tx.execute(sa.select(oauth_states.c.state).where(alive))).first() is None:
                return False
        async with self._db.write() as tx:
            return (await tx.execute(oauth_states.delete().where(alive))).rowcount == 1

    async def remove_expired_states(self, now: datetime) -> int:
        """Delete expired OAuth states. Returns their number."""
        async with self._db.write() as tx:
            return (await tx.execute(oauth_states.delete().where(oauth_states.c.expires_at <= now))).rowcount

    async def _living(self, *ids: str) -> Mapping[str, Installation]:
        living = sa.and_(installations.c.id.in_(ids), installations.c.ended_at.is_(None))
        statement = sa.select(*_COLUMNS, installations.c.sealed, installations.c.expires_at).where(living)
        async with self._db.read() as tx:
            return {row["id"]: self._installation(row) for row in (await tx.execute(statement)).mappings()}

    async def _serve(self, tx: Transaction, team_id: str, installation_id: str) -> None:
        row = {"team_id": team_id, "installation_id": installation_id}
        await tx.execute(self._db.upsert(workspaces, update=("installation_id",)), [row])

    def _sealed(self, tokens: Tokens | None) -> dict[str, Any]:
        if tokens is None:
            return {}
        kept = {"bot": tokens.bot, "refresh": tokens.refresh}
        return {"sealed": self._secrets.seal(json.dumps(kept)), "expires_at": tokens.expires_at}

    def _installation(self, row: sa.RowMapping) -> Installation:
        opened = self._secrets.open(row["sealed"])
        tokens = Tokens(**json.loads(opened), expires_at=row["expires_at"]) if opened else None
        return Installation(**{column.name: row[column.name] for column in _COLUMNS}, tokens=tokens)
