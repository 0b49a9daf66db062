"""Which applications a message of the bot is about."""

from __future__ import annotations

import sqlalchemy as sa

from bot.sandbox.slack.messages import PostedMessage
from bot.store.engine.tables import deliveries
from bot.store.notifications.floods import DIGEST
from bot.store.notifications.posting.message_subjects import MAX_APPLICATIONS, MessageSubject
from tests.delivery.conftest import Outbox
from tests.store.notifications.flood_cards import answer, flood


async def _subject(outbox: Outbox, message: PostedMessage, *, by: str = "both") -> MessageSubject | None:
    payload = (message.metadata or {})["event_payload"]
    token = payload["delivery"] if by != "place" else ""
    ts = message.ts if by != "token" else "0.0"
    return await outbox.store.message_subjects.of(outbox.team_id, message.channel, ts, token)


async def test_a_card_is_about_its_application(outbox: Outbox) -> None:
    """Found by its metadata or by its place. Still when its delivery is removed, and in no other workspace."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("7", "late"))
    await outbox.tick()
    await outbox.send(2)
    (card,) = outbox.slack.messages("onboarding")
    subject = await _subject(outbox, card)
    assert subject is not None
    assert subject.application_ids == ("7",)
    assert await _subject(outbox, card, by="token") == subject
    assert await _subject(outbox, card, by="place") == subject
    async with outbox.store.database.write() as tx:
        await tx.execute(sa.delete(deliveries))
    assert await _subject(outbox, card) == subject
    assert await outbox.store.message_subjects.of("T0OTHER", card.channel, card.ts, "") is None
    assert await outbox.store.message_subjects.of(outbox.team_id, card.channel, "1.0", "nothing") is None


async def test_a_digest_is_about_those_that_it_lists(outbox: Outbox) -> None:
    """Up to as many as one can look at."""
    await flood(outbox, 30)
    await answer(outbox, DIGEST)
    await outbox.send(40)
    digest = outbox.slack.messages("onboarding")[1]
    subject = await _subject(outbox, digest)
    assert subject is not None
    assert 1 < len(subject.application_ids) <= MAX_APPLICATIONS
    assert set(subject.application_ids) <= {str(number) for number in range(30)}
