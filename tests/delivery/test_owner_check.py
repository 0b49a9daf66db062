"""People who are kept by their id leave, and come back: A11."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.store.engine.tables import applications, cards
from bot.store.people.people import Person
from tests.delivery.conftest import Outbox

DAY = 86_400


@pytest.fixture
async def assigned(outbox: Outbox) -> Outbox:
    """Late applications are assigned to Adrien, and the channel wants reminders after a working day. Monday, 10:00."""
    outbox.clock.now = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
    outbox.slack.state.rate_limits.between_messages = 0
    people, now = outbox.slack.workspace, outbox.clock()
    for user in (people.admin, people.member):
        await outbox.store.people.remember(Person(outbox.team_id, user.id, user.is_admin, "UTC"), now)
    await outbox.subscribe("onboarding")
    await outbox.store.channel_settings.save(
        outbox.team_id, outbox.channel("onboarding"), MessageStyle(reminder_days=1), Schedule(), people.member.id, now
    )
    await outbox.happen(("1", "late"))
    async with outbox.store.database.write() as tx:
        await tx.execute(applications.update().values(late=True))
    await outbox.tick()
    await outbox.send()
    await outbox.store.applications.assign(outbox.connection_id, "1", people.admin.id, outbox.clock())
    await outbox.send(10)
    return outbox


def card_text(outbox: Outbox) -> str:
    """Return what the card says."""
    return outbox.slack.messages("onboarding")[0].text


async def leave(outbox: Outbox) -> None:
    """Let Adrien leave, and the bot find out."""
    outbox.slack.workspace.admin.deleted = True
    await outbox.store.departed_people.leave(outbox.team_id, outbox.slack.workspace.admin.id, outbox.clock())


async def remind(outbox: Outbox) -> list[tuple[str, bool]]:
    """Let what is due be reminded of, and return how each reminder begins, and whether the channel reads it too."""
    await outbox.store.reminders.remind(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    await outbox.send(10)
    return [(one.text.partition("*")[0], bool(one.reply_broadcast)) for one in outbox.slack.messages("onboarding")[1:]]


async def test_a_card_says_that_nobody_has_what_a_leaver_had(assigned: Outbox) -> None:
    """A11: and who had it. A person who comes back has it again."""
    outbox, adrien = assigned, assigned.slack.workspace.admin.id
    assert f"Assigned to <@{adrien}>" in card_text(outbox)
    await leave(outbox)
    await outbox.send(10)
    assert "Assigned to" not in card_text(outbox)
    assert f"Unassigned because <@{adrien}> left the workspace" in card_text(outbox)
    await outbox.store.departed_people.come_back(outbox.team_id, adrien, outbox.clock())
    await outbox.send(10)
    assert f"Assigned to <@{adrien}>" in card_text(outbox)
    assert "has left" not in card_text(outbox)


async def test_an_adopted_subscription_stays_with_its_new_owner(assigned: Outbox) -> None:
    """A11: an owner who comes back doesn't take an adopted subscription away."""
    outbox, people = assigned, assigned.slack.workspace
    await leave(outbox)
    await outbox.store.applications.assign(outbox.connection_id, "1", people.member.id, outbox.clock())
    await outbox.store.departed_people.come_back(outbox.team_id, people.admin.id, outbox.clock())
    await outbox.send(10)
    assert f"Assigned to <@{people.member.id}>" in card_text(outbox)
    assert "has left" not in card_text(outbox)


@pytest.mark.parametrize("was_reminded", [False, True])
async def test_a_reminder_of_what_a_leaver_had_goes_to_the_channel(assigned: Outbox, *, was_reminded: bool) -> None:
    """A11: also where the leaver alone was reminded before."""
    outbox, adrien = assigned, assigned.slack.workspace.admin.id
    outbox.clock.forward(DAY)
    before = [(f"<@{adrien}> 🔔 ", False)] if was_reminded else []
    if was_reminded:
        assert await remind(outbox) == before
    await leave(outbox)
    assert await remind(outbox) == [*before, ("🔔 ", True)]
    assert await remind(outbox) == [*before, ("🔔 ", True)]


async def test_a_filter_for_someone_who_left_is_reported_once(assigned: Outbox) -> None:
    """A11: a filter that wants what the leaver has taken matches nothing. One that wants others too goes on."""
    outbox, people = assigned, assigned.slack.workspace
    adrien, mei = people.admin.id.lower(), people.member.id.lower()
    for condition in (f"taken:@{adrien}", f"taken:@{adrien},@{mei}", f"-taken:@{adrien}", "taken:yes"):
        await outbox.subscribe("onboarding", filter=condition)
    await outbox.subscribe("other", filter=f"late:yes taken:@{adrien}", created_by=people.admin.id)
    for _ in range(3):
        await leave(outbox)
        await outbox.notify()
    texts = [message.text for message in outbox.slack.direct_messages("mei")]
    assert len(texts) == 1
    assert f"<@{people.admin.id}>, who has left the workspace" in texts[0]


async def test_a_filter_for_several_people_is_reported_when_the_last_one_leaves(assigned: Outbox) -> None:
    """A11: a filter with several people stays while one of them is there. Then its owner is notified once."""
    outbox, people = assigned, assigned.slack.workspace
    adrien, bruno = people.admin.id, people.second_member.id
    await outbox.store.people.remember(Person(outbox.team_id, bruno, is_admin=False, zone="UTC"), outbox.clock())
    await outbox.subscribe("onboarding", filter=f"taken:@{adrien.lower()},@{bruno.lower()}")
    for back in (True, False):
        await leave(outbox)
        await outbox.notify()
        assert outbox.slack.direct_messages("mei") == []
        if back:
            await outbox.store.departed_people.come_back(outbox.team_id, adrien, outbox.clock())
    for _ in range(2):
        await outbox.store.departed_people.leave(outbox.team_id, bruno, outbox.clock())
        await outbox.notify()
    (message,) = outbox.slack.direct_messages("mei")
    assert f"<@{adrien}>, <@{bruno}>" in message.text


async def test_leaving_twice_changes_nothing_more(assigned: Outbox) -> None:
    """A11: cards are drawn once, and a reminder that the channel has read is not repeated."""
    outbox = assigned
    await leave(outbox)
    async with outbox.store.database.write() as tx:
        await tx.execute(cards.update().values(reminded_at=outbox.clock(), dirty_at=None))
    await leave(outbox)
    async with outbox.store.database.read() as tx:
        (row,) = (await tx.execute(sa.select(cards.c.reminded_at, cards.c.dirty_at))).all()
    assert tuple(row) == (outbox.clock(), None)


async def test_the_check_of_people_finds_out_who_left(assigned: Outbox) -> None:
    """P4, A11: within the hour, and that they are back, whatever else they have."""
    adrien = assigned.slack.workspace.admin
    for is_gone, has_it in ((False, adrien.id), (True, None), (False, adrien.id)):
        adrien.deleted = is_gone
        assigned.clock.forward(3600)
        await assigned.watch()
        snapshot = await assigned.store.applications.get(assigned.connection_id, "1")
        assert snapshot
        assert snapshot.assignee == has_it


async def test_a_reminder_notices_that_the_assignee_has_left(assigned: Outbox) -> None:
    """A11, P5: they weren't checked since. The channel gets the reminder, and the card says so."""
    outbox, adrien = assigned, assigned.slack.workspace.admin
    outbox.clock.forward(DAY)
    adrien.deleted = True
    assert await remind(outbox) == [("🔔 ", True)]
    await outbox.send(10)
    assert f"Unassigned because <@{adrien.id}> left the workspace" in card_text(outbox)


async def test_nobody_who_has_left_is_mentioned(assigned: Outbox) -> None:
    """A11, P5: what happens next mentions no one who is gone, and where Slack is silent, what was known last holds."""
    outbox, adrien = assigned, assigned.slack.workspace.admin
    outbox.clock.forward(300)
    outbox.slack.fail_next("users.info", "internal_error", times=9)
    await outbox.happen(("1", "submitted"))
    await outbox.tick()
    await outbox.send(10)
    outbox.slack.state.failures.clear()
    adrien.deleted = True
    outbox.clock.forward(300)
    await outbox.happen(("1", "approved"))
    await outbox.tick()
    await outbox.send(10)
    submitted, approved = outbox.slack.messages("onboarding")[1:]
    assert submitted.text.startswith(f"<@{adrien.id}> ")
    assert f"<@{adrien.id}>" not in approved.text


async def test_the_checks_find_out_who_has_left_and_who_is_back(assigned: Outbox) -> None:
    """A11, P4: within an hour. Who is back and uses the bot is assigned again with the next check."""
    outbox, adrien = assigned, assigned.slack.workspace.admin
    adrien.deleted = True
    outbox.clock.forward(3600)
    await outbox.watch()
    await outbox.send(10)
    assert f"Unassigned because <@{adrien.id}> left the workspace" in card_text(outbox)
    for _ in range(9):
        outbox.clock.forward(3600)
        await outbox.watch()
    adrien.deleted = False
    await outbox.store.people.remember(Person(outbox.team_id, adrien.id, is_admin=True, zone="UTC"), outbox.clock())
    await outbox.watch()
    await outbox.send(10)
    assert f"Assigned to <@{adrien.id}>" in card_text(outbox)
