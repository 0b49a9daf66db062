"""Subscriptions whose channel is archived or whose owner is gone: held, reported, moved, adopted and replayed."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.core.applications.triggers import TRIGGERS
from bot.delivery.owner_check import OwnerCheck
from bot.delivery.workspace_checks import MAX_CHECKS
from bot.store.notifications.subscriptions import SubscriptionRow
from tests.delivery.conftest import Outbox, logged


@pytest.fixture
def owners(outbox: Outbox) -> OwnerCheck:
    """What watches those who subscribed."""
    return OwnerCheck(outbox.team_id, outbox.store, outbox.notifier, outbox.clock)


async def look(outbox: Outbox, owners: OwnerCheck) -> None:
    """Let time pass until everyone is due, and check them once."""
    outbox.clock.forward(7 * 3600)
    await outbox.store.check_schedule.enrol(outbox.clock())
    await owners.check_due(100)


async def row(outbox: Outbox, number: int) -> SubscriptionRow:
    """Return a subscription as it is now."""
    subscription = await outbox.store.subscriptions.get(outbox.team_id, number)
    assert subscription
    return subscription


async def happen(outbox: Outbox, *events: tuple[str, str]) -> None:
    """Let events happen, and post what may be posted."""
    await outbox.happen(*events)
    await outbox.tick()
    await outbox.send(3)


async def test_what_someone_who_left_subscribed_is_held_until_it_is_adopted(outbox: Outbox, owners: OwnerCheck) -> None:
    """Its owner and admins are notified. When adopted it continues, and what was held is posted as one summary."""
    people = outbox.slack.workspace
    outbox.slack.state.rate_limits.between_messages = 0
    subscription = await outbox.subscribe("onboarding")
    with capture_logs() as logs:
        await look(outbox, owners)
        people.member.deleted = True
        await look(outbox, owners)
        await look(outbox, owners)
    assert len(logged(logs, "subscriptions held: who made them is gone")) == 1
    assert ((await row(outbox, subscription.id)).state, (await row(outbox, subscription.id)).reason) == (
        "held",
        "maker_gone",
    )
    await happen(outbox, ("1", "late"), ("2", "late"))
    await outbox.watch()  # the channel itself works
    assert await outbox.states() == ["held", "held"]
    assert [one["reason"] for one in await outbox.rows()] == ["maker_gone", "maker_gone"]
    await outbox.store.orphans.adopt(outbox.team_id, [subscription.id], people.admin.id, outbox.clock())
    await happen(outbox)
    assert outbox.posted("onboarding") == ["📥 *2 updates were on hold*"]
    assert (await row(outbox, subscription.id)).created_by == people.admin.id
    await look(outbox, owners)
    assert (await row(outbox, subscription.id)).state == "active"


@pytest.mark.parametrize(("allowed_by", "state"), [(None, "held"), ("U0ADMIN", "active")])
async def test_one_admins_consent_counts_for_the_channel(outbox: Outbox, allowed_by: str | None, state: str) -> None:
    """W2: its people read whatever is posted there. The other subscriptions of a shared channel need no consent."""
    await outbox.subscribe("onboarding", shared_ok=allowed_by)
    await outbox.subscribe("onboarding", filter="late:yes")
    await outbox.slack.share_externally("onboarding")
    await outbox.checks.check(outbox.channel("onboarding"))
    rows = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel("onboarding"))
    assert [row.state for row in rows] == [state, state]


async def test_a_channel_that_works_again_posts_for_old_and_new_subscriptions(outbox: Outbox) -> None:
    """W3: a channel that works again works for all who want something there."""
    await outbox.subscribe("onboarding")
    await outbox.slack.archive(outbox.channel("onboarding"))
    await outbox.checks.check(outbox.channel("onboarding"))
    await outbox.slack.unarchive(outbox.channel("onboarding"))
    await outbox.subscribe("onboarding", filter="late:yes")
    await outbox.checks.check(outbox.channel("onboarding"))
    rows = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel("onboarding"))
    assert [row.state for row in rows] == ["active", "active"]


async def test_of_many_owners_the_longest_unchecked_come_first(outbox: Outbox, owners: OwnerCheck) -> None:
    """P4: a few in each run, longest unchecked first, and no one without a subscription."""
    people = [f"U{number:02}" for number in range(2 * MAX_CHECKS + 2)]
    rows = [await outbox.subscribe(f"channel-{person}", created_by=person) for person in people]
    for _ in range(3):
        await outbox.store.check_schedule.enrol(outbox.clock())
        await owners.check_due(MAX_CHECKS)
        outbox.clock.forward(15)
    await outbox.store.subscriptions.end(outbox.team_id, [rows[4].id], TRIGGERS, "U1")
    outbox.clock.forward(30)
    await outbox.store.check_schedule.enrol(outbox.clock())
    await owners.check_due(MAX_CHECKS)
    looked_at = [str(call.arguments["user"]) for call in outbox.slack.called("users.info")]
    assert looked_at == [*people, *people[:4], people[5]]


async def test_who_comes_back_has_it_again(outbox: Outbox, owners: OwnerCheck) -> None:
    """No one must do anything."""
    subscription = await outbox.subscribe("onboarding")
    outbox.slack.workspace.member.deleted = True
    await happen(outbox, ("1", "late"))
    await outbox.happen(("2", "late"))
    await look(outbox, owners)
    outbox.slack.workspace.member.deleted = False
    await look(outbox, owners)
    assert (await row(outbox, subscription.id)).state == "active"
    await happen(outbox)
    assert outbox.posted("onboarding") == ["📥 *2 updates were on hold*"]


async def test_events_that_another_subscription_wants_are_posted(outbox: Outbox, owners: OwnerCheck) -> None:
    """Only what no one else wants is held, before and after."""
    await outbox.subscribe("onboarding")
    adrien = outbox.slack.workspace.admin.id
    other = await outbox.subscribe("onboarding", filter="title:file")
    await outbox.store.orphans.adopt(outbox.team_id, [other.id], adrien, outbox.clock())
    await outbox.happen(("1", "late"))
    outbox.slack.workspace.member.deleted = True
    await look(outbox, owners)
    await happen(outbox, ("2", "late"))
    await outbox.send(3)
    assert await outbox.states() == ["sent", "sent"]


async def test_an_archived_channel_is_moved_with_what_was_held(outbox: Outbox) -> None:
    """The other channel gets its own notifications, then what was held, each event once. Styles move along."""
    outbox.slack.state.rate_limits.between_messages = 0
    await outbox.style("onboarding", full=True)
    first = await outbox.subscribe("onboarding")
    await outbox.subscribe("desk", events=("late",))
    await outbox.slack.archive(outbox.channel("onboarding"))
    await happen(outbox, ("1", "created"), ("2", "created"), ("1", "late"))
    await outbox.notify()
    messages = outbox.slack.direct_messages("mei")
    assert len(messages) == 1
    places = (outbox.channel("onboarding"), [first.id], outbox.channel("desk"))
    await outbox.store.orphans.move(outbox.team_id, *places, outbox.clock())
    await happen(outbox)
    assert outbox.posted("desk") == ["⏰ *Late* · File 1", "📥 *2 updates were on hold*"]
    states = [(one["state"], one["reason"]) for one in await outbox.rows() if one["kind"] == "event"]
    assert [state for state, _ in states].count("skipped") == 1
    assert {state for state, _ in states} == {"sent", "skipped"}
    (left,) = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel("desk"))
    assert (left.state, left.events) == ("active", sorted(TRIGGERS))
    assert await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel("onboarding")) == []
    assert (await outbox.store.channel_settings.get(outbox.team_id, outbox.channel("desk"))).style.full


async def test_a_digest_that_was_held_is_moved_whole(outbox: Outbox) -> None:
    """Its parts and its lines go to the other channel together."""
    first = await outbox.subscribe("onboarding")
    await outbox.store.subscriptions.hold(outbox.team_id, outbox.channel("onboarding"), "is_archived")
    await outbox.happen(*((str(number), "late") for number in range(30)))
    await outbox.store.subscriptions.resume(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    await outbox.tick()
    await outbox.slack.archive(outbox.channel("onboarding"))
    await outbox.send(3)
    places = (outbox.channel("onboarding"), [first.id], outbox.channel("desk"))
    await outbox.store.orphans.move(outbox.team_id, *places, outbox.clock())
    await happen(outbox)
    assert len(outbox.slack.messages("desk")) == 2
    assert set(await outbox.states()) == {"sent"}


async def test_what_stays_where_others_move_away_waits_for_its_answer(outbox: Outbox) -> None:
    """S4: a question about too much goes on for those whose subscription is not moved."""
    left, gone = outbox.slack.workspace.member.id, outbox.slack.workspace.admin.id
    await outbox.subscribe("onboarding", events=("late",), created_by=left)
    other = await outbox.subscribe("onboarding", events=("created",), filter="title:file", created_by=gone)
    await happen(outbox, *((str(one), "late" if one % 2 else "created") for one in range(30)))
    await outbox.store.orphans.hold(outbox.team_id, gone)
    places = (outbox.channel("onboarding"), [other.id], outbox.channel("desk"))
    await outbox.store.orphans.move(outbox.team_id, *places, outbox.clock())
    (card,) = [row["id"] for row in await outbox.rows() if row["kind"] == "flood"]
    await outbox.store.floods.answer(outbox.team_id, outbox.channel("onboarding"), card, "post", left, outbox.clock())
    await happen(outbox)
    await outbox.send(30)
    assert len(outbox.slack.messages("onboarding")) == 1 + 15
    assert outbox.posted("desk") == ["📥 *15 updates were on hold*"]
