"""What can be done with an application works wherever it is offered (fault C5), in the real app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.block_kit.elements import elements
from tests.slack.conftest import RunningBot
from tests.slack.entry.test_home import home_with, opened


async def test_an_application_is_assigned_and_unassigned_in_details(idle_bot: RunningBot) -> None:
    """C5: Details say who has it, offer to take it, and show the change at once."""
    await idle_bot.press(await idle_bot.say("list"), "Details")
    await idle_bot.window("mei", "Read from Clust", "Assign to me")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view
    await idle_bot.press(view, "Assign to me")
    mei = idle_bot.slack.workspace.member.id
    await idle_bot.window("mei", f"*Assigned to*\\n<@{mei}>", "Unassign")
    assert f"<@{mei}>" in (await idle_bot.say("list mine:yes")).text
    before = idle_bot.slack.views.of(mei)
    assert before
    await idle_bot.press(before, "Unassign")
    await idle_bot.window("mei", "Assign to me")
    assert "No applications match" in (await idle_bot.say("list mine:yes")).text


async def test_an_answer_of_show_has_the_same_actions(idle_bot: RunningBot) -> None:
    """C5: there a channel is at hand, so a mute asks for how long."""
    answer = await idle_bot.say("show 1")
    assert "👤 Assigned to you" in (await idle_bot.click(answer, "Assign to me")).text
    assert "*Assigned to*" in (await idle_bot.say("show 1")).text
    assert "for how long?" in (await idle_bot.click(answer, "Mute this application")).text
    assert "*Why?*" in (await idle_bot.click(answer, "Why this?")).text


async def test_a_list_has_the_same_actions(idle_bot: RunningBot) -> None:
    """C5: in each row, as on a card."""
    listed = await idle_bot.say("list id:1")
    assert "👤 Assigned to you" in (await idle_bot.click(listed, "Assign to me")).text
    assert "*Why?*" in (await idle_bot.choose(listed, "Why this?")).text
    await idle_bot.press(listed, "Update")
    await idle_bot.window("mei", "first_name")


async def test_home_has_the_same_actions(bot: RunningBot) -> None:
    """C5: taking one there is answered in a window, and the tab shows it at once."""
    bot.account.make_late(1)
    await bot.account.read()
    home = await opened(bot, "mei", "Acme", "Assign to me")
    await bot.press(home, "Assign to me")
    await bot.window("mei", "Assigned to you")
    await home_with(bot, "mei", "Assigned to you (1)", "Unassign")


def _options(view: Mapping[str, Any]) -> list[Any]:
    """Return the options of every menu of a view."""
    return [option for _, one in elements(view["blocks"]) for option in one.get("options", ())]
