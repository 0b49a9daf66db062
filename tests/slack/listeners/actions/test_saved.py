"""What can be done with an application, by whom, and when it is refused before anything is sent (issue 19)."""

from __future__ import annotations

from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction
from bot.store.engine.tables import saved_actions
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_using import (
    APPROVE,
    CLOSE,
    acting,
    change,
    opened,
    save,
    text,
    writes,
)

__all__ = ["acting"]


async def test_an_action_without_a_question_is_done_at_once(acting: RunningBot) -> None:
    """Its window says how it went: here that Clust rejects it."""
    await save(acting, APPROVE)
    await acting.ask("do 1 approve")
    await opened(acting, "Only a submitted dossier can be approved")
    acting.account.submit(2)
    await acting.ask("do 2 approve")
    await opened(acting, "Clust accepted it", "Approved")


async def test_what_is_for_admins_is_for_admins(acting: RunningBot) -> None:
    """An editor is offered nothing else, and a button that says otherwise proves nothing."""
    await save(acting, SavedAction("Erase", CLOSE.request, role=Role.ADMIN))
    await acting.ask("do 1")
    view = await opened(acting, "More actions", "Update one field")
    assert "Erase" not in text(view)
    assert "only admins" in (await acting.say("do 1 erase")).text


async def test_resting_and_untried_actions(acting: RunningBot) -> None:
    """What rests can't be used; what was imported can be tried by an admin alone, and is ready then."""
    await save(acting, CLOSE)
    await change(acting, saved_actions.update().values(is_tried=False))
    assert "hasn't been tried" in (await acting.say("do 1 close")).text
    admin = acting.slack.workspace.admin
    await acting.ask("do 1 close", user=admin)
    await acting.slack.submit(await opened(acting, "exactly what will be sent", user=admin.name))
    await acting.ask("do 2 close")
    await opened(acting, "exactly what will be sent", "Birch")
    await change(acting, saved_actions.update().values(base_url="http://before"))
    assert "is paused" in (await acting.say("do 1 close")).text


async def test_a_value_that_would_leave_its_place(acting: RunningBot) -> None:
    """The sentence stands below the field, and nothing is sent."""
    await save(acting, SavedAction("Move", RequestTemplate.parse("POST", "/dossiers/{id}/{text}")))
    await acting.ask("do 1 move")
    view = await opened(acting, "Acme")
    for typed in ("../users", "..", "%2f", "a/b"):
        exchange = await acting.slack.submit(view, {"text": typed})
        assert "can't be part of a path" in exchange.errors["text"]
    assert writes(acting) == []
