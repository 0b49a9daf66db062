"""Saved actions as JSON text, to carry them to another account. They hold no credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.errors import UsageError
from bot.core.forms.validation import Mistakes, read
from bot.core.language import _, labeled
from bot.core.quotas import SAVED_ACTIONS
from bot.core.saved_actions.saved_action import SavedAction
from bot.core.saved_actions.saving_form import SaveActionForm, action_of, values_of_action

MAX_LENGTH = 1_000_000
"""Characters of a text that is read."""


def exported(actions: Sequence[SavedAction]) -> str:
    """Return actions as text that `imported` reads."""
    rows = [{name: value for name, value in values_of_action(each).items() if value is not None} for each in actions]
    return json.dumps({"actions": rows}, indent=2, ensure_ascii=False) + "\n"


def imported(text: str) -> list[SavedAction]:
    """Return the actions of a text. Raises UsageError that says which one is wrong and why."""
    if len(text) > MAX_LENGTH:
        raise UsageError(_("That's too long. An export can have at most {limit:,} characters.", limit=MAX_LENGTH))
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(_("This isn't an export of actions: it isn't valid JSON.")) from error
    rows = parsed.get("actions") if isinstance(parsed, dict) else None
    if not isinstance(rows, list) or not rows:
        raise UsageError(_("This isn't an export of actions: it has no list of actions."))
    SAVED_ACTIONS.check(0, len(rows))
    return [_action(number, row) for number, row in enumerate(rows, 1)]


def _action(number: int, row: Any) -> SavedAction:
    if not isinstance(row, Mapping):
        raise UsageError(_("Action {number}: {why}", number=number, why=_("It isn't a JSON object.")))
    try:
        return action_of(read(SaveActionForm, {**row, "application": "0"}))
    except UsageError as error:
        why = (
            " ".join(labeled(name, text) for name, text in error.fields.items()) if isinstance(error, Mistakes) else ""
        )
        raise UsageError(_("Action {number}: {why}", number=number, why=why or error.detail)) from error
