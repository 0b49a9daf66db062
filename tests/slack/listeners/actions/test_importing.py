"""Actions are imported after every call was shown, and can be used after an admin has tried them (issue 19)."""

from __future__ import annotations

import json

from bot.core.saved_actions.transfer import exported
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_managing import ADMIN, stored
from tests.slack.listeners.actions.test_using import APPROVE, CLOSE, acting, audit_entries, opened, save, text

__all__ = ["acting"]


async def test_an_import_shows_every_call_and_keeps_nothing_before_it_is_confirmed(acting: RunningBot) -> None:
    """Imported actions ask first, and only admins can use them at first."""
    await acting.ask("actions", user=ADMIN)
    await acting.press(await opened(acting, "Import…", user=ADMIN), "Import…", user=ADMIN)
    view = await opened(acting, "Exported actions", user=ADMIN)
    exchange = await acting.slack.submit(view, {"text": "nonsense"})
    assert "isn't valid JSON" in exchange.errors["text"]
    exchange = await acting.slack.submit(view, {"text": json.dumps({"actions": [{"name": "A", "path": "/../a"}]})})
    assert "Action 1: path" in exchange.errors["text"]
    exchange = await acting.slack.submit(view, {"text": exported([CLOSE, APPROVE])})
    assert "POST /dossiers/{id}/approve" in text(exchange.view)
    assert await stored(acting) == []
    exchange = await acting.slack.submit(view)
    assert "Imported 2 actions" in text(exchange.view)
    assert [action.asks_first for action in await stored(acting)] == [True, True]
    assert "hasn't been tried" in (await acting.say("do 1 close")).text
    assert [row[3] for row in await audit_entries(acting)] == ["import 2"]


async def test_an_import_is_all_or_none(acting: RunningBot) -> None:
    """If a name is taken by then, nothing is imported and the form says so."""
    await acting.ask("actions", user=ADMIN)
    await acting.press(await opened(acting, "Import…", user=ADMIN), "Import…", user=ADMIN)
    view = await opened(acting, "Exported actions", user=ADMIN)
    await acting.slack.submit(view, {"text": exported([APPROVE, CLOSE])})
    await save(acting, CLOSE)
    exchange = await acting.slack.submit(view)
    assert "already an action called" in text(exchange.view)
    assert len(await stored(acting)) == 1


async def test_an_export_is_a_file(acting: RunningBot) -> None:
    """The file comes as a direct message and can be imported."""
    await save(acting, CLOSE)
    await acting.ask("actions", user=ADMIN)
    await acting.press(await opened(acting, "Export", user=ADMIN), "Export", user=ADMIN)
    await opened(acting, "The export is a file", user=ADMIN)
    assert [row[3] for row in await audit_entries(acting)] == ["export"]
