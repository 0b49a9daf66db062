"""The saved actions of the demo, which the stand-in for Clust understands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.accounts import OWN
from bot.core.applications.model import StatusClass
from bot.core.language import N_, _
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction
from bot.sandbox.slack.workspace import TEAM_ID
from bot.settings import Settings
from bot.wiring.saved_actions import opened_store

_UNFINISHED = frozenset({StatusClass.OPEN, StatusClass.PENDING})

DEMO_ACTIONS = (
    SavedAction(
        N_("Close in Clust"),
        RequestTemplate.parse("POST", "/dossiers/{id}/close"),
        _UNFINISHED | {StatusClass.SUBMITTED, StatusClass.APPROVED},
        done=N_("Closed in Clust."),
        is_pinned=True,
    ),
    SavedAction(
        N_("Remind"),
        RequestTemplate.parse("POST", "/dossiers/{id}/reminders", body='{"message": "{text}"}'),
        _UNFINISHED,
    ),
    SavedAction(
        N_("Approve"), RequestTemplate.parse("POST", "/dossiers/{id}/approve"), frozenset({StatusClass.SUBMITTED})
    ),
    SavedAction(
        N_("Ask for a document"),
        RequestTemplate.parse("POST", "/dossiers/{id}/items", body='{"title": "{text}", "due_at": "{date}"}'),
        frozenset({StatusClass.OPEN}),
        Role.EDITOR,
    ),
)


async def save_demo_actions(settings: Settings) -> None:
    """Save the actions for the account of the settings, the first time that the demo's bot starts.

    Their names are in the current language.
    """
    token = settings.clust_api_token
    if token is None:
        return
    async with opened_store(settings) as store:
        account = await store.connections.ensure(TEAM_ID, OWN, settings.clust_api_url, token.get_secret_value())
        if await store.saved_actions.of(account.id):
            return
        for action in DEMO_ACTIONS:
            named = replace(action, name=_(action.name), done=_(action.done))
            await store.saved_actions.save(TEAM_ID, account.id, named, "U0CLUST", datetime.now(UTC))
