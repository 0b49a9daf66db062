"""The audit log: who did what to what, when, and with what result, but never a sent value or a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.engine.tables import audit

AuditAction = Literal[
    "create",
    "update",
    "delete",
    "api",
    "do",
    "action",
    "subscribe",
    "unsubscribe",
    "share",
    "export",
    "role",
    "baseline",
    "contact",
    "take",
    "release",
    "flood",
    "adopt",
    "move",
    "status",
    "mute",
    "unmute",
    "connect",
    "disconnect",
    "webhook",
    "links",
]
"""What is recorded of a person."""

ACTIONS: tuple[AuditAction, ...] = get_args(AuditAction)

WRITES = ("create", "update", "delete", "do")
"""The actions that change an application in Clust."""


class AuditOutcome(StrEnum):
    """How an action of a person ended."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action of a person. `target` is an application's id, or the user whose role it is.

    `detail` has names of changed fields, the account of a deletion, a role, a method and path (`called`), or the filter
    of an export, but never values of fields or bodies.
    """

    at: datetime
    user_id: str
    action: str
    outcome: AuditOutcome
    target: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow(AuditEntry):
    """A stored action. Higher ids are newer."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Selects rows by person, application and action."""

    user_id: str | None = None
    target: str | None = None
    action: str | None = None


_COLUMNS = ("at", "user_id", "action", "outcome", "target", "detail")
_ROW = [audit.c[name] for name in ("id", *_COLUMNS)]
MAX_DETAIL_LENGTH = 500


def called(method: str, path: str) -> str:
    """Return a request as it may be logged: method and path, without the query, which may contain personal data."""
    return f"{method} {path.partition('?')[0].partition('#')[0]}"


class Audit:
    """Reads and writes the log."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def write(self, team_id: str, entry: AuditEntry) -> None:
        """Record an action."""
        values = {name: getattr(entry, name) for name in _COLUMNS}
        values["detail"] = entry.detail[:MAX_DETAIL_LENGTH]
        async with self._db.write() as tx:
            await tx.execute(audit.insert().values(team_id=team_id, **values))

    async def page(self, team_id: str, query: AuditQuery, limit: int, before: int | None = None) -> list[AuditRow]:
        """Return up to `limit` rows of a workspace, newest first. With `before`, only rows with lower ids."""
        conditions = [audit.c.team_id == team_id]
        conditions += [audit.c[name] == value for name in AuditQuery.__slots__ if (value := getattr(query, name))]
        if before is not None:
            conditions.append(audit.c.id < before)
        statement = sa.select(*_ROW).where(*conditions).order_by(audit.c.id.desc()).limit(limit)
        async with self._db.read() as tx:
            rows = (await tx.execute(statement)).mappings().all()
        return [AuditRow(**{**row, "outcome": AuditOutcome(row["outcome"])}) for row in rows]
