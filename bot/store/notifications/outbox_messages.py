"""The content of a claimed delivery, read from events, cards, applications and channels in the claiming transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.lateness import is_finished, lateness
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.delivery_plan import DeliveryPlan, LivingCard, delay_of, mention_of, plan_delivery
from bot.core.notifications.messages import (
    MAX_PART_LINES,
    SETTLED,
    ActionReply,
    Card,
    ChannelReport,
    Digest,
    DigestEntry,
    Reminder,
)
from bot.core.notifications.slack_error_codes import is_about_reply
from bot.core.notifications.states import DeliveryKind, State
from bot.core.reports.figures import Figures
from bot.store.engine.database import Transaction
from bot.store.engine.grouping import padded
from bot.store.engine.tables import applications, cards, connections, deliveries, events, people, rounds
from bot.store.notifications.cards import CardKey, is_card, living_card, pinned_actions
from bot.store.notifications.channel_settings import styles
from bot.store.notifications.check_schedule import CHANNEL
from bot.store.notifications.floods import flood_posting

Row = Mapping[str, Any] | sa.RowMapping


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process may post or search for until `lease_until`. `plan` says what and how."""

    id: int
    token: str
    kind: str
    team_id: str
    channel_id: str
    connection_id: int
    application_id: str
    summary_id: int | None
    part: int
    attempts: int
    attempted_at: datetime
    lease_until: datetime
    fence: int
    thread_ts: str | None
    hold: str | None
    plan: DeliveryPlan


CLAIMED = tuple(name for name in Claim.__slots__ if name != "plan")
"""Columns of a delivery that a claim has."""

READ = ("state", "event_id", "trigger", "about", "reason")
"""Further columns that its content depends on."""


@dataclass(frozen=True, slots=True)
class _EventRow:
    """The present state of a delivery's application."""

    card: Card
    living: LivingCard | None


async def as_claims(tx: Transaction, rows: Sequence[sa.RowMapping], now: datetime) -> list[Claim]:
    """Return claimed rows with their content. The statement that claimed the rows has locked them.

    `plan_delivery` runs in the claiming transaction, because the chosen thread is stored before anything is posted: a
    post with an unclear outcome is searched for where it went (rule T2).
    """
    by_kind: defaultdict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    plans: dict[int, DeliveryPlan] = {}
    if applying := by_kind[DeliveryKind.EVENT] + by_kind[DeliveryKind.REMINDER]:
        event_rows = await _event_rows(tx, applying)
        silent = await _unmentioned(tx, applying, event_rows)
        plans |= await _events(tx, by_kind[DeliveryKind.EVENT], event_rows, silent, now)
        plans |= {
            row["id"]: _reminder(row, event_rows.get(row["id"]), silent) for row in by_kind[DeliveryKind.REMINDER]
        }
    for row in by_kind[DeliveryKind.DIGEST]:
        plans[row["id"]] = await _digest(tx, row)
    for row in by_kind[DeliveryKind.FLOOD]:
        plans[row["id"]] = DeliveryPlan(post=await flood_posting(tx, row["id"]))
    for row in by_kind[DeliveryKind.ACTION]:
        plans[row["id"]] = await _action(tx, row)
    for row in by_kind[DeliveryKind.REPORT]:
        plans[row["id"]] = await _report(tx, row)
    threads = {
        row["id"]: plans[row["id"]].thread_ts if row["state"] == State.SENDING else row["thread_ts"] for row in rows
    }
    chosen = [{"key": row["id"], "ts": threads[row["id"]]} for row in rows if threads[row["id"]] != row["thread_ts"]]
    if chosen:
        update = deliveries.update().where(deliveries.c.id == sa.bindparam("key")).values(thread_ts=sa.bindparam("ts"))
        await tx.execute(update, chosen)
    kept = [name for name in CLAIMED if name != "thread_ts"]
    return [
        Claim(**{name: row[name] for name in kept}, thread_ts=threads[row["id"]], plan=plans[row["id"]]) for row in rows
    ]


async def present_cards(
    tx: AsyncConnection, keys: Sequence[tuple[str, str, int, str, str]]
) -> dict[tuple[str, str, int, str], Card]:
    """Return the present content of cards. `keys` are (team, channel, connection, application, trigger)."""
    cards_by_key: dict[tuple[str, str, int, str], Card] = {}
    looks = await styles(tx, {(team_id, channel_id) for team_id, channel_id, *_ in keys})
    ids = {(connection_id, application_id) for _, _, connection_id, application_id, _ in keys}
    of_them = sa.tuple_(applications.c.connection_id, applications.c.id).in_(padded(sorted(ids)))
    states = {
        (row["connection_id"], row["id"]): row
        for row in (await tx.execute(sa.select(applications).where(of_them))).mappings()
    }
    names = await _names(tx, {team_id for team_id, *_ in keys})
    pinned = await pinned_actions(tx, {connection_id for _, _, connection_id, *_ in keys})
    late_since = await _late_since(tx, [key for key, state in states.items() if state["late"]])
    are_shared = await _are_shared(tx, {(team_id, channel_id) for team_id, channel_id, *_ in keys})
    for team_id, channel_id, connection_id, application_id, trigger in keys:
        state = states.get((connection_id, application_id))
        if state is not None:
            style, name = looks.get((team_id, channel_id), MessageStyle()), names.get(connection_id, "")
            card = _card(trigger, state, style, name)
            cards_by_key[team_id, channel_id, connection_id, application_id] = replace(
                card,
                pinned=pinned.of(connection_id, card.status_class),
                late_since=late_since.get((connection_id, application_id)),
                item_names=style.allows_item_names(is_shared=are_shared.get((team_id, channel_id))),
            )
    return cards_by_key


async def _late_since(tx: AsyncConnection, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], datetime]:
    """Return when applications (connection, id) were last seen to become late, without those late at the baseline."""
    if not keys:
        return {}
    of_them = sa.tuple_(events.c.connection_id, events.c.application_id).in_(padded(keys))
    columns = (events.c.connection_id, events.c.application_id)
    became = sa.select(*columns, sa.func.max(events.c.seen_at)).where(of_them, events.c.trigger == "late")
    return {(row[0], row[1]): row[2] for row in await tx.execute(became.group_by(*columns))}


async def _are_shared(tx: AsyncConnection, which: Collection[tuple[str, str]]) -> dict[tuple[str, str], bool | None]:
    """Return of the channels (workspace, channel) that Slack ever spoke of whether they are shared with others."""
    of_them = sa.tuple_(rounds.c.team_id, rounds.c.subject_id).in_(padded(sorted(which)))
    columns = (rounds.c.team_id, rounds.c.subject_id, rounds.c.facts)
    rows = await tx.execute(sa.select(*columns).where(of_them, rounds.c.kind == CHANNEL))
    return {(row[0], row[1]): (row[2] or {}).get("is_shared") for row in rows}


async def _names(tx: AsyncConnection, teams: Collection[str]) -> Mapping[int, str]:
    """Return the accounts' names, for workspaces that have several."""
    alive = sa.and_(connections.c.team_id.in_(padded(sorted(teams))), connections.c.ended_at.is_(None))
    rows = (await tx.execute(sa.select(connections.c.id, connections.c.team_id, connections.c.name).where(alive))).all()
    number = Counter(row.team_id for row in rows)
    return {row.id: row.name for row in rows if number[row.team_id] > 1}


def _card(trigger: str, state: Row, style: MessageStyle, account_name: str = "") -> Card:
    return Card(
        trigger=trigger,
        application=Application.model_validate_json(state["snapshot"]),
        status_class=StatusClass(state["status_class"]) if state["status_class"] else None,
        style=style,
        assignee=state["taken_by"],
        had_by=state["had_by"],
        gone=state["gone"],
        account=state["connection_id"],
        account_name=account_name,
    )


async def _event_rows(tx: AsyncConnection, rows: Sequence[sa.RowMapping]) -> dict[int, _EventRow]:
    """Return, by delivery, the present content of the card, and the card that the channel has."""
    keys = {row["id"]: (row["team_id"], row["channel_id"], row["connection_id"], row["application_id"]) for row in rows}
    triggers = {row["id"]: row["trigger"] for row in rows}
    present = await present_cards(tx, [(*key, triggers[number]) for number, key in keys.items()])
    same = sa.and_(*(column == deliveries.c[column.name] for column in cards.primary_key.columns))
    of_rows = sa.select(deliveries.c.id, cards).join(cards, same).where(deliveries.c.id.in_(padded(keys)))
    living = {row["id"]: living_card(row) for row in (await tx.execute(of_rows)).mappings()}
    return {number: _EventRow(present[key], living.get(number)) for number, key in keys.items() if key in present}


async def _events(
    tx: AsyncConnection,
    rows: Sequence[sa.RowMapping],
    event_rows: Mapping[int, _EventRow],
    silent: Collection[tuple[str, str | None]],
    now: datetime,
) -> dict[int, DeliveryPlan]:
    occurrences = (
        await tx.execute(sa.select(events).where(events.c.id.in_(padded(row["event_id"] for row in rows))))
    ).mappings()
    by_id = {row["id"]: row for row in occurrences}
    plans = {}
    for row in rows:
        event, one = by_id[row["event_id"]], event_rows.get(row["id"])
        if one is None:  # erased since then: what the event saw is all there is
            one = _EventRow(
                _card(row["trigger"], {**event, "taken_by": None, "had_by": None, "gone": True}, MessageStyle()), None
            )
        wants = (row["team_id"], one.card.assignee) not in silent
        plans[row["id"]] = plan_delivery(
            event_of(event),
            one.card,
            one.living,
            now,
            mention=mention_of(one.card.assignee, event["actor"], wants_mentions=wants),
            delay=delay_of(event["seen_at"], row["reason"], now),
        )
    return plans


async def _unmentioned(
    tx: AsyncConnection, rows: Sequence[sa.RowMapping], event_rows: Mapping[int, _EventRow]
) -> Collection[tuple[str, str | None]]:
    """Return those assignees (workspace, user) who turned mentions off."""
    assignees = {
        (row["team_id"], one.card.assignee) for row in rows if (one := event_rows.get(row["id"])) and one.card.assignee
    }
    if not assignees:
        return frozenset()
    quiet = sa.select(people.c.team_id, people.c.user_id).where(
        ~people.c.mentions, sa.tuple_(people.c.team_id, people.c.user_id).in_(list(assignees))
    )
    return {(row[0], row[1]) for row in await tx.execute(quiet)}


def _reminder(row: sa.RowMapping, one: _EventRow | None, silent: Collection[tuple[str, str | None]]) -> DeliveryPlan:
    if one is None or one.living is None:
        return DeliveryPlan()
    card = one.card
    if lateness(card.application, card.status_class) is False:
        return DeliveryPlan()  # it waited for the end of quiet hours, and was settled since then
    days = card.style.reminder_days or 0
    wants = (row["team_id"], card.assignee) not in silent
    mention = mention_of(card.assignee, None, wants_mentions=wants)
    reminder = Reminder(replace(card, mention=mention), days)
    return DeliveryPlan(post=reminder, thread_ts=one.living.message_ts if one.living.lost is None else None)


async def _action(tx: AsyncConnection, row: sa.RowMapping) -> DeliveryPlan:
    """Return who used a saved action, for the thread of its card. Empty if the card is lost by then."""
    key = CardKey(row["team_id"], row["channel_id"], row["connection_id"], row["application_id"])
    living = (await tx.execute(sa.select(cards).where(is_card(key), cards.c.lost.is_(None)))).mappings().first()
    if living is None:
        return DeliveryPlan()
    user_id, action = row["about"]
    return DeliveryPlan(post=ActionReply(user_id, action), thread_ts=living["message_ts"])


async def _report(tx: AsyncConnection, row: sa.RowMapping) -> DeliveryPlan:
    """Return a channel's regular report, with the applications that it names as they are stored now."""
    content = row["about"]
    figures = Figures.model_validate(content["figures"])
    of_account = applications.c.connection_id == row["connection_id"]
    named = sa.and_(of_account, applications.c.id.in_([each.id for each in figures.overdue]))
    stored = {
        one.id: Application.model_validate_json(one.snapshot)
        for one in await tx.execute(sa.select(applications.c.id, applications.c.snapshot).where(named))
    }
    missed_at = content["missed_at"]
    names = await _names(tx, {row["team_id"]})
    report = ChannelReport(
        figures=figures,
        made_at=datetime.fromisoformat(content["made_at"]),
        weeks=content["weeks"],
        zone=content["zone"],
        overdue=tuple((stored[each.id], each.since) for each in figures.overdue if each.id in stored),
        missed_at=missed_at and datetime.fromisoformat(missed_at),
        account=names.get(row["connection_id"], ""),
    )
    return DeliveryPlan(post=report)


async def _digest(tx: AsyncConnection, row: sa.RowMapping) -> DeliveryPlan:
    """Return one part of a digest, or nothing if no subscription wants any of it any more.

    The first part that is posted counts everything, and the others go into its thread.
    """
    main = row["summary_id"] or row["id"]
    if row["about"]:
        listed = await _listed(tx, row["connection_id"], row["about"])
        entries = tuple(one for one in listed if lateness(one.application, one.status_class) is not False)
        if not entries:
            return DeliveryPlan()
        counts = {"late": len(entries)}
        return DeliveryPlan(
            post=Digest(
                row["trigger"],
                entries[:MAX_PART_LINES],
                counts,
                more=len(entries[MAX_PART_LINES:]),
                account=row["connection_id"],
            )
        )
    members = sa.and_(
        deliveries.c.summary_id == main,
        deliveries.c.kind == DeliveryKind.EVENT,
        deliveries.c.state.in_([State.GATHERED, State.SENT]),
    )
    statement = (
        sa.select(
            deliveries.c.part,
            deliveries.c.state,
            events,
            applications.c.taken_by,
            applications.c.status_class.label("present_class"),
        )
        .join(events, events.c.id == deliveries.c.event_id)
        .outerjoin(
            applications,
            sa.and_(
                applications.c.connection_id == events.c.connection_id, applications.c.id == events.c.application_id
            ),
        )
        .where(members)
        .order_by(deliveries.c.id)
    )
    member_rows = (await tx.execute(statement)).mappings().all()
    part_entries = tuple(
        _entry(one) for one in member_rows if (one["part"], one["state"]) == (row["part"], State.GATHERED)
    )
    if not part_entries:
        return DeliveryPlan()
    parts = sorted({one["part"] for one in member_rows})
    digest = Digest(
        cause=row["trigger"],
        entries=part_entries[:MAX_PART_LINES],
        more=len(part_entries[MAX_PART_LINES:]),
        counts=Counter(SETTLED if _is_settled(one) else one["trigger"] for one in member_rows),
        part=parts.index(row["part"]),
        parts=len(parts),
        account=row["connection_id"],
    )
    of_it = sa.and_(
        sa.or_(deliveries.c.id == main, deliveries.c.summary_id == main), deliveries.c.kind == DeliveryKind.DIGEST
    )
    posted = sa.select(deliveries.c.message_ts).where(of_it, deliveries.c.message_ts.is_not(None))
    thread_ts = (await tx.execute(posted.order_by(deliveries.c.part))).scalars().first()
    return DeliveryPlan(post=digest, thread_ts=None if is_about_reply(row["reason"]) else thread_ts)


async def _listed(tx: AsyncConnection, connection_id: int, ids: Sequence[str]) -> tuple[DigestEntry, ...]:
    statement = sa.select(applications).where(applications.c.connection_id == connection_id, applications.c.id.in_(ids))
    states = {row["id"]: row for row in (await tx.execute(statement)).mappings()}
    return tuple(_entry({**states[key], "trigger": None, "seen_at": None}) for key in ids if key in states)


def _entry(row: Row) -> DigestEntry:
    return DigestEntry(
        application=Application.model_validate_json(row["snapshot"]),
        status_class=StatusClass(row["status_class"]) if row["status_class"] else None,
        trigger=row["trigger"],
        seen_at=row["seen_at"],
        assignee=row["taken_by"],
        settled=_is_settled(row),
    )


def _is_settled(row: Row) -> bool:
    """Return whether an event is *late* and its application has been finished since."""
    return row["trigger"] == "late" and is_finished(row.get("present_class"))


def event_of(row: Row) -> Event:
    """Read an event from a row of `events`."""
    return Event(
        trigger=row["trigger"],
        occurrence=row["occurrence"],
        application=Application.model_validate_json(row["snapshot"]),
        status_class=StatusClass(row["status_class"]) if row["status_class"] else None,
    )
