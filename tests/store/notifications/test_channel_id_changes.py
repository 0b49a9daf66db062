"""Everything that is kept of a channel follows it to its new id (A14)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.core.check_schedule import NextCheck
from bot.core.notifications.admin_notifications import ChannelHeld
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.report_rhythm import ReportRhythm
from bot.core.notifications.schedule import Schedule
from bot.store import Store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import cards, defaults, deliveries, floods, look_ups, metadata, subscriptions
from bot.store.notifications.channel_id_changes import PLACES
from bot.store.notifications.check_schedule import CHANNEL
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.audit import AuditEntry, AuditOutcome
from bot.store.people.draft_contents import DraftContents
from tests.conftest import Clock

TEAM, OLD, NEW = "T1", "G1OLD", "C1NEW"

NO_CHANNELS = {"rounds.subject_id", "notices.subject", "notices.content", "events.verdicts", "audit.target"}
"""Columns that hold channels among other things."""

SEALED = "drafts.sealed"
"""No one reads a channel there but by the key."""


def test_every_channel_column_follows_a_new_id() -> None:
    """A14: each column that is called after a channel is one that follows."""
    named = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    assert {one for one in named if "channel" in one.partition(".")[2]} == PLACES.keys() - NO_CHANNELS - {SEALED}
    assert PLACES.keys() <= named


async def _live(store: Store, clock: Clock, channel_id: str, *keys: str) -> int:
    """Let a channel have something in every table, and return its account."""
    now = clock()
    connection = await store.connections.ensure(TEAM, "default", "http://clust/api", "token")
    await store.account_shares.take("me", [connection.id], now, now + timedelta(days=9))
    fence = (await store.connections.get(connection.id)).fence
    wish = SubscriptionRequest(TEAM, channel_id, connection.id, "", ("late",), None, "U1", "UTC")
    await store.subscriptions.save(wish, now)
    await store.subscriptions.save(replace(wish, filter="late:yes", events=("created",)), now)
    await store.channel_settings.save(TEAM, channel_id, MessageStyle(full=True), Schedule(), "U1", now)
    await store.channel_settings.mute(TEAM, channel_id, [Mute("9")], "U1", now)
    weekly = ReportRhythm.WEEKLY
    await store.regular_reports.set(TEAM, channel_id, connection.id, weekly, Schedule(), "U1", now)
    results = [Event("late", 1, Application(id=key, title=key), StatusClass.OPEN) for key in keys]
    seen = [PolledApplication(Snapshot(event.application, event.status_class), 1) for event in results]
    poll = PollRow(now, now, 1, len(seen), len(seen))
    await store.polls.keep(
        connection.id, fence, PollResult(poll, seen, [], [], [], results, "default", {"read_at": now})
    )
    await store.polls.tick(connection.id, fence, 20, now)
    for claim in await store.outbox.claim(TEAM, "me", now, timedelta(minutes=1), 1):
        post: Any = claim.plan.post
        await store.outbox.mark_sent(claim, "1.000001", now, post)
    await store.check_schedule.keep(TEAM, CHANNEL, NextCheck(channel_id, now), now, {"problem": None})
    held = ChannelHeld(channel_id, "is_archived", ("U1",))
    await store.admin_notifications.put(TEAM, f"held {channel_id} is_archived", held, now, own=["U1"])
    await store.audit.write(TEAM, AuditEntry(now, "U1", "subscribe", AuditOutcome.OK, channel_id, ""))
    await store.pasted_links.hide(TEAM, channel_id, "1.2", "1:1", "U1", now)
    async with store.database.write() as tx:
        default = {"team_id": TEAM, "channel_id": channel_id, "connection_id": connection.id}
        await tx.execute(defaults.insert().values(**default))
        number = (await tx.execute(sa.select(sa.func.max(deliveries.c.id)))).scalar_one()
        values = {"delivery_id": number, "team_id": TEAM, "channel_id": channel_id, "opened_at": now}
        await tx.execute(floods.insert().values(**values))
        moments = dict.fromkeys(("oldest", "latest", "began_at", "due_at", "turn_at"), now)
        await tx.execute(
            look_ups.insert().values(
                id=channel_id, team_id=TEAM, channel_id=channel_id, posts={}, cursor="x", **moments
            )
        )
    return connection.id


async def _everything(store: Store) -> dict[str, Sequence[sa.RowMapping]]:
    async with store.database.read() as tx:
        return {table.name: (await tx.execute(sa.select(table))).mappings().all() for table in metadata.sorted_tables}


def _text(rows: dict[str, Sequence[sa.RowMapping]]) -> str:
    return json.dumps({name: [dict(row) for row in some] for name, some in rows.items()}, default=str)


async def test_every_table_follows_a_new_channel_id(store: Store, clock: Clock) -> None:
    """A14: no table speaks of the old id any more, nothing is lost, and a second event finds nothing to do."""
    await _live(store, clock, OLD, "1", "2")
    before = await _everything(store)
    for place in PLACES.keys() - {SEALED}:
        table = place.partition(".")[0]
        assert OLD in _text({table: before[table]}), place
    assert await store.channel_id_changes.follow(TEAM, OLD, NEW, clock())
    after = await _everything(store)
    assert OLD not in _text({name: rows for name, rows in after.items() if name != "look_ups"})
    assert {row["channel_id"] for row in after["look_ups"]} == {NEW}
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert not await store.channel_id_changes.follow(TEAM, OLD, NEW, clock())
    assert await _everything(store) == after


async def test_forms_that_are_open_follow(store: Store, clock: Clock) -> None:
    """A14: a draft's sealed channel is the new one. What was typed, and other people's channels, stay."""
    account = await _live(store, clock, OLD, "1")
    opened = {
        TEAM: DraftContents(OLD, typed={"channel": OLD, "title": OLD}),
        "T2": DraftContents(OLD, typed={"channel": OLD}),
        "T3": DraftContents("C9"),
    }
    drafts = {
        team_id: await store.form_drafts.open(team_id, "U1", "create", account, clock(), contents=contents)
        for team_id, contents in opened.items()
    }
    await store.channel_id_changes.follow(TEAM, OLD, NEW, clock())
    after = {
        team_id: await store.form_drafts.get(draft.id, team_id, "U1", clock()) for team_id, draft in drafts.items()
    }
    assert {team_id: draft.contents for team_id, draft in after.items() if draft} == {
        **opened,
        TEAM: DraftContents(NEW, typed={"channel": NEW, "title": OLD}),
    }


async def test_another_workspace_keeps_its_own(store: Store, clock: Clock) -> None:
    """A14: an id means a channel of one workspace."""
    await _live(store, clock, OLD, "1")
    before = await _everything(store)
    assert not await store.channel_id_changes.follow("T2", OLD, NEW, clock())
    assert await _everything(store) == before


async def test_what_the_new_id_has_already_is_merged(store: Store, clock: Clock) -> None:
    """A14: someone subscribed there before the event came: one subscription each, and no event twice."""
    await _live(store, clock, OLD, "1", "2")
    account = await _live(store, clock, NEW, "3")
    wish = SubscriptionRequest(TEAM, OLD, account, "title:x", ("late", "approved"), 5, "U2", "UTC")
    await store.subscriptions.save(wish, clock())
    await store.subscriptions.save(replace(wish, channel_id=NEW, events=("created",)), clock())
    await store.channel_settings.save(TEAM, NEW, MessageStyle(full=False), Schedule(), "U2", clock())
    await store.channel_id_changes.follow(TEAM, OLD, NEW, clock())
    rows = await store.subscriptions.of_channel(TEAM, NEW)
    assert {row.filter: row.events for row in rows} == {
        "": ["late"],
        "late:yes": ["created"],
        "title:x": ["approved", "created", "late"],
    }
    assert not (await store.channel_settings.get(TEAM, NEW)).style.full
    async with store.database.read() as tx:
        pairs = (await tx.execute(sa.select(deliveries.c.event_id, deliveries.c.channel_id))).all()
        ids = set((await tx.execute(sa.select(subscriptions.c.id))).scalars())
        kept_rows = (await tx.execute(sa.select(deliveries.c.subscription_ids, deliveries.c.slot_id))).all()
        living = (await tx.execute(sa.select(cards.c.application_id))).scalars().all()
    assert {channel for _, channel in pairs} == {NEW}
    assert len(pairs) == len(set(pairs))
    assert all({*row.subscription_ids, row.slot_id} <= ids for row in kept_rows)
    assert len(living) == len(set(living))


@pytest.mark.parametrize("state", ["sending", "unclear"])
async def test_what_is_on_its_way_is_looked_up_there(store: Store, clock: Clock, state: str) -> None:
    """T2, A14: a post that went to the old id comes to its end under the new one, and its process marks nothing."""
    await _live(store, clock, OLD, "1", "2")
    clock.forward(5)
    (claim,) = await store.outbox.claim(TEAM, "me", clock(), timedelta(minutes=1), 1)
    if state == "unclear":
        await store.outbox.mark_unclear(claim, "Cut.", clock(), clock())
    await store.channel_id_changes.follow(TEAM, OLD, NEW, clock())
    if state == "sending":
        assert not await store.outbox.mark_sent(claim, "9.0", clock())
    clock.forward(60)
    results = await store.unclear_posts.claim(
        TEAM, clock(), timedelta(minutes=1), timedelta(seconds=25), timedelta(seconds=10)
    )
    assert {one.channel_id for one in results} == {NEW}
    assert any(claim.token in one.tokens for one in results)
