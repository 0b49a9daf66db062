"""A month of 500 applications and three channels, in seconds: nothing is lost, nothing comes twice, the order is kept.

The poller, the outbox and the check of channels run on sandbox time, between a sandbox Clust and a sandbox Slack.
Clust is away for a day, Slack for a while, a channel is archived for a week, one is muted, and twice far too much
happens at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.core.notifications.states import may_become
from bot.poller import PollSchedule
from bot.poller.loop import PollTiming
from bot.sandbox.clust.activity import AccountActivity
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store.engine.tables import deliveries, events, floods
from bot.store.notifications.floods import POST
from tests.delivery.conftest import Outbox
from tests.polling import client_of, poll_schedule

HOUR = 3600.0
HOURS_BETWEEN_POLLS = 12
RETENTION = timedelta(days=20)

TABLE = "CREATE TABLE ways (before TEXT, after TEXT)"
NOTED = "BEGIN INSERT INTO ways VALUES (old.state, new.state);"
TRIGGER = "CREATE TRIGGER note_way AFTER UPDATE OF state ON deliveries"
FUNCTION = f"CREATE FUNCTION note_way() RETURNS trigger LANGUAGE plpgsql AS $$ {NOTED} RETURN new; END $$"
NOTE_WAYS = {
    "sqlite": (TABLE, f"{TRIGGER} WHEN old.state <> new.state {NOTED} END"),
    "postgresql": (
        TABLE,
        FUNCTION,
        f"{TRIGGER} FOR EACH ROW WHEN (old.state <> new.state) EXECUTE FUNCTION note_way()",
    ),
}
"""Statements that let the database note each way from one state of a delivery to another."""


@dataclass
class Month:
    """A bot that polls twice a day, and what became of each delivery, by all that was ever seen of it."""

    outbox: Outbox
    account: SandboxClust
    life: AccountActivity
    poller: PollSchedule
    day: int = 0
    kept: dict[int, dict[str, Any]] = field(default_factory=dict)
    happened: set[int] = field(default_factory=set)

    async def live(self, until_day: int, *, steps: int = 4) -> None:
        """Let days pass: things happen, the bot polls and posts, and looks after its channels once a day."""
        outbox = self.outbox
        while self.day < until_day:
            self.day += 1
            for _ in range(24 // HOURS_BETWEEN_POLLS):
                for _ in range(steps):
                    self.life.step()
                await self.poller.step()
                await outbox.send(HOURS_BETWEEN_POLLS * HOUR, step=0.2)
            await outbox.watch()
            await self.note()
            await outbox.store.retention.remove(outbox.clock() - RETENTION, outbox.clock())

    async def note(self) -> None:
        """Keep what became of the deliveries, before the old ones are removed."""
        async with self.outbox.store.database.read() as tx:
            statement = sa.select(deliveries).where(deliveries.c.kind == "event")
            self.kept |= {row["id"]: dict(row) for row in (await tx.execute(statement)).mappings()}
            self.happened |= set((await tx.execute(sa.select(events.c.id))).scalars())

    async def burst(self, number: int) -> None:
        """Let many applications come in at once."""
        for _ in range(number):
            self.account.add()
        await self.poller.step()
        await self.outbox.send(HOUR / 10, step=0.2)


@pytest.fixture
async def month(outbox: Outbox) -> AsyncIterator[Month]:
    """The last evening before the month begins: everything is subscribed, and the baseline is read."""
    account = SandboxClust(token="token", clock=outbox.clock)
    account.populate(420)
    async with outbox.store.database.write() as tx:
        for statement in NOTE_WAYS[tx.dialect.name]:
            await tx.execute(sa.text(statement))
    async with client_of(account) as client:
        timing = PollTiming(interval_seconds=HOURS_BETWEEN_POLLS * 3600, lease_seconds=30, limit=20)
        poller = poll_schedule("poller", outbox.team_id, client, outbox.store, outbox.clock, timing)
        await poller.step()
        outbox.clock.forward(HOURS_BETWEEN_POLLS * 3600)
        await channels(outbox)
        yield Month(outbox, account, AccountActivity(account), poller)
    if not outbox.store.database.is_sqlite:  # the next test has the same database
        async with outbox.store.database.write() as tx:
            await tx.execute(sa.text("DROP FUNCTION note_way CASCADE"))
            await tx.execute(sa.text("DROP TABLE ways"))


async def channels(outbox: Outbox) -> None:
    """Subscribe a channel that hears all at once, one that has a summary each working day, and one that is hourly."""
    mei, now, save = outbox.slack.workspace.member.id, outbox.clock(), outbox.store.channel_settings.save
    everything = MessageStyle(full=True, also_to_channel=tuple(TRIGGERS))
    await outbox.subscribe("desk")
    await save(outbox.team_id, outbox.channel("desk"), everything, Schedule(), mei, now)
    await outbox.subscribe("managers", events=("late", "approved"))
    daily = Schedule(zone="Europe/Lisbon", rhythm=Rhythm.DAILY, at=time(9), weekends=False)
    await save(outbox.team_id, outbox.channel("managers"), MessageStyle(), daily, mei, now)
    await outbox.subscribe("archive", filter="template:kyc")
    await outbox.subscribe("archive", filter="late:yes", limit=3)
    hourly = Schedule(zone="America/New_York", rhythm=Rhythm.HOURLY, quiet_from=time(20), quiet_to=time(8))
    plain = MessageStyle(update=False, thread=False)
    await save(outbox.team_id, outbox.channel("archive"), plain, hourly, mei, now)


@pytest.mark.long
@pytest.mark.timeout(900)  # seconds on an idle machine, but not on a busy one
async def test_a_month_loses_and_repeats_nothing(month: Month) -> None:
    """Every event is accounted for as posted, summarized, held or kept no longer, nothing twice, and in order."""
    outbox, mei = month.outbox, month.outbox.slack.workspace.member.id
    await month.live(3)
    month.account.faults.down = True
    await month.live(4)
    month.account.faults.down = False
    await month.burst(22)  # no one answers: a digest after an hour
    await month.live(8)
    outbox.slack.faults.cut_after_accept, outbox.slack.faults.cut_before_accept = 2, 2
    await outbox.slack.archive(outbox.channel("archive"))
    until = outbox.clock() + timedelta(days=2)
    await outbox.store.channel_settings.mute(
        outbox.team_id, outbox.channel("desk"), [Mute(until=until)], mei, outbox.clock()
    )
    await month.live(15)
    await outbox.slack.unarchive(outbox.channel("archive"))
    await month.live(18)
    await month.burst(21)
    await answer_flood(outbox, mei)
    await month.live(21)
    outbox.slack.faults.down = True
    await month.burst(5)
    outbox.slack.faults.down = False
    await month.live(28)
    await outbox.slack.archive(outbox.channel("archive"))  # and so it stays
    await month.live(30)

    assert len(month.account.dossiers) >= 450
    await assert_accounted_for(month)
    assert_nothing_twice(outbox)
    assert_in_order(month)
    async with outbox.store.database.read() as tx:
        ways = (await tx.execute(sa.text("SELECT DISTINCT before, after FROM ways"))).all()
    assert {(before, after) for before, after in ways if not may_become(before, after)} == set()
    assert len(ways) >= 8


async def answer_flood(outbox: Outbox, user_id: str) -> None:
    """Answer the open question of the desk: Post all."""
    async with outbox.store.database.read() as tx:
        waiting = sa.select(floods.c.channel_id, floods.c.delivery_id).where(floods.c.answer.is_(None))
        ((channel_id, number),) = (await tx.execute(waiting)).all()
    assert await outbox.store.floods.answer(outbox.team_id, channel_id, number, POST, user_id, outbox.clock())


async def assert_accounted_for(month: Month) -> None:
    """Assert that `why` has every event, and every channel that wanted it."""
    outbox, accounts = month.outbox, Counter[str]()
    for number in month.account.dossiers:
        story = await outbox.store.event_history.of(outbox.team_id, outbox.connection_id, str(number))
        assert story
        accounts["kept no longer"] += story.forgotten
        accounts["events"] += story.forgotten + len(story.chapters)
        for chapter in story.chapters:
            assert chapter.verdicts
            matched = {one.channel_id for one in chapter.verdicts if one.matched}
            assert sorted(one.channel_id for one in chapter.deliveries) == sorted(matched)
            accounts.update(
                "summarized" if one.in_digest and one.state == "sent" else one.state for one in chapter.deliveries
            )
    assert accounts["events"] == len(month.happened)
    assert set(accounts) == {"events", "kept no longer", "sent", "summarized", "held"}
    assert {row["channel_id"] for row in month.kept.values() if row["state"] == "held"} <= {
        outbox.channel("archive"),
        outbox.channel("managers"),
    }
    assert min(accounts.values()) > 0


def assert_nothing_twice(outbox: Outbox) -> None:
    """No two messages carry the same delivery."""
    channels_ = [outbox.channel(name) for name in ("desk", "managers", "archive")]
    tokens = Counter(
        str((message.metadata or {})["event_payload"]) for each in channels_ for message in outbox.slack.messages(each)
    )
    assert [token for token, times in tokens.items() if times > 1] == []
    assert len(tokens) > 100


def assert_in_order(month: Month) -> None:
    """In each channel, what happened to one application stands in the order in which it happened."""
    places: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for number, row in month.kept.items():
        if row["state"] == "sent":
            places[row["channel_id"], row["application_id"]].append((number, row["message_ts"]))
    for posts in places.values():
        timestamps = [timestamp for _, timestamp in sorted(posts)]
        assert timestamps == sorted(timestamps)
    assert max(len(posts) for posts in places.values()) > 1
