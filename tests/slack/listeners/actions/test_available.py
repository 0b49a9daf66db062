"""The actions that a person can choose from, and their names in `do` (issue 19)."""

from __future__ import annotations

from bot.core.permissions import Role
from bot.core.saved_actions.saved_action import SavedAction
from bot.slack.listeners.actions.built_in import BUILT_IN
from bot.store.engine.tables import saved_actions
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_using import CLOSE, acting, audit_entries, change, opened, save, text

__all__ = ["acting"]

ADMIN = "adrien"


async def test_an_action_for_admins_is_refused_to_editors(acting: RunningBot) -> None:
    """An editor isn't offered an admin's action, and is refused if they name it."""
    await save(acting, SavedAction("Erase", CLOSE.request, role=Role.ADMIN))
    await acting.ask("do 1")
    view = await opened(acting, "More actions", "Update one field")
    assert "Erase" not in text(view)
    assert "only admins" in (await acting.say("do 1 erase")).text


async def test_paused_and_untried_actions_can_not_be_used(acting: RunningBot) -> None:
    """A paused action can't be used. An imported one is ready once an admin has tried it."""
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


async def test_a_built_in_act_is_called_by_its_name(acting: RunningBot) -> None:
    """`do` takes the name of a built-in action or its beginning. It offers none that the role can't use."""
    await acting.ask("do 1 mute")
    exchange = await acting.slack.submit(await opened(acting, "Mute until", "Acme"), {"until": "2h"})
    assert "Muted in the channel." in text(exchange.view)
    await acting.ask("do 1 assign")
    await opened(acting, "Assign to", "This person gets a message")
    await acting.ask("do 1 delete", user=ADMIN)
    await opened(acting, "Delete", "Acme", user=ADMIN)
    refused = (await acting.say("do 1 delete")).text
    offered = ", ".join(row.words for row in BUILT_IN.values() if row.role <= Role.EDITOR)
    assert f"There's no action “delete”. Try {offered}." in refused
    assert "delete\n  ^^^^^^" in refused
    answer = (await acting.say("do mute 1")).text
    assert "haven't seen application `mute`" in answer
    assert "mute 1\n^^^^" in answer
    assert [row[0] for row in await audit_entries(acting)] == ["mute"]
