"""Answers of `export`."""

from __future__ import annotations

from bot.core.filters.unknown_values import Gap
from bot.core.language import _, ngettext
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, context, message, section


def exporting() -> Message:
    """Say that an export takes a while."""
    return message(section(_("⏳ I'm still writing the file. You'll get it in your direct messages with Clust.")))


def nothing_to_export(filter_in_words: str, hint: str, left_out: Gap) -> Message:
    """Say that no application matches. `hint` is a possible correction of the filter."""
    nothing = _("No applications match, so there's no file.")
    searched = _("Filter: *{filter}*", filter=md.filter_in_words(filter_in_words, 300)) if filter_in_words else ""
    return message(
        section("\n".join(filter(None, (nothing, searched)))),
        section(md.sentence(hint, 500)) if hint else None,
        _gap(left_out),
    )


def exported_file(rows: int, *, has_contacts: bool, filter_in_words: str, left_out: Gap) -> Message:
    """Say where the file is, how many applications are in it, and whether contact details are left out."""
    done = ngettext(
        "✅ {count} application exported. The file is in your direct messages with Clust.",
        "✅ {count:,} applications exported. The file is in your direct messages with Clust.",
        rows,
    )
    searched = _("Filter: *{filter}*", filter=md.filter_in_words(filter_in_words, 300)) if filter_in_words else ""
    without = _(
        "Email addresses and phone numbers aren't included. Only admins and people they allow can export those."
    )
    return message(
        section("\n".join(filter(None, (done, searched)))),
        None if has_contacts else context(without),
        _gap(left_out),
    )


def not_exported(why: str) -> Message:
    """Say that Slack didn't take the file, and why."""
    return message(section(_("⚠️ I couldn't send the file. {reason}", reason=md.sentence(why, 2000))))


def _gap(left_out: Gap) -> dict[str, object] | None:
    return context(facts.gap(left_out)) if left_out.count else None
