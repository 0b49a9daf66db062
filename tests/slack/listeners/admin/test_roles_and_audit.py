"""`roles` and `audit`: who may do what, how admins change it, and who did what (rule W1)."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.views import View
from tests.slack.conftest import Start, World, buttons


def mention(world: World, name: str) -> str:
    """Return how Slack sends `@name`."""
    return f"@{world.slack.workspace.user(name).id}"


async def test_a_given_role_holds_at_once(calm: World) -> None:
    """W1: a member made viewer can only look at once; without that role, the default applies again."""
    mei = mention(calm, "mei")
    assert "is now a viewer" in (await calm.say(f"roles set {mei} viewer", user="adrien")).text
    assert "Sorry, only" in (await calm.say("subscribe late", user="mei")).text
    assert "Acme" in (await calm.say("list", user="mei")).text
    assert f"<{mei}>: *viewer*" in (await calm.say("roles", user="adrien")).text
    assert "is no longer a viewer" in (await calm.say(f"roles remove {mei}", user="adrien")).text
    assert "is now subscribed" in (await calm.say("subscribe late", user="mei")).text
    assert "no role to remove" in (await calm.say(f"roles remove {mei}", user="adrien")).text


async def test_a_guest_is_let_in_by_name(calm: World) -> None:
    """W1: an admin can give a guest a role."""
    assert "Sorry, only" in (await calm.say("list", user="gustav")).text
    await calm.say(f"roles set {mention(calm, 'gustav')} viewer", user="adrien")
    assert "Acme" in (await calm.say("list", user="gustav")).text


async def test_only_admins_see_and_change_rights(calm: World) -> None:
    """W1: members are refused, and a member who was made admin is not."""
    for text in ("roles", f"roles set {mention(calm, 'mei')} admin", "audit"):
        assert "Sorry, only admins can do this." in (await calm.say(text, user="mei")).text
    await calm.say(f"roles set {mention(calm, 'mei')} admin", user="adrien")
    assert "*role*" in (await calm.say("audit", user="mei")).text


async def test_nobody_takes_the_last_way_in(calm: World) -> None:
    """Whoever changes roles stays admin: they can neither lower nor remove their own role."""
    mei = mention(calm, "mei")
    await calm.say(f"roles set {mei} admin", user="adrien")
    for text in (f"roles set {mei} editor", f"roles remove {mei}"):
        assert "You'd no longer be an admin yourself" in (await calm.say(text, user="mei")).text
    assert "always an admin" in (await calm.say(f"roles set {mention(calm, 'olivia')} viewer", user="mei")).text
    log = (await calm.say("audit", user="mei")).text.splitlines()
    assert [line.endswith("refused") for line in log] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roles set @ana viewer", "choose a person or group"),
        ("roles set @U404 viewer", "can't tell me who that is"),
        ("roles set mei", "to remove it"),
        ("roles set @U123 edtor", "Did you mean `editor`?"),
        ("audit who:ana", "Choose from by:, application:, action:, limit:, before:"),
        ("audit limit:1001", "limit must be between 1 and 1,000"),
        ("audit action:delte", "Did you mean `delete`?"),
        ("audit action:mute", "No matching entries"),
        ("audit application:???", "isn't an application ID"),
        ("audit before:0", "a whole number"),
    ],
)
async def test_what_cannot_be_understood_is_said(calm: World, text: str, said: str) -> None:
    """Each error is answered with what is allowed."""
    assert said in (await calm.say(text, user="adrien")).text


async def test_the_log_is_filtered_and_paged(calm: World) -> None:
    """C13: by person, target and action; a button goes on to older rows, up to the limit."""
    for role in ("viewer", "editor", "admin") * 7:
        await calm.say(f"roles set {mention(calm, 'mei')} {role}", user="adrien")
    by = f"by:{mention(calm, 'adrien')}"
    bounded = await calm.say(f"audit {by} action:role limit:2", user="olivia")
    assert [line.rsplit(" · ", 1)[1] for line in bounded.text.splitlines()] == ["admin", "editor"]
    assert buttons(bounded) == []
    first = await calm.say(f"audit {by} action:role limit:21", user="olivia")
    assert len(first.text.splitlines()) == 10
    assert "Sorry, only admins can do this." in (await calm.click(first, "Older", user="bruno")).text
    second = await calm.click(first, "Older", user="olivia")
    assert len(second.text.splitlines()) == 10
    last = await calm.click(second, "Older", user="olivia")
    assert [line.rsplit(" · ", 1)[1] for line in last.text.splitlines()] == ["viewer"]
    assert buttons(last) == []
    assert "No matching entries" in (await calm.say(f"audit by:{mention(calm, 'mei')}", user="olivia")).text


async def role_form(world: World) -> View:
    """Open the form by the button in the answer of roles, once an earlier one is closed."""
    if before := world.slack.views.of(world.slack.workspace.admin.id):
        await world.slack.close_view(before)
    await world.press(await world.say("roles", user="adrien"), "Give a role…")
    view = await world.slack.wait_for(lambda: world.slack.views.of(world.slack.workspace.admin.id))
    assert view
    return view


async def test_roles_are_given_and_taken_by_a_form(calm: World) -> None:
    """A person from Slack's own select, or a user group searched by name; effective at once."""
    mei = calm.slack.workspace.member.id
    exchange = await calm.slack.submit(await role_form(calm), {"person": mei, "role": "viewer"})
    assert exchange.view
    assert "is now a viewer" in str(exchange.view.sent)
    assert "Sorry, only" in (await calm.say("subscribe late", user="mei")).text
    exchange = await calm.slack.submit(await role_form(calm), {"person": mei, "role": "none"})
    assert exchange.view
    assert "is no longer a viewer" in str(exchange.view.sent)
    group = calm.slack.workspace.add_group("compliance-team", {mei})
    view = await role_form(calm)
    assert await calm.slack.options(view, "group", "nothing like it") == []
    (option,) = await calm.slack.options(view, "group", "COMPL")
    await calm.slack.submit(view, {"group": option, "role": "admin"})
    assert f"<!subteam^{group.id}>: *admin*" in (await calm.say("roles", user="mei")).text


async def test_what_a_role_form_can_not_do_stands_under_its_field(calm: World) -> None:
    """Choosing neither or both, or removing the own admin role."""
    people = calm.slack.workspace
    both = {"person": people.member.id, "role": "viewer"}
    for values, field, said in (
        ({"role": "viewer"}, "group", "either a person or a user group"),
        ({**both, "person": people.admin.id}, "role", "always an admin"),
    ):
        exchange = await calm.slack.submit(await role_form(calm), values)
        assert said in exchange.errors[field]


async def test_a_role_form_is_for_admins(calm: World) -> None:
    """W1: the search and the submission are refused to someone who is no longer an admin."""
    mei = mention(calm, "mei")
    await calm.say(f"roles set {mei} admin", user="adrien")
    await calm.press(await calm.say("roles", user="mei"), "Give a role…")
    view = await calm.slack.wait_for(lambda: calm.slack.views.of(calm.slack.workspace.member.id))
    assert view
    calm.slack.workspace.add_group("team", set())
    await calm.say(f"roles remove {mei}", user="adrien")
    assert await calm.slack.options(view, "group", "team") == []
    exchange = await calm.slack.submit(view, {"person": calm.slack.workspace.member.id, "role": "admin"})
    assert exchange.view
    assert "Sorry, only admins can do this." in str(exchange.view.sent)


async def test_a_refusal_says_whom_to_ask(start: Start, slack: SandboxSlack) -> None:
    """W1: with ADMIN_USERS, a refusal names those admins."""
    world = await start(admin_users=[slack.workspace.member.id])
    assert f"You can ask <{mention(world, 'mei')}>." in (await world.say("audit", user="bruno")).text


async def test_nobody_is_sent_to_themselves(start: Start, slack: SandboxSlack) -> None:
    """D6: a guest in ADMIN_USERS is refused and referred to the others there, if any."""
    guest, admin = slack.workspace.guest.id, slack.workspace.admin.id
    world = await start(admin_users=[guest, admin])
    text = (await world.say("audit", user="gustav")).text
    assert (f"You can ask <@{admin}>." in text, guest in text) == (True, False)


async def test_who_is_the_only_one_named_has_nobody_to_ask(start: Start, slack: SandboxSlack) -> None:
    """D6: the line about whom to ask is left out if it would name only the person."""
    world = await start(admin_users=[slack.workspace.guest.id])
    text = (await world.say("audit", user="gustav")).text
    assert ("Sorry" in text, "You can ask" in text) == (True, False)


@pytest.mark.parametrize("code", ["internal_error", "no_such_subteam"])
async def test_a_group_that_can_not_be_read_is_not_escaped(start: Start, slack: SandboxSlack, code: str) -> None:
    """A1: members of a viewer group stay viewers while Slack can't list it; admins see which group that is."""
    world = await start(poll_interval=3600)
    await world.baseline()
    group = slack.workspace.add_group("readers", {slack.workspace.member.id})
    await world.say(f"roles set @{group.id} viewer", user="adrien")
    slack.fail_next("usergroups.users.list", code, times=1000)
    for text in ("subscribe late", "unsubscribe", "create", "mute 2h"):
        for user in ("mei", "bruno"):
            assert "Try again in a moment" in (await world.say(text, user=user)).text
    assert "no subscriptions" in (await world.say("unsubscribe", user="adrien")).text
    assert "Acme" in (await world.say("list", user="mei")).text
    assert "Slack can't tell me who is in this group" in (await world.say("roles", user="adrien")).text
    assert "is no longer a viewer" in (await world.say(f"roles remove @{group.id}", user="adrien")).text
    assert "is now subscribed" in (await world.say("subscribe late", user="mei")).text


async def test_what_was_done_to_an_application_links_to_it(calm: World) -> None:
    """By the address that Clust's list gave."""
    await calm.say("assign 1")
    row = next(line for line in (await calm.say("audit", user="adrien")).text.splitlines() if "*take*" in line)
    assert "|#1>" in row
    assert "<http" in row
