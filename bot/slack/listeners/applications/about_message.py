"""*What is this about?* on a message: the application of a notification, or of a link in a message."""

from __future__ import annotations

import re

from bot.core.applications.links import clust_id
from bot.core.errors import BotError
from bot.core.language import N_, _
from bot.slack.listeners.applications.lookup import PageWanted, application_view, is_stored, list_page
from bot.slack.listeners.modals import show, window
from bot.slack.request.command_decoding import decode
from bot.slack.request.payload_models import MessageShortcut
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.details import application_details, message_view
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building.blocks import Block
from bot.slack.web_api.notifier import METADATA_TYPE
from bot.store.notifications.posting.message_subjects import MessageSubject

TITLE = N_("Application")

MAX_MENTIONS = 5
"""Numbers and links in a message that are looked up."""

_MENTION = re.compile(r"https?://\S+|(?<!\w)#[0-9]{1,18}\b", re.IGNORECASE)


async def explain(request: Request, payload: MessageShortcut) -> None:
    """Show what a message is about, in a window. Raises NotOpened."""
    view_id = await window(request, _(TITLE))
    try:
        view = await _answer(request, payload)
    except BotError as error:
        view = message_view(_(TITLE), error.sentence)
    await show(request, view_id, view)


async def _answer(request: Request, payload: MessageShortcut) -> Block:
    message = payload.message
    token = message.metadata_of(METADATA_TYPE).get("delivery")
    subject = await request.services.store.message_subjects.of(
        request.team_id, request.channel_id, message.ts, token if isinstance(token, str) else ""
    )
    if subject is None and (application_id := await _mentioned(request, decode(message.whole_text))):
        subject = MessageSubject(request.account.id, (application_id,))
    if subject is None or not subject.application_ids:
        return outcome_view(
            _(TITLE),
            plain_answer(
                _(
                    "I don't know what this is about. I only recognize my own notifications, application links and "
                    "numbers such as #123."
                )
            ),
        )
    request = await request.about_id(subject.connection_id)
    if len(subject.application_ids) > 1:
        page = await list_page(request, PageWanted(f"id:{','.join(subject.application_ids)}"))
        return outcome_view(_(TITLE), page)
    return application_details(await application_view(request, subject.application_ids[0]))


async def _mentioned(request: Request, text: str) -> str | None:
    """Return the first application of the account that a message links to, or names as `#123`."""
    for mention in _MENTION.findall(text)[:MAX_MENTIONS]:
        application_id = clust_id(mention.rstrip(".,;:!?)"))
        if application_id and await is_stored(request, application_id):
            return application_id
    return None
