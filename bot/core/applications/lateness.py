"""Decide whether an application is late, in one place for lists, counts, filters, cards, digests and reminders.

Clust keeps the flag on applications that are finished. People who look for open work don't want to see those.
"""

from __future__ import annotations

from bot.core.applications.model import Application, StatusClass

FINISHED = frozenset({StatusClass.APPROVED, StatusClass.CLOSED})
"""No one has work left. What is submitted waits for the team, so it can be late."""


def is_finished(status_class: StatusClass | None) -> bool:
    """Return whether no work is left. An application of unknown class is not finished."""
    return status_class in FINISHED


def lateness(application: Application, status_class: StatusClass | None) -> bool | None:
    """Return whether an application is late: flagged by Clust and not finished. None if Clust sent no flag."""
    return False if is_finished(status_class) else application.is_late
