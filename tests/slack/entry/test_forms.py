"""Submissions and searches in the real app: what a view carries is a claim, never a permission (rule W1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import cycle
from typing import Any

from bot.core.permissions import Role
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import User
from bot.slack.entry.forms import FORMS, SELECTS
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, modal, plain, section
from tests.slack.conftest import RunningBot

REFUSED = "Sorry, only "


def shown_to(bot: RunningBot, user: User, callback_id: str, *blocks: Block, metadata: str = "1") -> View:
    """Open a window for a person as if they still had the role for it."""
    view = {**modal("Old", blocks or [section("x")], callback_id), "submit": plain("Send", 24)}
    views = bot.slack.views
    return views.open(views.trigger(user.id), {**view, "private_metadata": metadata})


def searched(field: str) -> Block:
    """Return a field with a search."""
    select = {"type": "external_select", "action_id": ids.VALUE, "min_query_length": 0}
    return {"type": "input", "block_id": field, "label": plain(field, 99), "element": select, "optional": True}


def written(bot: RunningBot) -> list[Any]:
    """Return the write requests that Clust got."""
    return [each for each in bot.account.requests if each.method != "GET"]


async def answer(bot: RunningBot, view: View, values: Mapping[str, Any] | None = None) -> str:
    """Submit a window and return what it shows then."""
    exchange = await bot.slack.submit(view, values)
    bot.exchanges.append(exchange)
    assert exchange.view
    return json.dumps(exchange.view.sent, ensure_ascii=False)


async def test_outsiders_are_refused_in_forms(idle_bot: RunningBot) -> None:
    """W1: every form checks who submits it, whatever window that person has."""
    people = idle_bot.slack.workspace
    others = cycle((people.single_channel_guest, people.stranger, people.deactivated))
    for callback_id, other in zip(FORMS, others, strict=False):
        for user in (people.guest, other):
            assert REFUSED in await answer(idle_bot, shown_to(idle_bot, user, callback_id)), (user.name, callback_id)
    assert written(idle_bot) == []


async def test_a_lower_role_is_refused_in_forms(idle_bot: RunningBot) -> None:
    """W1: viewers and editors are refused what needs a higher role, and read who can do it."""
    mei = idle_bot.slack.workspace.member
    for role in (Role.VIEWER, Role.EDITOR):
        await idle_bot.say(f"roles set @{mei.id} {role.word}", user="adrien")
        for form in (each for each in FORMS.values() if each.role > role):
            response = await answer(idle_bot, shown_to(idle_bot, mei, form.callback_id))
            assert REFUSED in response
            assert (
                "Sorry, only admins can do this." if form.role is Role.ADMIN else "only editors and admins"
            ) in response
    assert written(idle_bot) == []


async def test_searches_return_nothing_to_outsiders(idle_bot: RunningBot) -> None:
    """W1: each select has options for an admin, and none for guests or people of other organizations."""
    people = idle_bot.slack.workspace
    people.add_group("compliance", set())
    await idle_bot.say("subscribe late")
    for field in SELECTS:
        offered = await idle_bot.slack.options(shown_to(idle_bot, people.admin, ids.CREATE, searched(field)), field, "")
        assert offered, field
        for user in (people.guest, people.stranger, people.deactivated):
            assert await idle_bot.slack.options(shown_to(idle_bot, user, ids.CREATE, searched(field)), field, "") == []


async def test_a_window_of_another_version_says_so(idle_bot: RunningBot) -> None:
    """An unknown form, or one without a draft, does nothing and says what to do."""
    mei = idle_bot.slack.workspace.member
    assert "from another version of the bot" in await answer(idle_bot, shown_to(idle_bot, mei, "old.form"))
    assert "Open it again" in await answer(idle_bot, shown_to(idle_bot, mei, ids.CREATE))
    assert await idle_bot.slack.options(shown_to(idle_bot, mei, ids.CREATE, searched("unknown")), "unknown", "a") == []


async def test_a_question_with_another_draft_deletes_nothing(idle_bot: RunningBot) -> None:
    """M4: what is deleted is in the question's draft. Another form's draft, or another person's, is refused."""
    admin = idle_bot.slack.workspace.admin
    await idle_bot.ask("create", user=admin)
    await idle_bot.window("adrien", "first_name")
    form = idle_bot.slack.views.of(admin.id)
    assert form
    for metadata in (str(form.sent["private_metadata"]), "1", ""):
        view = shown_to(idle_bot, admin, ids.DELETE, metadata=metadata)
        assert "Use `/clust delete` again" in await answer(idle_bot, view)
    assert written(idle_bot) == []
