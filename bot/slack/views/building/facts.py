"""Short, escaped texts about an application, one function for each fact; empty if Clust did not say.

Only what may stand in a channel is here: no e-mail, no phone, no link to the client's page.
"""

from __future__ import annotations

import math

from bot.core.applications.lateness import lateness
from bot.core.applications.model import Application, StatusClass
from bot.core.filters.unjudged import Gap
from bot.slack.views.building import mrkdwn as md


def title(application: Application) -> str:
    """Return what to call it, not yet escaped: its title, else its recipient, else its number."""
    return md.tidy(application.title or "") or recipient(application) or f"Application {application.id}"


def recipient(application: Application) -> str:
    """Return the recipient's name, not yet escaped."""
    return md.tidy((application.recipient and application.recipient.name) or "")


def linked_title(application: Application, limit: int = 150, longest: int = md.MAX_URL) -> str:
    """Return the title, linked to the application in Clust where an address is known (rule V2)."""
    return md.link(application.secured_list_url, title(application), limit, longest)


def recipient_beside_title(application: Application, limit: int = 80) -> str:
    """Return the recipient's name, unless the title already is that name."""
    name = recipient(application)
    return "" if name == title(application) else md.escape(name, limit)


def template(application: Application, limit: int = 80) -> str:
    """Return the template's title, else its id."""
    return md.escape(application.template_name or "", limit)


def status(application: Application, status_class: StatusClass | None, limit: int = 80) -> str:
    """Return the status as Clust words it, else its code, else its class."""
    words = md.tidy(application.status_string or "") or md.tidy(application.status or "")
    return md.escape(words or (status_class.word if status_class else ""), limit)


def progress(application: Application) -> str:
    """Return `45% done`; rounded down, so that only what is complete says 100%."""
    percent = application.progress
    if percent is None or not math.isfinite(percent):
        return ""
    return md.escape(f"{math.floor(percent)}% done", 20)


def missing(application: Application) -> str:
    """Return `3 of 7 items missing`, or `nothing missing`."""
    if application.missing is None:
        return ""
    if application.missing == 0:
        return "nothing missing"
    if application.eligible is None:
        return md.escape(f"{md.count(application.missing, 'item')} missing", 60)
    return md.escape(f"{application.missing} of {md.count(application.eligible, 'item')} missing", 80)


def gap(unjudged: Gap) -> str:
    """Return how many applications a filter could not judge, and why, as a sentence."""
    *others, last = unjudged.lacks
    lacks = f"{', '.join(others)} or {last}" if others else last
    return f"{unjudged.count:,} could not be judged: Clust's list does not tell {lacks}."


def joined(*parts: str) -> str:
    """Join the parts that are not empty with a middle dot."""
    return " · ".join(part for part in parts if part)


def state(application: Application, status_class: StatusClass | None, *, late: bool = True) -> str:
    """Return lateness, template, status, progress and missing items on one line; `late=False` leaves out lateness."""
    line = joined(
        "⏰ late" if late and lateness(application, status_class) else "",
        template(application),
        status(application, status_class),
        progress(application),
        missing(application),
    )
    return line or "Nothing more is known of it yet."
