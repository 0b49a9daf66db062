"""`roles allow` and `roles disallow`: single rights beside a role, such as contact details in exports."""

from __future__ import annotations

from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.permissions import RIGHTS
from bot.core.typed_text import fold, sentences
from bot.slack.request.command_options import list_words
from bot.slack.request.services import Request
from bot.slack.views.admin.roles_and_audit import right_given, right_not_given, right_taken_away
from bot.slack.views.building.blocks import Message
from bot.store.people.audit import AuditOutcome

VERBS = ("allow", "disallow")


async def change(request: Request, verb: str, subject_id: str, word: str) -> Message:
    """Give a person or a group a right, or take it away. The request's person is an admin. Raises UsageError."""
    right = fold(word)
    if right not in RIGHTS:
        raise UsageError(sentences(_("Unknown permission `{word}`.", word=word), list_words(RIGHTS)))
    rights = request.services.store.rights
    if verb == "allow":
        await rights.give(request.team_id, subject_id, right, request.user_id, request.now)
        await request.write_down("role", AuditOutcome.OK, subject_id, f"allow {right}")
        return right_given(subject_id, right)
    if not await rights.take_away(request.team_id, subject_id, right):
        return right_not_given(subject_id, right)
    await request.write_down("role", AuditOutcome.OK, subject_id, f"disallow {right}")
    return right_taken_away(subject_id, right)
