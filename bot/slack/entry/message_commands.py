"""Commands in messages to the bot: the words of `/clust` behind a mention, in a thread, or in a direct message.

They go through the same `CommandLine` and the same rows of `COMMANDS`. Answers are for the person alone.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.errors import DeliveryError
from bot.slack.entry import commands
from bot.slack.listeners import modals
from bot.slack.request.addressed_message import AddressedMessage
from bot.slack.request.services import Request, Services
from bot.slack.views.answers import message_hint, open_by_button
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.responses import Accepted, ask

log = structlog.get_logger(__name__)

REPEATED_WITHIN = timedelta(days=1)
"""Slack repeats events that it takes for lost, within minutes, or hourly for a day where an app asks for that."""


async def is_new(services: Services, received: AddressedMessage) -> bool:
    """Tell whether a message was not answered yet, by this process or another. From now on it counts as answered."""
    key = f"message {received.channel_id} {received.ts}"[:100]
    return await services.store.idempotency_keys.claim(
        services.workspace.team_id, key, services.clock(), REPEATED_WITHIN
    )


async def run(request: Request, received: AddressedMessage) -> tuple[Message | None, str]:
    """Run the command in a message. Returns the answer, and the word of the command (empty for none).

    In the thread of a card the command is about its application, unless another is named.
    """
    services = request.services
    text = received.typed(services.workspace.bot_user_id)
    card = received.thread_ts and await services.store.card_updates.at(
        services.workspace.team_id, received.channel_id, received.thread_ts
    )
    if card:
        request = await request.about_id(card[0].connection_id)
        text = commands.about_application(text, card[0].application_id)
    if not text:
        return message_hint(in_thread_of_card=bool(card)), ""
    line = commands.parse(text)
    request = await commands.addressed(request, line)
    try:
        answer = await commands.run(request, line)
    except modals.NoTrigger:
        answer = open_by_button(text)
    return answer and tagged(answer, request.account_id), line.command


async def answer_privately(services: Services, received: AddressedMessage, message: Message) -> None:
    """Answer a message where it stands: to the person alone, in its thread if it is in one.

    If Slack refuses that, the answer goes by direct message. Without any, it is logged.
    """
    client, thread = services.client, {"thread_ts": received.thread_ts} if received.thread_ts else {}
    place = {"channel": received.channel_id, **thread, **message.payload()}
    try:
        if received.is_direct:
            await ask(client.chat_postMessage(**place), Accepted)
        else:
            await ask(client.chat_postEphemeral(user=received.user_id, **place), Accepted)
    except DeliveryError as error:
        log.info("a message could not be answered in its place", why=error.sentence)
        if not received.is_direct:
            await _answer_directly(services, received.user_id, message)


async def _answer_directly(services: Services, user_id: str, message: Message) -> None:
    try:
        await modals.message_to(services, user_id, message)
    except DeliveryError as error:
        log.warning("a message could not be answered", why=error.sentence)
