"""`roles allow @someone export`: contact details in exports, for a person that an admin gives that right."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import audit
from tests.slack.conftest import RunningBot


def columns(bot: RunningBot) -> str:
    """Return the first line of the newest file."""
    content = [*bot.slack.state.files.values()][-1].content or b""
    return content.decode("utf-8-sig").splitlines()[0]


async def test_a_right_is_given_and_removed(idle_bot: RunningBot) -> None:
    """The person then has contact details in exports. Both are in the audit log and in the list of roles."""
    mei = idle_bot.slack.workspace.member.id
    given = await idle_bot.say("roles allow @mei export", user="adrien")
    assert given.text == f"✅ <@{mei}> can now export email addresses and phone numbers."
    assert (
        f"Can export email addresses and phone numbers: <@{mei}>" in (await idle_bot.say("roles", user="adrien")).text
    )
    await idle_bot.say("export", user="mei")
    assert "Email,Phone number" in columns(idle_bot)
    removed = await idle_bot.say("roles disallow @mei export", user="adrien")
    assert removed.text == f"✅ <@{mei}> can no longer export email addresses and phone numbers."
    assert (
        "doesn't have the `export` permission" in (await idle_bot.say("roles disallow @mei export", user="adrien")).text
    )
    await idle_bot.say("export", user="mei")
    assert "Email" not in columns(idle_bot)
    rows = await idle_bot.rows(sa.select(audit.c.detail).where(audit.c.action == "role").order_by(audit.c.id))
    assert [row["detail"] for row in rows] == ["allow export", "disallow export"]


async def test_a_group_has_it_for_its_members(idle_bot: RunningBot) -> None:
    """And if Slack doesn't say who is in it, the answer is no (W1)."""
    workspace = idle_bot.slack.workspace
    group = workspace.add_group("ops", members={workspace.member.id})
    await idle_bot.say(f"roles allow @{group.id} export", user="adrien")
    await idle_bot.say("export", user="mei")
    assert "Email,Phone number" in columns(idle_bot)
    idle_bot.slack.fail_next("usergroups.users.list", "internal_error", times=5)
    await idle_bot.say("roles set @adrien admin", user="adrien")
    await idle_bot.say("export", user="mei")
    assert "Email" not in columns(idle_bot)


async def test_an_unknown_right_is_explained(idle_bot: RunningBot) -> None:
    """With those that there are."""
    for typed in ("roles allow @mei exports", "roles allow @mei api"):
        assert "Use `export`." in (await idle_bot.say(typed, user="adrien")).text, typed


async def test_only_admins_give_rights(idle_bot: RunningBot) -> None:
    """W1: a member can't allow themselves."""
    assert (await idle_bot.say("roles allow @mei export", user="mei")).text.startswith("Sorry, only admins")
