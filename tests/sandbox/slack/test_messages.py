"""The messages of a workspace: their order, their versions, and who hears of a change."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.slack.messages import Change, Changes, Messages
from bot.sandbox.slack.workspace import BOT_ID


@pytest.fixture
def changes() -> Changes:
    """Return what publishes the changes."""
    return Changes()


@pytest.fixture
def messages(changes: Changes) -> Messages:
    """Return no messages yet, by a clock that stands."""
    return Messages(lambda: 1_767_326_125.5, changes, "T1")


def test_no_two_messages_have_one_timestamp(messages: Messages) -> None:
    """Also within a microsecond. They stay in the order in which they came."""
    posted = [messages.post("C1", text=str(number)) for number in range(3)]
    assert [message.ts for message in posted] == [*("1767326125.500000", "1767326125.500001", "1767326125.500002")]
    assert messages.within("C1") == posted
    assert messages.within("C2") == []


def test_a_message_is_changed_and_deleted(messages: Messages, changes: Changes) -> None:
    """A new version is marked as edited, unless it only shows cards of its links."""
    heard: list[Change] = []
    changes.listeners.append(heard.append)
    posted = messages.post("C1", text="a")
    carded = messages.change(posted, attachments=[{"id": 1}])
    changed = messages.change(carded, text="b")
    assert (carded.edited, bool(changed.edited)) == (None, True)
    assert messages.get("C1", posted.ts) == changed
    messages.delete(changed)
    assert messages.get("C1", posted.ts) is None
    assert [change.kind for change in heard] == ["posted", "changed", "changed", "deleted"]


def test_a_message_has_the_keys_of_what_it_has(messages: Messages) -> None:
    """The bot's says which app it is of. Metadata is only for those who ask for it."""
    metadata = {"event_type": "delivery", "event_payload": {}}
    posted = messages.post("C1", text="a", metadata=metadata, blocks=[{"type": "divider"}], files=[{"id": "F1"}])
    assert "metadata" not in posted.to_dict()
    assert posted.to_dict(metadata=True)["metadata"] == metadata
    assert (posted.to_dict()["bot_id"], posted.to_dict()["team"]) == (BOT_ID, "T1")
    reply = messages.change(messages.post("C1", user="U1", text="b", thread_ts=posted.ts), attachments=[{"id": 1}])
    assert set(reply.to_dict()) == {"type", "ts", "user", "text", "thread_ts", "attachments"}
    assert "edited" in messages.change(reply, text="c").to_dict()
    assert (posted.is_in_thread_only, reply.is_in_thread_only) == (False, True)


def test_a_message_for_one_person_is_ephemeral(messages: Messages) -> None:
    """It stands in the channel for this person alone."""
    messages.post("C1", text="a")
    quiet = messages.post("C1", text="b", visible_to="U1")
    assert (messages.ephemeral(), quiet.is_ephemeral) == ([quiet], True)


def test_a_channel_that_gets_another_id_keeps_its_messages(messages: Messages) -> None:
    """As when it is shared with another organization."""
    posted = messages.post("C1", text="a")
    messages.move("C1", "C2")
    moved = messages.get("C2", posted.ts)
    assert (messages.within("C1"), moved and moved.channel) == ([], "C2")


async def test_a_change_is_waited_for(messages: Messages, changes: Changes) -> None:
    """A client that waits looks again at each change."""
    waiting = asyncio.create_task(changes.wait_for(lambda: messages.within("C1")))
    await asyncio.sleep(0)
    messages.post("C1", text="a")
    assert len(await waiting) == 1
    with pytest.raises(TimeoutError):
        await changes.wait_for(lambda: False, timeout=0)
