"""Earlier forms that were not sent: offer them above a new one, and discard them."""

from __future__ import annotations

from bot.slack.listeners.modals import redraw
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Block
from bot.slack.views.form_drafts import DraftSummary, offer, without_offer
from bot.store.people.form_drafts import StoredDraft

MAX_OFFERED = 3
"""Drafts offered above one form, the newest ones."""


def summary_of(draft: StoredDraft) -> DraftSummary:
    """Return a draft as people read about it."""
    return DraftSummary(draft.id, draft.form, draft.contents.typed or {}, draft.target, draft.result, draft.created_at)


async def offers(request: Request, form: str, target: str | None = None) -> list[Block]:
    """Return the offers above a form, for the application `target` if any: the person's earlier ones, with *Resume*."""
    drafts = await request.services.store.form_drafts.resumable(request.team_id, request.user_id, request.now)
    same = [summary_of(draft) for draft in drafts if draft.form == form and draft.target == target]
    return offer(same[:MAX_OFFERED], request.now)


async def discard(request: Request, draft_id: str) -> None:
    """Delete an earlier form of the person's, and its offer in the window."""
    await request.services.store.form_drafts.discard(draft_id, request.team_id, request.user_id)
    view = request.payload.view
    if view and view.is_window:
        await redraw(request, {**view.as_sent(), "blocks": without_offer(view.blocks or (), draft_id)})
