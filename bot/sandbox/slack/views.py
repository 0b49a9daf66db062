"""Modals and Home tabs that are open, by user, and the trigger IDs that open them.

From Slack's "Modals": a trigger ID expires after three seconds and opens one view. A stack has at most three views.
An update names the view by its ID or `external_id`, and can carry the `hash` of the version it replaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.sandbox.slack.block_kit.elements import Impossible, state_values, with_ids
from bot.sandbox.slack.block_kit.validation import Fault, validate_view
from bot.sandbox.slack.messages import Changes
from bot.sandbox.slack.web_api_call import WebApiRefusal, refuse_faults
from bot.sandbox.slack.workspace import APP_ID, BOT_ID

TRIGGER_LIFETIME_SECONDS = 3.0

MAX_VIEWS = 3

_COPIED_KEYS = ("type", "title", "submit", "close", "blocks")


@dataclass(slots=True)
class View:
    """One modal or Home tab.

    `sent` is the view that the bot sent, with IDs filled in, and `entered` the person's input. `installed_on` is the
    workspace or the enterprise whose installation of the app opened it.
    """

    id: str
    user: str
    sent: Mapping[str, Any]
    hash: str
    team_id: str
    installed_on: str
    previous: View | None = None
    entered: dict[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """The blocks, each with its ids."""
        blocks: Sequence[Mapping[str, Any]] = self.sent["blocks"]
        return blocks

    @property
    def root(self) -> View:
        """The first view of the stack."""
        return self.previous.root if self.previous else self

    def to_dict(self) -> dict[str, Any]:
        """Return Slack's view object."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "app_id": APP_ID,
            "app_installed_team_id": self.installed_on,
            "bot_id": BOT_ID,
            **{key: self.sent.get(key) for key in _COPIED_KEYS},
            "private_metadata": self.sent.get("private_metadata", ""),
            "callback_id": self.sent.get("callback_id", ""),
            "external_id": self.sent.get("external_id", ""),
            "clear_on_close": self.sent.get("clear_on_close", False),
            "notify_on_close": self.sent.get("notify_on_close", False),
            "state": {"values": state_values(self.blocks, self.entered)},
            "hash": self.hash,
            "previous_view_id": self.previous.id if self.previous else None,
            "root_view_id": self.root.id,
        }


class Views:
    """The open views of a workspace, by user ID: `homes`, and `stacks` with the top view last.

    `installed_on` is the workspace or the enterprise where the app is installed. `numbers` numbers the views.
    """

    def __init__(
        self, clock: Callable[[], float], changes: Changes, team_id: str, numbers: Iterator[int] | None = None
    ) -> None:
        self.installed_on = team_id
        self._team_id = team_id
        self.homes: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self._clock = clock
        self._changes = changes
        self._numbers = numbers or count(1)
        self._triggers: dict[str, tuple[str, float]] = {}
        self._exchanged: set[str] = set()

    def trigger(self, user: str) -> str:
        """Return a new trigger ID for an action of this user."""
        trigger_id = f"{next(self._numbers)}.{self._team_id}.{user}"
        self._triggers[trigger_id] = (user, self._clock())
        return trigger_id

    def open(self, trigger_id: str, view: Any) -> View:
        """`views.open`: open a first view for the user of this trigger."""
        _checked(view, "modal")
        user = self.use_trigger(trigger_id)
        opened = self._new(user, view)
        self.stacks[user] = [opened]
        return self._notify(opened)

    def push(self, trigger_id: str, view: Any) -> View:
        """`views.push`: push a view on the user's stack. Raises WebApiRefusal if no view is open."""
        _checked(view, "modal")
        user = self.use_trigger(trigger_id)
        if not self.stacks.get(user):
            raise WebApiRefusal("not_found")
        return self.put_on_top(user, view)

    def put_on_top(self, user: str, view: Any) -> View:
        """Push a view without a trigger, as an acknowledgement does. Raises WebApiRefusal for a fourth view."""
        stack = self.stacks[user]
        _checked(view, "modal")
        if len(stack) >= MAX_VIEWS:
            raise WebApiRefusal("push_limit_reached")
        pushed = self._new(user, view, stack[-1])
        stack.append(pushed)
        return self._notify(pushed)

    def update(self, name: str, view: Any, expected_hash: str = "") -> View:
        """`views.update`: replace a view, given by ID or external ID.

        Raises WebApiRefusal if `expected_hash` is outdated.
        """
        open_view = self.find(name)
        if open_view is None:
            raise WebApiRefusal("not_found")
        _checked(view, str(open_view.sent["type"]))
        if expected_hash and expected_hash != open_view.hash:
            raise WebApiRefusal("hash_conflict")
        return self.replace(open_view, view)

    def replace(self, old: View, view: Any) -> View:
        """Replace a view's content. Values entered in blocks that remain are kept."""
        _checked(view, str(old.sent["type"]))
        old.sent, old.hash, old.errors, old.trouble = _with_ids(view), self._hash(), {}, ""
        kept = {block["block_id"] for block in old.blocks}
        old.entered = {name: value for name, value in old.entered.items() if name in kept}
        return self._notify(old)

    def publish(self, user: str, view: Any, expected_hash: str = "") -> View:
        """`views.publish`: replace a user's Home tab. Raises WebApiRefusal if `expected_hash` is outdated."""
        _checked(view, "home")
        old = self.homes.get(user)
        if old and expected_hash and expected_hash != old.hash:
            raise WebApiRefusal("hash_conflict")
        published = self._new(user, view)
        published.id = old.id if old else published.id
        self.homes[user] = published
        self._changes.publish("home", published)
        return published

    def mark(self, view: View, below: Mapping[str, str]) -> None:
        """Show errors below fields, as Slack's client does before it sends a form."""
        view.errors, view.trouble = below, ""
        self._notify(view)

    def find(self, name: str) -> View | None:
        """Return the open view or Home tab with this ID or external ID."""
        everywhere = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        return next((view for view in everywhere if name in (view.id, view.sent.get("external_id") or None)), None)

    def of(self, user: str) -> View | None:
        """Return the top view of a user's stack."""
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def close(self, user: str, *, everything: bool = False) -> list[View]:
        """Close the top view, or all. Returns the closed ones, the top one first."""
        stack = self.stacks.get(user, [])
        closed = stack[::-1] if everything else stack[-1:]
        del stack[len(stack) - len(closed) :]
        for view in closed:
            self._changes.publish("view_closed", view)
        return closed

    def use_trigger(self, trigger_id: str) -> str:
        """Use up a trigger, and return whose it is. Raises WebApiRefusal if it was used, is too old or unknown."""
        if trigger_id in self._exchanged:
            raise WebApiRefusal("exchanged_trigger_id")
        if trigger_id not in self._triggers:
            raise WebApiRefusal("invalid_trigger_id")
        user, since = self._triggers[trigger_id]
        if self._clock() - since > TRIGGER_LIFETIME_SECONDS:
            raise WebApiRefusal("expired_trigger_id")
        self._exchanged.add(trigger_id)
        return user

    def _new(self, user: str, view: Any, previous: View | None = None) -> View:
        name = view.get("external_id")
        if name and view["type"] == "modal" and self.find(name):
            raise WebApiRefusal("duplicate_external_id")
        number = next(self._numbers)
        return View(f"V{number:08}", user, _with_ids(view), self._hash(), self._team_id, self.installed_on, previous)

    def _notify(self, view: View) -> View:
        self._changes.publish("view", view)
        return view

    def _hash(self) -> str:
        return f"{int(self._clock())}.{next(self._numbers)}"


def _checked(view: Any, kind: str) -> None:
    """Raise WebApiRefusal for an invalid view, or a view of another type."""
    if not isinstance(view, Mapping) or view.get("type") != kind:
        raise WebApiRefusal("invalid_arguments")
    refuse_faults(validate_view(view))
    try:
        state_values(with_ids(view["blocks"]), {})
    except Impossible as mistake:
        raise WebApiRefusal("invalid_arguments", [Fault("invalid_arguments", "view.blocks", str(mistake))]) from mistake


def _with_ids(view: Mapping[str, Any]) -> dict[str, Any]:
    return {**view, "blocks": with_ids(view["blocks"])}
