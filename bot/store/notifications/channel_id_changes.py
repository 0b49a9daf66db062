"""Moves all data of a channel to its new id when Slack changes the id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import State, SubscriptionState
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import (
    admin_notifications,
    audit,
    cards,
    channels,
    connections,
    defaults,
    deliveries,
    events,
    floods,
    hidden_links,
    look_ups,
    mutes,
    paces,
    reports,
    rounds,
    subscriptions,
)
from bot.store.notifications.admin_notifications import notifications_lock
from bot.store.notifications.check_schedule import CHANNEL, REMINDER
from bot.store.people.form_drafts import follow_channel

PLACES: Mapping[str, str] = {
    "subscriptions.channel_id": "One that the new id has with the same filter takes over its events.",
    "deliveries.channel_id": "Of one event posted to both, what came further stays.",
    "cards.channel_id": "The card that the new id has already stays.",
    "channels.channel_id": "How the new id has its notifications already stays.",
    "mutes.channel_id": "The same mute of the new id stays.",
    "reports.channel_id": "The report of the new id stays.",
    "defaults.channel_id": "The account chosen for the new id stays.",
    "paces.channel_id": "The pace of the new id stays.",
    "hidden_links.channel_id": "What is hidden in a message stays so under the new id.",
    "floods.channel_id": "Its questions go along.",
    "look_ups.channel_id": "They begin with the first page: a cursor belongs to one channel.",
    "rounds.subject_id": "The new id is looked at next.",
    "notices.subject": "One about the new id stays.",
    "notices.content": "People read the new id.",
    "events.verdicts": "`why` names the new id.",
    "audit.target": "The channel is the same.",
    "drafts.sealed": "A form goes on about the new id.",
}
"""Every column with a channel's id, and what happens if the new id has data already."""

KEYS: Mapping[sa.Table, tuple[str, ...]] = {
    cards: ("connection_id", "application_id"),
    channels: (),
    reports: (),
    mutes: ("connection_id", "application_id", "trigger"),
    defaults: (),
    paces: (),
    hidden_links: ("message_ts", "subject"),
}
"""Tables with one row per channel for each value of these columns."""

IN_SLACKS_HANDS = (State.SENDING, State.UNCLEAR, State.SENT)
"""States of a delivery that Slack has accepted or may have."""


class ChannelIdChanges:
    """Moves a channel's data."""

    def __init__(self, database: Database, secrets: Encryption) -> None:
        self._db, self._secrets = database, secrets

    async def follow(self, team_id: str, old: str, new: str, now: datetime) -> bool:
        """Move all data from the id `old` to `new`. Returns False if there was none.

        It is one transaction, so concurrent work sees either id. A second event about the same change finds nothing
        left to do.
        """
        async with self._db.write(lock=team_id) as tx:
            await self._db.lock(tx, notifications_lock(team_id))
            ids = (await tx.execute(sa.select(subscriptions.c.id).where(_at(subscriptions, team_id, old)))).scalars()
            subscription_ids = [await _subscription(tx, number, new) for number in ids.all()]
            await _deliveries(tx, team_id, old, new, now)
            for table, names in KEYS.items():
                await _keyed(tx, table, names, team_id, old, new)
            moved = (await tx.execute(floods.update().where(_at(floods, team_id, old)).values(channel_id=new))).rowcount
            restart = {"channel_id": new, "cursor": "", "fence": look_ups.c.fence + 1, "lease_until": None}
            await tx.execute(look_ups.update().where(_at(look_ups, team_id, old)).values(**restart))
            await _checks(self._db, tx, team_id, old, new, now)
            await _admin_notifications(tx, team_id, old, new)
            theirs = sa.and_(audit.c.team_id == team_id, audit.c.target == old)
            await tx.execute(audit.update().where(theirs).values(target=new))
            await self._verdicts(tx, team_id, old, new)
            await follow_channel(tx, self._secrets, team_id, old, new)
            return bool(subscription_ids or moved)

    async def _verdicts(self, tx: LockedTransaction, team_id: str, old: str, new: str) -> None:
        of_team = sa.select(connections.c.id).where(connections.c.team_id == team_id)
        text = sa.cast(events.c.verdicts, sa.Text)
        named = sa.and_(events.c.connection_id.in_(of_team), text.contains(f'"{old}"', autoescape=True))
        rows = (await tx.execute(sa.select(events.c.id, events.c.verdicts).where(named))).all()
        changed = [{"key": row.id, "said": [_renamed(one, old, new) for one in row.verdicts or ()]} for row in rows]
        if changed:
            update = events.update().where(events.c.id == sa.bindparam("key")).values(verdicts=sa.bindparam("said"))
            await tx.execute(update, changed)


def _at(table: sa.Table, team_id: str, channel_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.team_id == team_id, table.c.channel_id == channel_id)


def _renamed(verdict: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {**verdict, "channel_id": new} if verdict.get("channel_id") == old else verdict


async def _keyed(
    tx: LockedTransaction, table: sa.Table, names: tuple[str, ...], team_id: str, old: str, new: str
) -> None:
    """Move the rows of a table, except where the new id has a row already."""
    other = table.alias()
    same = sa.and_(_other_at(other, team_id, new), *(other.c[name] == table.c[name] for name in names))
    await tx.execute(table.delete().where(_at(table, team_id, old), sa.exists().where(same)))
    await tx.execute(table.update().where(_at(table, team_id, old)).values(channel_id=new))


def _other_at(other: sa.FromClause, team_id: str, channel_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(other.c.team_id == team_id, other.c.channel_id == channel_id)


async def _subscription(tx: LockedTransaction, number: int, new: str) -> int:
    """Move one subscription, or merge it into one with the same filter. Returns the id of the remaining one."""
    by_id = subscriptions.c.id == number
    row = (await tx.execute(sa.select(subscriptions).where(by_id))).mappings().one()
    same = sa.and_(*(subscriptions.c[name] == row[name] for name in ("team_id", "connection_id", "filter")))
    there = sa.select(subscriptions).where(same, subscriptions.c.channel_id == new)
    other = (await tx.execute(there)).mappings().first()
    if other is None:
        await tx.execute(subscriptions.update().where(by_id).values(channel_id=new))
        return number
    heir = subscriptions.update().where(subscriptions.c.id == other["id"])
    if other["state"] == SubscriptionState.ENDED:
        kept = ("events", "limit", "state", "reason", "told_at", "shared_ok", "created_by", "zone", "created_at")
        await tx.execute(heir.values(**{name: row[name] for name in kept}))
    elif row["state"] != SubscriptionState.ENDED:
        merged_events = sorted({*row["events"], *other["events"]})
        await tx.execute(heir.values(events=merged_events, shared_ok=other["shared_ok"] or row["shared_ok"]))
    await tx.execute(deliveries.update().where(deliveries.c.slot_id == number).values(slot_id=other["id"]))
    of_channel = sa.and_(deliveries.c.team_id == row["team_id"], deliveries.c.channel_id == row["channel_id"])
    columns = (deliveries.c.id, deliveries.c.subscription_ids)
    for each in (await tx.execute(sa.select(*columns).where(of_channel))).all():
        if number in each.subscription_ids:
            ids = list(dict.fromkeys(other["id"] if one == number else one for one in each.subscription_ids))
            await tx.execute(deliveries.update().where(deliveries.c.id == each.id).values(subscription_ids=ids))
    await tx.execute(subscriptions.delete().where(by_id))
    return int(other["id"])


async def _deliveries(tx: LockedTransaction, team_id: str, old: str, new: str, now: datetime) -> None:
    """Move deliveries. Of one event for both ids, the delivery that Slack has, or may have, is kept.

    A post that is in progress went to the old id. Its outcome is looked up under the new one (rule T2).
    """
    other = deliveries.alias()
    both = (
        sa.select(deliveries.c.id, deliveries.c.state, other.c.id.label("other_id"), other.c.state.label("other_state"))
        .join(other, other.c.event_id == deliveries.c.event_id)
        .where(_at(deliveries, team_id, old), other.c.channel_id == new)
    )
    rows = (await tx.execute(both)).all()
    over = [
        row.other_id if row.state in IN_SLACKS_HANDS and row.other_state not in IN_SLACKS_HANDS else row.id
        for row in rows
    ]
    await tx.execute(deliveries.delete().where(deliveries.c.id.in_(over)))
    of_channel = _at(deliveries, team_id, old)
    in_flight = deliveries.update().where(of_channel, deliveries.c.state == State.SENDING)
    await tx.execute(in_flight.values(fence=deliveries.c.fence + 1, lease_until=now - timedelta.resolution))
    await tx.execute(deliveries.update().where(of_channel).values(channel_id=new))


async def _checks(database: Database, tx: LockedTransaction, team_id: str, old: str, new: str, now: datetime) -> None:
    """Give the new id the old one's schedules, due immediately. Slack no longer knows the old id."""
    before = sa.and_(rounds.c.team_id == team_id, rounds.c.kind.in_([CHANNEL, REMINDER]), rounds.c.subject_id == old)
    if not (await tx.execute(rounds.delete().where(before))).rowcount:
        return
    facts = {"problem": "channel_not_found", "is_shared": False}
    check: dict[str, Any] = {"team_id": team_id, "kind": CHANNEL, "subject_id": new, "due_at": now, "strikes": 0}
    seen = {"facts": facts, "read_at": now - timedelta(days=1)}
    await tx.execute(database.upsert(rounds, update=("due_at", "strikes", *seen)), [{**check, **seen}])


async def _admin_notifications(tx: LockedTransaction, team_id: str, old: str, new: str) -> None:
    """Replace the id in waiting notifications to people."""
    column = admin_notifications.c
    named = sa.and_(column.team_id == team_id, column.content.contains(f'"{old}"', autoescape=True))
    for row in (await tx.execute(sa.select(column.id, column.subject, column.content).where(named))).all():
        subject = row.subject.replace(old, new)
        same = sa.and_(column.team_id == team_id, column.subject == subject, column.id != row.id)
        by_id = column.id == row.id
        if (await tx.execute(sa.select(column.id).where(same))).first():
            await tx.execute(admin_notifications.delete().where(by_id))
        else:
            content = row.content.replace(f'"{old}"', f'"{new}"')
            await tx.execute(admin_notifications.update().where(by_id).values(subject=subject, content=content))
