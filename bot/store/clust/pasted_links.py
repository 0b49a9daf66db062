"""Links that people pasted: the applications they may lead to, and those that aren't shown any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bot.core.applications.links import LinkedApplication
from bot.core.applications.model import Application
from bot.store.engine.database import Database
from bot.store.engine.tables import applications, connections, hidden_links

MAX_MATCHES = 200
"""Applications that the links of one message may lead to."""


class PastedLinks:
    """Reads applications by their links, and keeps which links are hidden."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def matching(self, team_id: str, keys: Collection[int], ids: Collection[str]) -> list[LinkedApplication]:
        """Return a workspace's applications that have one of these links or ids, without those gone from Clust.

        `keys` are those of `core.applications.links`. A key is a hash, so the caller compares the links themselves.
        """
        columns = (applications.c.connection_id, applications.c.snapshot)
        of_team = sa.and_(connections.c.team_id == team_id, connections.c.ended_at.is_(None), ~applications.c.gone)
        joined = sa.select(*columns).join(connections, connections.c.id == applications.c.connection_id).where(of_team)
        by_key = (applications.c.list_link.in_(keys), applications.c.client_link.in_(keys)) if keys else ()
        by_id = (applications.c.id.in_(ids),) if ids else ()
        rows: dict[tuple[int, str], LinkedApplication] = {}
        async with self._db.read() as tx:
            for condition in (*by_key, *by_id):
                for row in await tx.execute(joined.where(condition).limit(MAX_MATCHES)):
                    application = Application.model_validate_json(row.snapshot)
                    rows[row.connection_id, application.id] = LinkedApplication(row.connection_id, application)
        return list(rows.values())

    async def are_off(self, team_id: str) -> bool:
        """Tell whether the workspace shows no links at all."""
        return bool(await self.hidden(team_id, "", ""))

    async def switch(self, team_id: str, user_id: str, now: datetime, *, on: bool) -> None:
        """Show links in the workspace, or stop showing them."""
        if on:
            async with self._db.write() as tx:
                await tx.execute(hidden_links.delete().where(_at(team_id, "", "")))
        else:
            await self.hide(team_id, "", "", "", user_id, now)

    async def hidden(self, team_id: str, channel_id: str, message_ts: str) -> frozenset[str]:
        """Return the subjects of a message that are hidden."""
        statement = sa.select(hidden_links.c.subject).where(_at(team_id, channel_id, message_ts))
        async with self._db.read() as tx:
            return frozenset((await tx.execute(statement)).scalars())

    async def hide(
        self, team_id: str, channel_id: str, message_ts: str, subject: str, user_id: str, now: datetime
    ) -> None:
        """Stop showing a subject in a message."""
        key = {"team_id": team_id, "channel_id": channel_id, "message_ts": message_ts, "subject": subject}
        row = {**key, "user_id": user_id, "hidden_at": now}
        async with self._db.write() as tx:
            await tx.execute(self._db.upsert(hidden_links, update=()).values(row))


def _at(team_id: str, channel_id: str, message_ts: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        hidden_links.c.team_id == team_id,
        hidden_links.c.channel_id == channel_id,
        hidden_links.c.message_ts == message_ts,
    )


def subject(connection_id: int, application_id: str) -> str:
    """Return the subject that stands for an application of an account."""
    return f"{connection_id}:{application_id}"
