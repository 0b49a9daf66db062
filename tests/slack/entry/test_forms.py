"""Submissions and searches in the real app: what a view carries is a claim, never a permission (rule W1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.core.permissions import Role
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import User
from bot.slack.entry.forms import FORMS, SELECTS
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, modal, plain, section
from tests.slack.conftest import World

REFUSED = "Sorry, only "


def shown_to(world: World, user: User, callback_id: str, *blocks: Block, metadata: str = "1") -> View:
    """Open a window for a person as if they still had the role for it."""
    view = {**modal("Old", blocks or [section("x")], callback_id), "submit": plain("Send", 24)}
    views = world.slack.views
    return views.open(views.trigger(user.id), {**view, "private_metadata": metadata})


def searched(field: str) -> Block:
    """Return a field with a search."""
    select = {"type": "external_select", "action_id": ids.VALUE, "min_query_length": 0}
    return {"type": "input", "block_id": field, "label": plain(field, 99), "element": select, "optional": True}


def written(world: World) -> list[Any]:
    """Return the write requests that Clust got."""
    return [each for each in world.account.requests if each.method != "GET"]


async def answer(world: World, view: View, values: Mapping[str, Any] | None = None) -> str:
    """Submit a window and return what it shows then."""
    exchange = await world.slack.submit(view, values)
    world.exchanges.append(exchange)
    assert exchange.view
    return json.dumps(exchange.view.sent, ensure_ascii=False)


async def test_outsiders_are_refused_in_forms(calm: World) -> None:
    """W1: every form checks who submits it, whatever window that person has."""
    people = calm.slack.workspace
    for user in (people.guest, people.single_channel_guest, people.stranger, people.deactivated):
        for callback_id in FORMS:
            assert REFUSED in await answer(calm, shown_to(calm, user, callback_id)), (user.name, callback_id)
    assert written(calm) == []


async def test_a_lower_role_is_refused_in_forms(calm: World) -> None:
    """W1: viewers and editors are refused what needs a higher role, and read who can do it."""
    mei = calm.slack.workspace.member
    for role in (Role.VIEWER, Role.EDITOR):
        await calm.say(f"roles set @{mei.id} {role.word}", user="adrien")
        for form in (each for each in FORMS.values() if each.role > role):
            said = await answer(calm, shown_to(calm, mei, form.callback_id))
            assert REFUSED in said
            assert ("Sorry, only admins can do this." if form.role is Role.ADMIN else "only editors and admins") in said
    assert written(calm) == []


async def test_searches_tell_outsiders_nothing(calm: World) -> None:
    """W1: each select has options for an admin, and none for guests or people of other organisations."""
    people = calm.slack.workspace
    people.add_group("compliance", set())
    await calm.say("subscribe late")
    for field in SELECTS:
        offered = await calm.slack.options(shown_to(calm, people.admin, ids.CREATE, searched(field)), field, "")
        assert offered, field
        for user in (people.guest, people.stranger, people.deactivated):
            assert await calm.slack.options(shown_to(calm, user, ids.CREATE, searched(field)), field, "") == []


async def test_a_window_of_another_version_says_so(calm: World) -> None:
    """An unknown form, or one without a draft, does nothing and says what to do."""
    mei = calm.slack.workspace.member
    assert "from another version of the bot" in await answer(calm, shown_to(calm, mei, "old.form"))
    assert "Open it again" in await answer(calm, shown_to(calm, mei, ids.CREATE))
    assert await calm.slack.options(shown_to(calm, mei, ids.CREATE, searched("unknown")), "unknown", "a") == []


async def test_a_question_with_another_draft_deletes_nothing(calm: World) -> None:
    """M4: what is deleted is in the question's draft; another form's draft, or another person's, is refused."""
    admin = calm.slack.workspace.admin
    await calm.ask("create", user=admin)
    await calm.window("adrien", "first_name")
    form = calm.slack.views.of(admin.id)
    assert form
    for metadata in (str(form.sent["private_metadata"]), "1", ""):
        view = shown_to(calm, admin, ids.DELETE, metadata=metadata)
        assert "Use `/clust delete` again" in await answer(calm, view)
    assert written(calm) == []
