"""An application made from a message: what is read of it fills in the form."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.messages import PostedMessage
from bot.slack.views.building import ids
from bot.store.engine.tables import drafts
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import text_of, window_with


async def _chosen(bot: RunningBot, text: str, callback_id: str = "shortcut.from_message") -> PostedMessage:
    """Write a message and choose a shortcut on it."""
    message = await bot.slack.say(text)
    assert (await bot.slack.message_shortcut(message, callback_id)).is_acknowledged
    return message


async def test_an_application_is_made_from_a_message(idle_bot: RunningBot) -> None:
    """The person of several is chosen, the message is linked, and the form is sent as any other."""
    message = await _chosen(
        idle_bot, "Ana Silva <ana@acme.com> +351 210 555 010\nBo Li <bo@birch.com>", "shortcut.from_message"
    )
    await idle_bot.window("mei", "several people", "Ana Silva, ana@acme.com, +351 210 555 010", "Bo Li", "Someone else")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view is not None
    await idle_bot.slack.submit(view, {"contact": "0", "link": "1"})
    form = await idle_bot.window("mei", ids.CREATE, "ana@acme.com")
    link = f"/archives/{message.channel}/p{message.ts.replace('.', '')}"
    for value in ("Ana", "Silva", "+351 210 555 010", link):
        assert value in form
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view is not None
    template = next(iter(idle_bot.account.templates.values()))
    await idle_bot.slack.submit(view, {"template_id": str(template.id)})
    await idle_bot.window("mei", "Created")
    (request,) = [one for one in idle_bot.account.requests if one.method == "POST"]
    assert b"ana@acme.com" in request.body
    assert link.encode() in request.body


@pytest.mark.parametrize(
    ("text", "words", "filled_in", "empty"),
    [
        ("Ana Silva <ana@acme.com>", "I found this in the message", "ana@acme.com", "/archives/"),
        ("Where is it?", "I found no name", ids.CREATE, "@"),
    ],
)
async def test_one_contact_in_a_message_is_not_asked_about(
    idle_bot: RunningBot, text: str, words: str, filled_in: str, empty: str
) -> None:
    """There is nothing to choose. Without *Link this message* it isn't linked."""
    await _chosen(idle_bot, text)
    assert "Someone else" not in await idle_bot.window("mei", words)
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view is not None
    await idle_bot.slack.submit(view)
    form = await idle_bot.window("mei", ids.CREATE, filled_in)
    assert empty not in form.replace("ana@example.com", "").replace("ana@acme.com", "")


async def test_what_was_read_outlives_retry(idle_bot: RunningBot) -> None:
    """Clust can't be reached twice: the person and the link are there when it can be, and one draft."""
    message = await _chosen(idle_bot, "Ana Silva <ana@acme.com> +351 210 555 010")
    await idle_bot.window("mei", "I found this")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view is not None
    idle_bot.account.faults.unreachable = True
    await idle_bot.slack.submit(view, {"link": "1"})
    failed = await window_with(idle_bot, "Try again")
    first = failed.sent
    await idle_bot.press(failed, "Try again")
    await idle_bot.slack.wait_for(lambda: failed.sent != first and "Try again" in text_of(failed))
    idle_bot.account.faults.unreachable = False
    await idle_bot.press(failed, "Try again")
    link = f"/archives/{message.channel}/p{message.ts.replace('.', '')}"
    view = await window_with(idle_bot, ids.CREATE, "Ana", "Silva", "ana@acme.com", "+351 210 555 010", link)
    await idle_bot.slack.submit(view, {"template_id": str(next(iter(idle_bot.account.templates)))})
    await idle_bot.window("mei", "Created", "Ana")
    assert len(await idle_bot.rows(sa.select(drafts))) == 1


async def test_choosing_someone_else_begins_with_an_empty_form(idle_bot: RunningBot) -> None:
    """The form begins empty."""
    await _chosen(idle_bot, "ana@acme.com, bo@birch.com")
    await idle_bot.window("mei", "Someone else")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view is not None
    await idle_bot.slack.submit(view, {"contact": "none"})
    assert "acme.com" not in await idle_bot.window("mei", ids.CREATE)


async def test_a_viewer_creates_nothing_from_a_message(idle_bot: RunningBot) -> None:
    """W1: the role is that of *Create*."""
    message = await idle_bot.slack.say("Ana Silva <ana@acme.com>")
    await idle_bot.slack.message_shortcut(message, "shortcut.from_message", user="gustav")
    await idle_bot.window("gustav", "only members of this workspace")
