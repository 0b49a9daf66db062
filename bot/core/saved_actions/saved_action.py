"""A saved action as a value: what it is called, what it sends, where it is offered, and who can use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.core.applications.actions import APPLICATION_ACTIONS
from bot.core.applications.model import StatusClass
from bot.core.errors import UsageError
from bot.core.forms.validation import Mistakes
from bot.core.language import _
from bot.core.permissions import REQUIREMENTS, Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.typed_text import fold

Key = TypeVar("Key")

MAX_NAME_LENGTH = 24
MAX_DONE_LENGTH = 300

MAX_PINNED = 2
"""Buttons of saved actions on a card."""


class ActionState(StrEnum):
    """Whether a saved action can be used."""

    READY = "ready"
    UNTRIED = "untried"
    """It was imported, and no one has tried it yet."""
    RESTING = "resting"
    """The account's address has changed since it was saved, and an admin must confirm it."""


@dataclass(frozen=True, slots=True)
class SavedAction:
    """A named call of Clust's API.

    `classes`: the status classes of the applications that it is offered for. Empty: all. `done` is the sentence when it
    has worked. Empty: what Clust answered. `is_pinned`: it is a button on cards.
    """

    name: str
    request: RequestTemplate
    classes: frozenset[StatusClass] = frozenset()
    role: Role = Role.EDITOR
    asks_first: bool = True
    done: str = ""
    is_pinned: bool = False

    def fits(self, status_class: StatusClass | None) -> bool:
        """Return whether it is offered for an application in this class. An unknown class fits only without classes."""
        return not self.classes or status_class in self.classes

    def is_for(self, role: Role | None, status_class: StatusClass | None) -> bool:
        """Return whether `role` (None: everyone sees it) is offered it for an application in this class."""
        return self.fits(status_class) and (role is None or role >= self.role)


@dataclass(frozen=True, slots=True)
class StoredAction:
    """A saved action of an account. `revision` rises with each change."""

    id: int
    revision: int
    action: SavedAction
    state: ActionState = ActionState.READY

    @property
    def is_ready(self) -> bool:
        """Whether it can be used."""
        return self.state is ActionState.READY


def checked(action: SavedAction, others: Iterable[StoredAction], own_id: int | None) -> None:
    """Raise Mistakes if the action can't be saved beside `others`, of which `own_id` is the one that it replaces."""
    rest = [stored for stored in others if stored.id != own_id]
    mistakes = {}
    if not fold(action.name):
        mistakes["name"] = _("Give it a name, such as Close.")
    elif fold(action.name) in {fold(stored.action.name) for stored in rest}:
        mistakes["name"] = _("There's already an action called “{name}”. Choose another name.", name=action.name)
    elif fold(action.name).rstrip(".?") in _built_in_names():
        mistakes["name"] = _("“{name}” is built in. Choose another name.", name=action.name)
    if action.request.writes and action.role < REQUIREMENTS["update"]:
        mistakes["role"] = _(
            "Viewers can only make GET calls. Limit this action to editors and admins, or to admins only."
        )
    if action.is_pinned and sum(stored.action.is_pinned for stored in rest) >= MAX_PINNED:
        mistakes["pinned"] = _(
            "Cards have room for {limit} buttons. Remove another action's button first.", limit=MAX_PINNED
        )
    if mistakes:
        raise Mistakes(mistakes)


def _built_in_names() -> set[str]:
    """Return the names of what is offered beside saved actions, in English and in the present language."""
    words = [row.words for row in APPLICATION_ACTIONS.values()]
    return {fold(name).rstrip(".?") for text in words for name in (text, _(text))}


def named(actions: Iterable[tuple[str, Key]], typed: str) -> Key:
    """Return the key of the action that is called `typed`, or of the only one whose name begins so.

    `actions` are names with keys. A key can have several names. Raises UsageError.
    """
    every, name_typed = [(name, fold(name).rstrip("…"), key) for name, key in actions], fold(typed).rstrip("….")
    exact = [(name, key) for name, folded, key in every if folded == name_typed]
    matching = exact[:1] or [(name, key) for name, folded, key in every if name_typed and folded.startswith(name_typed)]
    by_key = {key: name for name, key in reversed(matching or [(name, key) for name, _folded, key in every])}
    if matching and len(by_key) == 1:
        return next(iter(by_key))
    names = ", ".join(reversed(by_key.values()))
    if not names:
        raise UsageError(_("No actions are saved yet. An admin can save one with `/clust actions`."))
    if matching:
        raise UsageError(_("Which one? {names}.", names=names))
    raise UsageError(_("There's no action “{name}”. Try {names}.", name=typed[:40], names=names))
