"""First contact: whatever would post, of an account that was not understood wholly, waits until an admin starts it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.core.applications.understanding import ContactState, Understanding
from bot.core.notifications.admin_notifications import FirstContact
from bot.core.notifications.states import Hold
from bot.store import Store, open_store
from bot.store.clust.first_contacts import HeldPosts
from bot.store.clust.polls import PollResult, PollRow
from bot.store.engine.tables import admin_notifications, connections, deliveries
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import NOON
from tests.delivery.conftest import Outbox


async def contact(outbox: Outbox, state: ContactState | None = ContactState.HELD) -> None:
    """Set how far the first contact is."""
    async with outbox.store.database.write() as tx:
        by_id = connections.c.id == outbox.connection_id
        await tx.execute(connections.update().where(by_id).values(first_contact=state))


async def holds(outbox: Outbox) -> list[tuple[str, str | None]]:
    """Return the state of each delivery, and why it is held."""
    return [(row["state"], row["hold"]) for row in await outbox.rows()]


async def end(outbox: Outbox, *, posts: bool) -> int | None:
    """Start posting as an admin."""
    contacts, admin = outbox.store.first_contacts, outbox.slack.workspace.admin.id
    return await contacts.end(outbox.team_id, outbox.connection_id, admin, outbox.clock(), posts=posts)


@pytest.fixture
async def held(outbox: Outbox) -> Outbox:
    """An account that is held, with two notifications for one channel."""
    outbox.slack.state.rate_limits.between_messages = 0
    await contact(outbox)
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"), ("2", "created"))
    await outbox.tick()
    await outbox.send(3)
    return outbox


async def test_nothing_is_posted_until_an_admin_starts_it(held: Outbox) -> None:
    """Then what waited follows as always."""
    assert held.posted("onboarding") == []
    assert await holds(held) == [("held", Hold.REVIEW)] * 2
    waiting = await held.store.first_contacts.held(held.connection_id, 1)
    assert (waiting.count, waiting.channels) == (2, 1)
    assert [(trigger, application.id) for trigger, application in waiting.newest] == [("created", "2")]
    assert await end(held, posts=True) == 2
    await held.tick()
    await held.send(3)
    assert len(held.posted("onboarding")) == 2
    assert await held.store.first_contacts.held(held.connection_id, 1) == HeldPosts(0, 0, [])
    await held.happen(("3", "created"))
    assert (await holds(held))[-1] == ("held", Hold.LIMIT)


async def test_what_waits_can_be_dropped(held: Outbox) -> None:
    """What happens later is posted."""
    assert await end(held, posts=False) == 2
    await held.happen(("3", "created"))
    await held.tick()
    await held.send(3)
    assert len(held.posted("onboarding")) == 1
    skipped = [row for row in await held.rows() if row["state"] == "skipped"]
    assert [row["reason"] for row in skipped] == [skipped[0]["reason"]] * 2
    assert held.slack.workspace.admin.id in skipped[0]["reason"]


async def test_only_the_first_answer_counts(held: Outbox) -> None:
    """Two admins click at the same moment."""
    assert await end(held, posts=False) == 2
    assert await end(held, posts=True) is None
    assert {state for state, _hold in await holds(held)} == {"skipped"}


async def test_another_workspace_cant_start_it(held: Outbox) -> None:
    """The number in a button proves nothing."""
    now = held.clock()
    assert await held.store.first_contacts.end("T0OTHER", held.connection_id, "U1", now, posts=True) is None
    assert await holds(held) == [("held", Hold.REVIEW)] * 2


async def test_a_channel_that_works_again_lets_nothing_through(held: Outbox) -> None:
    """Nor does one whose subscriber has left, or a subscription that is moved."""
    channel = held.channel("onboarding")
    await held.store.subscriptions.hold(held.team_id, channel, "is_archived")
    await held.store.subscriptions.resume(held.team_id, channel, held.clock())
    mei = held.slack.workspace.member.id
    await held.store.orphans.hold(held.team_id, mei)
    await held.store.orphans.resume(held.team_id, mei, held.clock())
    assert await holds(held) == [("held", Hold.REVIEW)] * 2
    (row,) = await held.store.subscriptions.of_channel(held.team_id, channel)
    target = held.channel("elsewhere")
    await held.store.orphans.move(held.team_id, channel, [row.id], target, held.clock())
    assert [(one["state"], one["hold"], one["channel_id"]) for one in await held.rows()] == [
        ("held", Hold.REVIEW, target)
    ] * 2


async def test_what_is_late_now_waits_too(outbox: Outbox) -> None:
    """A subscription that begins with what is late already posts it at the start."""
    await contact(outbox)
    mei = outbox.slack.workspace.member.id
    wish = SubscriptionRequest(
        outbox.team_id,
        outbox.channel("onboarding"),
        outbox.connection_id,
        filter="",
        events=("late",),
        limit=None,
        created_by=mei,
        zone="UTC",
    )
    await outbox.store.subscriptions.queue_late_now(wish, ["1"], outbox.clock())
    assert await holds(outbox) == [("held", Hold.REVIEW)]
    assert await end(outbox, posts=True) == 1
    assert await outbox.states() == ["pending"]


async def test_an_operator_who_wants_none_of_it_lets_all_go(held: Outbox) -> None:
    """CLUST_FIRST_CONTACT=off: what waits follows, and no account is shown as new."""
    await held.store.first_contacts.end_all(held.clock())
    assert await holds(held) == [("held", Hold.LIMIT)] * 2
    assert await end(held, posts=True) is None


async def test_what_an_operator_ended_while_the_baseline_was_read_stays_ended(outbox: Outbox) -> None:
    """CLUST_FIRST_CONTACT=off: a cycle that began before sets no state, and notifies no one."""
    now, notified = outbox.clock(), sa.select(sa.func.count()).select_from(admin_notifications)
    notification = FirstContact(outbox.connection_id, "default", Understanding(), is_held=True)
    poll, columns = PollRow(now, now, 1, 0, 0), {"baseline_at": now}
    result = PollResult(poll, [], [], [], [], [], "default", columns, (), notification, ContactState.HELD)
    for before, after, count in ((None, None, 0), (ContactState.BY_FORM, ContactState.HELD, 1)):
        await contact(outbox, before)
        await outbox.store.polls.keep(outbox.connection_id, outbox.fence, result)
        assert (await outbox.store.connections.get(outbox.connection_id)).first_contact == after
        async with outbox.store.database.read() as tx:
            assert (await tx.execute(notified)).scalar_one() == count


@pytest.mark.parametrize("is_on", [True, False])
async def test_only_a_new_account_has_a_first_contact(store: Store, is_on: bool, url: str) -> None:
    """One that was connected before is never held, however often its token changes."""
    old = await store.connections.ensure("T1", "old", "http://clust", "token")
    other = open_store(url, posts_per_minute=300, secret_keys=["k" * 43 + "="], first_contact=is_on)
    assert (await other.connections.ensure("T1", "old", "http://clust", "another")).first_contact is None
    new = await other.connections.ensure("T1", "new", "http://clust", "token")
    formed = await other.connections.connect("T1", "formed", "http://clust", "token", "U1", NOON)
    again = await other.connections.connect("T1", "old", "http://clust", "third", "U1", NOON)
    states = [new.first_contact, formed.first_contact, again.first_contact]
    assert states == ([ContactState.BY_SETTINGS, ContactState.BY_FORM, None] if is_on else [None] * 3)
    assert old.first_contact is None
    await other.database.close()


async def test_an_account_without_a_first_contact_is_posted_as_always(outbox: Outbox) -> None:
    """That is every account that was polled before there was one."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    assert await holds(outbox) == [("held", Hold.LIMIT)]
    async with outbox.store.database.read() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(deliveries))).scalar_one() == 1
