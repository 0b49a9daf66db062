"""Actions are saved by admins, after a preview, from the list or from a call of the console (issue 19)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.saved_actions.saved_action import SavedAction
from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from bot.store import open_store
from bot.store.engine.tables import saved_actions
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_using import (
    CLOSE,
    KEY,
    acting,
    audit_entries,
    change,
    opened,
    save,
    text,
    writes,
)

__all__ = ["acting"]

ADMIN = "adrien"
REMIND = {"name": "Remind", "path": "/dossiers/{id}/reminders", "body": '{"message": "{text}"}', "done": "Reminded."}


async def stored(bot: RunningBot) -> list[SavedAction]:
    """Return the saved actions."""
    store = open_store(bot.settings.database_url, posts_per_minute=300, secret_keys=[KEY])
    (connection,) = await store.connections.all()
    saved = await store.saved_actions.of(connection.id)
    await store.database.close()
    return [each.action for each in saved]


async def new_form(bot: RunningBot) -> View:
    """Open the form of a new action from the list."""
    await bot.ask("actions", user=ADMIN)
    await bot.press(await opened(bot, "New action", user=ADMIN), "New action", user=ADMIN)
    return await opened(bot, "Preview with", user=ADMIN)


async def chosen(bot: RunningBot, value: str) -> None:
    """Choose from the menu of the first action in the list."""
    if view := bot.slack.views.of(bot.slack.workspace.user(ADMIN).id):
        await bot.slack.close_view(view, everything=True)
    await bot.ask("actions", user=ADMIN)
    view = await opened(bot, "New action", user=ADMIN)
    await bot.slack.click(view, f"{ids.ACTION_MANAGE}:1", value=value, user=ADMIN)


async def application(bot: RunningBot, view: View) -> dict[str, object]:
    """Return the form's value that names the first application."""
    (acme,) = await bot.slack.options(view, "application", "Acme")
    return {"application": acme}


async def test_an_action_is_previewed_saved_and_tried(acting: RunningBot) -> None:
    """The exact request for a chosen application is shown before saving. Afterwards a real try is offered."""
    view = await new_form(acting)
    exchange = await acting.slack.submit(view, {**REMIND, **await application(acting, view)})
    assert "POST /dossiers/1/reminders" in text(exchange.view)
    assert "Nothing is sent now" in text(exchange.view)
    assert await stored(acting) == []
    exchange = await acting.slack.submit(view)
    assert "Saved *Remind*" in text(exchange.view)
    (action,) = await stored(acting)
    assert (action.name, action.request.asks, action.done) == ("Remind", ("text",), "Reminded.")
    assert writes(acting) == []
    await acting.press(view, "Try it…", user=ADMIN)
    view = await opened(acting, "Acme", "see what will be done", user=ADMIN)
    await acting.slack.submit(view, {"text": "Please sign"})
    exchange = await acting.slack.submit(view)
    assert "Reminded." in text(exchange.view)
    assert [row[0] for row in await audit_entries(acting)] == ["action", "do"]


async def test_a_call_of_the_console_is_kept(acting: RunningBot) -> None:
    """The form is filled in with the call, in which the application's number is a placeholder."""
    await acting.ask("api", user=ADMIN)
    view = await opened(acting, "Path", user=ADMIN)
    await acting.slack.submit(view, {"path": "/dossiers/2/close", "method": "POST"})
    question = acting.slack.views.of(acting.slack.workspace.user(ADMIN).id)
    assert question
    exchange = await acting.slack.submit(question)
    assert exchange.view
    await acting.press(exchange.view, "Save as an action…", user=ADMIN)
    form = await opened(acting, "Preview with", "/dossiers/{id}/close", user=ADMIN)
    await acting.slack.submit(form, {"name": "Close", **await application(acting, form)})
    await acting.slack.submit(form)
    (action,) = await stored(acting)
    assert action.request == CLOSE.request


async def test_a_member_keeps_nothing(acting: RunningBot) -> None:
    """W1: members see the list and the console's response without the buttons of admins."""
    await save(acting, CLOSE)
    await acting.ask("actions")
    view = await opened(acting, "Close", "For editors and admins", "asks first")
    assert "New action" not in text(view)
    assert ids.ACTION_MANAGE not in text(view)
    assert "Save as an action" not in str((await acting.say("api GET /dossiers")).blocks)


async def test_what_cannot_be_saved_is_said_below_its_field(acting: RunningBot) -> None:
    """A taken name, a path that leaves the base, invalid JSON, credentials, and a write for viewers."""
    await save(acting, CLOSE)
    view = await new_form(acting)
    usual = {**REMIND, "headers": None, **await application(acting, view)}
    for field, typed in (
        ("name", "close"),
        ("name", "Delete"),
        ("path", "/dossiers/../users"),
        ("body", "{no"),
        ("body", '{"a": "{nobody}"}'),
        ("headers", "Authorization: Bearer x"),
        ("headers", "X-Api-Key: x"),
        ("role", "viewer"),
    ):
        exchange = await acting.slack.submit(view, {**usual, field: typed})
        assert list(exchange.errors) == [field], typed


async def test_an_action_is_changed_and_removed(acting: RunningBot) -> None:
    """The form begins with the present values. A change that someone else made in between isn't overwritten."""
    await save(acting, CLOSE)
    await chosen(acting, "change 1.1")
    form = await opened(acting, "/dossiers/{id}/close", "The client is told.", user=ADMIN)
    await acting.slack.submit(form, {"done": "Closed it.", **await application(acting, form)})
    await change(acting, saved_actions.update().values(revision=7))
    exchange = await acting.slack.submit(form)
    assert "changed or removed" in text(exchange.view)
    await chosen(acting, "change 1.7")
    form = await opened(acting, "/dossiers/{id}/close", "Preview with", user=ADMIN)
    await acting.slack.submit(form, {"done": "Closed it.", **await application(acting, form)})
    await acting.slack.submit(form)
    assert [action.done for action in await stored(acting)] == ["Closed it."]
    await chosen(acting, "remove 1.8")
    await acting.slack.submit(await opened(acting, "Remove *Close*?", user=ADMIN))
    assert await stored(acting) == []


async def test_a_resting_action_is_confirmed(acting: RunningBot) -> None:
    """After the account's address has changed, an admin allows its use again."""
    await save(acting, CLOSE)
    await change(acting, sa.update(saved_actions).values(base_url="http://before"))
    await acting.ask("actions", user=ADMIN)
    view = await opened(acting, "Paused, because the address", user=ADMIN)
    await acting.slack.click(view, f"{ids.ACTION_MANAGE}:1", value="confirm 1.1", user=ADMIN)
    await acting.slack.wait_for(lambda: "Paused" not in text(view) or None, timeout=15)
    assert [row[3] for row in await audit_entries(acting)] == ["confirm Close"]
