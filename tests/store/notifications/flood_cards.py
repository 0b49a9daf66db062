"""A flood in a channel, and the answer to its question (rule S4)."""

from __future__ import annotations

from bot.sandbox.slack.messages import PostedMessage
from tests.delivery.conftest import Outbox


async def flood(outbox: Outbox, number: int = 25) -> PostedMessage:
    """Let more happen than a channel wants at once, and return the question."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(one), "late" if one % 2 else "created") for one in range(number)))
    await outbox.tick()
    await outbox.send(2)
    (card,) = outbox.slack.messages("onboarding")
    return card


async def answer(outbox: Outbox, choice: str) -> None:
    """Answer the question as Mei."""
    (row,) = [row for row in await outbox.rows() if row["kind"] == "flood"]
    mei = outbox.slack.workspace.member.id
    assert await outbox.store.floods.answer(outbox.team_id, row["channel_id"], row["id"], choice, mei, outbox.clock())
