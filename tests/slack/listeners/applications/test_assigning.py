"""Assigning an application to someone else, in the real app: a window asks, and the person gets a message."""

from __future__ import annotations

from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from tests.slack.conftest import RunningBot, menu
from tests.slack.listeners.windows import window_with


async def window_of(bot: RunningBot) -> View:
    """Open the window from the list, and return it."""
    listed = await bot.say("list id:1")
    value = next(one["value"] for one in menu(listed) if one["text"]["text"] == "Assign to…")
    await bot.slack.click(listed, ids.MORE, value=value)
    return await window_with(bot, "Assign to", "Acme")


async def test_the_form_assigns_to_someone_and_notifies_them(idle_bot: RunningBot) -> None:
    """The list shows it, and the assignee gets a message with what can be done."""
    adrien = idle_bot.slack.workspace.admin.id
    exchange = await idle_bot.slack.submit(await window_of(idle_bot), {"assignee": adrien})
    assert "Assigned to <@" in str(exchange.body)
    mei = idle_bot.slack.workspace.member.id
    (message,) = await idle_bot.direct_messages("adrien", f"<@{mei}> assigned this to you.")
    assert "Acme" in message.text
    assert f"<@{adrien}>" in (await idle_bot.say("list id:1")).text


async def test_an_empty_field_unassigns(idle_bot: RunningBot) -> None:
    """The window opens with who handles it now."""
    await idle_bot.click(await idle_bot.say("list id:1"), "Assign to me")
    await idle_bot.press(await idle_bot.say("list id:1"), "Assign to…")
    mei = idle_bot.slack.workspace.member.id
    view = await window_with(idle_bot, f'"initial_user": "{mei}"')
    exchange = await idle_bot.slack.submit(view, {"assignee": None})
    assert f"It was assigned to <@{mei}> before." in str(exchange.body)
    assert "👤" not in (await idle_bot.say("list id:1")).text


async def test_an_assignee_who_can_not_use_the_bot_gets_no_message(idle_bot: RunningBot) -> None:
    """W1: a guest can't look up the application, so they get no message about it."""
    guest = idle_bot.slack.workspace.guest.id
    exchange = await idle_bot.slack.submit(await window_of(idle_bot), {"assignee": guest})
    assert "can't use Clust here" in str(exchange.body)
    assert "👤" not in (await idle_bot.say("list id:1")).text
    assert not idle_bot.slack.messages(idle_bot.slack.workspace.direct(idle_bot.slack.workspace.bot.id, guest))


async def test_a_command_assigns_to_who_types_it(idle_bot: RunningBot) -> None:
    """`assign 1`, its other word `take`, and `me` do the same. `unassign` ends it."""
    mei = idle_bot.slack.workspace.member.id
    for command in ("assign 1", "take #1 me"):
        assert "👤 Assigned to you." in (await idle_bot.say(command)).text
        assert f"<@{mei}>" in (await idle_bot.say("list id:1")).text
        assert f"It was assigned to <@{mei}> before." in (await idle_bot.say("unassign 1")).text
    assert "isn't assigned to anyone" in (await idle_bot.say("unassign 1")).text


async def test_a_command_assigns_to_someone_and_notifies_them(idle_bot: RunningBot) -> None:
    """Slack sends the person as a mention (rule X1), and `to` is optional."""
    adrien, mei = idle_bot.slack.workspace.admin.id, idle_bot.slack.workspace.member.id
    for command in ("assign 1 @adrien", "assign 1 to @adrien"):
        assert f"Assigned to <@{adrien}>." in (await idle_bot.say(command)).text
    await idle_bot.direct_messages("adrien", f"<@{mei}> assigned this to you.")


CHANGING_NOTHING = [
    ("", "Which application?"),
    ("a/b", "isn't an application"),
    ("999", "haven't seen application"),
    ("1 banana", "I don't know who"),
    ("1 @S0123456", "not to a group"),
    ("1 @UNOBODY", "tell me who that is"),
    ("1 limit:3", "doesn't take `limit:`"),
]
"""Arguments of `assign`, and what is answered."""


async def test_a_command_that_names_no_application_or_person_changes_nothing(idle_bot: RunningBot) -> None:
    """The answer says what is allowed."""
    for arguments, answer in CHANGING_NOTHING:
        assert answer in (await idle_bot.say(f"assign {arguments}")).text, arguments
        assert "👤" not in (await idle_bot.say("list id:1")).text


async def test_a_command_assigns_nothing_to_a_guest(idle_bot: RunningBot) -> None:
    """W1, as in the window."""
    assert "can't use Clust here" in (await idle_bot.say(f"assign 1 @{idle_bot.slack.workspace.guest.name}")).text
    assert "👤" not in (await idle_bot.say("list id:1")).text
