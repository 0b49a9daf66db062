"""Earlier forms that aren't sent, offered above a new one; and taken out of it."""

from __future__ import annotations

from typing import Any

from bot.slack.listeners.modals import clicked_view, redraw
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Block
from bot.slack.views.unsent_forms import Unsent, offer, without_offer
from bot.store.people.form_drafts import StoredDraft

MAX_OFFERED = 3
"""Drafts above one form, the newest."""

_OF_A_VIEW = ("type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "notify_on_close")
"""The keys of a view that can be sent back as they came (Slack: Modals, view object)."""


def unsent(draft: StoredDraft) -> Unsent:
    """Return a draft as people read about it."""
    values = draft.values.get("typed") or draft.values
    return Unsent(draft.id, draft.form, values, draft.target, draft.result, draft.created_at)


async def offers(request: Request, form: str, target: str | None = None) -> list[Block]:
    """Return what stands above a form, of the application `target` if any: the person's earlier ones, with *Resume*."""
    drafts = await request.services.store.drafts.resumable(request.team_id, request.user_id, request.now)
    same = [unsent(draft) for draft in drafts if draft.form == form and draft.target == target]
    return offer(same[:MAX_OFFERED], request.now)


async def discard(request: Request, draft_id: str) -> None:
    """Remove an earlier form that the person doesn't want any more, and its offer from the window."""
    await request.services.store.drafts.discard(draft_id, request.team_id, request.user_id)
    view: dict[str, Any] = request.body.get("view") or {}
    if clicked_view(request):
        same = {key: view[key] for key in _OF_A_VIEW if view.get(key)}
        await redraw(request, {**same, "blocks": without_offer(view.get("blocks") or (), draft_id)})
