"""The bot introduces itself in a channel that it is invited to: once, with the details in the thread."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.errors import DeliveryError
from bot.core.language import speaking
from bot.core.notifications.slack_exceptions import Doing
from bot.slack.request.services import Services
from bot.slack.views.channels.introduction import introduction, introduction_details
from bot.slack.web_api.responses import ConversationInfo, Posted, ask

log = structlog.get_logger(__name__)

NOT_AGAIN_FOR = timedelta(days=30)
"""A person who removes and invites the bot again within this time has read it."""


async def introduce(services: Services, channel_id: str) -> None:
    """Post the introduction, unless it was posted there within the last 30 days.

    A channel that is subscribed gets none, nor does one that people of another organization read, or about which Slack
    says nothing (rule W2). If Slack refuses the post, the channel goes without.
    """
    client, team_id = services.client, services.workspace.team_id
    if await services.store.subscriptions.of_channel(team_id, channel_id):
        return
    try:
        channel = (await ask(client.conversations_info(channel=channel_id), ConversationInfo)).channel
        key = f"introduction {channel_id}"[:100]
        if channel.is_shared or not await services.store.idempotency_keys.claim(
            team_id, key, services.clock(), NOT_AGAIN_FOR
        ):
            return
        with speaking(services.languages.of(await services.locales.of_channel(channel_id))):
            first, details = introduction(), introduction_details()
        post = client.chat_postMessage(channel=channel_id, unfurl_links=False, **first.payload())
        parent = await ask(post, Posted, Doing.POSTING)
        reply = client.chat_postMessage(
            channel=channel_id, thread_ts=parent.ts, unfurl_links=False, **details.payload()
        )
        await ask(reply, Posted, Doing.POSTING)
    except DeliveryError as error:
        log.info("a channel was not introduced to the bot", channel=channel_id, why=error.sentence)
