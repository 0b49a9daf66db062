"""Short, escaped texts about an application, one function for each fact. Empty if unknown.

All of it can be shown in a channel: no email, no phone, no client page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime

from bot.core.applications.items import ChecklistItem
from bot.core.applications.lateness import lateness
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Trigger
from bot.core.filters.unknown_values import Gap
from bot.core.language import _, ngettext, one_of
from bot.core.typed_text import fold
from bot.slack.views.building import mrkdwn as md

MAX_ITEM_NAMES, MAX_ITEM_NAME = 5, 60
"""Items that a card names, and characters of each name."""


def title(application: Application) -> str:
    """Return its name, unescaped: title, else recipient, else ID."""
    return md.tidy(application.title or "") or recipient(application) or _("Application {id}", id=application.id)


def recipient(application: Application) -> str:
    """Return the recipient's name, unescaped."""
    return md.tidy((application.recipient and application.recipient.name) or "")


def linked_title(application: Application, limit: int = 150, longest: int = md.MAX_URL) -> str:
    """Return the title, linked to the application in Clust if its URL is known (rule V2)."""
    return md.link(application.secured_list_url, title(application), limit, longest)


def recipient_beside_title(application: Application, limit: int = 80) -> str:
    """Return the recipient's name, unless the title contains it."""
    name = recipient(application)
    return "" if _says(title(application), name) else md.escape(name, limit)


def template_beside_title(application: Application, limit: int = 80) -> str:
    """Return the template's title or ID, unless the title or the recipient's name contains it."""
    name = application.template_name or ""
    is_repeated = _says(title(application), name) or _says(recipient(application), name)
    return "" if is_repeated else template(application, limit)


def _says(text: str, name: str) -> bool:
    """Return whether a text contains the words of a name in order."""
    return f" {_words(name)} " in f" {_words(text)} "


def _words(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", fold(text))).strip()


def template(application: Application, limit: int = 80) -> str:
    """Return the template's title, else its ID."""
    return md.escape(application.template_name or "", limit)


def status(application: Application, status_class: StatusClass | None, limit: int = 80) -> str:
    """Return Clust's status text, else its code, else the class."""
    words = md.tidy(application.status_string or "") or md.tidy(application.status or "")
    return md.escape(words or (status_class.word if status_class else ""), limit)


def progress(application: Application) -> str:
    """Return `45% done`, rounded down, so that 100% means complete."""
    percent = application.progress
    if percent is None or not math.isfinite(percent):
        return ""
    return md.escape(_("{percent}% done", percent=math.floor(percent)), 40)


def items_done(application: Application) -> str:
    """Return `3 of 4 items done`, else the number of missing items, else the progress."""
    counts = application.items_done
    if counts:
        done, total = counts
        return ngettext("{done:,} of {count} item done", "{done:,} of {count:,} items done", total, done=done)
    return joined(missing(application), progress(application))


def missing_names(items: Sequence[ChecklistItem]) -> str:
    """Return `*Missing:* Passport, Tax notice and 2 more`. Empty without item names."""
    names = [md.escape(item.name, MAX_ITEM_NAME) for item in items if md.tidy(item.name)][:MAX_ITEM_NAMES]
    if not names:
        return ""
    more = len(items) - len(names)
    if more:
        return ngettext(
            "*Missing:* {names} and {count} more",
            "*Missing:* {names} and {count:,} more",
            more,
            names=", ".join(names),
        )
    return _("*Missing:* {names}", names=", ".join(names))


def late_since(moment: datetime | None) -> str:
    """Return since when an application is late. None: since before the bot was connected."""
    return _("Late since {date}", date=md.date(moment, moment)) if moment else ""


def progress_bar(application: Application) -> str:
    """Return the progress as a bar of ten characters. Empty if unknown."""
    counts, percent = application.items_done, application.progress
    share = counts[0] / counts[1] if counts and counts[1] else (percent or 0) / 100
    if (not counts and percent is None) or not math.isfinite(share):
        return ""
    full = min(10, max(0, math.floor(10 * share)))
    return "█" * full + "░" * (10 - full)


def missing(application: Application) -> str:
    """Return `3 of 7 items missing`, or `Nothing missing`."""
    if application.missing is None:
        return ""
    if application.missing == 0:
        return _("Nothing missing")
    if application.eligible is None:
        return ngettext("{count} item missing", "{count:,} items missing", application.missing)
    return ngettext(
        "{missing:,} of {count} item missing",
        "{missing:,} of {count:,} items missing",
        application.eligible,
        missing=application.missing,
    )


def gap(unjudged: Gap) -> str:
    """Return a sentence about how many applications a filter couldn't judge, and why."""
    missing = one_of([_(noun) for noun in unjudged.lacks])
    return ngettext(
        "I can't check {count} application, because Clust's list doesn't include {missing}.",
        "I can't check {count:,} applications, because Clust's list doesn't include {missing}.",
        unjudged.count,
        missing=missing,
    )


def joined(*parts: str) -> str:
    """Join the parts that aren't empty with a middle dot."""
    return " · ".join(part for part in parts if part)


def counted(trigger: Trigger, count: int) -> str:
    """Return how many events of a kind there are: `⏰ 2 late`."""
    return f"{trigger.emoji} {trigger.count_text(count)}"


def state(application: Application, status_class: StatusClass | None, *, late: bool = True) -> str:
    """Return lateness, template, status and progress in one line. `late=False` omits lateness."""
    line = joined(
        _("⏰ late") if late and lateness(application, status_class) else "",
        template_beside_title(application),
        status(application, status_class),
        items_done(application),
    )
    return line or _("No details yet.")
