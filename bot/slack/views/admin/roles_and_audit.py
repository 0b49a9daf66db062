"""Views of roles and of the audit log (rule W1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.forms.admin_forms import RoleForm
from bot.core.language import N_, _, labeled, ngettext
from bot.core.permissions import EXPORT, RIGHTS, WORKFLOWS, Role
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, paragraphs, section
from bot.slack.views.building.forms import form

MAX_LISTED, MAX_NAMED = 100, 50
"""Assigned roles, and admins by default, listed in one message."""

MAX_AUDIT_ROWS = 25
"""Rows of the audit log in one message, which can have 12,000 characters."""

_MAY = (
    N_("*Viewers* can look things up."),
    N_("*Editors* can also create, update and subscribe."),
    N_("*Admins* can also delete, make changes in the API console, manage roles and read the audit log."),
)
_SET = {
    Role.ADMIN: N_("✅ {subject} is now an admin (full access)."),
    Role.EDITOR: N_("✅ {subject} is now an editor (can look things up, create, update and subscribe)."),
    Role.VIEWER: N_("✅ {subject} is now a viewer (read-only)."),
}
_CHANGED = {
    Role.ADMIN: N_("✅ {subject} is now an admin (full access). The previous role was {before}."),
    Role.EDITOR: N_(
        "✅ {subject} is now an editor (can look things up, create, update and subscribe). The previous role was "
        "{before}."
    ),
    Role.VIEWER: N_("✅ {subject} is now a viewer (read-only). The previous role was {before}."),
}
_REMOVED = {
    Role.ADMIN: N_("✅ {subject} is no longer an admin. The default role applies."),
    Role.EDITOR: N_("✅ {subject} is no longer an editor. The default role applies."),
    Role.VIEWER: N_("✅ {subject} is no longer a viewer. The default role applies."),
}
_HOLDERS = {EXPORT: N_("• Can export email addresses and phone numbers: {subjects}")}
_ALLOWED = {EXPORT: N_("✅ {subject} can now export email addresses and phone numbers.")}
_DISALLOWED = {EXPORT: N_("✅ {subject} can no longer export email addresses and phone numbers.")}
_UNREAD = N_(
    "⚠️ Slack can't tell me who is in this group. Until it can, anyone without a role of their own is limited "
    "to this role."
)
MAX_AUDIT_URL, MAX_AUDIT_TARGET = 100, 40
"""Characters of an address and of a target in a row: all rows must fit into one message."""

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
_OUTCOMES = {"refused": N_("refused"), "failed": N_("failed"), "unknown": N_("unconfirmed")}


@dataclass(frozen=True, slots=True)
class AuditRowView:
    """A row of the audit log. `target` is an application ID, or the person or group that a role is about.

    `url` is the application's page in Clust, None if unknown.
    """

    id: int
    at: datetime
    user_id: str
    action: str
    outcome: str
    target: str | None
    detail: str
    url: str | None = None


def role_list(
    given: Mapping[str, Role],
    admin_users: Collection[str],
    unread: Collection[str] = (),
    rights: Mapping[str, Collection[str]] | None = None,
) -> Message:
    """Answer `roles`: admins by default, the default role, assigned roles, and who has which single right.

    `unread` are user groups whose members Slack doesn't return (rule W1).
    """
    if admin_users:
        more = len(admin_users) - MAX_NAMED
        named = [md.user(each) for each in sorted(admin_users)[:MAX_NAMED]]
        if more > 0:
            named.append(ngettext("{count} more", "{count:,} more", more))
        admins = _("{users} (set in `ADMIN_USERS`)", users=", ".join(named))
    else:
        admins = _("the workspace's admins and owners")
    lines = [
        f"• {labeled(subject(each), f'*{role.title.lower()}*')}{f' {_(_UNREAD)}' if each in unread else ''}"
        for each, role in sorted(given.items(), key=_highest_first)
    ]
    rest = len(lines) - MAX_LISTED
    return message(
        section(
            _(
                "*Always admins:* {admins}.\n*All other members* of this workspace are editors. Guests and people "
                "from other organizations can't do anything unless they're given a role by name.",
                admins=admins,
            )
        ),
        *paragraphs(lines[:MAX_LISTED] or [_("No roles have been given.")]),
        *paragraphs(_rights_in_words(rights or {})),
        context(ngettext("… and {count} more role", "… and {count:,} more roles", rest)) if rest > 0 else None,
        context(" ".join(_(sentence) for sentence in _MAY)),
        actions(button(_("Give a role…"), ids.ROLE, "")),
        context(
            _(
                "`/clust roles set @someone viewer` gives a person or a group a role. `/clust roles remove @someone` "
                "removes it."
            )
        ),
    )


def _rights_in_words(rights: Mapping[str, Collection[str]]) -> list[str]:
    """Return a line for each single right that someone has."""
    return [
        _(_HOLDERS[name], subjects=", ".join(subject(each) for each in sorted(rights[name])[:MAX_NAMED]))
        for name in RIGHTS
        if rights.get(name)
    ]


def right_given(subject_id: str, right: str) -> Message:
    """Answer `roles allow`."""
    return message(section(_(_ALLOWED[right], subject=subject(subject_id))))


def right_taken_away(subject_id: str, right: str) -> Message:
    """Answer `roles disallow`."""
    return message(section(_(_DISALLOWED[right], subject=subject(subject_id))))


def right_not_given(subject_id: str, right: str) -> Message:
    """Answer `roles disallow` for a person or group without that right."""
    words = _("{subject} doesn't have the `{permission}` permission.", subject=subject(subject_id), permission=right)
    return message(section(words))


def role_set(subject_id: str, role: Role, before: Role | None) -> Message:
    """Answer `roles set`: what the person or group can do now."""
    who = subject(subject_id)
    if before is not None and before is not role:
        return message(section(_(_CHANGED[role], subject=who, before=before.title.lower())))
    return message(section(_(_SET[role], subject=who)))


def role_removed(subject_id: str, before: Role) -> Message:
    """Answer `roles remove`: which role applies now."""
    return message(
        section(_(_REMOVED[before], subject=subject(subject_id))),
        context(_("Use `/clust roles` to see all roles.")),
    )


def no_role_to_remove(subject_id: str) -> Message:
    """Answer `roles remove` for a person or group without a role."""
    return message(section(_("{subject} has no role to remove.", subject=subject(subject_id))))


def audit_page(rows: Sequence[AuditRowView], now: datetime, older: str | None = None) -> Message:
    """Answer `audit`: newest first, up to MAX_AUDIT_ROWS. `older` is the command for the next page."""
    if not rows:
        return message(section(_("No matching entries in the audit log.")))
    return message(
        *paragraphs(_audit_row(row, now) for row in rows),
        actions(button(_("Older"), ids.RUN_SUGGESTION, older)) if older else None,
    )


def subject(subject_id: str) -> str:
    """Return a person, a user group or the word for workflows in mrkdwn."""
    if subject_id == WORKFLOWS:
        return md.code(WORKFLOWS)
    return f"<!subteam^{subject_id}>" if re.fullmatch(r"S[A-Z0-9]{1,30}", subject_id) else md.user(subject_id)


def _target(row: AuditRowView) -> str:
    """Return the target of an action: a person or group, a channel, or an application, linked if possible."""
    target = row.target or ""
    if row.action == "role":
        return subject(target)
    if re.fullmatch(r"[CDG][A-Z0-9]{6,30}", target):
        return md.channel(target)
    return (
        md.link(row.url, f"#{target}", MAX_AUDIT_TARGET, MAX_AUDIT_URL)
        if row.url
        else md.code(target, MAX_AUDIT_TARGET)
    )


def _detail(detail: str, now: datetime) -> str:
    """Return a detail as text, with moments in the reader's time zone and people and channels by name."""

    def moment(match: re.Match[str]) -> str:
        try:
            return md.date(datetime.fromisoformat(f"{match[1]}+00:00"), now)
        except ValueError:
            return match[0]  # in a path that someone typed

    text = _MOMENT.sub(moment, md.escape(detail, 150))
    text = re.sub(r"^for ([UW][A-Z0-9]+)$", lambda match: _("for {user}", user=md.user(match[1])), text)
    return re.sub(r"^to ([CDG][A-Z0-9]+)$", lambda match: _("to {channel}", channel=md.channel(match[1])), text)


def _audit_row(row: AuditRowView, now: datetime) -> str:
    target = "" if row.target is None else f" {_target(row)}"
    detail = f" · {_detail(row.detail, now)}" if row.detail else ""
    outcomes = {"ok": "", **{word: f" · {_(words)}" for word, words in _OUTCOMES.items()}}
    outcome = outcomes.get(row.outcome, f" · {md.escape(row.outcome, 20)}")
    return f"{md.date(row.at, now)} · {md.user(row.user_id)} *{md.escape(row.action, 20)}*{target}{detail}{outcome}"


def _highest_first(given: tuple[str, Role]) -> tuple[int, str]:
    return -given[1], given[0]


def role_form(note: str = "") -> Block:
    """Return the form that assigns or removes a role."""
    return form(RoleForm, callback_id=ids.ROLE, title=_("Give a role"), submit=_("Save"), note=note)
