"""The outbox reaches each channel once and in order, whatever Slack does: rules E2, S2, S3, P1, P2, T1 to T4."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Dispatcher, WorkspaceDispatcher, dispatcher
from bot.delivery.sender import Timing
from bot.slack.web_api.notifier import METADATA_TYPE
from bot.store import open_store
from bot.store.engine.tables import deliveries
from bot.store.engine.wakeups import UNHEARD_SECONDS
from tests.delivery.conftest import LEASE, UNCLEAR_WAIT, Outbox

BACKLOG = 10_000
"""What waits in a workspace that has much to send."""


async def test_an_event_reaches_every_channel_that_wants_it_once(outbox: Outbox) -> None:
    """S2: one event, one message in each channel, however many subscriptions of the channel matched."""
    await outbox.subscribe("onboarding")
    await outbox.subscribe("onboarding", filter="title:file")
    await outbox.subscribe("other")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(3)
    assert await outbox.states() == ["sent", "sent"]
    assert outbox.posted("onboarding") == outbox.posted("other") == ["⏰ *Late* · File 1"]


async def test_the_metadata_holds_an_opaque_id_and_nothing_else(outbox: Outbox) -> None:
    """T4: people and other apps can read metadata, so it names the delivery and says nothing."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send()
    (message,), (row,) = outbox.slack.messages(outbox.channel("onboarding")), await outbox.rows()
    assert message.metadata == {"event_type": METADATA_TYPE, "event_payload": {"delivery": row["token"]}}
    assert row["message_ts"] == message.ts


async def test_a_channel_gets_one_message_a_second(outbox: Outbox) -> None:
    """P1: twenty events for one channel take twenty seconds, and Slack never has to say 429."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(number), "late") for number in range(1, 8)))
    await outbox.tick()
    counts = []
    for _ in range(7):
        await outbox.send()
        counts.append(len(outbox.posted("onboarding")))
        outbox.clock.forward(1)
    assert counts == [1, 2, 3, 4, 5, 6, 7]


async def test_a_revoked_token_holds_everything_until_it_works_again(outbox: Outbox) -> None:
    """`token_revoked` is a refusal of every channel. With a token that works all of it is sent."""
    await outbox.subscribe("onboarding")
    await outbox.slack.revoke_token()
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(1)
    assert await outbox.states() == ["held"]
    outbox.slack.restore_token()
    outbox.clock.forward(60)
    await outbox.watch()
    await outbox.tick()
    await outbox.send(1)
    assert await outbox.states() == ["sent"]


async def test_the_limit_releases_the_next_ones_with_each_tick(outbox: Outbox) -> None:
    """S3: two of each trigger in a cycle, oldest first. The rest waits and is never dropped."""
    await outbox.subscribe("onboarding", limit=2)
    await outbox.happen(*((str(number), "created") for number in range(1, 6)), ("9", "late"))
    waiting = []
    for _ in range(3):
        await outbox.tick()
        waiting.append((await outbox.states()).count("held"))
        await outbox.send(4)
    assert waiting == [3, 1, 0]
    assert outbox.posted("onboarding")[-1] == "🆕 *Created* · File 5"


async def test_an_unclear_post_that_nobody_wants_any_more_is_not_repeated(outbox: Outbox) -> None:
    """S2, T2: unsubscribed while the outcome was unclear, and not found: it is skipped."""
    row = await outbox.subscribe("onboarding")
    outbox.slack.faults.cut_before_accept = 1
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(1)
    await outbox.store.subscriptions.end(outbox.team_id, [row.id], ["late"], "U9")
    await outbox.send(40)
    assert await outbox.states() == ["skipped"]
    assert outbox.posted("onboarding") == []


async def test_the_loop_sends_by_itself_and_stops_when_asked(outbox: Outbox) -> None:
    """The running loop finds what is due, and ends after what is in flight once it is asked to stop."""
    await outbox.subscribe("onboarding")
    stop = asyncio.Event()
    process = outbox.process()
    running = asyncio.create_task(process.run(stop))
    await outbox.happen(("1", "late"))
    await outbox.tick()
    process.wake(outbox.team_id)
    await outbox.slack.wait_for(lambda: outbox.posted("onboarding"))
    stop.set()
    await running
    assert await outbox.states() == ["sent"]


async def test_what_another_process_wrote_is_sent_unasked(outbox: Outbox) -> None:
    """A dispatcher that no one wakes looks again after a second at the latest, and finds what was written elsewhere."""
    assert outbox.store.database.wakeups.look_every_seconds == UNHEARD_SECONDS <= 1
    await outbox.subscribe("one")
    stop = asyncio.Event()
    sending = asyncio.create_task(outbox.process().run(stop))
    elsewhere = open_store(outbox.store.database.url.render_as_string(hide_password=False), posts_per_minute=300)
    there = replace(outbox, store=elsewhere)
    await there.happen(("1", "late"))
    await there.tick()
    await outbox.slack.wait_for(lambda: outbox.posted("one"))
    stop.set()
    await sending
    await elsewhere.database.close()


async def test_a_workspace_that_is_not_served_delays_no_other(outbox: Outbox) -> None:
    """What waits there longer stays where it is, and is not tried at every look: its token may be read again later."""
    gone, served, opened = "T0GONE", outbox.team_id, list[str]()
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    (row,) = await outbox.rows()
    waits = {**row, "id": 1000, "token": "gone", "team_id": gone, "event_id": None, "kind": "reminder"}
    async with outbox.store.database.write() as tx:
        await tx.execute(deliveries.insert().values({**waits, "due_at": outbox.clock() - timedelta(hours=1)}))

    async def open_dispatcher(team_id: str) -> WorkspaceDispatcher | None:
        opened.append(team_id)
        return outbox.dispatcher if team_id == served else None

    stop = asyncio.Event()
    running = asyncio.create_task(Dispatcher(outbox.store, open_dispatcher, outbox.clock).run(stop))
    await outbox.slack.wait_for(lambda: outbox.posted("onboarding"))
    stop.set()
    await running
    assert await outbox.states() == ["sent", "pending"]
    assert (opened[0], opened.count(gone)) == (gone, 1)


async def test_a_full_process_begins_no_more_until_one_has_ended(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each post has a connection to Slack: what waits for one is tried again, and posted once there is one."""
    monkeypatch.setattr(dispatcher, "MAX_IN_FLIGHT", 1)
    monkeypatch.setattr(dispatcher, "CROWDED_SECONDS", 0.01)
    posts, tries, let_go = asyncio.Queue[object](), asyncio.Queue[str](), asyncio.Event()

    async def post(channel_id: str, *_: object) -> str:
        posts.put_nowait(channel_id)
        await let_go.wait()
        return "1.0"

    monkeypatch.setattr(outbox.notifier, "post", post)
    for name in ("one", "two"):
        await outbox.subscribe(name)
    await outbox.happen(("1", "late"))
    await outbox.tick()

    async def open_dispatcher(team_id: str) -> WorkspaceDispatcher:
        tries.put_nowait(team_id)
        return outbox.dispatcher

    stop = asyncio.Event()
    running = asyncio.create_task(Dispatcher(outbox.store, open_dispatcher, outbox.clock).run(stop))
    async with asyncio.timeout(60):
        first = await posts.get()
        for _ in range(3):
            await tries.get()
        assert posts.empty()
        let_go.set()
        assert await posts.get() != first
    stop.set()
    await running
    assert await outbox.states() == ["sent", "sent"]


async def test_the_end_waits_for_each_post_of_a_workspace(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has ended before doesn't make the process forget the others that it began there."""
    posts, let_go, ended = asyncio.Queue[str](), asyncio.Event(), asyncio.Event()
    process = outbox.process()
    wake = process.wake

    async def post(channel_id: str, *_: object) -> str:
        posts.put_nowait(channel_id)
        if channel_id == outbox.channel("slow"):
            await let_go.wait()
        return "1.0"

    def woken(team_id: str | None = None) -> None:
        wake(team_id)
        if team_id:
            ended.set()

    monkeypatch.setattr(outbox.notifier, "post", post)
    monkeypatch.setattr(process, "wake", woken)
    for name in ("quick", "slow"):
        await outbox.subscribe(name)
    await outbox.happen(("1", "late"))
    await outbox.tick()
    stop = asyncio.Event()
    running = asyncio.create_task(process.run(stop))
    async with asyncio.timeout(60):
        assert {await posts.get(), await posts.get()} == {outbox.channel("quick"), outbox.channel("slow")}
        await ended.wait()
        stop.set()
        asyncio.get_running_loop().call_soon(let_go.set)
        await running
    assert await outbox.states() == ["sent", "sent"]


@pytest.mark.long
async def test_much_that_waits_in_one_workspace_delays_no_other(outbox: Outbox) -> None:
    """A workspace with 10,000 waiting in many channels, older than the one of another, has its turn and no more."""
    crowded, quiet = "T0CROWDED", outbox.team_id
    dispatchers = {
        team_id: WorkspaceDispatcher(
            team_id, "me", outbox.store, outbox.notifier, Timing(LEASE, UNCLEAR_WAIT), outbox.clock
        )
        for team_id in (crowded, quiet)
    }
    channels = [outbox.channel(f"channel-{number}") for number in range(20)]
    await outbox.subscribe("quiet")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    (row,) = await outbox.rows()
    waiting = [
        {**row, "id": 1000 + number, "token": f"t{number}", "team_id": crowded, "channel_id": channels[number % 20]}
        for number in range(BACKLOG)
    ]
    for number, one in enumerate(waiting):
        one |= {"event_id": None, "kind": "reminder", "application_id": str(number)}
        one |= {"due_at": outbox.clock() - timedelta(hours=1)}
    async with outbox.store.database.write() as tx:
        await tx.execute(deliveries.insert(), waiting)
    stop = asyncio.Event()

    async def opened(team_id: str) -> WorkspaceDispatcher:
        return dispatchers[team_id]

    running = asyncio.create_task(Dispatcher(outbox.store, opened, outbox.clock).run(stop))
    await outbox.slack.wait_for(lambda: outbox.posted("quiet"))
    stop.set()
    await running
    states = Counter(await outbox.states())
    assert states["pending"] >= BACKLOG - len(channels)
