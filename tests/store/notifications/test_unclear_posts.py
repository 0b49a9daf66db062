"""Posts with an unclear outcome are searched for, together where they are near (rules T1 to T3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.store.engine.tables import deliveries
from tests.delivery.conftest import LEASE, Outbox


async def test_a_post_with_an_unclear_outcome_is_not_repeated(outbox: Outbox) -> None:
    """T2: the connection is cut after Slack took the message: it is found by its id, and counts as sent."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.cut_after_accept = 1
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(20)
    assert await outbox.states() == ["unclear"]
    await outbox.send(10)
    (row,) = await outbox.rows()
    assert row["state"] == "sent"
    assert [one.ts for one in outbox.slack.messages(outbox.channel("onboarding"))] == [row["message_ts"]]


async def test_a_post_that_never_arrived_is_posted_again(outbox: Outbox) -> None:
    """T2: not found in the channel, so it is posted again, with the same id."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.cut_before_accept = 1
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(30)
    assert await outbox.states() == ["sent"]
    assert len(outbox.posted("onboarding")) == 1


async def test_many_unclear_posts_of_a_channel_are_one_look_up(outbox: Outbox) -> None:
    """T2: one conversations.history for a channel, however many of its posts are unclear."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.cut_after_accept = 3
    await outbox.happen(*((str(number), "late") for number in range(3)))
    await outbox.tick()
    await outbox.send(4)
    outbox.clock.forward(30)
    await outbox.send(2)
    assert await outbox.states() == ["sent"] * 3
    assert len(outbox.slack.called("conversations.history")) == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_two_processes_that_look_up_do_not_wait_for_each_other(outbox: Outbox) -> None:
    """One that waits for its turn keeps no row that the other may change: PostgreSQL would end one of them."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.store.outbox.claim(outbox.team_id, "dead", outbox.clock(), LEASE, 9)
    outbox.clock.forward(60)
    team_id, now, wait = outbox.team_id, outbox.clock(), timedelta(seconds=1)
    async with asyncio.timeout(60):
        async with outbox.store.database.write(lock=f"{team_id} look-ups") as tx:
            second = asyncio.create_task(outbox.store.unclear_posts.claim(team_id, now, LEASE, wait, wait))
            while await outbox.states() != ["unclear"]:  # noqa: ASYNC110  another transaction writes it
                await asyncio.sleep(0.01)
            await tx.execute(deliveries.update().values(reason="It was cut off."))
        assert len(await second) == 1


async def test_a_lapsed_lease_is_an_unclear_outcome(outbox: Outbox) -> None:
    """T2: what a process was sending when it fell silent is looked up by another one, and not posted twice."""
    await outbox.subscribe("onboarding")
    await outbox.subscribe("other")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    posted, lost = await outbox.store.outbox.claim(outbox.team_id, "dead", outbox.clock(), LEASE, 9)
    assert posted.plan.post
    await outbox.notifier.post(posted.channel_id, posted.plan.post, posted.token)
    assert posted.channel_id != lost.channel_id
    await outbox.send(60)
    assert await outbox.states() == ["sent", "sent"]
    assert len(outbox.posted("onboarding")) == len(outbox.posted("other")) == 1
