"""The history of an application for `why`: its events, the subscriptions' decisions, and the outcomes."""

from __future__ import annotations

from datetime import timedelta

from bot.core.notifications.mutes import Mute
from bot.store.people.audit import AuditEntry, AuditOutcome
from tests.delivery.conftest import Outbox


async def test_a_history_holds_verdicts_and_deliveries(outbox: Outbox) -> None:
    """Of each event: the channel that got it, when, and which subscription did not match, by its filter."""
    await outbox.subscribe("onboarding")
    await outbox.subscribe("other", filter="title:birch")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(3)
    story = await outbox.store.event_history.of(outbox.team_id, outbox.connection_id, "1")
    assert story
    (chapter,) = story.chapters
    (delivery,) = chapter.deliveries
    assert (chapter.trigger, delivery.channel_id, delivery.state) == ("late", outbox.channel("onboarding"), "sent")
    assert delivery.message_ts == outbox.slack.messages("onboarding")[0].ts
    assert chapter.verdicts
    assert sorted(verdict.matched for verdict in chapter.verdicts) == [False, True]


async def test_what_is_in_a_digest_stands_where_the_digest_does(outbox: Outbox) -> None:
    """Each event of a mute that ended has the digest's message."""
    await outbox.subscribe("onboarding")
    await outbox.store.channel_settings.mute(
        outbox.team_id, outbox.channel("onboarding"), [Mute()], "U1", outbox.clock()
    )
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    await outbox.store.channel_settings.unmute(outbox.team_id, outbox.channel("onboarding"), [], outbox.clock())
    await outbox.tick()
    await outbox.send(3)
    (digest,) = outbox.slack.messages("onboarding")
    for key in ("1", "2"):
        story = await outbox.store.event_history.of(outbox.team_id, outbox.connection_id, key)
        assert story
        (delivery,) = story.chapters[0].deliveries
        assert (delivery.in_digest, delivery.message_ts) == (True, digest.ts)


async def test_another_workspace_knows_nothing_of_it(outbox: Outbox) -> None:
    """Nor is there a history of what was never seen."""
    await outbox.happen(("1", "late"))
    assert await outbox.store.event_history.of("T0OTHER", outbox.connection_id, "1") is None
    assert await outbox.store.event_history.of(outbox.team_id, outbox.connection_id, "2") is None


async def test_who_deleted_it_through_the_bot(outbox: Outbox) -> None:
    """Once it is gone, or was deleted after the last list, but a deletion that failed is none."""
    await outbox.happen(("1", "late"))
    outbox.clock.forward(60)
    for user_id, outcome in (("U1", AuditOutcome.OK), ("U2", AuditOutcome.FAILED)):
        entry = AuditEntry(outbox.clock(), user_id, "delete", outcome, "1", "default")
        await outbox.store.audit.write(outbox.team_id, entry)
    story = await outbox.store.event_history.of(outbox.team_id, outbox.connection_id, "1")
    assert story
    assert story.deletion
    assert story.deletion.user_id == "U1"


async def test_events_are_counted_and_read_since_a_moment(outbox: Outbox) -> None:
    """By trigger, and oldest first."""
    await outbox.happen(("1", "created"))
    moment = outbox.clock.forward(3600)
    await outbox.happen(("1", "late"), ("2", "late"))
    history = outbox.store.event_history
    assert await history.counts(outbox.connection_id, moment) == {"late": 2}
    seen = [(event.application.id, event.trigger) async for _, event in history.since(outbox.connection_id, moment)]
    assert seen == [("1", "late"), ("2", "late")]
    assert len(await history.counts(outbox.connection_id, moment - timedelta(days=1))) == 2
