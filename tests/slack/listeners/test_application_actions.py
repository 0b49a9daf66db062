"""What can be done with an application works wherever it is offered (fault C5), in the real app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.block_kit.elements import elements
from tests.slack.conftest import World
from tests.slack.entry.test_home import opened, shown


async def test_it_is_taken_and_released_in_details(calm: World) -> None:
    """C5: Details say who has it, offer to take it, and show the change at once."""
    await calm.press(await calm.say("list"), "Details")
    await calm.window("mei", "Read from Clust", "Assign to me")
    view = calm.slack.views.of(calm.slack.workspace.member.id)
    assert view
    await calm.press(view, "Assign to me")
    mei = calm.slack.workspace.member.id
    await calm.window("mei", f"*Assigned to*\\n<@{mei}>", "Unassign")
    assert f"<@{mei}>" in (await calm.say("list mine:yes")).text
    taken = calm.slack.views.of(mei)
    assert taken
    await calm.press(taken, "Unassign")
    await calm.window("mei", "Assign to me")
    assert "No application matches" in (await calm.say("list mine:yes")).text


async def test_an_answer_of_show_has_the_same_actions(calm: World) -> None:
    """C5: there a channel is at hand, so a mute asks for how long."""
    answer = await calm.say("show 1")
    assert "👤 Assigned to you" in (await calm.click(answer, "Assign to me")).text
    assert "*Assigned to*" in (await calm.say("show 1")).text
    assert "for how long?" in (await calm.click(answer, "Mute this application")).text
    assert "*Why?*" in (await calm.click(answer, "Why this?")).text


async def test_a_list_has_the_same_actions(calm: World) -> None:
    """C5: in each row, as on a card."""
    listed = await calm.say("list id:1")
    assert "👤 Assigned to you" in (await calm.click(listed, "Assign to me")).text
    assert "*Why?*" in (await calm.choose(listed, "Why this?")).text
    await calm.press(listed, "Update")
    await calm.window("mei", "first_name")


async def test_home_has_the_same_actions(world: World) -> None:
    """C5: taking one there is answered in a window, and the tab shows it at once."""
    world.account.make_late(1)
    await world.account.read()
    home = await opened(world, "mei", "Acme", "Assign to me")
    await world.press(home, "Assign to me")
    await world.window("mei", "Assigned to you")
    await shown(world, "mei", "Assigned to you (1)", "Unassign")


def _options(view: Mapping[str, Any]) -> list[Any]:
    """Return the options of every menu of a view."""
    return [option for _, one in elements(view["blocks"]) for option in one.get("options", ())]
