"""A page of applications: the answer of `list`, and what *Share here* posts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.applications.actions import actions_for
from bot.core.applications.triggers import Snapshot
from bot.core.filters.personal_data import may_name_somebody
from bot.core.filters.unknown_values import Gap
from bot.core.language import _, ngettext
from bot.core.permissions import Role
from bot.core.typed_text import sentences
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, section
from bot.slack.views.sharing import MAX_NAMED, share_button

DEFAULT_ROWS = 10
MAX_ROWS = 20
"""Rows on one page, below 12,000 characters with their links, and below 50 blocks with the rest."""


def rows_of_a_page(limit: int | None) -> int:
    """Return the rows on a page of a list of up to `limit` applications (None: any number)."""
    return limit if limit is not None and limit <= MAX_ROWS else DEFAULT_ROWS


MAX_VALUE = 2000
"""Characters of a button value."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the applications that a filter matches.

    `total` is the number of matches, `limit` how many are listed at most (None: all). `filter_text` is the filter as
    typed, `explained` in words, and `hint` a possible correction. `page` counts from 0. `left_out` and `kept` are
    applications that the filter couldn't judge. `live`: read from Clust's first page before the first baseline was
    complete (rule L1). `shared_by` is who shared the list, and `role` the reader's (None: everyone in the channel).
    """

    snapshots: tuple[Snapshot, ...]
    total: int
    now: datetime
    page: int = 0
    limit: int | None = None
    filter_text: str = ""
    explained: str = ""
    read_at: datetime | None = None
    live: bool = False
    shared_by: str | None = None
    role: Role | None = None
    hint: str = ""
    left_out: Gap = field(default_factory=Gap)
    kept: Gap = field(default_factory=Gap)

    @property
    def pages(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-self.listed // rows_of_a_page(self.limit)))

    @property
    def listed(self) -> int:
        """The number of applications on all pages."""
        return self.total if self.limit is None else min(self.total, self.limit)

    def value(self, page: int) -> str | None:
        """Return the button value for `page` of this list. None if the filter is too long."""
        query = {"filter": self.filter_text, "limit": self.limit, "page": page}
        value = json.dumps(query, ensure_ascii=False, separators=(",", ":"))
        return value if len(value) <= MAX_VALUE else None


def application_list(page: ListPage) -> Message:
    """Return the page as a message: newest change first, each row with *Details*."""
    return message(
        section(_headline(page)),
        *(block for snapshot in page.snapshots[:MAX_ROWS] for block in _row(snapshot, page.role)),
        section(_nothing(page)) if not page.snapshots else None,
        context(*_gaps(page)) if page.left_out.count or page.kept.count else None,
        context(_small_print(page)),
        None if page.shared_by else _turning(page),
    )


def _headline(page: ListPage) -> str:
    """Return how many applications there are, and the filter on a line of its own."""
    if not page.filter_text:
        return _counted(page)
    filter_in_words = _("Filter: *{filter}*", filter=md.filter_in_words(page.explained, 300))
    return f"{_counted(page)}\n{filter_in_words}"


def _counted(page: ListPage) -> str:
    if not page.total:
        return _("No applications match.") if page.filter_text else _("No applications yet.")
    if page.listed < page.total and page.filter_text:
        return ngettext(
            "First {listed:,} of {count} application that matches, newest changes first",
            "First {listed:,} of {count:,} applications that match, newest changes first",
            page.total,
            listed=page.listed,
        )
    if page.listed < page.total:
        return ngettext(
            "First {listed:,} of {count} application, newest changes first",
            "First {listed:,} of {count:,} applications, newest changes first",
            page.total,
            listed=page.listed,
        )
    if page.filter_text:
        return ngettext(
            "{count} application matches",
            "{count:,} applications match, newest changes first",
            page.total,
        )
    return ngettext("{count} application in total", "{count:,} applications, newest changes first", page.total)


def _row(snapshot: Snapshot, role: Role | None) -> tuple[Block | None, ...]:
    """Return one application in two lines, and its actions. A long URL is only in Details."""
    application = snapshot.application
    name = facts.joined(facts.linked_title(application, 120, 200), facts.recipient_beside_title(application, 60))
    details = facts.joined(
        f"#{md.escape(application.id, 40)}",
        _("⏰ late") if snapshot.is_late else "",
        facts.status(application, snapshot.status_class, 60),
        facts.items_done(application),
        f"👤 {md.user(snapshot.assignee)}" if snapshot.assignee else "",
        _("no longer in Clust") if snapshot.gone else "",
    )
    offered = actions_for(role, snapshot.status_class, assigned=snapshot.assignee is not None, gone=snapshot.gone)
    return section("\n".join(filter(None, (name, details)))), compact(application, offered, linked=False)


def _nothing(page: ListPage) -> str:
    if page.total:
        return _("This page is empty because the list got shorter.")
    if page.hint:
        return f"{md.sentence(page.hint, 500)}"
    if page.filter_text:
        return _("Try `/clust list` without a filter or with a broader one, such as `/clust list status:open`.")
    return _("As soon as one is created in Clust, `/clust list` will show it.")


def _gaps(page: ListPage) -> Iterator[str]:
    """Yield what the filter couldn't judge, and why."""
    if page.left_out.count:
        soon = "" if page.live else _("I'm still reading data from Clust. Check again in a minute.")
        yield sentences(facts.gap(page.left_out), soon)
    if page.kept.count:
        yield _("Some results may not match. {gap}", gap=facts.gap(page.kept))


def _small_print(page: ListPage) -> str:
    where = _("Page {page} of {total}", page=page.page + 1, total=page.pages) if page.page < page.pages > 1 else ""
    age = _("Updated {age}", age=md.ago(page.read_at, page.now)) if page.read_at else _("Not read from Clust yet")
    if page.live:
        age = _("Clust's first page, read just now. I'm still reading everything for the first time.")
    shared = _("Shared by {user}", user=md.user(page.shared_by)) if page.shared_by else ""
    return facts.joined(where, age, shared)


def _turning(page: ListPage) -> Block | None:
    """Return Previous, Next and Share here, where they apply."""

    def page_button(text: str, name: str, number: int) -> Block | None:
        value = page.value(number)
        return button(text, ids.variant(ids.LIST_PAGE, name), value) if value else None

    current = page.value(page.page)
    warning = _(
        "Everyone in the channel where you asked will see this list and its filter, {filter}. It may contain email "
        "addresses, phone numbers and other personal data.",
        filter=md.bare(page.filter_text, MAX_NAMED),
    )
    return actions(
        page_button(_("Previous"), "previous", min(page.page, page.pages) - 1) if page.page > 0 else None,
        page_button(_("Next"), "next", page.page + 1) if page.page + 1 < page.pages else None,
        button(_("Act on these…"), ids.ACT_ON_LIST, current) if current and _can_act(page) else None,
        share_button(ids.SHARE_HERE, current, warning if may_name_somebody(page.filter_text) else "")
        if current and page.snapshots
        else None,
    )


def _can_act(page: ListPage) -> bool:
    """Return whether something can be done with several of its applications: they are stored, and a person asks."""
    return bool(page.snapshots) and not page.live and page.role is not None
