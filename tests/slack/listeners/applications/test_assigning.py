"""Assigning an application to someone else, in the real app: a window asks, and the person is told."""

from __future__ import annotations

from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from tests.slack.conftest import World, menu
from tests.slack.listeners.windows import shown


async def window_of(world: World) -> View:
    """Open the window from the list, and return it."""
    listed = await world.say("list id:1")
    value = next(one["value"] for one in menu(listed) if one["text"]["text"] == "Assign to…")
    await world.slack.click(listed, ids.MORE, value=value)
    return await shown(world, "Assign to", "Acme")


async def test_it_is_assigned_to_someone_else_who_is_told(calm: World) -> None:
    """The list shows it, and the assignee gets a message with what can be done."""
    adrien = calm.slack.workspace.admin.id
    exchange = await calm.slack.submit(await window_of(calm), {"assignee": adrien})
    assert "Assigned to <@" in str(exchange.body)
    mei = calm.slack.workspace.member.id
    (message,) = await calm.told("adrien", f"<@{mei}> assigned this to you.")
    assert "Acme" in message.text
    assert f"<@{adrien}>" in (await calm.say("list id:1")).text


async def test_an_empty_field_unassigns(calm: World) -> None:
    """The window opens with who handles it now."""
    await calm.click(await calm.say("list id:1"), "Assign to me")
    await calm.press(await calm.say("list id:1"), "Assign to…")
    mei = calm.slack.workspace.member.id
    view = await shown(calm, f'"initial_user": "{mei}"')
    exchange = await calm.slack.submit(view, {"assignee": None})
    assert f"It was assigned to <@{mei}> before." in str(exchange.body)
    assert "👤" not in (await calm.say("list id:1")).text


async def test_whoever_can_not_use_the_bot_gets_nothing(calm: World) -> None:
    """W1: a guest would read of an application that they can't look up; they are told nothing."""
    guest = calm.slack.workspace.guest.id
    exchange = await calm.slack.submit(await window_of(calm), {"assignee": guest})
    assert "can't use Clust here" in str(exchange.body)
    assert "👤" not in (await calm.say("list id:1")).text
    assert not calm.slack.messages(calm.slack.workspace.direct(calm.slack.workspace.bot.id, guest))
