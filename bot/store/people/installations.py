"""Installations: where the app was installed by OAuth, the tokens that Slack gave, and which workspaces they serve.

An installation is a workspace's (T…), or an organisation's (E…), whose one token serves all of its workspaces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine.database import Database
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import installations, oauth_states, workspaces

RENEWING = timedelta(seconds=30)
"""That one process gets to exchange a token; after it another may try."""


MAX_STATES = 1000
"""Installations that are begun at once: far more than people do within ten minutes."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A bot token and, where tokens rotate, when it ends and what renews it (Slack: Token rotation)."""

    bot: str
    refresh: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation; `version` tells one token from the next. Without `tokens` no key of SECRET_KEY opens them."""

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
    """Questions and answers about installations."""

    def __init__(self, database: Database, secrets: Encryption) -> None:
        self._db, self._secrets = database, secrets

    async def save(self, installation: Installation, now: datetime) -> None:
        """Keep an installation, in place of an earlier one; what was over begins again."""
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
        """Return the installation that serves a workspace, its own before its organisation's; None where there is none.

        Nothing is kept of it: anyone can name a workspace. See `serve`.
        """
        return await self._one(team_id) or (await self._one(enterprise_id) if enterprise_id else None)

    async def serve(self, team_id: str, installation_id: str) -> None:
        """Keep that an installation serves a workspace: work that nobody asks for needs its token too."""
        served = sa.select(workspaces.c.installation_id).where(workspaces.c.team_id == team_id)
        async with self._db.read() as tx:
            before = (await tx.execute(served)).scalar_one_or_none()
        if before != installation_id:
            async with self._db.write() as tx:
                await self._serve(tx, team_id, installation_id)

    async def of(self, installation_id: str) -> Installation | None:
        """Return one installation that is not over, or None."""
        return await self._one(installation_id)

    async def workspaces(self) -> Mapping[str, Installation]:
        """Return the workspaces that the bot works for, each with its installation."""
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
        """Return the installation by which the bot works for a workspace, None where it doesn't."""
        return (await self._working(workspaces.c.team_id == team_id)).get(team_id)

    async def _working(self, *conditions: sa.ColumnElement[bool]) -> Mapping[str, Installation]:
        joined = sa.select(workspaces.c.team_id, *_COLUMNS, installations.c.sealed, installations.c.expires_at).join(
            installations, installations.c.id == workspaces.c.installation_id
        )
        async with self._db.read() as tx:
            rows = (await tx.execute(joined.where(installations.c.ended_at.is_(None), *conditions))).mappings()
            return {row["team_id"]: self._installation(row) for row in rows}

    async def end(self, installation_id: str, now: datetime) -> bool:
        """Keep that an installation is over; False where that is known. Its token is forgotten."""
        alive = sa.and_(installations.c.id == installation_id, installations.c.ended_at.is_(None))
        async with self._db.write() as tx:
            ended = {"ended_at": now, "sealed": "", "version": installations.c.version + 1}
            return (await tx.execute(installations.update().where(alive).values(**ended))).rowcount == 1

    async def begin_renewal(self, installation: Installation, now: datetime) -> bool:
        """Take the right to exchange a token: a refresh token works once. False where another process has it."""
        one = sa.and_(installations.c.id == installation.id, installations.c.version == installation.version)
        free = sa.or_(installations.c.renewing_until.is_(None), installations.c.renewing_until < now)
        async with self._db.write() as tx:
            taken = installations.update().where(one, free).values(renewing_until=now + RENEWING)
            return (await tx.execute(taken)).rowcount == 1

    async def renew(self, installation: Installation, tokens: Tokens) -> None:
        """Keep the tokens that Slack gave in exchange."""
        one = sa.and_(installations.c.id == installation.id, installations.c.version == installation.version)
        fresh = self._sealed(tokens) | {"version": installation.version + 1, "renewing_until": None}
        async with self._db.write() as tx:
            await tx.execute(installations.update().where(one).values(**fresh))

    async def issue_state(self, state: str, now: datetime, expires_at: datetime) -> None:
        """Keep a state that someone takes to Slack; those that expired go, and beyond MAX_STATES the oldest."""
        newest_first = (oauth_states.c.expires_at.desc(), oauth_states.c.state)
        too_many = sa.select(oauth_states.c.state).order_by(*newest_first).offset(MAX_STATES - 1)
        async with self._db.write(lock="oauth_states") as tx:
            await tx.execute(oauth_states.delete().where(oauth_states.c.expires_at <= now))
            oldest = (await tx.execute(too_many)).scalars().all()
            await tx.execute(oauth_states.delete().where(oauth_states.c.state.in_(oldest)))
            await tx.execute(oauth_states.insert().values(state=state, expires_at=expires_at))

    async def consume_state(self, state: str, now: datetime) -> bool:
        """Take a state that someone brings back: once, and in time. One that never was costs no write."""
        alive = sa.and_(oauth_states.c.state == state, oauth_states.c.expires_at > now)
        async with self._db.read() as tx:
            if (await tx.execute(sa.select(oauth_states.c.state).where(alive))).first() is None:
                return False
        async with self._db.write() as tx:
            return (await tx.execute(oauth_states.delete().where(alive))).rowcount == 1

    async def remove_expired_states(self, now: datetime) -> int:
        """Remove the states that nobody brought back in time; return how many."""
        async with self._db.write() as tx:
            return (await tx.execute(oauth_states.delete().where(oauth_states.c.expires_at <= now))).rowcount

    async def _one(self, installation_id: str) -> Installation | None:
        one = sa.and_(installations.c.id == installation_id, installations.c.ended_at.is_(None))
        statement = sa.select(*_COLUMNS, installations.c.sealed, installations.c.expires_at).where(one)
        async with self._db.read() as tx:
            row = (await tx.execute(statement)).mappings().first()
            return self._installation(row) if row else None

    async def _serve(self, tx: AsyncConnection, team_id: str, installation_id: str) -> None:
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
