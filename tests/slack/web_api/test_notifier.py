"""The notifier on the stand-in's Slack: it posts, finds posts again, and sends direct messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.applications.model import Application, StatusClass
from bot.core.errors import (
    ChannelRefused,
    MessageRefused,
    NotSent,
    OutcomeUnclear,
    PersonRefused,
    SlackBroken,
    Throttled,
)
from bot.core.notifications.admin_notifications import ChannelHeld, ChannelWorks
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card
from bot.core.notifications.unclear_posts import LookUp, Period
from bot.core.permissions import Workspace
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.web_api.notifier import SlackNotifier, channel_facts
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.slack.web_api.responses import Conversation, read
from bot.store import Store
from tests.patience import LONG, NONE

CARD = Card("late", Application(id="1", title="<!channel> Acme"), StatusClass.OPEN, MessageStyle())


@asynccontextmanager
async def notifier_of(slack: SandboxSlack, store: Store, seconds: float) -> AsyncIterator[SlackNotifier]:
    """Return a notifier that waits this many seconds for Slack, in a workspace without message limits."""
    slack.state.rate_limits.between_messages = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        pacing = MethodLimiter(slack.workspace.bot.team_id, store.rate_limits, lambda: datetime.now(UTC))
        yield SlackNotifier(client, Workspace(slack.workspace.bot.team_id, None, "U0"), pacing)


@pytest.fixture
async def notifier(slack: SandboxSlack, store: Store) -> AsyncIterator[SlackNotifier]:
    """A notifier that tolerates a slow machine."""
    async with notifier_of(slack, store, LONG) as notifier:
        yield notifier


async def test_a_post_carries_its_token_and_nothing_else(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """T4: the metadata is the opaque delivery id alone, and a card unfurls nothing and mentions no one."""
    ts = await notifier.post(slack.workspace.onboarding.id, CARD, "token-1")
    (card,) = slack.messages("onboarding")
    assert (card.ts, card.metadata) == (
        ts,
        {"event_type": "clust_delivery", "event_payload": {"delivery": "token-1"}},
    )
    (call,) = slack.called("chat.postMessage")
    assert {name: str(call.arguments[name]).lower() for name in ("unfurl_links", "unfurl_media")} == {
        "unfurl_links": "false",
        "unfurl_media": "false",
    }
    assert "<!channel>" not in card.text
    assert "*Late*" in card.text


async def test_posts_are_found_by_their_tokens(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """T2: a look-up reads the channel's history page by page and finds posts by their tokens."""
    channel, now = slack.workspace.onboarding.id, datetime.now(UTC)
    first = await notifier.post(channel, CARD, "first")
    for number in range(250):
        slack.state.messages.post(channel, text=f"noise {number}")
    foreign: dict[str, Any] = {"event_type": "another_app", "event_payload": {"delivery": "foreign"}}
    odd: dict[str, Any] = {"event_type": "clust_delivery", "event_payload": {"delivery": ["first"]}}
    for metadata in (foreign, odd):
        slack.state.messages.post(channel, text="x", metadata=metadata)
    last = await notifier.post(channel, CARD, "last")
    begun = look_up(channel, now - timedelta(minutes=1), now + timedelta(minutes=1))
    newest = await notifier.look_up(begun)
    assert newest.posts == {"last": last}
    oldest = await notifier.look_up(replace(begun, cursor=newest.cursor))
    assert (oldest.posts, oldest.cursor) == ({"first": first}, "")
    for period in (Period(now + timedelta(minutes=1), now + timedelta(minutes=2)), Period(now - timedelta(1), now)):
        assert (await notifier.look_up(replace(begun, period=period))).posts == {}


async def test_a_distributed_app_reads_a_page_a_minute(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """T0: a short page with more behind it reveals the limit, and the next one waits instead of getting a 429."""
    slack.faults.is_distributed = True
    channel, now = slack.workspace.onboarding.id, datetime.now(UTC)
    for number in range(16):
        slack.state.messages.post(channel, text=f"noise {number}")
    begun = look_up(channel, now - timedelta(minutes=1), now + timedelta(minutes=1))
    page = await notifier.look_up(begun)
    with pytest.raises(Throttled) as throttled:
        await notifier.look_up(replace(begun, cursor=page.cursor))
    assert 55 < throttled.value.retry_after <= 60
    assert [call.status for call in slack.called("conversations.history")] == [200]


def look_up(channel_id: str, oldest: datetime, latest: datetime) -> LookUp:
    """Return a look-up that has just begun."""
    period, tokens = Period(oldest, latest), frozenset({"t"})
    return LookUp("1", "T1", channel_id, None, period, tokens, "", {}, is_complete=False, tries=0, failures=0, fence=1)


async def test_what_a_refused_post_means(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """Each failure of a post is the error that delivery acts on: hold, fail, wait, or look up."""
    channel = slack.workspace.onboarding.id
    with pytest.raises(ChannelRefused, match="I'm not in the channel") as refused:
        await notifier.post(slack.workspace.general.id, CARD, "t")
    assert refused.value.code == "not_in_channel"
    slack.fail_next("chat.postMessage", "msg_too_long")
    with pytest.raises(MessageRefused):
        await notifier.post(channel, CARD, "t")
    slack.fail_next("chat.postMessage", "internal_error")
    with pytest.raises(OutcomeUnclear):
        await notifier.post(channel, CARD, "t")
    slack.rate_limit(channel, 7)
    with pytest.raises(Throttled) as throttled:
        await notifier.post(channel, CARD, "t")
    assert throttled.value.retry_after == 7
    slack.rate_limit(channel, 0)
    for fault in ("cut_before_accept", "cut_after_accept"):
        setattr(slack.faults, fault, 1)
        with pytest.raises(OutcomeUnclear):
            await notifier.post(channel, CARD, fault)


async def test_a_post_that_slack_does_not_answer_is_unclear(slack: SandboxSlack, store: Store) -> None:
    """T2: after the time limit the outcome of a post is unknown."""
    slack.faults.delay_seconds = LONG
    async with notifier_of(slack, store, NONE) as notifier:
        with pytest.raises(OutcomeUnclear, match="didn't respond in time"):
            await notifier.post(slack.workspace.onboarding.id, CARD, "t")


async def test_slack_that_is_not_there(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """If no connection can be opened, nothing was sent."""
    await slack.stop()
    with pytest.raises(NotSent):
        await notifier.post(slack.workspace.onboarding.id, CARD, "t")


async def test_a_look_at_channels(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """What prevents posts into a channel is named by its code, but temporary trouble is raised."""
    people = slack.workspace
    own = people.direct(people.bot.id, people.member.id)
    assert await notifier.look_at(people.onboarding.id) == ChannelFacts(None)
    assert await notifier.look_at(own.id) == ChannelFacts(None)
    assert await notifier.look_at(people.general.id) == ChannelFacts("not_in_channel")
    assert await notifier.look_at(people.private.id) == ChannelFacts("channel_not_found")
    await slack.archive("onboarding")
    assert await notifier.look_at(people.onboarding.id) == ChannelFacts("is_archived")
    slack.faults.down = True
    with pytest.raises(SlackBroken):
        await notifier.look_at(people.onboarding.id)


@pytest.mark.parametrize(
    ("channel", "facts"),
    [
        ({"is_member": True}, ChannelFacts(None)),
        ({"is_im": True}, ChannelFacts(None)),
        ({"is_mpim": True, "is_member": False}, ChannelFacts(None)),
        ({}, ChannelFacts(None)),
        ({"is_member": False}, ChannelFacts("not_in_channel")),
        ({"is_member": True, "is_archived": True}, ChannelFacts("is_archived")),
        ({"is_member": True, "is_ext_shared": True}, ChannelFacts(None, is_shared=True)),
        ({"is_member": True, "is_pending_ext_shared": True}, ChannelFacts(None, is_shared=True)),
    ],
)
def test_facts_of_a_channel(channel: dict[str, object], facts: ChannelFacts) -> None:
    """W2: a channel counts as shared as soon as that is pending."""
    assert channel_facts(read(Conversation, {"id": "C1", **channel})) == facts


async def test_two_direct_messages_within_a_second_both_arrive(slack: SandboxSlack, notifier: SlackNotifier) -> None:
    """A second direct message within the second waits and is not lost."""
    slack.state.rate_limits.between_messages = 1
    mei, channel = slack.workspace.member.id, slack.workspace.onboarding.id
    await notifier.notify(mei, ChannelHeld(channel, "is_archived"))
    await notifier.notify(mei, ChannelWorks(channel, "is_archived"))
    texts = [message.text for message in slack.direct_messages("mei")]
    assert ["is on hold" in texts[0], "works again" in texts[1], len(texts)] == [True, True, 2]
    assert [call.status for call in slack.called("chat.postMessage")] == [200, 429, 200]


async def test_a_direct_message_to_a_deactivated_person_is_refused(
    slack: SandboxSlack, notifier: SlackNotifier
) -> None:
    """A deactivated person is refused. A long wait is left to the caller."""
    notification = ChannelHeld("C1", "is_archived")
    with pytest.raises(PersonRefused, match="deactivated"):
        await notifier.notify(slack.workspace.deactivated.id, notification)
    await notifier.notify(slack.workspace.member.id, notification)
    slack.rate_limit(slack.direct_messages("mei")[0].channel, 60)
    with pytest.raises(Throttled):
        await notifier.notify(slack.workspace.member.id, notification)
