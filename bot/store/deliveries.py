"""The outbox: deliveries are claimed, posted and marked here, at the pace that Slack allows.

States: pending → sending → sent; or unclear (perhaps posted: looked up before it is posted again), held (by a
limit, or because the channel takes no posts), skipped, failed. Each claim raises the row's fence, so that a process
which lost its lease can't mark what another one handles now (rule T3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Application, StatusClass
from bot.core.schedule import CHANNEL_GAP
from bot.core.triggers import Event
from bot.store.database import Database
from bot.store.paces import WORKSPACE, Paces
from bot.store.tables import deliveries, events, paces, subscriptions


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process may post, or look up, until `lease_until`."""

    id: int
    token: str
    team_id: str
    channel_id: str
    event: Event
    attempts: int
    attempted_at: datetime
    lease_until: datetime
    fence: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, for `status`: how many in each state, holds by their reason; and what Slack will never take."""

    by_state: Mapping[str, int]
    held: Mapping[str, int]
    failed: int


async def release_limited(tx: AsyncConnection, connection_id: int, limit: int, now: datetime) -> None:
    """Release the next deliveries of each subscription and trigger, oldest first (rule S3).

    `limit` is what counts for a subscription that names none. What was held because its channel took no posts follows
    in the same way, once its subscription is active again.
    """
    place = sa.func.row_number().over(
        partition_by=(deliveries.c.slot_id, deliveries.c.trigger), order_by=deliveries.c.id
    )
    waiting = (
        sa.select(
            deliveries.c.id,
            place.label("place"),
            sa.func.coalesce(subscriptions.c.limit, limit).label("limit"),
        )
        .join(subscriptions, subscriptions.c.id == deliveries.c.slot_id)
        .where(
            deliveries.c.connection_id == connection_id,
            deliveries.c.state == "held",
            subscriptions.c.state == "active",
        )
        .subquery()
    )
    next_ones = sa.select(waiting.c.id).where(waiting.c.place <= waiting.c.limit)
    await tx.execute(
        deliveries.update().where(deliveries.c.id.in_(next_ones)).values(state="pending", hold=None, due_at=now)
    )


class Deliveries:
    """The outbox of every workspace."""

    def __init__(self, database: Database, posts_per_minute: float) -> None:
        self._db = database
        self._paces = Paces(database, posts_per_minute)

    async def claim(self, team_id: str, owner: str, now: datetime, lease: timedelta, most: int) -> list[Claim]:
        """Claim up to `most` deliveries to post now, in their order, at most one for each channel.

        Taken are those whose channel and workspace are not paced, whose channel posts nothing else right now, and
        which no earlier delivery of the same application waits in front of (rules E2, P1, P2).
        """
        async with self._db.write() as tx:
            budget = await self._paces.budget(tx, team_id, now, lock=True)
            allowed = min(most, budget.allowed(now))
            if allowed == 0:
                return []
            heads = _heads(team_id, now).order_by(sa.column("id")).limit(allowed)
            free = sa.select(deliveries.c.id).where(deliveries.c.id.in_(heads), deliveries.c.state == "pending")
            claimed = await _take(
                tx,
                deliveries.c.id.in_(free.with_for_update(skip_locked=True)),
                state="sending",
                attempts=deliveries.c.attempts + 1,
                attempted_at=now,
                lease_owner=owner,
                lease_until=now + lease,
                fence=deliveries.c.fence + 1,
            )
            if claimed:
                await self._paces.rest(tx, team_id, WORKSPACE, budget.after(len(claimed), now))
            return claimed

    async def claim_unclear(
        self, team_id: str, owner: str, now: datetime, lease: timedelta, settle_after: timedelta
    ) -> list[Claim]:
        """Claim every delivery whose outcome must be looked up now (rule T2).

        A lapsed lease is the same as an unclear outcome; both are looked up `settle_after` their attempt.
        """
        of_team = deliveries.c.team_id == team_id
        async with self._db.write() as tx:
            lapsed = sa.and_(of_team, deliveries.c.state == "sending", deliveries.c.lease_until < now)
            found = (await tx.execute(sa.select(deliveries.c.id, deliveries.c.attempted_at).where(lapsed))).all()
            for row in found:
                await tx.execute(
                    deliveries.update()
                    .where(deliveries.c.id == row.id)
                    .values(
                        state="unclear",
                        reason="The process that was sending it fell silent.",
                        due_at=row.attempted_at + settle_after,
                        lease_until=None,
                        fence=deliveries.c.fence + 1,
                    )
                )
            free = sa.or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until < now)
            due = sa.select(deliveries.c.id).where(
                of_team, deliveries.c.state == "unclear", deliveries.c.due_at <= now, free
            )
            return await _take(
                tx,
                deliveries.c.id.in_(due.limit(200).with_for_update(skip_locked=True)),
                lease_owner=owner,
                lease_until=now + lease,
                fence=deliveries.c.fence + 1,
            )

    async def next_due(self, team_id: str, now: datetime) -> datetime | None:
        """Return when there is something to do, at the earliest: to post, or to look up; None where nothing waits."""
        rested = sa.case((paces.c.next_at > deliveries.c.due_at, paces.c.next_at), else_=deliveries.c.due_at)
        channel = sa.and_(paces.c.team_id == deliveries.c.team_id, paces.c.channel_id == deliveries.c.channel_id)
        to_post = (
            sa.select(sa.func.min(rested)).select_from(deliveries.outerjoin(paces, channel)).where(_ready(team_id))
        )
        unsettled = sa.case((deliveries.c.state == "sending", deliveries.c.lease_until), else_=deliveries.c.due_at)
        to_settle = sa.select(sa.func.min(unsettled)).where(
            deliveries.c.team_id == team_id, deliveries.c.state.in_(["sending", "unclear"])
        )
        async with self._db.read() as tx:
            posting: datetime | None = (await tx.execute(to_post)).scalar_one()
            settling: datetime | None = (await tx.execute(to_settle)).scalar_one()
            if posting is not None:
                posting = max(posting, (await self._paces.budget(tx, team_id, now)).ready_at(now))
            return min((moment for moment in (posting, settling) if moment), default=None)

    async def mark_sent(self, claim: Claim, message_ts: str, now: datetime) -> bool:
        """Mark a delivery as posted, and let its channel rest; False where the lease was lost meanwhile."""
        async with self._db.write() as tx:
            done = await _settle(
                tx, claim, state="sent", message_ts=message_ts, sent_at=now, reason=None, lease_until=None
            )
            await self._paces.rest(tx, claim.team_id, claim.channel_id, now + CHANNEL_GAP)
            return done

    async def mark_unclear(self, claim: Claim, reason: str, due_at: datetime, now: datetime) -> bool:
        """Mark a delivery as perhaps posted: it is looked up at `due_at`."""
        async with self._db.write() as tx:
            done = await _settle(tx, claim, state="unclear", reason=reason, due_at=due_at, lease_until=None)
            await self._paces.rest(tx, claim.team_id, claim.channel_id, now + CHANNEL_GAP)
            return done

    async def mark_again(self, claim: Claim, reason: str, due_at: datetime) -> bool:
        """Mark a delivery as surely not posted: it is tried again at `due_at`, unless nobody wants it any more."""
        async with self._db.write() as tx:
            state = _unless_unwanted("pending")
            return await _settle(tx, claim, state=state, reason=reason, due_at=due_at, lease_until=None)

    async def mark_held(self, claim: Claim, reason: str) -> bool:
        """Mark a delivery as held because its channel refuses posts, unless nobody wants it any more."""
        async with self._db.write() as tx:
            state = _unless_unwanted("held")
            return await _settle(tx, claim, state=state, hold="channel", reason=reason, lease_until=None)

    async def mark_failed(self, claim: Claim, reason: str) -> bool:
        """Mark a delivery that Slack will never take."""
        async with self._db.write() as tx:
            return await _settle(tx, claim, state="failed", reason=reason, lease_until=None)

    async def throttle(self, claim: Claim, retry_after: timedelta, now: datetime) -> None:
        """Pause the channel after a 429, the whole workspace after 429s from two channels (rules P1, P2)."""
        async with self._db.write() as tx:
            await self._paces.throttle(tx, claim.team_id, claim.channel_id, retry_after, now)

    async def backlog(self, team_id: str, now: datetime) -> Backlog:
        """Return what waits in a workspace, and what failed within the last day."""
        of_team = deliveries.c.team_id == team_id
        waiting = sa.and_(of_team, deliveries.c.state.in_(["pending", "sending", "unclear", "held"]))
        why = sa.case((deliveries.c.hold == "limit", "limit"), else_=deliveries.c.reason)
        held = sa.select(why, sa.func.count()).where(waiting, deliveries.c.state == "held").group_by(why)
        states = sa.select(deliveries.c.state, sa.func.count()).where(waiting).group_by(deliveries.c.state)
        lately = sa.and_(of_team, deliveries.c.state == "failed", deliveries.c.due_at > now - timedelta(days=1))
        async with self._db.read() as tx:
            return Backlog(
                by_state={row[0]: row[1] for row in await tx.execute(states)},
                held={row[0] or "": row[1] for row in await tx.execute(held)},
                failed=int((await tx.execute(sa.select(sa.func.count()).where(lately))).scalar_one()),
            )


def _ready(team_id: str) -> sa.ColumnElement[bool]:
    """What may be posted as soon as it is due and its channel has rested: nothing stands in front of it."""
    earlier, busy = deliveries.alias(), deliveries.alias()
    in_front = sa.exists().where(
        earlier.c.team_id == deliveries.c.team_id,
        earlier.c.channel_id == deliveries.c.channel_id,
        earlier.c.connection_id == deliveries.c.connection_id,
        earlier.c.application_id == deliveries.c.application_id,
        earlier.c.id < deliveries.c.id,
        earlier.c.state.in_(["pending", "sending", "unclear", "held"]),
    )
    posting = sa.select(busy.c.channel_id).where(busy.c.team_id == team_id, busy.c.state == "sending")
    return sa.and_(
        deliveries.c.team_id == team_id,
        deliveries.c.state == "pending",
        deliveries.c.channel_id.not_in(posting),
        ~in_front,
    )


def _heads(team_id: str, now: datetime) -> sa.Select[tuple[int]]:
    """Select the delivery that may be posted now in each channel."""
    resting = sa.select(paces.c.channel_id).where(paces.c.team_id == team_id, paces.c.next_at > now)
    return (
        sa.select(sa.func.min(deliveries.c.id).label("id"))
        .where(_ready(team_id), deliveries.c.due_at <= now, deliveries.c.channel_id.not_in(resting))
        .group_by(deliveries.c.channel_id)
    )


async def _take(tx: AsyncConnection, which: sa.ColumnElement[bool], **values: Any) -> list[Claim]:
    """Update the chosen deliveries and return them as claims, in their order."""
    names = ("id", "token", "team_id", "channel_id", "event_id", "attempts", "attempted_at", "lease_until", "fence")
    statement = deliveries.update().where(which).values(**values).returning(*(deliveries.c[name] for name in names))
    rows = sorted((await tx.execute(statement)).mappings(), key=lambda row: row["id"])
    told = await _events(tx, [row["event_id"] for row in rows]) if rows else {}
    return [
        Claim(event=told[row["event_id"]], **{name: row[name] for name in names if name != "event_id"}) for row in rows
    ]


async def _events(tx: AsyncConnection, ids: Sequence[int]) -> dict[int, Event]:
    rows = (await tx.execute(sa.select(events).where(events.c.id.in_(ids)))).mappings()
    return {
        row["id"]: Event(
            trigger=row["trigger"],
            occurrence=row["occurrence"],
            application=Application.model_validate_json(row["snapshot"]),
            status_class=StatusClass(row["status_class"]) if row["status_class"] else None,
        )
        for row in rows
    }


def _unless_unwanted(state: str) -> sa.ColumnElement[str]:
    """Give `state`, or skipped where every subscription that matched has ended meanwhile (rule S2)."""
    unwanted = sa.cast(deliveries.c.subscription_ids, sa.Text) == "[]"
    return sa.case((unwanted, "skipped"), else_=state)


async def _settle(tx: AsyncConnection, claim: Claim, **values: Any) -> bool:
    """Set what became of a claim, unless someone else has taken the delivery since (rule T3)."""
    mine = sa.and_(deliveries.c.id == claim.id, deliveries.c.fence == claim.fence)
    return (await tx.execute(deliveries.update().where(mine).values(**values))).rowcount == 1
