"""Digests: many notifications in one message, grouped by event, each line linked (product: Schedule, Flood)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import _, ngettext
from bot.core.notifications.messages import Digest, DigestEntry
from bot.core.notifications.states import Hold
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import (
    Block,
    Message,
    actions,
    context,
    message,
    option,
    paragraphs,
    section,
    select,
)

CAUSES: Mapping[str, Callable[[int], str]] = {
    Hold.SCHEDULE: lambda total: ngettext("📥 *{count} update*", "📥 *{count:,} updates*", total),
    Hold.MUTE: lambda total: ngettext(
        "📥 *{count} update while this channel was muted*", "📥 *{count:,} updates while this channel was muted*", total
    ),
    Hold.REPLAY: lambda total: ngettext(
        "📥 *{count} update was on hold*", "📥 *{count:,} updates were on hold*", total
    ),
    "late": lambda total: ngettext(
        "📥 *{count} application was already late when this channel subscribed*",
        "📥 *{count:,} applications were already late when this channel subscribed*",
        total,
    ),
}
"""The headline of a digest by the stored reason of its hold. Others are digests because the channel chose that."""

BY_URGENCY = tuple(sorted(TRIGGERS, key=lambda name: TRIGGERS[name].urgency))
"""The order of events in a digest: those that need someone first."""

MAX_URL = 120
"""Characters of a URL in a line, so that all lines fit into one message."""


def digest_message(digest: Digest) -> Message:
    """Return one part of a digest. The first part has the total."""
    return message(
        _opening(digest),
        *(block for lines in _groups(digest.entries) for block in paragraphs(lines)),
        context(
            ngettext(
                "… and {count} more. Use `/clust list` to see the current state.",
                "… and {count:,} more. Use `/clust list` to see the current state.",
                digest.more,
            )
        )
        if digest.more
        else None,
        actions(select(_("Details of…"), ids.DETAILS, _choices(digest.entries))),
    )


def _opening(digest: Digest) -> Block:
    if digest.part:
        return context(_("Part {number} of {total}", number=digest.part + 1, total=digest.parts))
    total = sum(digest.counts.values())
    headline = CAUSES.get(digest.cause, _one_digest)(total)
    if digest.cause == "late":
        return section(headline)
    by_event = facts.joined(*(facts.counted(TRIGGERS[name], count) for name, count in _in_order(digest.counts)))
    on = [_("The rest are in the thread.")] if digest.parts > 1 else []
    return section("\n".join([headline, by_event, *on]))


def _one_digest(total: int) -> str:
    return ngettext("📥 *Digest: {count} update*", "📥 *Digest: {count:,} updates*", total)


def _in_order(counts: object) -> list[tuple[str, int]]:
    numbers = dict(counts) if isinstance(counts, dict) else {}
    return [(name, numbers[name]) for name in BY_URGENCY if numbers.get(name)]


def _groups(entries: Sequence[DigestEntry]) -> list[list[str]]:
    """Return the lines of each kind of event, below its name."""
    groups = []
    for name in (*BY_URGENCY, None):
        for settled in (False, True):
            lines = [f"• {_line(entry)}" for entry in entries if (entry.trigger, entry.settled) == (name, settled)]
            if lines and name:
                title = _("Was late, now finished") if settled else _(TRIGGERS[name].title)
                lines.insert(0, f"{TRIGGERS[name].emoji} *{title}*")
            groups.append(lines)
    return groups


def _line(entry: DigestEntry) -> str:
    application = entry.application
    return facts.joined(
        facts.linked_title(application, 80, MAX_URL),
        facts.recipient_beside_title(application, 50),
        facts.status(application, entry.status_class, 40),
        _("assigned to {user}", user=md.user(entry.assignee)) if entry.assignee else "",
    )


def _choices(entries: Sequence[DigestEntry]) -> list[Block]:
    """Return each application once, as an option that opens its details."""
    named = {entry.application.id: facts.title(entry.application) for entry in entries}
    return [option(name, number) for number, name in named.items()]
