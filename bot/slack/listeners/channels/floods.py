"""Answers to a flood card: what to do with more notifications than a channel wants at once (rule S4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.core.errors import UsageError
from bot.core.language import _
from bot.slack.listeners.modals import ClickAnswer
from bot.slack.request.services import Request
from bot.slack.views.building import ids
from bot.slack.views.channels.floods import flood_card
from bot.store.notifications.floods import DIGEST, POST, SEEN
from bot.store.people.audit import AuditOutcome


def _answering(answer: str) -> Callable[[Request, str], Awaitable[ClickAnswer]]:
    """Return the handler for one answer to a flood card."""

    async def answered(request: Request, value: str) -> ClickAnswer:
        services = request.services
        number = int(value) if value.isdecimal() else 0
        flood = await services.store.floods.answer(
            services.workspace.team_id, request.channel_id, number, answer, request.user_id, request.now
        )
        if flood is None:
            raise UsageError(_("That question is closed. Its notifications were posted or marked as seen."))
        if flood.answered_by == request.user_id and flood.answer == answer:
            await request.write_down("flood", AuditOutcome.OK, request.channel_id, f"{answer} {flood.total}")
        return ClickAnswer(flood_card(flood), replace=True)

    return answered


FLOOD: Mapping[str, Callable[[Request, str], Awaitable[ClickAnswer]]] = {
    ids.variant(ids.FLOOD, answer): _answering(answer) for answer in (POST, DIGEST, SEEN)
}


async def answer_flood(request: Request, value: str) -> ClickAnswer:
    """Answer a flood card as the clicked button says. Raises UsageError for a button of another version of the bot."""
    action = request.payload.action
    answer = FLOOD.get(action.action_id) if action else None
    if answer is None:
        raise UsageError(_("That button is from another version of the bot. Choose another button."))
    return await answer(request, value)
