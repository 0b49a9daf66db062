"""Notifications about the bot's own operation reach someone who can act on them (A4, rule W4)."""

from __future__ import annotations

import pytest

from bot.core.errors import NotAllowed, OutcomeUnclear
from bot.core.notifications.admin_notifications import AdminNotification, ClustAway
from bot.core.permissions import Role
from bot.delivery.admin_notifications import LEASE, AdminNotificationSender
from bot.store.engine.due_work import WorkKind
from tests.delivery.admin_outages import admin_sender, away, message_counts, uses_as_admin, waiting, with_recipients
from tests.delivery.conftest import Outbox, failing


@pytest.fixture
async def outbox(outbox: Outbox) -> Outbox:
    """An outbox whose workspace has Mei, a subscriber, and Adrien, an admin."""
    return await with_recipients(outbox)


@pytest.mark.parametrize("takes", [False, True])
async def test_an_admin_who_has_left_reaches_nobody(outbox: Outbox, *, takes: bool) -> None:
    """A4: the next step is asked, also where Slack would take a message to the deactivated account."""
    outbox.slack.faults.takes_for_deactivated = takes
    outbox.slack.workspace.admin.deleted = True
    await away(outbox)
    await admin_sender(outbox).carry_on()
    assert message_counts(outbox) == {"mei": 1}
    assert await waiting(outbox) == 0


@pytest.mark.parametrize("by_role", [False, True])
async def test_a_former_admin_is_no_longer_notified(outbox: Outbox, *, by_role: bool) -> None:
    """A4: a former admin, by Slack or by our roles, gets no notifications until they are an admin again."""
    adrien = outbox.slack.workspace.admin
    if by_role:
        adrien.is_admin = adrien.is_owner = False
        await outbox.store.roles.set(outbox.team_id, adrien.id, Role.VIEWER, "U1", outbox.clock())
        await uses_as_admin(outbox, adrien)
    else:
        adrien.is_admin = adrien.is_owner = False
    await away(outbox)
    await admin_sender(outbox).carry_on()
    assert message_counts(outbox) == {"mei": 1}
    adrien.is_admin = True
    outbox.clock.forward(61)
    await outbox.store.admin_notifications.put(
        outbox.team_id, "other", ClustAway(outbox.clock(), "Again."), outbox.clock(), own=()
    )
    await admin_sender(outbox).carry_on()
    assert message_counts(outbox) == {"adrien": 1, "mei": 1}


async def test_admin_users_who_are_all_gone_leave_the_admins_who_used_the_bot(outbox: Outbox) -> None:
    """W4: ADMIN_USERS, otherwise admins who have used the bot. Those who subscribed are not disturbed."""
    gone = outbox.slack.workspace.deactivated.id
    await away(outbox)
    await admin_sender(outbox, gone, "U0NOBODY").carry_on()
    assert message_counts(outbox) == {"adrien": 1}
    assert await waiting(outbox) == 0


async def test_one_who_never_answers_does_not_keep_it_from_the_next(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A4: a few tries, and Slack that stays silent about one person isn't tried again for this notification."""
    notify, adrien = outbox.notifier.notify, outbox.slack.workspace.admin.id
    silent = failing(OutcomeUnclear("No answer."))

    async def unless_adrien(user_id: str, notification: ClustAway) -> None:
        await (silent if user_id == adrien else notify)(user_id, notification)

    monkeypatch.setattr(outbox.notifier, "notify", unless_adrien)
    await away(outbox)
    for _ in range(10):
        await admin_sender(outbox).carry_on()
        outbox.clock.forward(60)
    assert message_counts(outbox) == {"mei": 1}


async def test_slack_that_asks_to_wait_settles_nobody(outbox: Outbox) -> None:
    """A4, P2: a 429 is waited for, however often it comes, and no one else is asked until then."""
    await away(outbox)
    for _ in range(8):
        outbox.slack.rate_limit_method("users.info", 40)
        await admin_sender(outbox).carry_on()
        outbox.clock.forward(41)
    assert message_counts(outbox) == {}
    for _ in range(5):
        await admin_sender(outbox).carry_on()
        outbox.clock.forward(60)
    assert message_counts(outbox) == {"adrien": 1}


async def test_who_can_not_answer_is_asked_for_an_admin(outbox: Outbox) -> None:
    """C8, W4: if only owners of subscriptions can be reached, the question says whose answer counts."""
    await outbox.store.connections.note(outbox.connection_id, suspended="Of 3 known applications the list held 0.")
    for name, may_answer in (("adrien", True), ("mei", False)):
        outbox.slack.workspace.admin.deleted = name != "adrien"
        await outbox.store.connections.note(outbox.connection_id, asked_at=None)
        await outbox.notify()
        (message,) = outbox.slack.direct_messages(name)
        assert ("Only admins can choose" in message.text) is not may_answer


async def test_the_question_is_asked_where_slack_can_not_say_who_is_an_admin(outbox: Outbox) -> None:
    """C8, W4: it doesn't say that the reader can't answer. The role is checked when they do."""
    await outbox.store.connections.note(outbox.connection_id, suspended="Of 3 known applications the list held 0.")
    is_admin = failing(NotAllowed("Slack can't say."))
    sender = AdminNotificationSender(outbox.team_id, outbox.store, outbox.notifier, (), is_admin, outbox.clock)
    await outbox.checks.begin(WorkKind.PROBLEM)
    await sender.carry_on()
    (message,) = outbox.slack.direct_messages("adrien")
    assert "Only admins can choose" not in message.text


async def test_a_process_that_lost_its_lease_notifies_nobody_further(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T3: if its lease ended while it waited for Slack, the process that has the lease now continues."""
    admins = (outbox.slack.workspace.admin.id, outbox.slack.workspace.member.id)
    notify = outbox.notifier.notify

    async def slowly(user_id: str, notification: AdminNotification) -> None:
        await notify(user_id, notification)
        outbox.clock.forward(LEASE.total_seconds() + 1)
        assert await outbox.store.admin_notifications.claim(outbox.team_id, outbox.clock(), LEASE)

    await away(outbox)
    with monkeypatch.context() as patched:
        patched.setattr(outbox.notifier, "notify", slowly)
        await admin_sender(outbox, *admins).carry_on()
    assert message_counts(outbox) == {"adrien": 1}
    outbox.clock.forward(LEASE.total_seconds() + 1)
    await admin_sender(outbox, *admins).carry_on()
    assert message_counts(outbox)["mei"] == 1
    assert await waiting(outbox) == 0
