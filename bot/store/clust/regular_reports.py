"""The regular reports of channels: which channel gets one, when, and into the outbox exactly once each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.mutes import Mute
from bot.core.notifications.report_rhythm import MISSED_AFTER, ReportRhythm, next_report_at
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.states import DeliveryKind
from bot.core.reports.figures import Figures
from bot.store.engine.database import Database
from bot.store.engine.tables import reports
from bot.store.notifications.channel_settings import channel_mutes, channel_row
from bot.store.notifications.digests import Place, insert_posting


@dataclass(frozen=True, slots=True)
class RegularReport:
    """A channel's regular report. `due_at` is when the next one is made, or tried again.

    `owed_since` is when the present one was due if it couldn't be made then. `told_at`: when the person who set it was
    notified of that.
    """

    team_id: str
    channel_id: str
    connection_id: int
    rhythm: ReportRhythm
    due_at: datetime
    owed_since: datetime | None
    told_at: datetime | None
    set_by: str

    @property
    def since(self) -> datetime:
        """When the present one was due."""
        return self.owed_since or self.due_at


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that is due, with the schedule and the mutes of its channel."""

    report: RegularReport
    schedule: Schedule
    mutes: list[Mute]


_COLUMNS = [reports.c[name] for name in RegularReport.__slots__]


class RegularReportPlans:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, team_id: str, channel_id: str) -> RegularReport | None:
        """Return a channel's regular report, None if it has none."""
        async with self._db.read() as tx:
            row = (await tx.execute(sa.select(*_COLUMNS).where(_at(team_id, channel_id)))).mappings().first()
            return _read(row) if row else None

    async def set(
        self,
        team_id: str,
        channel_id: str,
        connection_id: int,
        rhythm: ReportRhythm | None,
        schedule: Schedule,
        by: str,
        now: datetime,
    ) -> None:
        """Let a channel have a report of an account as often as `rhythm` says, or none.

        One that has the same rhythm already stays of its account, and follows a changed schedule.
        """
        async with self._db.write(lock=team_id) as tx:
            if rhythm is None:
                await tx.execute(reports.delete().where(_at(team_id, channel_id)))
                return
            due_at = next_report_at(rhythm, schedule, now)
            same = sa.and_(_at(team_id, channel_id), reports.c.rhythm == rhythm)
            moved = reports.update().where(same, reports.c.owed_since.is_(None)).values(due_at=due_at)
            await tx.execute(moved)
            if (await tx.execute(sa.select(reports.c.rhythm).where(same))).first():
                return
            row: dict[str, Any] = {
                "team_id": team_id,
                "channel_id": channel_id,
                "connection_id": connection_id,
                "rhythm": rhythm,
                "due_at": due_at,
                "owed_since": None,
                "told_at": None,
                "set_by": by,
                "set_at": now,
            }
            update = tuple(name for name in row if name not in ("team_id", "channel_id"))
            await tx.execute(self._db.upsert(reports, update=update), [row])

    async def due(self, team_id: str, now: datetime, most: int) -> list[DueReport]:
        """Return up to `most` reports of a workspace that are due, longest due first."""
        is_due = sa.and_(reports.c.team_id == team_id, reports.c.due_at <= now)
        async with self._db.read() as tx:
            statement = sa.select(*_COLUMNS).where(is_due).order_by(reports.c.due_at).limit(most)
            due = []
            for report in [_read(row) for row in (await tx.execute(statement)).mappings()]:
                settings = await channel_row(tx, team_id, report.channel_id)
                mutes = await channel_mutes(tx, team_id, report.channel_id, now)
                due.append(DueReport(report, settings.schedule, mutes))
            return due

    async def postpone(self, report: RegularReport, until: datetime, told_at: datetime | None) -> bool:
        """Try a report again later. Returns False if another process has made or postponed it."""
        values = {"due_at": until, "owed_since": report.since, "told_at": told_at}
        async with self._db.write() as tx:
            return bool((await tx.execute(reports.update().where(_as_read(report)).values(**values))).rowcount)

    async def queue(
        self, report: RegularReport, schedule: Schedule, figures: Figures, weeks: int, now: datetime
    ) -> bool:
        """Put a report into the outbox, and schedule the next one, in one transaction.

        Returns False if another process has done so already, or if someone changed it. Of several that were missed,
        this is the only one.
        """
        missed_at = report.since if now - report.since > MISSED_AFTER else None
        content = {
            "figures": figures.model_dump(mode="json"),
            "weeks": weeks,
            "zone": schedule.zone,
            "made_at": now.isoformat(),
            "missed_at": missed_at and missed_at.isoformat(),
        }
        following = {"due_at": next_report_at(report.rhythm, schedule, now), "owed_since": None, "told_at": None}
        async with self._db.write(lock=report.team_id) as tx:
            if not (await tx.execute(reports.update().where(_as_read(report)).values(**following))).rowcount:
                return False
            place = Place(report.team_id, report.channel_id, report.connection_id)
            await insert_posting(tx, place, DeliveryKind.REPORT, now, about=content)
            return True


def _at(team_id: str, channel_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(reports.c.team_id == team_id, reports.c.channel_id == channel_id)


def _as_read(report: RegularReport) -> sa.ColumnElement[bool]:
    """Return the condition that a report is still as it was read."""
    same = (reports.c[name] == getattr(report, name) for name in ("connection_id", "rhythm", "due_at"))
    return sa.and_(_at(report.team_id, report.channel_id), *same)


def _read(row: sa.RowMapping) -> RegularReport:
    return RegularReport(**{**row, "rhythm": ReportRhythm(row["rhythm"])})
