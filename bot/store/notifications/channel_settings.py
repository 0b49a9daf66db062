"""Each channel's settings: how and when its notifications are posted, and its mutes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.states import Hold, State
from bot.core.quotas import MUTES
from bot.store.engine.database import Database
from bot.store.engine.grouping import padded
from bot.store.engine.tables import channels, deliveries, mutes
from bot.store.notifications.cards import dirty_channel
from bot.store.people.channel_languages import channel_language


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel's settings. `set_by` is None if no one has changed any."""

    style: MessageStyle = field(default_factory=MessageStyle)
    schedule: Schedule = field(default_factory=Schedule)
    set_by: str | None = None


async def styles(tx: AsyncConnection, which: Collection[tuple[str, str]]) -> dict[tuple[str, str], MessageStyle]:
    """Return the styles of those channels (workspace, channel) that have one."""
    if not which:
        return {}
    matching = sa.tuple_(channels.c.team_id, channels.c.channel_id).in_(padded(sorted(which)))
    rows = await tx.execute(sa.select(channels.c.team_id, channels.c.channel_id, channels.c.style).where(matching))
    return {(row[0], row[1]): MessageStyle.model_validate_json(row[2]) for row in rows}


async def zones(tx: AsyncConnection, which: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the time zones of those channels (workspace, channel) that have one."""
    if not which:
        return {}
    matching = sa.tuple_(channels.c.team_id, channels.c.channel_id).in_(sorted(which))
    rows = await tx.execute(sa.select(channels.c.team_id, channels.c.channel_id, channels.c.schedule).where(matching))
    return {(row[0], row[1]): Schedule.model_validate_json(row[2]).zone for row in rows}


async def channel_row(tx: AsyncConnection, team_id: str, channel_id: str) -> ChannelRow:
    """Return a channel's settings."""
    of_channel = sa.and_(channels.c.team_id == team_id, channels.c.channel_id == channel_id)
    row = (await tx.execute(sa.select(channels).where(of_channel))).mappings().first()
    if row is None:
        return ChannelRow()
    return ChannelRow(
        MessageStyle.model_validate_json(row["style"]), Schedule.model_validate_json(row["schedule"]), row["set_by"]
    )


async def channel_mutes(tx: AsyncConnection, team_id: str, channel_id: str, now: datetime) -> list[Mute]:
    """Return a channel's active mutes."""
    of_channel = _of_channel(team_id, channel_id)
    holds = sa.or_(mutes.c.until.is_(None), mutes.c.until > now)
    columns = [mutes.c[name] for name in Mute.__slots__]
    rows = (await tx.execute(sa.select(*columns).where(of_channel, holds).order_by(mutes.c.id))).mappings()
    return [Mute(**row) for row in rows]


class ChannelSettings:
    """Reads and writes channels' settings."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, team_id: str, channel_id: str) -> ChannelRow:
        """Return a channel's settings, the defaults if none are stored."""
        async with self._db.read() as tx:
            return await channel_row(tx, team_id, channel_id)

    async def locale(self, team_id: str, channel_id: str) -> str | None:
        """Return the language of a channel's notifications, as `channel_language` does."""
        async with self._db.read() as tx:
            return await channel_language(tx, team_id, channel_id)

    async def save(
        self, team_id: str, channel_id: str, style: MessageStyle, schedule: Schedule, by: str, now: datetime
    ) -> None:
        """Store a channel's settings, and mark its cards to be updated.

        What the old schedule held is judged by the new one at the next tick.
        """
        row = {
            "team_id": team_id,
            "channel_id": channel_id,
            "style": style.model_dump_json(),
            "schedule": schedule.model_dump_json(),
            "set_by": by,
            "set_at": now,
        }
        async with self._db.write(lock=team_id) as tx:
            if (await channel_row(tx, team_id, channel_id)).schedule != schedule:
                of_channel = sa.and_(deliveries.c.team_id == team_id, deliveries.c.channel_id == channel_id)
                held = sa.and_(of_channel, deliveries.c.state == State.HELD, deliveries.c.hold == Hold.SCHEDULE)
                await tx.execute(deliveries.update().where(held).values(hold=Hold.LIMIT, held_until=None))
            await tx.execute(self._db.upsert(channels, update=("style", "schedule", "set_by", "set_at")), [row])
            await dirty_channel(tx, team_id, channel_id, now)

    async def mutes(self, team_id: str, channel_id: str, now: datetime) -> list[Mute]:
        """Return a channel's active mutes."""
        async with self._db.read() as tx:
            return await channel_mutes(tx, team_id, channel_id, now)

    async def mute(self, team_id: str, channel_id: str, chosen: Sequence[Mute], by: str, now: datetime) -> None:
        """Store mutes and replace equal ones. Notifications they cover are held until they end.

        Raises UsageError, and stores none, if the channel would have too many.
        """
        who = {"team_id": team_id, "channel_id": channel_id, "set_by": by, "set_at": now}
        async with self._db.write(lock=team_id) as tx:
            await tx.execute(mutes.delete().where(_of_channel(team_id, channel_id), mutes.c.until < now))
            for mute in chosen:
                same = sa.and_(_same(mute), mutes.c.connection_id == mute.connection_id)
                await tx.execute(mutes.delete().where(_of_channel(team_id, channel_id), same))
                await tx.execute(mutes.insert().values(**who, **asdict(mute)))
            count = sa.select(sa.func.count()).select_from(mutes).where(_of_channel(team_id, channel_id))
            MUTES.check((await tx.execute(count)).scalar_one(), 0)

    async def unmute(
        self, team_id: str, channel_id: str, chosen: Sequence[Mute], now: datetime, connection_id: int | None = None
    ) -> int:
        """End mutes, all of the channel's if none is given, of one account if that is given. Returns their number.

        What they held is judged again at the next tick: it is posted as a summary, unless another mute or the schedule
        holds it.
        """
        async with self._db.write(lock=team_id) as tx:
            which = sa.or_(*map(_same, chosen)) if chosen else sa.true()
            of = sa.true() if connection_id is None else mutes.c.connection_id == connection_id
            ended = (await tx.execute(mutes.delete().where(_of_channel(team_id, channel_id), which, of))).rowcount
            of_channel = sa.and_(deliveries.c.team_id == team_id, deliveries.c.channel_id == channel_id)
            held = sa.and_(of_channel, deliveries.c.state == State.HELD, deliveries.c.hold == Hold.MUTE)
            await tx.execute(deliveries.update().where(held).values(held_until=now))
            return ended


def _of_channel(team_id: str, channel_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(mutes.c.team_id == team_id, mutes.c.channel_id == channel_id)


def _same(mute: Mute) -> sa.ColumnElement[bool]:
    return sa.and_(mutes.c.application_id == mute.application_id, mutes.c.trigger == mute.trigger)
