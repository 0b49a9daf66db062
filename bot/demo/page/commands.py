"""What the composer completes: the slash commands that are registered with Slack."""

from __future__ import annotations

from bot.slack.entry.commands import slash_commands


def commands() -> list[dict[str, str]]:
    """Return the commands in their order, each with `command`, `description` and `usage_hint` (which may be empty)."""
    return [
        {"command": one.name, "description": one.description, "usage_hint": one.usage_hint} for one in slash_commands()
    ]
