"""`roles` and `audit`: who may do what, how admins change it, and who did what (rule W1)."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.views import View
from tests.slack.conftest import RunningBot, Start, buttons


def mention(bot: RunningBot, name: str) -> str:
    """Return how Slack sends `@name`."""
    return f"@{bot.slack.workspace.user(name).id}"


async def test_a_given_role_holds_at_once(idle_bot: RunningBot) -> None:
    """W1: a member made viewer can only look at once. Without that role, the default applies again."""
    mei = mention(idle_bot, "mei")
    assert "is now a viewer" in (await idle_bot.say(f"roles set {mei} viewer", user="adrien")).text
    assert "Sorry, only" in (await idle_bot.say("subscribe late", user="mei")).text
    assert "Acme" in (await idle_bot.say("list", user="mei")).text
    assert f"<{mei}>: *viewer*" in (await idle_bot.say("roles", user="adrien")).text
    assert "is no longer a viewer" in (await idle_bot.say(f"roles remove {mei}", user="adrien")).text
    assert "is now subscribed" in (await idle_bot.say("subscribe late", user="mei")).text
    assert "no role to remove" in (await idle_bot.say(f"roles remove {mei}", user="adrien")).text


async def test_a_guest_is_let_in_by_name(idle_bot: RunningBot) -> None:
    """W1: an admin can give a guest a role."""
    assert "Sorry, only" in (await idle_bot.say("list", user="gustav")).text
    await idle_bot.say(f"roles set {mention(idle_bot, 'gustav')} viewer", user="adrien")
    assert "Acme" in (await idle_bot.say("list", user="gustav")).text


async def test_only_admins_see_and_change_rights(idle_bot: RunningBot) -> None:
    """W1: members are refused, and a member who was made admin is not."""
    for text in ("roles", f"roles set {mention(idle_bot, 'mei')} admin", "audit"):
        assert "Sorry, only admins can do this." in (await idle_bot.say(text, user="mei")).text
    await idle_bot.say(f"roles set {mention(idle_bot, 'mei')} admin", user="adrien")
    assert "*role*" in (await idle_bot.say("audit", user="mei")).text


async def test_an_admin_can_not_remove_their_own_role(idle_bot: RunningBot) -> None:
    """A person who changes roles stays admin: they can neither lower nor remove their own role."""
    mei = mention(idle_bot, "mei")
    await idle_bot.say(f"roles set {mei} admin", user="adrien")
    for text in (f"roles set {mei} editor", f"roles remove {mei}"):
        assert "This would remove your own admin role" in (await idle_bot.say(text, user="mei")).text
    assert "always an admin" in (await idle_bot.say(f"roles set {mention(idle_bot, 'olivia')} viewer", user="mei")).text
    log = (await idle_bot.say("audit", user="mei")).text.splitlines()
    assert [line.endswith("refused") for line in log] == [True, True, False]


NOT_UNDERSTOOD = [
    ("roles set @ana viewer", "choose a person or group"),
    ("roles SET Ana viewer", "I don't know who `Ana` is."),
    ("roles set @U123 Edtor", "Unknown role `Edtor`. Did you mean `editor`?"),
    ("audit action:foo", "Unknown action `foo`. Use `"),
    ("roles set @U404 viewer", "can't tell me who that is"),
    ("roles set mei", "to remove it"),
    ("roles set @U123 edtor", "Did you mean `editor`?"),
    ("audit who:ana", "Use `by:`, `application:`, `action:`, `limit:` or `before:`"),
    ("audit limit:1001", "limit must be between 1 and 1,000"),
    ("audit action:delte", "Did you mean `delete`?"),
    ("audit action:mute", "No matching entries"),
    ("audit application:???", "isn't an application number"),
    ("audit before:0", "a whole number"),
    ("audit by:", "Enter a value after `by:`."),
]
"""What an admin types, and what is answered."""


async def test_what_cannot_be_understood_is_said(idle_bot: RunningBot) -> None:
    """Each error is answered with what is allowed."""
    for text, sentence in NOT_UNDERSTOOD:
        assert sentence in (await idle_bot.say(text, user="adrien")).text, text


async def test_the_log_is_filtered_and_paged(idle_bot: RunningBot) -> None:
    """C13: by person, target and action, and a button goes on to older rows, up to the limit."""
    for role in ("viewer", "editor", "admin") * 7:
        await idle_bot.say(f"roles set {mention(idle_bot, 'mei')} {role}", user="adrien")
    by = f"by:{mention(idle_bot, 'adrien')}"
    bounded = await idle_bot.say(f"audit {by} action:role limit:2", user="olivia")
    assert [line.rsplit(" · ", 1)[1] for line in bounded.text.splitlines()] == ["admin", "editor"]
    assert buttons(bounded) == []
    first = await idle_bot.say(f"audit {by} action:role limit:21", user="olivia")
    assert len(first.text.splitlines()) == 10
    assert "Sorry, only admins can do this." in (await idle_bot.click(first, "Older", user="bruno")).text
    second = await idle_bot.click(first, "Older", user="olivia")
    assert len(second.text.splitlines()) == 10
    last = await idle_bot.click(second, "Older", user="olivia")
    assert [line.rsplit(" · ", 1)[1] for line in last.text.splitlines()] == ["viewer"]
    assert buttons(last) == []
    assert "No matching entries" in (await idle_bot.say(f"audit by:{mention(idle_bot, 'mei')}", user="olivia")).text


async def role_form(bot: RunningBot) -> View:
    """Open the form by the button in the answer of roles, once an earlier one is closed."""
    if before := bot.slack.views.of(bot.slack.workspace.admin.id):
        await bot.slack.close_view(before)
    await bot.press(await bot.say("roles", user="adrien"), "Give a role…")
    view = await bot.slack.wait_for(lambda: bot.slack.views.of(bot.slack.workspace.admin.id))
    assert view
    return view


async def test_roles_are_given_and_removed_by_a_form(idle_bot: RunningBot) -> None:
    """A person from Slack's own select, or a user group searched by name. It takes effect at once."""
    mei = idle_bot.slack.workspace.member.id
    exchange = await idle_bot.slack.submit(await role_form(idle_bot), {"person": mei, "role": "viewer"})
    assert exchange.view
    assert "is now a viewer" in str(exchange.view.sent)
    assert "Sorry, only" in (await idle_bot.say("subscribe late", user="mei")).text
    exchange = await idle_bot.slack.submit(await role_form(idle_bot), {"person": mei, "role": "none"})
    assert exchange.view
    assert "is no longer a viewer" in str(exchange.view.sent)
    group = idle_bot.slack.workspace.add_group("compliance-team", {mei})
    view = await role_form(idle_bot)
    assert await idle_bot.slack.options(view, "group", "nothing like it") == []
    (option,) = await idle_bot.slack.options(view, "group", "COMPL")
    await idle_bot.slack.submit(view, {"group": option, "role": "admin"})
    assert f"<!subteam^{group.id}>: *admin*" in (await idle_bot.say("roles", user="mei")).text


async def test_what_a_role_form_can_not_do_stands_under_its_field(idle_bot: RunningBot) -> None:
    """Choosing neither or both, or removing the own admin role."""
    people = idle_bot.slack.workspace
    both = {"person": people.member.id, "role": "viewer"}
    for values, field, sentence in (
        ({"role": "viewer"}, "group", "either a person or a user group"),
        ({**both, "person": people.admin.id}, "role", "always an admin"),
    ):
        exchange = await idle_bot.slack.submit(await role_form(idle_bot), values)
        assert sentence in exchange.errors[field]


async def test_a_role_form_is_for_admins(idle_bot: RunningBot) -> None:
    """W1: the search and the submission are refused to someone who is no longer an admin."""
    mei = mention(idle_bot, "mei")
    await idle_bot.say(f"roles set {mei} admin", user="adrien")
    await idle_bot.press(await idle_bot.say("roles", user="mei"), "Give a role…")
    view = await idle_bot.slack.wait_for(lambda: idle_bot.slack.views.of(idle_bot.slack.workspace.member.id))
    assert view
    idle_bot.slack.workspace.add_group("team", set())
    await idle_bot.say(f"roles remove {mei}", user="adrien")
    assert await idle_bot.slack.options(view, "group", "team") == []
    exchange = await idle_bot.slack.submit(view, {"person": idle_bot.slack.workspace.member.id, "role": "admin"})
    assert exchange.view
    assert "Sorry, only admins can do this." in str(exchange.view.sent)


async def test_a_refusal_says_whom_to_ask(start: Start, slack: SandboxSlack) -> None:
    """W1: with ADMIN_USERS, a refusal names those admins."""
    bot = await start(poll_interval=3600, admin_users=[slack.workspace.member.id])
    assert f"You can ask <{mention(bot, 'mei')}>." in (await bot.say("audit", user="bruno")).text


async def test_nobody_is_sent_to_themselves(start: Start, slack: SandboxSlack) -> None:
    """D6: a guest in ADMIN_USERS is refused and referred to the others there, if any."""
    guest, admin = slack.workspace.guest.id, slack.workspace.admin.id
    bot = await start(poll_interval=3600, admin_users=[guest, admin])
    text = (await bot.say("audit", user="gustav")).text
    assert (f"You can ask <@{admin}>." in text, guest in text) == (True, False)


async def test_the_only_named_admin_is_not_sent_to_themselves(start: Start, slack: SandboxSlack) -> None:
    """D6: the line about the people to ask is left out if it would name only the person."""
    bot = await start(poll_interval=3600, admin_users=[slack.workspace.guest.id])
    text = (await bot.say("audit", user="gustav")).text
    assert ("Sorry" in text, "You can ask" in text) == (True, False)


@pytest.mark.parametrize("code", ["internal_error", "no_such_subteam"])
async def test_a_group_that_can_not_be_read_is_not_escaped(start: Start, slack: SandboxSlack, code: str) -> None:
    """A1: members of a viewer group stay viewers while Slack can't list it, and admins see which group that is."""
    bot = await start(poll_interval=3600)
    await bot.baseline()
    group = slack.workspace.add_group("readers", {slack.workspace.member.id})
    await bot.say(f"roles set @{group.id} viewer", user="adrien")
    slack.fail_next("usergroups.users.list", code, times=1000)
    for text in ("subscribe late", "unsubscribe", "create", "mute 2h"):
        for user in ("mei", "bruno"):
            assert "Try again in a moment" in (await bot.say(text, user=user)).text
    assert "no subscriptions" in (await bot.say("unsubscribe", user="adrien")).text
    assert "Acme" in (await bot.say("list", user="mei")).text
    assert "Slack can't tell me who is in this group" in (await bot.say("roles", user="adrien")).text
    assert "is no longer a viewer" in (await bot.say(f"roles remove @{group.id}", user="adrien")).text
    assert "is now subscribed" in (await bot.say("subscribe late", user="mei")).text


async def test_the_audit_log_links_to_the_application(idle_bot: RunningBot) -> None:
    """By the address that Clust's list gave."""
    await idle_bot.say("assign 1")
    row = next(line for line in (await idle_bot.say("audit", user="adrien")).text.splitlines() if "*take*" in line)
    assert "|#1>" in row
    assert "<http" in row
