"""What tests do with the windows of forms: open them, read them, fill them in."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack.views import View
from tests.slack.conftest import RunningBot

NEEDED = {"template_id": "1", "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com"}


def text_of(view: View) -> str:
    """Return everything that stands in a view."""
    return json.dumps(view.sent, ensure_ascii=False)


def written(bot: RunningBot) -> list[tuple[str, str, Any]]:
    """Return what Clust was asked to change, in order."""
    writes = [each for each in bot.account.requests if each.method != "GET"]
    return [(each.method, each.path, json.loads(each.body) if each.body else None) for each in writes]


async def window_with(bot: RunningBot, *words: str) -> View:
    """Wait until what Mei sees holds all of `words`."""

    def there() -> View | None:
        view = bot.slack.views.of(bot.slack.workspace.member.id)
        return view if view and all(word in text_of(view) for word in words) else None

    view = await bot.slack.wait_for(there)
    assert view
    return view


async def opened(bot: RunningBot, text: str = "create") -> View:
    """Open a form by a command and wait until it is filled."""
    await bot.ask(text)
    return await window_with(bot, "first_name")


def template(bot: RunningBot) -> str:
    """Return the id of a template of the account."""
    return str(next(iter(bot.account.templates)))


def needed(bot: RunningBot, **more: Any) -> dict[str, Any]:
    """Return what a new application needs, and more."""
    return {**NEEDED, "template_id": template(bot), **more}
