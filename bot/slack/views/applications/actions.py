"""The buttons and the menu of an application; what they offer is decided in `core.application_actions`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.applications.actions import ApplicationAction
from bot.core.applications.model import Application
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, actions, button, link_button, option, overflow

MIN_OPTIONS = 2
"""Of a menu (Slack: overflow menu element)."""


def compact(
    application: Application, offered: Sequence[ApplicationAction], before: Block | None = None, *, linked: bool = True
) -> Block | None:
    """Return one row: Details, Update and Open in Clust as buttons, the rest behind three dots.

    `before` stands in front. Not `linked`, as in lists, whose titles are links: Update stands behind the dots, and
    nothing opens Clust.
    """
    buttons = ("details", "update", "open") if linked else ("details",)
    menu = [row for row in offered if row.name not in {*buttons, "open"}]
    return actions(
        before,
        *(_button(application, row) for row in offered if row.name in buttons),
        _menu(application, menu),
    )


def in_full(application: Application, offered: Sequence[ApplicationAction]) -> Block | None:
    """Return all of it as buttons but Details, for where those are open."""
    return actions(*(_button(application, row) for row in offered if row.name != "details"))


def _menu(application: Application, rows: Sequence[ApplicationAction]) -> Block | None:
    if len(rows) < MIN_OPTIONS:
        return _button(application, rows[0]) if rows else None
    return overflow(ids.MORE, [option(row.words, ids.menu_value(row.name, application.id)) for row in rows])


def _button(application: Application, row: ApplicationAction) -> Block | None:
    match row.name:
        case "open":
            return link_button(row.words, ids.OPEN_IN_CLUST, application.secured_list_url)
        case "details":
            return button(row.words, ids.DETAILS, application.id)
        case "update":
            return button(row.words, ids.UPDATE, application.id)
        case "delete":
            return button(row.words, ids.DELETE, application.id, "danger")
        case name:
            return button(row.words, ids.variant(ids.MORE, name), ids.menu_value(name, application.id))
