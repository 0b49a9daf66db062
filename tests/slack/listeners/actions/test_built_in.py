"""The built-in actions in *More actions…* and *Act on these…*: each row does what it says (issue 19)."""

from __future__ import annotations

import json

import pytest

from bot.core.permissions import Role
from bot.sandbox.slack.views import View
from bot.slack.listeners.actions.built_in import BUILT_IN
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_execution import chosen
from tests.slack.listeners.actions.test_using import acting, audit_entries, opened, text

__all__ = ["acting"]

ADMIN = "adrien"


async def begun(bot: RunningBot, key: str, user: str = "mei") -> View:
    """Choose a built-in act for the first application, and return the next window."""
    await bot.ask("do 1", user=user)
    view = await opened(bot, "More actions", "Choose an action", user=user)
    exchange = await bot.slack.submit(view, {"action": key})
    assert exchange.view
    return exchange.view


def test_only_what_deletes_asks_in_any_case() -> None:
    """Only *Delete* always asks for confirmation, and it is for admins."""
    assert [row.key for row in BUILT_IN.values() if not row.is_quick] == ["delete"]
    assert BUILT_IN["delete"].role is Role.ADMIN


async def test_an_application_is_assigned_and_unassigned(acting: RunningBot) -> None:
    """The window asks for the person, who gets a message."""
    bruno = acting.slack.workspace.user("bruno").id
    view = await begun(acting, "assign")
    exchange = await acting.slack.submit(view, {"person": bruno})
    assert "Assigned." in text(exchange.view)
    assert f"<@{bruno}>" in (await acting.say("show 1")).text
    assert "Unassigned." in text(await begun(acting, "unassign"))
    assert [row[0] for row in await audit_entries(acting)] == ["take", "release"]


async def test_an_application_is_muted_in_the_channel_of_the_command(acting: RunningBot) -> None:
    """The window asks for how long, and shows an invalid duration below the field."""
    view = await begun(acting, "mute")
    exchange = await acting.slack.submit(view, {"until": "banana"})
    assert "banana" in text(exchange.view)
    exchange = await acting.slack.submit(view, {"until": "2h"})
    assert "Muted in the channel." in text(exchange.view)
    assert [row[0] for row in await audit_entries(acting)] == ["mute"]


async def test_one_field_is_updated_for_several(acting: RunningBot) -> None:
    """Only the chosen field is sent. An invalid value is the result for each application."""
    view = await chosen(acting, "Update one field", "1", "2")
    await acting.slack.submit(view, {"field": "external_id", "value": "CRM-7"})
    exchange = await acting.slack.submit(view)
    assert "done for 2 of 2" in text(exchange.view)
    sent = [json.loads(each.body) for each in acting.account.requests if each.method == "PUT"]
    assert sent == [{"external_id": "CRM-7"}] * 2
    assert [row[0::3] for row in await audit_entries(acting)] == [("update", "external_id")] * 2


async def test_deleting_asks_first_and_is_for_admins(acting: RunningBot) -> None:
    """An editor isn't offered *Delete*."""
    await acting.ask("do 1")
    assert '"delete"' not in text(await opened(acting, "More actions", "Choose an action"))
    view = await begun(acting, "delete", ADMIN)
    assert 1 in acting.account.dossiers
    exchange = await acting.slack.submit(view)
    assert "Deleted in Clust." in text(exchange.view)
    assert 1 not in acting.account.dossiers


@pytest.mark.parametrize("key", [key for key, row in BUILT_IN.items() if row.role is Role.EDITOR])
async def test_a_viewer_can_do_none_of_it(acting: RunningBot, key: str) -> None:
    """W1: the role is checked, whatever the window claims."""
    mei = acting.slack.workspace.user("mei").id
    await acting.ask("do 1")
    view = await opened(acting, "More actions", "Choose an action")
    await acting.say(f"roles set @{mei} viewer", user=ADMIN)
    exchange = await acting.slack.submit(view, {"action": key})
    assert "Sorry, only" in json.dumps([exchange.errors, text(exchange.view) if exchange.view else ""])
