"""Clicks on the real app's buttons: permissions, and old, foreign or unknown buttons (rule W1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

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


def outsiders(bot: RunningBot, count: int) -> Iterator[tuple[User, int]]:
    """Pair each of `count` things with a guest, and with one of the other kinds of people without access in turn."""
    people = bot.slack.workspace
    others = (people.single_channel_guest, people.stranger, people.deactivated)
    for number in range(count):
        yield people.guest, number
        yield others[number % len(others)], number


async def test_outsiders_are_refused_in_commands(idle_bot: RunningBot) -> None:
    """W1: guests, people of other organizations and deactivated people are refused every command, even unknown ones."""
    words = [*(command.word for command in COMMANDS), "nonsense", ""]
    for user, number in outsiders(idle_bot, len(words)):
        answer = await idle_bot.say(f"{words[number]} 1", user=user, channel="with-partner")
        assert answer.text.startswith(REFUSED), (user.name, words[number])
        assert "Acme" not in answer.text


async def test_outsiders_are_refused_in_buttons(idle_bot: RunningBot) -> None:
    """W1: every kind of button checks who clicks it, and shows or changes nothing for outsiders."""
    await idle_bot.say("subscribe late")
    rows = list(BUTTONS.items())
    for user, number in outsiders(idle_bot, len(rows)):
        kind, row = rows[number]
        message = idle_bot.put(section("x", button("Click", kind, VALUES.get(kind, "1"))), channel="with-partner")
        exchange = await idle_bot.press(message, "Click", user=user)
        if row.role is Role.NOBODY:
            continue
        assert (await exchange.answer()).text.startswith(REFUSED), (user.name, kind)
        assert exchange.answers[0].visible_to == user.id
    assert idle_bot.slack.called("views.open") == []
    assert "*late*" in (await idle_bot.say("subscriptions")).text


async def test_members_are_refused_what_admins_decide(idle_bot: RunningBot) -> None:
    """W2, B4: a member is refused what only admins can do, whatever the button carries."""
    for kind in (one.kind for one in BUTTONS.values() if one.role is Role.ADMIN):
        message = idle_bot.put(section("x", button("Click", kind, VALUES.get(kind, "1"))), channel="with-partner")
        assert (await idle_bot.click(message, "Click")).text.startswith("Sorry, only admins can do this."), kind


async def test_a_guest_clicks_on_a_shared_list(idle_bot: RunningBot) -> None:
    """W1: a guest can open nothing in a list that a member shared, and the list does not change."""
    shared = await idle_bot.click(await idle_bot.say("list"), "Share here")
    refused = await idle_bot.click(shared, "Details", user="gustav")
    assert (refused.visible_to, refused.text.startswith(REFUSED)) == (idle_bot.slack.workspace.guest.id, True)
    assert idle_bot.slack.views.of(idle_bot.slack.workspace.guest.id) is None
    assert idle_bot.slack.messages("onboarding") == [shared]


async def test_a_suggestion_runs_with_the_role_of_the_person_who_clicks(idle_bot: RunningBot) -> None:
    """W1: a button that runs a command checks the role of the person who clicks."""
    await idle_bot.say("subscribe late")
    message = idle_bot.put(section("x", button("Run", ids.RUN_SUGGESTION, "unsubscribe all")))
    assert (await idle_bot.click(message, "Run", user="sofia")).text.startswith(REFUSED)
    assert "no longer subscribed to" in (await idle_bot.click(message, "Run", user="bruno")).text


async def test_a_link_is_opened_by_slack_alone(idle_bot: RunningBot) -> None:
    """A click on a link button is only acknowledged, for everyone."""
    answer = await idle_bot.say("show 1")
    exchange = await idle_bot.press(answer, "Open in Clust", user="gustav")
    await idle_bot.say("status")
    assert exchange.answers == []


async def test_a_button_of_another_version_does_no_harm(idle_bot: RunningBot) -> None:
    """An unknown kind of button is acknowledged and ignored. An unreadable value is answered with what to do."""
    unknown = await idle_bot.press(idle_bot.put(section("x", button("Old", "old.kind", "1"))), "Old")
    for value in ("{", "[]", "null", '{"filter": "", "limit": "many", "page": 0}', '{"filter": "flavor:red"}'):
        message = idle_bot.put(section("x", button("Next", ids.LIST_PAGE, value)))
        assert "from another version of the bot" in (await idle_bot.click(message, "Next")).text
    assert unknown.answers == []


async def test_a_forged_page_is_kept_within_its_bounds(idle_bot: RunningBot) -> None:
    """Whatever a button carries, a page has 1 to 20 rows, and its filter is parsed like a typed one."""
    for limit, page, heading in (
        (100_000, 0, "3 applications"),
        (-5, -3, "First 1 of 3 applications"),
        (1, 10**12, "3 applications"),
        (None, 0, "3 applications"),
    ):
        value = json.dumps({"filter": "", "limit": limit, "page": page})
        message = idle_bot.put(section("x", button("Next", ids.LIST_PAGE, value)), visible_to="mei")
        assert (await idle_bot.click(message, "Next")).text.startswith(heading)
    value = json.dumps({"filter": "flavor:red", "limit": 1, "page": 0})
    message = idle_bot.put(section("x", button("Next", ids.LIST_PAGE, value)), visible_to="mei")
    assert "Unknown filter `flavor`." in (await idle_bot.click(message, "Next")).text
