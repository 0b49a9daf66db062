"""The Home tab: the reader's applications, those that need someone, channels, status, and problems for admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.applications.actions import actions_for
from bot.core.applications.triggers import Snapshot
from bot.core.language import _, in_digits, ngettext
from bot.core.permissions import Role
from bot.slack.views.admin.accounts import account_lines
from bot.slack.views.admin.first_contact import (
    MAX_CODE,
    TITLE,
    FirstContactView,
    first_contact_on_home,
    status_select,
)
from bot.slack.views.admin.status import check_button, status_lines
from bot.slack.views.admin.status_troubles import StatusReport, status_troubles
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import (
    Block,
    actions,
    button,
    context,
    divider,
    header,
    option,
    section,
    select,
)
from bot.slack.views.channels.subscriptions import PARTIAL, SubscriptionView, in_one_line

MAX_ROWS, MAX_SUBSCRIPTIONS, MAX_CODES = 5, 10, 10
"""Rows listed in each part."""

MAX_BLOCKS = 100
"""Slack: Home tab, `blocks`."""

MAX_ACCOUNTS = 100
"""Options of a select (Slack's limit)."""


@dataclass(frozen=True, slots=True)
class HomeView:
    """What one person's Home tab shows.

    `late` pairs an application with when it became late, None: before the bot was connected. `is_new`: this person has
    not used the bot before. `assigned`, `pending` and `submitted` are the first of `…_count`.
    """

    report: StatusReport
    role: Role
    late: Sequence[tuple[Snapshot, datetime | None]] = ()
    assigned: Sequence[Snapshot] = ()
    followed: Sequence[SubscriptionView] = ()
    unknown_codes: Mapping[str, int] = field(default_factory=dict)
    is_new: bool = False
    followed_total: int = 0
    is_partial: bool = False
    assigned_count: int = 0
    pending: Sequence[Snapshot] = ()
    pending_count: int = 0
    submitted: Sequence[Snapshot] = ()
    submitted_count: int = 0
    new_accounts: Sequence[FirstContactView] = ()


def home(view: HomeView) -> Block:
    """Return the view to publish for one person."""
    if view.role is Role.NOBODY:
        return _published(
            [section(_("Clust is for members of this workspace. An admin can give you access with `/clust roles`."))]
        )
    now = view.report.now
    return _published(
        [
            section(
                _(
                    "👋 *Welcome!* In any channel, type `/clust subscribe late` to get a notification there whenever "
                    "an application becomes late, `/clust list late:yes` to see late applications, or `/clust help` "
                    "for everything else."
                )
            )
            if view.is_new
            else None,
            *_new_accounts(view),
            *_assigned(view),
            *_late(view, now),
            *_waiting(view, _("Pending submission"), view.pending, view.pending_count, "list status:pending"),
            *_waiting(view, _("Submitted for review"), view.submitted, view.submitted_count, "list status:submitted"),
            *_followed(view),
            header(_("Status")),
            section("\n".join(status_lines(view.report))),
            section(account_lines(view.report.accounts, view.report.account, now)) if view.report.accounts else None,
            actions(
                button(_("New application"), ids.CREATE, "", "primary") if view.role >= Role.EDITOR else None,
                button(_("Refresh"), ids.REFRESH_HOME, ""),
                check_button(view.report) if view.role is Role.ADMIN else None,
                _accounts(view.report),
            ),
            *_for_admins(view),
            divider(),
            context(_("As of {time}. Updates live for 10 minutes after you open it.", time=md.date(now, now))),
        ]
    )


def _new_accounts(view: HomeView) -> list[Block | None]:
    """Return what was understood of accounts that an admin has still to look at."""
    if view.role < Role.ADMIN or not view.new_accounts:
        return []
    return [header(_(TITLE)), *(block for one in view.new_accounts for block in first_contact_on_home(one))]


def _accounts(report: StatusReport) -> Block | None:
    """Return the select of the account, if there are several."""
    choices = [option(one.name, str(one.id)) for one in report.accounts[:MAX_ACCOUNTS]]
    return select(_("Show another account…"), ids.HOME_ACCOUNT, choices)


def _late(view: HomeView, now: datetime) -> list[Block | None]:
    rows = [(snapshot, _since(seen_at, now)) for snapshot, seen_at in view.late]
    return _part(view, _("Late"), rows, view.report.late, "list late:yes", _none_late(view.report))


def _waiting(view: HomeView, title: str, snapshots: Sequence[Snapshot], total: int, command: str) -> list[Block | None]:
    """Return applications of one class that need someone. Empty without any."""
    return _part(view, title, [(one, _late_mark(one)) for one in snapshots], total, command)


def _part(
    view: HomeView, title: str, rows: Sequence[tuple[Snapshot, str]], total: int, command: str, none: str = ""
) -> list[Block | None]:
    """Return applications with notes, a title, and a button that lists all. `none` is the text without any."""
    if not rows and not none:
        return []
    number = f" ({in_digits(total)})" if total else ""
    return [
        header(f"{title}{number}"),
        *(block for snapshot, note in rows[:MAX_ROWS] for block in _row(snapshot, note, view.role)),
        section(none) if not rows else None,
        actions(button(_("See all"), ids.variant(ids.RUN_SUGGESTION, command.split()[1]), command)) if rows else None,
    ]


def _late_mark(snapshot: Snapshot) -> str:
    return _("⏰ late") if snapshot.is_late else ""


def _none_late(report: StatusReport) -> str:
    """Return the line for no late applications, with the number of those whose lateness is unknown."""
    unjudged = report.late_unjudged
    return (
        _("I don't know of any late applications. {gap}", gap=facts.gap(unjudged))
        if unjudged.count
        else _("Nothing is late. 🎉")
    )


def _since(seen_at: datetime | None, now: datetime) -> str:
    if seen_at is None:
        return _("Late since before I was connected")
    return _("Late since {date}", date=md.date(seen_at, now))


def _assigned(view: HomeView) -> list[Block | None]:
    rows = [(snapshot, _late_mark(snapshot)) for snapshot in view.assigned]
    none = _("Nothing is assigned to you.")
    return _part(view, _("Assigned to you"), rows, view.assigned_count, "list mine:yes", none)


def _row(snapshot: Snapshot, note: str, role: Role) -> tuple[Block | None, ...]:
    application = snapshot.application
    name = facts.joined(facts.linked_title(application, 120, 250), facts.recipient_beside_title(application, 60))
    details = facts.joined(
        note,
        facts.status(application, snapshot.status_class, 60),
        facts.items_done(application),
        f"👤 {md.user(snapshot.assignee)}" if snapshot.assignee else "",
    )
    offered = actions_for(role, snapshot.status_class, assigned=snapshot.assignee is not None, gone=snapshot.gone)
    return section("\n".join(filter(None, (name, details)))), compact(application, offered, linked=False)


def _followed(view: HomeView) -> list[Block | None]:
    """Return the channels with their subscriptions, each with a button that opens its form."""
    rows = view.followed[:MAX_SUBSCRIPTIONS]
    more = max(view.followed_total, len(view.followed)) - len(rows)
    none = _("No channel is subscribed yet. To start, type `/clust subscribe late` in a channel.")
    return [
        header(_("Subscribed channels")),
        section(none) if not rows and not view.is_partial else None,
        *(section(in_one_line(one), _manage(one, view.role)) for one in rows),
        context(_(PARTIAL)) if view.is_partial else None,
        context(
            ngettext(
                "… and {count} more: `/clust subscriptions all`",
                "… and {count:,} more: `/clust subscriptions all`",
                more,
            )
        )
        if more > 0
        else None,
    ]


def _manage(subscription: SubscriptionView, role: Role) -> Block | None:
    return button(_("Manage"), ids.MANAGE, subscription.channel_id) if role >= Role.EDITOR else None


def _for_admins(view: HomeView) -> list[Block | None]:
    """Return problems with remedies, and unknown status codes to classify (rule B3)."""
    if view.role < Role.ADMIN:
        return []
    wrong = [
        section(_("⚠️ {what}\n*What to do:* {remedy}", what=trouble.problem, remedy=trouble.remedy))
        for trouble in status_troubles(view.report)
    ]
    codes = [status_select(code, count) for code, count in view.unknown_codes.items() if len(code) <= MAX_CODE]
    unknown = [
        section(_("*Unknown statuses*\nChoose what each one means. This doesn't post anything.")),
        *codes[:MAX_CODES],
        context(ngettext("… and {count} more", "… and {count:,} more", len(codes) - MAX_CODES))
        if len(codes) > MAX_CODES
        else None,
    ]
    return [header(_("For admins")), *(wrong or [section(_("No issues"))]), *(unknown if codes else [])]


def _published(blocks: Sequence[Block | None]) -> Block:
    """Return the view. Blocks over Slack's limit are cut from the end, except for the last one, which says its age."""
    present = [block for block in blocks if block]
    return {"type": "home", "blocks": [*present[: MAX_BLOCKS - 1], *present[MAX_BLOCKS - 1 :][-1:]]}
