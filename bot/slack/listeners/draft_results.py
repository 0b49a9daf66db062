"""Direct messages about what became of a form whose window was closed, sent once (rules M1, M2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.core.errors import DeliveryError
from bot.core.language import speaking
from bot.slack.listeners.draft_offers import summary_of
from bot.slack.listeners.modals import message_to
from bot.slack.listeners.resumable_forms import RESUMABLE
from bot.slack.request.services import Services
from bot.slack.views import form_drafts as views
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import Message
from bot.store.engine.periodic import run_periodically
from bot.store.people.form_drafts import DraftState, FormDrafts, StoredDraft

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 15.0


async def window_closed(services: Services, user_id: str, view_id: str, now: datetime) -> None:
    """Tell a person who closed a window what is left to do about its form (Slack: view_closed)."""
    draft = await services.store.form_drafts.closed(services.workspace.team_id, user_id, view_id, now)
    if draft is not None and draft.form in RESUMABLE:
        await _send(services, draft, now)


class DraftResults:
    """Sends the results, in every workspace, that no process sent, because it died or Slack took no message.

    `open_services` gives what listeners of a workspace work with, None if it is not worked for.
    """

    def __init__(
        self,
        drafts: FormDrafts,
        open_services: Callable[[str], Awaitable[Services | None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._drafts, self._open, self._clock = drafts, open_services, clock

    async def run(self, stop: asyncio.Event) -> None:
        """Search for them until `stop` is set."""
        await run_periodically(self.send_overdue, LOOK_EVERY_SECONDS, stop, "results of forms could not be looked for")

    async def send_overdue(self) -> None:
        """Send a direct message about each draft whose outcome is overdue."""
        for team_id in await self._drafts.owed_in(self._clock()):
            if services := await self._open(team_id):
                await self._send_in(services)

    async def _send_in(self, services: Services) -> None:
        now = self._clock()
        for draft in await self._drafts.owed(services.workspace.team_id, now):
            if await self._drafts.take_answer(draft.id) and draft.form in RESUMABLE:
                await _send(services, draft, now)


async def _send(services: Services, draft: StoredDraft, now: datetime) -> None:
    with speaking(services.languages.of(await services.locales.of_person(draft.user_id))):
        message = tagged(_as_it_stands(draft), draft.connection_id)
    try:
        await message_to(services, draft.user_id, message)
    except DeliveryError as error:
        log.warning("the result of a form could not be sent", user=draft.user_id, why=error.sentence)
        if error.retry:
            await services.store.form_drafts.owe_again(draft.id, now)


def _as_it_stands(draft: StoredDraft) -> Message:
    """Return the message about a draft that is not being sent."""
    answer = {DraftState.DONE: views.finished, DraftState.UNKNOWN: views.uncertain}.get(draft.state, views.left)
    return answer(summary_of(draft))
