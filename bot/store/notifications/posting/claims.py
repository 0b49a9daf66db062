"""Claims deliveries: those that can be posted now, of several workspaces in one transaction."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.states import UNDER_WAY, DeliveryKind, Hold, State
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.grouping import Grouped, padded
from bot.store.engine.row_lookups import exists_by_index
from bot.store.engine.tables import UtcMoment, deliveries, paces
from bot.store.notifications.outbox_messages import CLAIMED, READ, Claim, as_claims
from bot.store.notifications.rate_limits import WORKSPACE, ChannelRateLimits
from bot.store.notifications.transitions import transition
from bot.store.notifications.unclear_posts import is_without

MAX_WAITING = 2
"""Workspaces, locked by others, that a process waits for at the same time, each with a database connection."""


@dataclass(frozen=True, slots=True)
class _ClaimWish:
    """What one workspace wants to claim (see `Claims.claim`)."""

    team_id: str
    owner: str
    now: datetime
    lease: timedelta
    most: int


class Claims:
    """Claims for all workspaces. `limits` are those of their channels."""

    def __init__(self, database: Database, limits: ChannelRateLimits) -> None:
        self._db, self._limits = database, limits
        self._claim = Grouped(self._claim_together, apart=lambda wish: wish.team_id)
        self._places = asyncio.Semaphore(MAX_WAITING)

    async def claim(self, team_id: str, owner: str, now: datetime, lease: timedelta, most: int) -> list[Claim]:
        """Claim deliveries of one workspace (see `Outbox.claim`)."""
        wish = _ClaimWish(team_id, owner, now, lease, most)
        claims = await self._claim(wish)
        if claims is None:
            async with self._places, self._db.write(lock=team_id) as tx:
                claims = (await self._claim_in(tx, [wish]))[team_id]
        return claims

    async def next_due(self, team_id: str, now: datetime) -> datetime | None:
        """Return the earliest moment at which a post or a search can start (see `Outbox.next_due`)."""
        async with self._db.read() as tx:
            resolving: datetime | None = (await tx.execute(_to_resolve(team_id))).scalar_one()
            ready_at = (await self._limits.rate(tx, team_id, now)).ready_at(now)
            # While the workspace must wait, what could start then isn't looked for among all that waits.
            to_post = _first_pending() if ready_at > now else _to_post()
            posting: datetime | None = (await tx.execute(to_post, {"team_ids": [team_id]})).scalar_one()
            dues = (resolving, posting and max(posting, ready_at))
            return min((moment for moment in dues if moment), default=None)

    async def _claim_together(self, wishes: Sequence[_ClaimWish]) -> list[list[Claim] | None]:
        """Claim for several workspaces. The result is None for one that another transaction has locked."""
        first = wishes[0]
        async with self._db.write() as tx:
            locked, free = await self._db.lock_free(tx, [wish.team_id for wish in wishes])
            alike = [wish for wish in wishes if (wish.owner, wish.lease) == (first.owner, first.lease)]
            claims = await self._claim_in(locked, [wish for wish in alike if wish.team_id in free])
            return [claims.get(wish.team_id) if wish in alike else None for wish in wishes]

    async def _claim_in(self, tx: LockedTransaction, wishes: Sequence[_ClaimWish]) -> Mapping[str, list[Claim]]:
        """Claim for workspaces that `tx` has locked, with one owner and lease."""
        if not wishes:
            return {}
        now, of_teams = max(wish.now for wish in wishes), {wish.team_id: wish for wish in wishes}
        rates = await self._limits.rates(tx, of_teams, now)
        allowed = {team_id: min(wish.most, rates[team_id].allowed(now)) for team_id, wish in of_teams.items()}
        heads = await _heads(tx, [team_id for team_id, most in allowed.items() if most], now)
        ids = [head for team_id, of_team in heads.items() for head in of_team[: allowed[team_id]]]
        claims: dict[str, list[Claim]] = {team_id: [] for team_id in of_teams}
        if ids:
            values = {"lease_owner": wishes[0].owner, "lease_until": now + wishes[0].lease, "attempted_at": now}
            # A search that was left of an earlier attempt knows nothing of this one.
            values |= {"look_up_id": None}
            for claim in await _take(tx, ids, now, **values):
                claims[claim.team_id].append(claim)
            rests = {
                (team_id, WORKSPACE): rates[team_id].after(len(of_team), now)
                for team_id, of_team in sorted(claims.items())
                if of_team
            }
            await self._limits.rest(tx, rests)
        return claims


async def _heads(tx: AsyncConnection, team_ids: Sequence[str], now: datetime) -> Mapping[str, list[int]]:
    """Return, by workspace, the delivery that can be posted now in each channel, in order."""
    heads: defaultdict[str, list[int]] = defaultdict(list)
    if team_ids:
        for team_id, delivery_id in await tx.execute(_first_of_channels(), {"team_ids": padded(team_ids), "now": now}):
            heads[team_id].append(delivery_id)
    return heads


async def _take(tx: LockedTransaction, ids: Sequence[int], now: datetime, **values: Any) -> list[Claim]:
    """Claim deliveries for this process and return them in order."""
    chosen = deliveries.c.id.in_(padded(ids))
    free = sa.select(deliveries.c.id).where(chosen, deliveries.c.state == State.PENDING)
    # The ids stand outside too, so that PostgreSQL never asks the inner statement about all else that waits.
    which = sa.and_(chosen, deliveries.c.id.in_(free.with_for_update(skip_locked=True)))
    counted = {name: deliveries.c[name] + 1 for name in ("attempts", "fence")}
    columns = [deliveries.c[name] for name in (*CLAIMED, *READ)]
    statement = transition(State.SENDING, which, **values, **counted).returning(*columns)
    rows = sorted((await tx.execute(statement)).mappings(), key=lambda row: row["id"])
    return await as_claims(tx, rows, now) if rows else []


_TEAM_IDS: sa.BindParameter[Any] = sa.bindparam("team_ids", expanding=True)


@cache  # building these statements costs more than asking the database
def _first_of_channels() -> sa.Select[Any]:
    channel = sa.tuple_(deliveries.c.team_id, deliveries.c.channel_id)
    now = sa.bindparam("now", type_=UtcMoment)
    resting = sa.select(paces.c.team_id, paces.c.channel_id).where(
        paces.c.team_id.in_(_TEAM_IDS), paces.c.next_at > now
    )
    first = sa.func.min(deliveries.c.id)
    return (
        sa.select(deliveries.c.team_id, first)
        .where(_is_ready(), deliveries.c.due_at <= now, channel.not_in(resting))
        .group_by(deliveries.c.team_id, deliveries.c.channel_id)
        .order_by(first)
    )


@cache
def _to_post() -> sa.Select[Any]:
    rested = sa.case((paces.c.next_at > deliveries.c.due_at, paces.c.next_at), else_=deliveries.c.due_at)
    channel = sa.and_(paces.c.team_id == deliveries.c.team_id, paces.c.channel_id == deliveries.c.channel_id)
    return sa.select(sa.func.min(rested)).select_from(deliveries.outerjoin(paces, channel)).where(_is_ready())


@cache
def _first_pending() -> sa.Select[Any]:
    is_pending = sa.and_(deliveries.c.team_id.in_(_TEAM_IDS), deliveries.c.state == State.PENDING)
    return sa.select(sa.func.min(deliveries.c.due_at)).where(is_pending)


def _to_resolve(team_id: str) -> sa.Select[Any]:
    unresolved = sa.case((deliveries.c.state == State.SENDING, deliveries.c.lease_until), else_=deliveries.c.due_at)
    sending = sa.and_(deliveries.c.team_id == team_id, deliveries.c.state == State.SENDING)
    return sa.select(sa.func.min(unresolved)).where(sa.or_(sending, is_without(team_id)))


def _is_ready() -> sa.ColumnElement[bool]:
    """Return the condition for deliveries that can be posted once due, with no earlier one in front (rule E2).

    A mute of one event holds no other event: what it holds follows in a summary. A gathered delivery counts at its
    summary's place, so nothing waits for something that waits for it.
    """
    busy = deliveries.alias()
    posting = sa.select(busy.c.team_id, busy.c.channel_id).where(
        busy.c.team_id.in_(_TEAM_IDS), busy.c.state == State.SENDING
    )
    return sa.and_(
        deliveries.c.team_id.in_(_TEAM_IDS),
        deliveries.c.state == State.PENDING,
        sa.tuple_(deliveries.c.team_id, deliveries.c.channel_id).not_in(posting),
        ~something_in_front(),
        sa.or_(deliveries.c.kind != DeliveryKind.DIGEST, _digest_ready()),
    )


def something_in_front() -> sa.ColumnElement[bool]:
    """Return the condition that an earlier delivery of the same application must be posted first (rule E2)."""
    earlier = deliveries.alias()
    in_front = sa.select(earlier.c.id).where(
        earlier.c.team_id == deliveries.c.team_id,
        earlier.c.channel_id == deliveries.c.channel_id,
        earlier.c.connection_id == deliveries.c.connection_id,
        earlier.c.application_id == deliveries.c.application_id,
        earlier.c.id < deliveries.c.id,
        sa.or_(
            earlier.c.state.in_(UNDER_WAY),
            sa.and_(earlier.c.state == State.GATHERED, earlier.c.summary_id < deliveries.c.id),
            sa.and_(earlier.c.state == State.HELD, earlier.c.hold != Hold.MUTE),
        ),
    )
    return exists_by_index(in_front)


def _digest_ready() -> sa.ColumnElement[bool]:
    """Return the condition that nothing in a digest part waits behind an earlier notification. Parts stay in order."""
    member, earlier = deliveries.alias(), deliveries.alias()
    in_front = sa.select(earlier.c.id).where(
        earlier.c.team_id == member.c.team_id,
        earlier.c.channel_id == member.c.channel_id,
        earlier.c.connection_id == member.c.connection_id,
        earlier.c.application_id == member.c.application_id,
        earlier.c.id < member.c.id,
        earlier.c.state.in_(UNDER_WAY),
    )
    behind = sa.select(member.c.id).where(
        member.c.summary_id == sa.func.coalesce(deliveries.c.summary_id, deliveries.c.id),
        member.c.part == deliveries.c.part,
        member.c.kind == DeliveryKind.EVENT,
        exists_by_index(in_front),
    )
    return ~exists_by_index(behind)
