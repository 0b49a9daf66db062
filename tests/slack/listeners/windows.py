"""What tests do with the windows of forms: open them, read them, fill them in."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack.views import View
from tests.slack.conftest import World

NEEDED = {"template_id": "1", "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com"}


def text_of(view: View) -> str:
    """Return everything that stands in a view."""
    return json.dumps(view.sent, ensure_ascii=False)


def written(world: World) -> list[tuple[str, str, Any]]:
    """Return what Clust was asked to change, in order."""
    asked = [each for each in world.account.requests if each.method != "GET"]
    return [(each.method, each.path, json.loads(each.body) if each.body else None) for each in asked]


async def shown(world: World, *words: str) -> View:
    """Wait until what Mei sees holds all of `words`."""

    def there() -> View | None:
        view = world.slack.views.of(world.slack.workspace.member.id)
        return view if view and all(word in text_of(view) for word in words) else None

    view = await world.slack.wait_for(there, timeout=15)
    assert view
    return view


async def opened(world: World, text: str = "create") -> View:
    """Open a form by a command and wait until it is filled."""
    await world.ask(text)
    return await shown(world, "first_name")


def template(world: World) -> str:
    """Return the id of a template of the account."""
    return str(next(iter(world.account.templates)))


def needed(world: World, **more: Any) -> dict[str, Any]:
    """Return what a new application needs, and more."""
    return {**NEEDED, "template_id": template(world), **more}
