"""Earlier forms that aren't sent, offered above a new one; and taken out of it."""

from __future__ import annotations

from bot.slack.listeners.modals import redraw
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Block
from bot.slack.views.unsent_forms import Unsent, offer, without_offer
from bot.store.people.form_drafts import StoredDraft

MAX_OFFERED = 3
"""Drafts above one form, the newest."""


def unsent(draft: StoredDraft) -> Unsent:
    """Return a draft as people read about it."""
    return Unsent(draft.id, draft.form, draft.contents.typed or {}, draft.target, draft.result, draft.created_at)


async def offers(request: Request, form: str, target: str | None = None) -> list[Block]:
    """Return what stands above a form, of the application `target` if any: the person's earlier ones, with *Resume*."""
    drafts = await request.services.store.drafts.resumable(request.team_id, request.user_id, request.now)
    same = [unsent(draft) for draft in drafts if draft.form == form and draft.target == target]
    return offer(same[:MAX_OFFERED], request.now)


async def discard(request: Request, draft_id: str) -> None:
    """Remove an earlier form that the person doesn't want any more, and its offer from the window."""
    await request.services.store.drafts.discard(draft_id, request.team_id, request.user_id)
    view = request.payload.view
    if view and view.is_window:
        await redraw(request, {**view.as_sent(), "blocks": without_offer(view.blocks or (), draft_id)})
