"""What is registered with Slack: the slash commands that the composer completes, and the shortcuts."""

from __future__ import annotations

from bot.core.language import _
from bot.slack.entry.commands import slash_commands
from bot.slack.entry.shortcuts import SHORTCUTS


def commands() -> list[dict[str, str]]:
    """Return the commands in their order, each with `command`, `description` and `usage_hint` (which may be empty)."""
    return [
        {"command": one.name, "description": one.description, "usage_hint": one.usage_hint} for one in slash_commands()
    ]


def shortcuts() -> list[dict[str, str]]:
    """Return the shortcuts, each with `callback_id`, `name` and `type` (global or message)."""
    return [{"callback_id": row.callback_id, "name": _(row.name), "type": row.kind} for row in SHORTCUTS.values()]
