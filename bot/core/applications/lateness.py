"""Whether an application is late, decided in one place for lists, counts, filters, cards, digests and reminders.

Clust goes on to flag an application as late when the work is done. Whoever looks for work to do doesn't want those.
"""

from __future__ import annotations

from bot.core.applications.model import Application, StatusClass

FINISHED = frozenset({StatusClass.APPROVED, StatusClass.CLOSED})
"""Nobody has work left. What is submitted waits for the team, so it can be late."""


def is_finished(status_class: StatusClass | None) -> bool:
    """Return whether nobody has work left; an unknown class is not finished."""
    return status_class in FINISHED


def lateness(application: Application, status_class: StatusClass | None) -> bool | None:
    """Return whether an application is late: flagged by Clust and not finished; None where Clust has not said."""
    return False if is_finished(status_class) else application.is_late
