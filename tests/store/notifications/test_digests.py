"""Digests: many deliveries as one message, in parts, in order (rules E2, S4)."""

from __future__ import annotations

import pytest

from bot.core.notifications.mutes import Mute
from bot.store.notifications.floods import DIGEST
from tests.delivery.conftest import LEASE, Outbox
from tests.store.notifications.flood_cards import answer, flood


async def test_a_digest_lists_every_event(outbox: Outbox) -> None:
    """Grouped by event, each linked. Long ones go on in the thread."""
    await flood(outbox, 60)
    await answer(outbox, DIGEST)
    await outbox.send(40)
    messages = outbox.slack.messages("onboarding")
    assert [one.thread_ts is None for one in messages] == [True, True, False, False]
    assert "Digest: 60 updates" in messages[1].text
    assert "The rest are in the thread." in messages[1].text
    lines = "\n".join(one.text for one in messages[1:])
    assert sorted(set(lines.split("File ")[1:]), key=len) != []
    assert all(f"File {number}" in lines for number in range(60))
    assert {row["state"] for row in await outbox.rows()} == {"sent"}


async def test_the_first_part_lists_what_is_most_urgent(outbox: Outbox) -> None:
    """Among the parts too: what is late isn't below the fold of a thread because it happened last."""
    await outbox.subscribe("onboarding")
    await muted(outbox)
    await outbox.happen(*((str(one), "created") for one in range(30)), ("30", "approved"), ("31", "late"))
    await outbox.tick()
    await at_eleven(outbox)
    await outbox.send(10)
    first, second = (message.text for message in outbox.slack.messages("onboarding"))
    assert first.index("File 31") < first.index("File 30") < first.index("File 0")
    assert [number for number in range(32) if f"File {number}" not in first] == list(range(23, 30))
    assert all(f"File {number}" in second for number in range(23, 30))


async def muted(outbox: Outbox, *events: str) -> None:
    """Mute events, or everything, in a channel until eleven."""
    mei, place = outbox.slack.workspace.member.id, (outbox.team_id, outbox.channel("onboarding"))
    mutes = [Mute(trigger=event, until=outbox.clock.now.replace(hour=23)) for event in events or [""]]
    await outbox.store.channel_settings.mute(*place, mutes, mei, outbox.clock())


async def at_eleven(outbox: Outbox) -> None:
    """Let mutes end."""
    outbox.clock.now = outbox.clock.now.replace(hour=23)
    await outbox.tick()


@pytest.mark.parametrize(
    ("end", "posted"),
    [
        ("unwanted", ["📥 *2 updates while this channel was muted*"]),
        ("refused", ["📥 *77 updates while this channel was muted*", "Part 2 of 4", "Part 3 of 4", "Part 4 of 4"]),
    ],
)
async def test_a_summary_continues_if_its_first_part_can_not_be_posted(
    outbox: Outbox, end: str, posted: list[str]
) -> None:
    """Of what was unsubscribed since then, or what Slack will never take: the rest comes, in one thread."""
    row = await outbox.subscribe("onboarding")
    await muted(outbox)
    await outbox.happen(*((str(one), "created") for one in range(100)), ("100", "late"), ("101", "late"))
    await outbox.tick()
    await at_eleven(outbox)
    if end == "refused":
        outbox.slack.fail_next("chat.postMessage", "msg_blocks_too_long")
    else:
        await outbox.store.subscriptions.end(outbox.team_id, [row.id], ["created"], "U1")
    await outbox.send(10)
    assert outbox.posted("onboarding") == posted
    first, *others = outbox.slack.messages("onboarding")
    assert {message.thread_ts for message in others} <= {first.ts}


async def test_a_summary_and_what_is_sent_meanwhile_do_not_wait_for_each_other(outbox: Outbox) -> None:
    """An event before the mute is posted first, then the summary of what the mute held."""
    await outbox.subscribe("onboarding")
    await muted(outbox, "late")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.happen(("1", "created"))
    await outbox.tick()
    (sending,) = await outbox.store.outbox.claim(outbox.team_id, "me", outbox.clock(), LEASE * 9999, 1)
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await at_eleven(outbox)
    await outbox.store.outbox.mark_again(sending, "Slack is busy.", outbox.clock())
    await outbox.send(5)
    assert await outbox.states() == ["sent", "sent", "sent", "sent"]
    first, second = outbox.posted("onboarding")
    assert "Created" in first
    assert second == "📥 *2 updates while this channel was muted*"


async def test_nothing_overtakes_a_summary(outbox: Outbox) -> None:
    """E2: events before or after it are released with a later tick."""
    await flood(outbox)
    await outbox.happen(("1", "approved"))
    await answer(outbox, "digest")
    await outbox.tick()
    await outbox.send(5)
    assert outbox.posted("onboarding")[1:] == ["📥 *Digest: 25 updates*"]
    await outbox.tick()
    await outbox.send(5)
    assert "Approved" in outbox.posted("onboarding")[2]
