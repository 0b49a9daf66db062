"""Share what a window shows with everyone in the channel where it was opened (rule W2)."""

from __future__ import annotations

from bot.core.errors import ClustError, DeliveryError
from bot.core.language import _
from bot.core.notifications.slack_exceptions import Doing
from bot.core.typed_text import sentences
from bot.slack.listeners.modals import ClickAnswer, clicked_view, push
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, shared_application
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.responses import Accepted, ConversationInfo, ask
from bot.store.people.audit import AuditOutcome


async def share_application(request: Request, value: str) -> ClickAnswer | None:
    """Share an application from a window or direct message. `value` is its draft and its id."""
    draft_id, _space, application_id = value.partition(" ")
    answer = plain_answer(await _share(request, draft_id, application_id))
    if clicked_view(request) is None:
        return ClickAnswer(answer)
    await say_above(request, answer)
    return None


async def is_shared(request: Request, channel_id: str) -> bool:
    """Return whether people of other organizations read a channel. If Slack can't say, they may."""
    try:
        call = request.services.client.conversations_info(channel=channel_id)
        return (await ask(call, ConversationInfo)).channel.is_shared
    except DeliveryError:
        return True


async def post_for_all(request: Request, channel_id: str, message: Message, audit_word: str, otherwise: str) -> str:
    """Post what a person shares from a window, if the bot may. Returns the answer for them.

    `audit_word` is the word for the audit log. `otherwise` says how to share it if that isn't possible from here.
    """
    elsewhere = sentences(
        _("I can't post there. I'm not in that channel, or it's shared with another organization."), otherwise
    )
    if not channel_id or await is_shared(request, channel_id):
        return elsewhere
    post = request.services.client.chat_postMessage(
        channel=channel_id, unfurl_links=False, unfurl_media=False, **tagged(message, request.account_id).payload()
    )
    try:
        await ask(post, Accepted, Doing.POSTING)
    except DeliveryError:
        return elsewhere
    await request.write_down("share", AuditOutcome.OK, channel_id, audit_word)
    return _("Shared with everyone in the channel.")


async def say_above(request: Request, message: Message) -> None:
    """Show a message above the window that was clicked in. Raises NotOpened."""
    await push(request, outcome_view(_("Share here"), message))


async def _share(request: Request, draft_id: str, application_id: str) -> str:
    """Post the application, if the bot may, into the channel of its draft. Returns the answer for the person."""
    services = request.services
    draft = await services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    otherwise = _("Type `/clust list id:{id}` in the channel, then click *Share here*.", id=application_id)
    if draft is None or draft.result != application_id:
        return _(
            "Only the person who created this can share it, and only within a day. {alternative}", alternative=otherwise
        )
    try:
        card = shared_application(await request.account.clust.application(application_id), request.user_id)
    except ClustError as error:
        return error.sentence
    return await post_for_all(request, draft.contents.channel, card, "application", otherwise)
