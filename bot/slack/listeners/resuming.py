"""Forms that were not sent, or whose outcome a person doesn't have yet: resume them, and send it (rules M1, M2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.core.errors import DeliveryError, UsageError
from bot.core.language import _, speaking
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.listeners import console
from bot.slack.listeners.admin import accounts
from bot.slack.listeners.applications import deleting, forms
from bot.slack.listeners.channels import subscription_form
from bot.slack.listeners.draft_offers import summary_of
from bot.slack.listeners.modals import ClickAnswer, carry_out, message_to, show, window
from bot.slack.request.services import Request, Services
from bot.slack.views import form_drafts as views
from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.console import TITLE as CONSOLE_TITLE
from bot.store.engine.periodic import run_periodically
from bot.store.people.form_drafts import DONE, OPEN, UNKNOWN, FormDrafts, StoredDraft

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Resumable:
    """One form that can be resumed: its title, the role that it needs, and its view with what was typed."""

    title: str
    role: Role
    view: Callable[[Request, StoredDraft], Awaitable[Block]]


RESUMABLE: Mapping[str, Resumable] = {
    ids.CREATE: Resumable(forms.FORMS[ids.CREATE].title, Role.EDITOR, forms.FORMS[ids.CREATE].view),
    ids.UPDATE: Resumable(forms.FORMS[ids.UPDATE].title, Role.EDITOR, forms.FORMS[ids.UPDATE].view),
    ids.DELETE: Resumable(deleting.TITLE, Role.ADMIN, deleting.resumed),
    ids.CONSOLE: Resumable(CONSOLE_TITLE, REQUIREMENTS["call"], console.resumed),
    ids.CONNECT: Resumable(accounts.TITLE, REQUIREMENTS["connect"], accounts.resumed),
    ids.SUBSCRIBE: Resumable(subscription_form.TITLE, REQUIREMENTS["subscribe"], subscription_form.resumed),
}


async def resume(request: Request, draft_id: str) -> ClickAnswer | None:
    """Show a form again with what was typed, if it was not sent. After an unknown create, first offer to check."""
    drafts = request.services.store.drafts
    draft = await drafts.get(draft_id, request.team_id, request.user_id, request.now)
    row = RESUMABLE.get(draft.form) if draft else None
    if draft is None or row is None:
        raise UsageError(_(forms.NOT_YOURS))
    await request.needs(row.role)
    if draft.connection_id is not None:
        request = await request.about_id(draft.connection_id)
    # A create may have made something: the person checks before it is sent again. The others can be looked at first.
    if draft.state == UNKNOWN and draft.form != ids.CREATE and await drafts.retry_unknown(draft.id, request.now):
        await drafts.withdraw(draft.id)
    elif draft.state != OPEN:
        return await carry_out(request, row.title, forms.as_it_stands(request, draft, row.title))
    view_id = await window(request, row.title)
    await show(request, view_id, await row.view(request, draft))
    return None


async def back_to_form(request: Request, draft_id: str) -> ClickAnswer | None:
    """Show the form of an application again. What Clust doesn't have can be sent again."""
    drafts, draft = request.services.store.drafts, await forms.own_draft(request, draft_id)
    if await drafts.retry_unknown(draft.id, request.now):
        await drafts.withdraw(draft.id)
    return await resume(request, draft.id)


async def closed(services: Services, user_id: str, view_id: str, now: datetime) -> None:
    """Tell a person who closed a window what is left to do about its form (Slack: view_closed)."""
    draft = await services.store.drafts.closed(services.workspace.team_id, user_id, view_id, now)
    if draft is not None and draft.form in RESUMABLE:
        await _bring(services, draft, now)


class Bringing:
    """Brings the results, in every workspace, that no process did, because it died or Slack took no message.

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
        await run_periodically(self.bring, LOOK_EVERY_SECONDS, stop, "results of forms could not be looked for")

    async def bring(self) -> None:
        """Send a direct message about each draft whose outcome is overdue."""
        for team_id in await self._drafts.owed_in(self._clock()):
            if services := await self._open(team_id):
                await self._bring_in(services)

    async def _bring_in(self, services: Services) -> None:
        now = self._clock()
        for draft in await self._drafts.owed(services.workspace.team_id, now):
            if await self._drafts.take_answer(draft.id) and draft.form in RESUMABLE:
                await _bring(services, draft, now)


async def _bring(services: Services, draft: StoredDraft, now: datetime) -> None:
    with speaking(services.languages.of(await services.locales.of_person(draft.user_id))):
        message = tagged(_as_it_stands(draft), draft.connection_id)
    try:
        await message_to(services, draft.user_id, message)
    except DeliveryError as error:
        log.warning("the result of a form could not be sent", user=draft.user_id, why=error.sentence)
        if error.retry:
            await services.store.drafts.owe_again(draft.id, now)


def _as_it_stands(draft: StoredDraft) -> Message:
    """Return the message about a draft that is not being sent."""
    answer = {DONE: views.finished, UNKNOWN: views.uncertain}.get(draft.state, views.left)
    return answer(summary_of(draft))
