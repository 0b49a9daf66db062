"""The saved actions of the demo, which the stand-in for Clust understands."""

from __future__ import annotations

from dataclasses import replace

from bot.core.applications.model import StatusClass
from bot.core.language import N_, _
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction

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


def demo_actions() -> list[SavedAction]:
    """Return the actions, with their names in the current language."""
    return [replace(action, name=_(action.name), done=_(action.done)) for action in DEMO_ACTIONS]
