"""An application's buttons and menu. `core.applications.actions` decides which ones."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.applications.actions import ApplicationAction, PinnedAction
from bot.core.applications.model import Application
from bot.core.language import _
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, actions, button, link_button, option, overflow

MIN_OPTIONS = 2
"""Options of a menu (Slack: overflow menu element)."""


def compact(
    application: Application,
    offered: Sequence[ApplicationAction],
    before: Block | None = None,
    *,
    linked: bool = True,
    pinned: Sequence[PinnedAction] = (),
) -> Block | None:
    """Return one row of up to five elements: assignment, Details, Update, Open in Clust, and a menu.

    `before` comes first. Without `linked`, as in lists whose titles are links, there is no Open in Clust. Up to two
    `pinned` actions stand in place of Update and Open in Clust, which are in Details.
    """
    replaced = ("update", "open")[: len(pinned)]
    offered = [row for row in offered if row.name not in replaced]
    names = {row.name for row in offered}
    assigning = "take" if "take" in names else "assign"
    buttons = {assigning, "details", "update", *(["open"] if linked else [])}
    menu = [row for row in offered if row.name not in {*buttons, "open"}]
    return actions(
        before,
        *(_button(application, row) for row in sorted(offered, key=_is_other) if row.name in buttons),
        *(_pinned(application, each) for each in pinned),
        _menu(application, menu),
    )


def _pinned(application: Application, action: PinnedAction) -> Block:
    value = f"{action.id} {application.id}"
    return button(action.name, ids.variant(ids.ACTION, str(action.id)), value)


def _is_other(row: ApplicationAction) -> bool:
    """Sort key: assignment comes first."""
    return row.name not in {"take", "assign"}


def in_full(application: Application, offered: Sequence[ApplicationAction]) -> Block | None:
    """Return all actions but Details as buttons, for the Details modal."""
    return actions(*(_button(application, row) for row in offered if row.name != "details"))


def _menu(application: Application, rows: Sequence[ApplicationAction]) -> Block | None:
    if len(rows) < MIN_OPTIONS:
        return _button(application, rows[0]) if rows else None
    return overflow(ids.MORE, [option(_(row.words), ids.menu_value(row.name, application.id)) for row in rows])


def _button(application: Application, row: ApplicationAction) -> Block | None:
    words = _(row.words)
    match row.name:
        case "open":
            return link_button(words, ids.OPEN_IN_CLUST, application.secured_list_url)
        case "details":
            return button(words, ids.DETAILS, application.id)
        case "update":
            return button(words, ids.UPDATE, application.id)
        case "delete":
            return button(words, ids.DELETE, application.id, "danger")
        case name:
            return button(words, ids.variant(ids.MORE, name), ids.menu_value(name, application.id))
