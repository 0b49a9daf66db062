"""An admin who has just lost the role is refused everywhere, without waiting for a cache to expire (fault B9)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.permissions import REQUIREMENTS, Role
from bot.sandbox.slack.views import View
from bot.slack.entry.buttons import BUTTONS
from bot.slack.entry.commands import COMMANDS
from bot.slack.entry.forms import FORMS, SELECTS
from bot.slack.listeners.card_menu import MENU
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, option, section
from bot.store.engine.tables import audit, roles
from tests.slack.conftest import RunningBot
from tests.slack.entry.test_buttons import REFUSED, VALUES
from tests.slack.listeners.channels.test_orphans import held
from tests.slack.listeners.windows import text_of, written

ADMIN = "adrien"


def demote(bot: RunningBot) -> None:
    """Take the role away in Slack, without an event to the bot."""
    bot.slack.workspace.admin.is_admin = False


@pytest.fixture
async def demoted(idle_bot: RunningBot) -> RunningBot:
    """Adrien, who used the bot as an admin a moment ago and no longer is one."""
    assert "Always admin" in (await idle_bot.say("roles", user=ADMIN)).text
    demote(idle_bot)
    return idle_bot


async def test_admin_commands_check_the_role_in_slack(demoted: RunningBot) -> None:
    """B9: every command with the role admin checks the role in Slack."""
    for command in (row for row in COMMANDS if row.role is Role.ADMIN):
        answer = await demoted.say(command.examples[-1], user=ADMIN)
        assert answer.text.startswith("Sorry, only admins can do this."), command.word
    assert await demoted.rows(roles.select()) == []


async def test_admin_buttons_and_menus_check_the_role_in_slack(demoted: RunningBot) -> None:
    """B9: every button with the role admin, and every choice in a card menu, checks the role in Slack."""
    for row in (row for row in BUTTONS.values() if row.role is Role.ADMIN):
        message = demoted.put(section("x", button("Click", row.kind, VALUES[row.kind])))
        assert (await demoted.click(message, "Click", user=ADMIN)).text.startswith(REFUSED), row.kind
    for name in (name for name, choice in MENU.items() if choice.role is Role.ADMIN):
        menu = {"type": "overflow", "action_id": ids.MORE, "options": [option("Do it", ids.menu_value(name, "1"))]}
        message = demoted.put(section("x", menu))
        exchange = await demoted.slack.click(message, ids.MORE, value=ids.menu_value(name, "1"), user=ADMIN)
        assert (await exchange.answer()).text.startswith(REFUSED), name


async def role_form(bot: RunningBot) -> View:
    """Open the form that assigns roles."""
    await bot.press(await bot.say("roles", user=ADMIN), "Give a role…", user=ADMIN)
    await bot.window(ADMIN, "Or a user group")
    view = bot.slack.views.of(bot.slack.workspace.admin.id)
    assert view
    return view


async def test_admin_forms_and_their_selects_check_the_role_in_slack(idle_bot: RunningBot) -> None:
    """B9: a form opened as an admin is refused afterwards, and its selects return no options."""
    people = idle_bot.slack.workspace
    people.add_group("compliance-team", set())
    for form in (row for row in FORMS.values() if row.role is Role.ADMIN):
        view = await role_form(idle_bot)
        assert len(await idle_bot.slack.options(view, "group", "compl")) == 1
        view.sent = {**view.sent, "callback_id": form.callback_id}
        demote(idle_bot)
        assert await idle_bot.slack.options(view, "group", "compl") == []
        exchange = await idle_bot.slack.submit(view, {"person": people.member.id, "role": "viewer"})
        assert exchange.view
        assert "Sorry, only admins can do this." in text_of(exchange.view), form.callback_id
        await idle_bot.slack.close_view(exchange.view, everything=True)
        people.admin.is_admin = True
    assert [row.field for row in SELECTS.values() if row.role is Role.ADMIN] == ["group"]


async def test_the_console_checks_the_role_in_slack(idle_bot: RunningBot) -> None:
    """B9: the console checks the role when a call is sent, since the role depends on the call."""
    assert REQUIREMENTS["call_to_write"] is Role.ADMIN
    await idle_bot.ask("api DELETE /dossiers/1", user=ADMIN)
    await idle_bot.window(ADMIN, "/dossiers/1")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.admin.id)
    assert view
    demote(idle_bot)
    exchange = await idle_bot.slack.submit(view)
    assert "Sorry, only admins can do this." in exchange.errors["method"]
    assert written(idle_bot) == []


async def test_deciding_for_other_people_checks_the_role_in_slack(bot: RunningBot) -> None:
    """B9: moving, adopting and ending other people's subscriptions checks the role too."""
    await held(bot)
    (notification,) = await bot.direct_messages(ADMIN, "is on hold. The channel is archived.")
    demote(bot)
    for words in ("Move…", "Adopt", "End…"):
        assert "can decide" in (await bot.click(notification, words, user=ADMIN)).text, words
    done: list[Any] = [row["action"] for row in await bot.rows(audit.select())]
    assert not {"move", "adopt", "unsubscribe"} & set(done)


async def test_a_promoted_admin_need_not_wait(idle_bot: RunningBot) -> None:
    """B9: someone who has just become an admin can use admin commands at once."""
    assert "Sorry, only admins can do this." in (await idle_bot.say("audit", user="mei")).text
    idle_bot.slack.workspace.member.is_admin = True
    assert "Sorry, only admins can do this." not in (await idle_bot.say("audit", user="mei")).text


async def test_lists_that_only_admins_see_check_the_role_in_slack(idle_bot: RunningBot) -> None:
    """B9: a former admin no longer sees subscriptions of private channels that they are not in."""
    people = idle_bot.slack.workspace
    board = people.add_channel("board", kind="private", members={people.bot.id, people.member.id})
    await idle_bot.say("subscribe late", channel=board)
    assert board.id in (await idle_bot.say("subscriptions all", user=ADMIN)).text
    demote(idle_bot)
    assert board.id not in (await idle_bot.say("subscriptions all", user=ADMIN)).text
