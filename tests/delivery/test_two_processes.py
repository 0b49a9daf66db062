"""What the processes of one workspace do with its outbox at the same moment: as if one had done it after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.delivery import WorkspaceChecks
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.store import open_store
from bot.store.engine.tables import applications, deliveries, floods
from bot.store.notifications.floods import touch
from tests.conftest import Clock
from tests.delivery.conftest import LEASE, Hanging, Outbox

TIMES = 10
"""That each is tried: which of two comes first is not ours to choose."""


@pytest.fixture
async def other(outbox: Outbox, url: str) -> AsyncIterator[Outbox]:
    """Another process of the same bot, its connection to the database open."""
    store = open_store(url, posts_per_minute=300)
    async with store.database.read():
        pass
    admin_sender = AdminNotificationSender(
        outbox.team_id, store, outbox.notifier, (), outbox.access.is_admin, outbox.clock
    )
    checks = WorkspaceChecks(outbox.team_id, store, outbox.notifier, admin_sender, outbox.clock, timedelta(days=90))
    yield replace(outbox, store=store, checks=checks)
    await store.database.close()


async def held(outbox: Outbox, channel: str) -> None:
    """Let there be something to tell: a channel that takes no messages."""
    await outbox.subscribe(channel)
    await outbox.store.subscriptions.hold(outbox.team_id, outbox.channel(channel), "is_archived")
    outbox.slack.workspace.channel(channel).is_archived = True


async def somebody_waits(outbox: Outbox) -> None:
    """Wait until a transaction waits for another. There is no event for that."""
    waiting = sa.text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with asyncio.timeout(60), outbox.store.database.engine.connect() as connection:
        while not (await connection.execute(waiting)).first():
            await connection.rollback()
            await asyncio.sleep(0.01)


async def test_what_is_unsubscribed_while_it_happens_is_not_posted(outbox: Outbox, other: Outbox) -> None:
    """S1, S2: a poll reads what is wanted, and keeps what happened, without an end of it in between."""
    for number in range(TIMES):
        row = await outbox.subscribe(f"channel-{number}")
        end = other.store.subscriptions.end(outbox.team_id, [row.id], row.events, "U1")
        await asyncio.gather(outbox.happen((str(number), "late")), end)
    assert {row["state"] for row in await outbox.rows()} <= {"skipped"}


async def test_what_is_unsubscribed_while_it_is_sent_is_not_sent_again(
    outbox: Outbox, other: Outbox, clock: Clock
) -> None:
    """S2: also where the sending fails in that very moment: what became of it is waited for."""
    row = await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.store.outbox.claim(outbox.team_id, "me", clock(), LEASE, 1)
    async with outbox.store.database.write() as tx:
        await tx.execute(deliveries.update().values(state="pending"))
        ending = asyncio.create_task(other.store.subscriptions.end(outbox.team_id, [row.id], row.events, "U1"))
        if not outbox.store.database.is_sqlite:
            await somebody_waits(outbox)
    await ending
    assert await outbox.states() == ["skipped"]


async def test_nothing_waits_for_an_answer_that_was_given(outbox: Outbox, other: Outbox) -> None:
    """S4: a tick holds later notifications with those of an open question, but not with one that is being answered."""
    for number in range(TIMES):
        await outbox.subscribe(f"channel-{number}")
    await outbox.happen(*((str(one), "late") for one in range(25)))
    await outbox.tick()
    for number in range(TIMES):
        await outbox.happen((f"later-{number}", "late"))
    async with outbox.store.database.read() as tx:
        rows = (await tx.execute(sa.select(floods.c.channel_id, floods.c.delivery_id))).all()
    assert len(rows) == TIMES
    answers = (other.store.floods.answer(outbox.team_id, *one, "post", "U1", outbox.clock()) for one in rows)
    await asyncio.gather(outbox.tick(), *answers)
    left = sa.select(deliveries.c.id).join(floods, floods.c.delivery_id == deliveries.c.summary_id)
    async with outbox.store.database.read() as tx:
        waiting = left.where(deliveries.c.state == "held", floods.c.answer.is_not(None))
        assert (await tx.execute(waiting)).all() == []


async def test_a_question_shows_what_moves_while_it_is_updated(outbox: Outbox, other: Outbox, clock: Clock) -> None:
    """S4: the last of its notifications is posted at that very moment, so the card is updated once more."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(one), "late") for one in range(25)))
    await outbox.tick()
    await outbox.send()
    clock.forward(60)
    (stale,) = (await other.store.card_updates.claim(outbox.team_id, clock(), LEASE, 1)).floods
    async with outbox.store.database.write() as tx:
        last = deliveries.c.id == (await outbox.rows())[0]["id"]
        await tx.execute(deliveries.update().where(last).values(state="sent"))
        await touch(tx, stale.delivery_id, clock())
        updating = asyncio.create_task(other.store.floods.updated(stale, clock()))
        if not outbox.store.database.is_sqlite:
            await somebody_waits(outbox)
    await updating
    assert await outbox.store.card_updates.next_due(outbox.team_id, clock())


async def test_a_flood_of_two_accounts_is_one_question(outbox: Outbox, other: Outbox, clock: Clock) -> None:
    """S4: whichever account's poll asks first, the other's notifications wait with it."""
    second = await outbox.store.connections.ensure(outbox.team_id, "emea", "http://clust/api", "token-2")
    fence = (await outbox.store.account_shares.take("poller", [second.id], clock(), clock() + timedelta(days=99)))[
        second.id
    ]
    emea = replace(other, connection_id=second.id, fence=fence, occurrences={})
    for number in range(TIMES):
        for account in (outbox, emea):
            await account.subscribe(f"channel-{number}")
    for account in (outbox, emea):
        await account.happen(*((str(one), "late") for one in range(25)))
    await asyncio.gather(outbox.tick(), emea.tick())
    async with outbox.store.database.read() as tx:
        places = list((await tx.execute(sa.select(floods.c.channel_id))).scalars())
    assert sorted(places) == sorted(set(places))
    assert len(places) == TIMES


async def test_two_processes_send_a_notification_once(
    outbox: Outbox, other: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W4: while one process sends it, the other doesn't. If the first falls silent, the other does."""
    await held(outbox, "one")
    process, second = outbox.periodic_checks(), other.periodic_checks("other")
    sending = Hanging()
    with monkeypatch.context() as patched:
        patched.setattr(outbox.notifier, "notify", sending)
        first = asyncio.create_task(outbox.look(process))
        await sending.begun.wait()
        async with asyncio.timeout(60):
            await other.look(second)
        sending.let_go.set()
        await first
    assert sending.calls == 1
    await held(outbox, "two")
    clock.forward(61)
    await other.look(second)
    assert len(outbox.slack.direct_messages("mei")) == 1


async def test_a_process_that_ends_leaves_it_to_another(outbox: Outbox, other: Outbox) -> None:
    """At once, without waiting for its lease to lapse."""
    stop = asyncio.Event()
    stop.set()
    process = outbox.periodic_checks()
    await outbox.look(process)
    await process.run(stop)
    await held(outbox, "one")
    await other.look(other.periodic_checks("other"))
    assert len(outbox.slack.direct_messages("mei")) == 1


async def test_two_processes_remind_once(outbox: Outbox, other: Outbox, clock: Clock) -> None:
    """Of everything that is late and untouched, whichever process comes first."""
    await outbox.subscribe("onboarding")
    place = (outbox.team_id, outbox.channel("onboarding"))
    await outbox.store.channel_settings.save(*place, MessageStyle(reminder_days=3), Schedule(), "U1", clock())
    await outbox.happen(*((str(one), "late") for one in range(TIMES)))
    async with outbox.store.database.write() as tx:
        await tx.execute(applications.update().values(late=True))
    await outbox.tick()
    await outbox.send(60)
    now = clock.forward(timedelta(days=9).total_seconds())
    made = await asyncio.gather(*(one.store.reminders.remind(*place, now) for one in (outbox, other)))
    assert sorted(made) == [0, TIMES]
