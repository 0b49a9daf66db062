"""Posts a message of each kind into a small private channel, for a person to look at, and removes them again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError, SlackRefused, Throttled, UsageError
from bot.core.language import _
from bot.core.notifications.slack_exceptions import Doing
from bot.doctor.sample_messages import LiveSample
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.responses import Accepted, ConversationInfo, Members, Posted, ask

Result = TypeVar("Result")

MAX_PEOPLE = 10
"""Members of a channel into which made-up messages are posted, with the bot."""

GAP_SECONDS = 1.0
"""Between two messages in a channel (Slack: rate limits)."""

MAX_TRIES = 5
"""Of a call that Slack answers with 429."""


async def show_live(
    client: AsyncWebClient,
    channel_id: str,
    samples: Iterable[LiveSample],
    looked: Callable[[], Awaitable[object]],
    stop: asyncio.Event,
    say: Callable[[str], None],
) -> int:
    """Post the samples, say what to look at, wait for `looked` or `stop`, and remove what was posted.

    Returns how many messages Slack refused, or that couldn't be removed. Raises UsageError for a channel that others
    read, and DeliveryError if Slack can't be reached.
    """
    await _check(client, channel_id)
    posted: list[str] = []
    wrong = 0
    try:
        wrong = await _post(client, channel_id, samples, posted, stop, say)
        if not stop.is_set():
            await looked()
    finally:
        wrong += await _remove(client, channel_id, posted, say)
    return wrong


async def _check(client: AsyncWebClient, channel_id: str) -> None:
    """Raise UsageError unless the channel is private, small, and of this workspace alone."""
    try:
        channel = (await ask(client.conversations_info(channel=channel_id), ConversationInfo)).channel
        members = await ask(client.conversations_members(channel=channel_id, limit=MAX_PEOPLE + 1), Members)
    except SlackRefused as error:
        raise UsageError(
            _(
                "I can't see channel {channel} ({code}). Use the ID of a private channel, and type `/invite @Clust` "
                "there.",
                channel=channel_id[:60],
                code=error.code,
            )
        ) from error
    if channel.is_private is not True or channel.is_direct:
        raise UsageError(
            _("{channel} isn't a private channel. Use one that only a few people read.", channel=channel_id)
        )
    if channel.is_shared or channel.is_org_shared:
        raise UsageError(
            _(
                "{channel} is shared with another workspace or organization. Use one that isn't shared.",
                channel=channel_id,
            )
        )
    if len(members.members) > MAX_PEOPLE or members.next_cursor:
        raise UsageError(
            _("{channel} has more than {count} members. Use a smaller channel.", channel=channel_id, count=MAX_PEOPLE)
        )


async def _post(
    client: AsyncWebClient,
    channel_id: str,
    samples: Iterable[LiveSample],
    posted: list[str],
    stop: asyncio.Event,
    say: Callable[[str], None],
) -> int:
    """Post the samples, and add the `ts` of each to `posted`. Returns how many Slack refused."""
    refused, thread_ts = 0, ""
    for number, sample in enumerate(samples, 1):
        if stop.is_set():
            break
        thread = {"thread_ts": thread_ts} if sample.is_reply and thread_ts else {}
        sending = asyncio.create_task(_send(client, channel_id, sample.message, thread))
        try:
            posted.append(await asyncio.shield(sending))
        except asyncio.CancelledError:
            # What is on its way arrives, and must be removed like the rest.
            with suppress(DeliveryError):
                posted.append(await sending)
            raise
        except DeliveryError as error:
            refused += 1
            say(_("{number}. Not posted. {why}", number=number, why=error.sentence))
            continue
        thread_ts = thread_ts if sample.is_reply else posted[-1]
        say(f"{number}. {_(sample.look_at)}")
        await _pause(stop)
    return refused


async def _send(client: AsyncWebClient, channel_id: str, message: Message, thread: Mapping[str, str]) -> str:
    """Post a message, or its fallback where Slack refuses charts. Returns its `ts`. Raises DeliveryError."""

    async def post(message: Message) -> str:
        payload = {"channel": channel_id, **message.payload(), **thread}
        return (await _patiently(lambda: ask(client.chat_postMessage(**payload), Posted, Doing.POSTING))).ts

    try:
        return await post(message)
    except SlackRefused:
        if message.fallback is None:
            raise
        return await post(message.fallback)


async def _delete(client: AsyncWebClient, channel_id: str, ts: str) -> None:
    await ask(client.chat_delete(channel=channel_id, ts=ts), Accepted)


async def _patiently(call: Callable[[], Awaitable[Result]]) -> Result:
    """Make a call again after a 429, as often as MAX_TRIES."""
    for _number in range(MAX_TRIES - 1):
        try:
            return await call()
        except Throttled as error:
            await asyncio.sleep(error.retry_after)
    return await call()


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(GAP_SECONDS):
            await stop.wait()


async def _remove(client: AsyncWebClient, channel_id: str, posted: list[str], say: Callable[[str], None]) -> int:
    """Remove messages, the newest first. Returns how many are left."""
    left = 0
    for ts in reversed(posted):
        try:
            await _patiently(partial(_delete, client, channel_id, ts))
        except DeliveryError as error:
            left += 1
            say(_("I couldn't remove message {ts}. Remove it by hand. {why}", ts=ts, why=error.sentence))
    say(_("Messages removed: {count} of {total}.", count=len(posted) - left, total=len(posted)))
    return left
