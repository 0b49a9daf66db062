"""*Share here* on an answer: one row for each kind that a person can share with everyone in the channel (rule W2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.core.permissions import Role
from bot.slack.listeners.applications.lookup import shared_list
from bot.slack.listeners.applications.reporting import shared_report
from bot.slack.listeners.console import shared_call
from bot.slack.listeners.modals import ClickAnswer
from bot.slack.listeners.sharing import is_shared
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Message
from bot.slack.views.channels.subscriptions import (
    confirm_shared_list,
    confirm_shared_report,
    confirm_shared_response,
)
from bot.store.people.audit import AuditOutcome


@dataclass(frozen=True, slots=True)
class ShareableAnswer:
    """A kind of answer: its word in the audit log, what an admin is asked first, and the message for everyone.

    `question` gets the channel and the value of its button, `message` the value of the button *Share here*. That value
    is a claim, and `message` raises UsageError for one that it can't use.
    """

    audit_detail: str
    question: Callable[[str, str], Message]
    message: Callable[[Request, str], Awaitable[Message]]


LIST, REPORT, CALL = "share", "report", "call"
"""The words for the kinds in the values of *Allow it here*, which messages of other versions carry."""

SHAREABLE_ANSWERS: Mapping[str, ShareableAnswer] = {
    LIST: ShareableAnswer("list", confirm_shared_list, shared_list),
    REPORT: ShareableAnswer("report", confirm_shared_report, shared_report),
    CALL: ShareableAnswer("api", confirm_shared_response, shared_call),
}


async def share_answer(request: Request, kind: str, value: str) -> ClickAnswer:
    """Post an answer to everyone in the channel. In a shared channel an admin must allow it (rule W2)."""
    if await is_shared(request, request.channel_id):
        await request.needs(Role.ADMIN)
        return ClickAnswer(SHAREABLE_ANSWERS[kind].question(request.channel_id, f"{kind} {value}"))
    return await share_allowed(request, kind, value)


async def share_allowed(request: Request, kind: str, value: str) -> ClickAnswer:
    """Post an answer to everyone in the channel, and record it in the audit log."""
    row = SHAREABLE_ANSWERS[kind]
    message = await row.message(request, value)
    await request.write_down("share", AuditOutcome.OK, request.channel_id, row.audit_detail)
    return ClickAnswer(message, for_all=True)
