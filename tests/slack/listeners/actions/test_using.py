"""Saved actions through the real app: shown exactly, sent once, and answered to one person (issue 19)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.core.applications.model import StatusClass
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction
from bot.sandbox.slack.views import View
from bot.store import open_store
from bot.store.engine.tables import audit
from tests.conftest import NOON
from tests.slack.conftest import RunningBot, Start

KEY = Fernet.generate_key().decode()
CLOSE = SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"), done="The client is told.")
APPROVE = SavedAction("Approve", RequestTemplate.parse("POST", "/dossiers/{id}/approve"), asks_first=False)
REMIND = SavedAction(
    "Remind", RequestTemplate.parse("POST", "/dossiers/{id}/reminders", body='{"message": "{text}"}'), asks_first=False
)
ASK = SavedAction(
    "Ask for a document",
    RequestTemplate.parse("POST", "/dossiers/{id}/items", body='{"title": "{text}", "due_at": "{date}"}'),
    frozenset({StatusClass.OPEN}),
)
LOOK = SavedAction("Look", RequestTemplate.parse("GET", "/dossiers/{id}"), role=Role.VIEWER, asks_first=False)


@pytest.fixture
async def acting(start: Start) -> RunningBot:
    """A bot with a SECRET_KEY that doesn't poll after its baseline."""
    running = await start(poll_interval=3600, secret_key=KEY)
    await running.baseline()
    return running


async def save(running: RunningBot, *actions: SavedAction) -> list[str]:
    """Save actions for the account, and return the keys of all, ordered by name."""
    store = open_store(running.settings.database_url, posts_per_minute=300, secret_keys=[KEY])
    (connection,) = await store.connections.all()
    for action in actions:
        await store.saved_actions.save(connection.team_id, connection.id, action, "U1", NOON)
    keys = [f"{stored.id}.{stored.revision}" for stored in await store.saved_actions.of(connection.id)]
    await store.database.close()
    return keys


async def change(running: RunningBot, statement: sa.Executable) -> None:
    """Change the bot's database."""
    store = open_store(running.settings.database_url, posts_per_minute=300)
    async with store.database.write() as tx:
        await tx.execute(statement)
    await store.database.close()


async def opened(running: RunningBot, *words: str, user: str = "mei") -> View:
    """Wait until someone's window contains these words."""
    assert await running.window(user, *words)
    view = running.slack.views.of(running.slack.workspace.user(user).id)
    assert view
    return view


def writes(running: RunningBot) -> list[tuple[str, str, Any]]:
    """Return the writes that reached Clust."""
    every = [each for each in running.account.requests if each.method != "GET"]
    return [(each.method, each.path, json.loads(each.body or b"null")) for each in every]


def text(view: View | None) -> str:
    """Return the view as JSON text."""
    assert view
    return json.dumps(view.sent, ensure_ascii=False)


async def audit_entries(running: RunningBot) -> list[tuple[str, ...]]:
    """Return the rows of the audit log."""
    rows = await running.rows(sa.select(audit).order_by(audit.c.id))
    return [tuple(row[name] for name in ("action", "outcome", "target", "detail")) for row in rows]


async def test_close_takes_a_word_and_a_click(acting: RunningBot) -> None:
    """The exact request is shown, sent once, and answered with the action's own sentence. It is audited."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent", "POST /dossiers/1/close", "Acme")
    assert writes(acting) == []
    exchange = await acting.slack.submit(view)
    assert "The client is told." in text(exchange.view)
    assert "Closed" in text(exchange.view)  # as it was read back
    assert writes(acting) == [("POST", "/dossiers/1/close", None)]
    assert await audit_entries(acting) == [("do", "ok", "1", "Close: POST /dossiers/{id}/close")]


async def test_of_forty_clicks_at_once_one_sends(acting: RunningBot) -> None:
    """M2: a draft is sent once, however often its window is submitted."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    await asyncio.gather(*(acting.slack.submit(view) for _ in range(40)))
    assert writes(acting) == [("POST", "/dossiers/1/close", None)]


async def test_a_window_asks_for_the_application_and_the_action(acting: RunningBot) -> None:
    """The select offers the actions that fit. The audit log doesn't have the input."""
    await save(acting, CLOSE, ASK, LOOK)
    await acting.ask("do 1")
    view = await opened(acting, "More actions", "Ask for a document", "Close", "Look")
    exchange = await acting.slack.submit(view, {"action": (await save(acting))[0]})
    exchange = await acting.slack.submit(view, {"text": 'A "passport"', "date": "2026-12-24"})
    assert "/dossiers/1/items" in text(exchange.view)
    exchange = await acting.slack.submit(view)
    assert writes(acting) == [("POST", "/dossiers/1/items", {"title": 'A "passport"', "due_at": "2026-12-24"})]
    assert "Clust accepted it" in text(exchange.view)
    assert "passport" not in str(await audit_entries(acting))
