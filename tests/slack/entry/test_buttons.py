"""Clicks on the real app's buttons: permissions, and old, foreign or unknown buttons (rule W1)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.core.permissions import Role
from bot.sandbox.slack.workspace import User
from bot.slack.entry.buttons import BUTTONS
from bot.slack.entry.commands import COMMANDS
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from tests.slack.conftest import RunningBot

PAGE = json.dumps({"filter": "", "limit": 10, "page": 0})

VALUES: Mapping[str, str] = {
    ids.DETAILS: "1",
    ids.OPEN_IN_CLUST: "",
    ids.REFRESH_HOME: "",
    ids.CLASSIFY: "open 7_new",
    ids.HOME_ACCOUNT: "1",
    ids.MANAGE: "C1",
    ids.MORE: "take 1",
    ids.FLOOD: "1",
    ids.MENTIONS: "off",
    ids.LIST_PAGE: PAGE,
    ids.SHARE_HERE: PAGE,
    ids.SHARE_REPORT: '{"filter": "", "weeks": 8}',
    ids.SHARE_CALL: "1",
    ids.CREATE: "",
    ids.ROLE: "",
    ids.UPDATE: "1",
    ids.DELETE: "1",
    ids.ACTION: "1 1",
    ids.ACT_ON_LIST: PAGE,
    ids.ACTION_STOP: "draft",
    ids.ACTION_MANAGE: "new",
    ids.KEEP_CALL: "draft",
    ids.VALUE: "new",
    ids.MORE_OPTIONS: "more",
    **dict.fromkeys((ids.RESUME, ids.CHECK, ids.SEND_AGAIN, ids.BACK_TO_FORM, ids.DISCARD, ids.RETRY), "draft"),
    ids.RESUME_CONNECT: "{}",
    **dict.fromkeys((ids.OVERWRITE, ids.KEEP_THEIRS), "draft"),
    ids.SHARE_APPLICATION: "1",
    ids.HIDE_LINK: "1",
    ids.CONSOLE_PRESET: "/dossiers",
    ids.UNSUBSCRIBE: "all",
    **dict.fromkeys((ids.MOVE, ids.ADOPT, ids.END_HELD), "C1"),
    ids.CONFIRM_SHARED: "subscribe late",
    ids.RUN_SUGGESTION: "subscriptions",
    ids.NEW_BASELINE: "1",
    ids.GO_ON: "1",
    ids.CHECK_NOW: "",
    **dict.fromkeys((ids.CONTACT, ids.CONTACT_SEEN, ids.CONTACT_START, ids.CONTACT_START_WITHOUT), "1"),
}
"""An example value for each kind of button."""


def test_each_button_has_an_example() -> None:
    """A new row of BUTTONS needs a row of VALUES."""
    assert set(VALUES) == set(BUTTONS)


REFUSED = "Sorry, only "


def outsiders(bot: RunningBot) -> list[User]:
    """Return one of each kind of person without access."""
    people = bot.slack.workspace
    return [people.guest, people.single_channel_guest, people.stranger, people.deactivated]


async def test_outsiders_are_refused_in_commands(bot: RunningBot) -> None:
    """W1: guests, people of other organizations and deactivated people are refused every command, even unknown ones."""
    for user in outsiders(bot):
        for word in (*(command.word for command in COMMANDS), "nonsense", ""):
            answer = await bot.say(f"{word} 1", user=user, channel="with-partner")
            assert answer.text.startswith(REFUSED), (user.name, word)
            assert "Acme" not in answer.text


async def test_outsiders_are_refused_in_buttons(bot: RunningBot) -> None:
    """W1: every kind of button checks who clicks it, and shows or changes nothing for outsiders."""
    await bot.say("subscribe late")
    for user in outsiders(bot):
        for kind, row in BUTTONS.items():
            message = bot.put(section("x", button("Click", kind, VALUES.get(kind, "1"))), channel="with-partner")
            exchange = await bot.press(message, "Click", user=user)
            if row.role is Role.NOBODY:
                continue
            assert (await exchange.answer()).text.startswith(REFUSED), (user.name, kind)
            assert exchange.answers[0].visible_to == user.id
    assert bot.slack.called("views.open") == []
    assert "*late*" in (await bot.say("subscriptions")).text


async def test_members_are_refused_what_admins_decide(bot: RunningBot) -> None:
    """W2, B4: a member is refused what only admins can do, whatever the button carries."""
    for kind in (one.kind for one in BUTTONS.values() if one.role is Role.ADMIN):
        message = bot.put(section("x", button("Click", kind, VALUES.get(kind, "1"))), channel="with-partner")
        assert (await bot.click(message, "Click")).text.startswith("Sorry, only admins can do this."), kind


async def test_a_guest_clicks_on_a_shared_list(bot: RunningBot) -> None:
    """W1: a guest can open nothing in a list that a member shared, and the list does not change."""
    shared = await bot.click(await bot.say("list"), "Share here")
    refused = await bot.click(shared, "Details", user="gustav")
    assert (refused.visible_to, refused.text.startswith(REFUSED)) == (bot.slack.workspace.guest.id, True)
    assert bot.slack.views.of(bot.slack.workspace.guest.id) is None
    assert bot.slack.messages("onboarding") == [shared]


async def test_a_suggestion_runs_with_the_role_of_the_person_who_clicks(bot: RunningBot) -> None:
    """W1: a button that runs a command checks the role of the person who clicks."""
    await bot.say("subscribe late")
    message = bot.put(section("x", button("Run", ids.RUN_SUGGESTION, "unsubscribe all")))
    assert (await bot.click(message, "Run", user="sofia")).text.startswith(REFUSED)
    assert "no longer subscribed to" in (await bot.click(message, "Run", user="bruno")).text


async def test_a_link_is_opened_by_slack_alone(bot: RunningBot) -> None:
    """A click on a link button is only acknowledged, for everyone."""
    answer = await bot.say("show 1")
    exchange = await bot.press(answer, "Open in Clust", user="gustav")
    await bot.say("status")
    assert exchange.answers == []


async def test_a_button_of_another_version_does_no_harm(bot: RunningBot) -> None:
    """An unknown kind of button is acknowledged and ignored; an unreadable value is answered with what to do."""
    unknown = await bot.press(bot.put(section("x", button("Old", "old.kind", "1"))), "Old")
    for value in ("{", "[]", "null", '{"filter": "", "limit": "many", "page": 0}', '{"filter": "flavor:red"}'):
        message = bot.put(section("x", button("Next", ids.LIST_PAGE, value)))
        assert "from another version of the bot" in (await bot.click(message, "Next")).text
    assert unknown.answers == []


async def test_a_forged_page_is_kept_within_its_bounds(bot: RunningBot) -> None:
    """Whatever a button carries, a page has 1 to 20 rows, and its filter is parsed like a typed one."""
    for limit, page, heading in (
        (100_000, 0, "3 applications"),
        (-5, -3, "First 1 of 3 applications"),
        (1, 10**12, "3 applications"),
        (None, 0, "3 applications"),
    ):
        value = json.dumps({"filter": "", "limit": limit, "page": page})
        message = bot.put(section("x", button("Next", ids.LIST_PAGE, value)), visible_to="mei")
        assert (await bot.click(message, "Next")).text.startswith(heading)
    value = json.dumps({"filter": "flavor:red", "limit": 1, "page": 0})
    message = bot.put(section("x", button("Next", ids.LIST_PAGE, value)), visible_to="mei")
    assert "Unknown filter `flavor`." in (await bot.click(message, "Next")).text
