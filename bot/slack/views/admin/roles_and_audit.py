"""What people read about rights: who has which role, what changing one did, and the audit log (rule W1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.permissions import Role
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, section

MAX_LISTED, MAX_NAMED = 100, 50
"""Given roles, and admins by default, in one message; the rest is counted."""

MAX_AUDIT_ROWS = 25
"""Rows of the audit log in one message: Slack takes 12,000 characters."""

MAX_ROLES_PER_SECTION, MAX_AUDIT_ROWS_PER_SECTION = 20, 5
"""Lines in one paragraph: more could outgrow the 3,000 characters of a section."""

_MAY = {
    Role.ADMIN: "may do everything: also delete, write by the console, give roles and read the audit log",
    Role.EDITOR: "may look things up, create, update and subscribe",
    Role.VIEWER: "may look things up",
}
_UNREAD = "can't be read now, so nobody without a role of their own has a higher one"
_OUTCOMES = {"ok": "", "refused": " · refused", "failed": " · failed", "unknown": " · nobody knows whether it worked"}


@dataclass(frozen=True, slots=True)
class AuditRowView:
    """A row of the audit log: `target` is an application's id, or whom a role is about."""

    id: int
    at: datetime
    user_id: str
    action: str
    outcome: str
    target: str | None
    detail: str


def role_list(given: Mapping[str, Role], admin_users: Collection[str], unread: Collection[str] = ()) -> Message:
    """Answer `roles`: who is an admin anyway, what everyone else may, and the roles that were given.

    `unread` are user groups of which Slack does not say who is in them (rule W1).
    """
    if admin_users:
        more = len(admin_users) - MAX_NAMED
        named = [md.user(each) for each in sorted(admin_users)[:MAX_NAMED]] + ([f"{more} more"] if more > 0 else [])
        admins = f"{', '.join(named)}, by the setting `ADMIN_USERS`"
    else:
        admins = "the workspace's admins and owners"
    lines = [
        f"• {subject(each)}: *{role.word}*{f' ⚠️ {_UNREAD}' if each in unread else ''}"
        for each, role in sorted(given.items(), key=_highest_first)
    ]
    rest = len(lines) - MAX_LISTED
    return message(
        section(
            f"*Always admin:* {admins}.\n"
            "*Everyone else* in this organisation is editor; guests and people of other organisations may do nothing, "
            "unless a role is given to them by name."
        ),
        *_paragraphs(lines[:MAX_LISTED] or ["No role has been given."], MAX_ROLES_PER_SECTION),
        context(f"… and {md.count(rest, 'more role')}") if rest > 0 else None,
        context("  ·  ".join(f"*{role.word}* {may}" for role, may in _MAY.items())),
        actions(button("Give a role…", ids.ROLE, "")),
        context("`/clust roles set @someone viewer` gives a role, to a group too; `/clust roles remove @someone`"),
    )


def role_set(subject_id: str, role: Role, before: Role | None) -> Message:
    """Answer `roles set`: what the person or group may do from now on."""
    was = f" (before: {before.word})" if before is not None and before is not role else ""
    return message(section(f"✅ {subject(subject_id)} is *{role.word}* from now on{was}: {_MAY[role]}."))


def role_removed(subject_id: str, before: Role) -> Message:
    """Answer `roles remove`: what holds instead."""
    return message(
        section(f"✅ {subject(subject_id)} is no longer *{before.word}*: what holds for everyone holds again."),
        context("`/clust roles` shows it."),
    )


def no_role_to_remove(subject_id: str) -> Message:
    """Answer `roles remove` for someone who has none."""
    return message(section(f"{subject(subject_id)} has no given role, so there is nothing to remove."))


def audit_page(rows: Sequence[AuditRowView], now: datetime, older: str | None = None) -> Message:
    """Answer `audit`: newest first, at most MAX_AUDIT_ROWS; `older` is the command that shows those before."""
    if not rows:
        return message(section("The audit log holds nothing like that."))
    return message(
        *_paragraphs([_audit_row(row, now) for row in rows], MAX_AUDIT_ROWS_PER_SECTION),
        actions(button("Older", ids.RUN_SUGGESTION, older)) if older else None,
    )


def subject(subject_id: str) -> str:
    """Return a person or a user group as Slack shows them."""
    return f"<!subteam^{subject_id}>" if re.fullmatch(r"S[A-Z0-9]{1,30}", subject_id) else md.user(subject_id)


def _target(target: str, action: str) -> str:
    """Return what a deed was done to: a person or group, a channel, or an application's number."""
    if action == "role":
        return subject(target)
    return md.channel(target) if re.fullmatch(r"[CDG][A-Z0-9]{6,30}", target) else md.code(target)


def _audit_row(row: AuditRowView, now: datetime) -> str:
    target = "" if row.target is None else f" {_target(row.target, row.action)}"
    detail = f" · {md.escape(row.detail, 150)}" if row.detail else ""
    outcome = _OUTCOMES.get(row.outcome, f" · {md.escape(row.outcome, 20)}")
    return f"{md.date(row.at, now)} · {md.user(row.user_id)} *{md.escape(row.action, 20)}*{target}{detail}{outcome}"


def _highest_first(given: tuple[str, Role]) -> tuple[int, str]:
    return -given[1], given[0]


def _paragraphs(lines: Sequence[str], together: int) -> list[Block]:
    return [section("\n".join(lines[at : at + together])) for at in range(0, len(lines), together)]
