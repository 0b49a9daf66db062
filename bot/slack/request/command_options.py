"""`OPTIONS`: one row for each `name:value` that commands take besides their arguments, such as `limit:20`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.core.applications.links import clust_id
from bot.core.errors import UsageError
from bot.core.language import _, one_of
from bot.core.reports.figures import MAX_WEEKS
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import fold, sentences
from bot.store.people.audit import ACTIONS

Value = TypeVar("Value")

MAX_LIMIT = 1000
"""Of `limit:N`: applications in a list, notifications of one kind in a tick, rows of the audit log."""


@dataclass(frozen=True, slots=True)
class Option(Generic[Value]):
    """One option: its name, how its value is read (raises UsageError), and the commands that take it (None: all)."""

    name: str
    read: Callable[[str], Value]
    commands: frozenset[str] | None = None

    def applies_to(self, command: str) -> bool:
        """Return whether a command takes the option."""
        return self.commands is None or command in self.commands


def read_user(value: str) -> str:
    """Return the id in a mention, which arrives as `@U123`, or `@S123` for a group (rule X1). Raises UsageError."""
    mention = re.fullmatch(r"@?([UWS][A-Z0-9]{2,30})", value.upper())
    if mention is None:
        raise UsageError(
            _("I don't know who `{value}` is. Type @ and choose a person or group that Slack suggests.", value=value)
        )
    return mention[1]


def list_words(words: Iterable[str]) -> str:
    """Return the end of an error message: the words that would be valid."""
    return _("Use {words}.", words=one_of([f"`{word}`" for word in words]))


def _connection(value: str) -> str:
    if not value or "," in value:
        raise UsageError(_("`connection:` takes one name, such as `connection:emea`."))
    return value


def _limit(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= MAX_LIMIT:
        raise UsageError(_("limit must be between 1 and {limit:,}.", limit=MAX_LIMIT))
    return int(value)


def _application(value: str) -> str:
    application_id = clust_id(value)
    if application_id is None:
        raise UsageError(_("`{value}` isn't an application number. Use one such as `application:123`.", value=value))
    return application_id


def _action(value: str) -> str:
    action = fold(value)
    if action not in ACTIONS:
        near = suggest(value, ACTIONS)
        raise UsageError(
            sentences(_("Unknown action `{value}`.", value=value), did_you_mean(near), list_words(ACTIONS))
        )
    return action


def _weeks(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= MAX_WEEKS:
        raise UsageError(_("weeks must be between 1 and {limit}.", limit=MAX_WEEKS))
    return int(value)


def _row_id(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise UsageError(_("`before:` takes a whole number, not `{value}`.", value=value))
    return int(value)


CONNECTION = Option("connection", _connection)
BY = Option("by", read_user, frozenset({"audit"}))
APPLICATION = Option("application", _application, frozenset({"audit", "mute", "unmute"}))
ACTION = Option("action", _action, frozenset({"audit"}))
WEEKS = Option("weeks", _weeks, frozenset({"report"}))
LIMIT = Option("limit", _limit, frozenset({"audit", "list", "subscribe", "unsubscribe"}))
BEFORE = Option("before", _row_id, frozenset({"audit"}))
"""The audit log's page before a row. Its *Older* button types it."""

OPTIONS: tuple[Option[Any], ...] = (CONNECTION, BY, APPLICATION, ACTION, WEEKS, LIMIT, BEFORE)
