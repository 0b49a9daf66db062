"""Editing in a pane: the checks of Update, conflicts below their field, and nothing sent twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.sandbox.slack.work_objects.panes import Pane
from bot.store import open_store
from bot.store.engine.tables import drafts
from tests.patience import NONE
from tests.slack.conftest import RunningBot
from tests.slack.listeners.links.cards import ACME, with_titles
from tests.slack.listeners.windows import window_with

TITLE = "title"


async def opened(bot: RunningBot, user: str = "mei") -> Pane:
    """Paste the link of Acme, and open its pane as someone."""
    message = await bot.slack.post(ACME)
    await with_titles(bot, message, bot.account.dossiers[1].title or "")
    pane = await bot.slack.open_pane(message, user=user)
    await bot.slack.wait_for(lambda: pane.entity or pane.error)
    return pane


def writes(bot: RunningBot) -> int:
    """Return how often the bot changed something in Clust."""
    return sum(request.method in {"PUT", "PATCH", "POST"} for request in bot.account.requests)


def title_of(pane: Pane) -> str:
    """Return the title that a pane shows."""
    assert pane.entity is not None
    return str(pane.entity["entity_payload"]["attributes"]["title"]["text"])


async def test_an_edit_is_saved_and_shown(idle_bot: RunningBot) -> None:
    """The title and the template are saved as Update saves them, the pane and its card follow, and the audit has it."""
    pane = await opened(idle_bot)
    assert dict(pane.editable()).keys() == {"title", "template_id"}
    other = str(max(idle_bot.account.templates))
    saved = await idle_bot.slack.save(pane, title="Acme Ltd", template_id=other)
    assert (saved.body, pane.errors, pane.trouble) == (None, {}, "")
    await idle_bot.slack.wait_for(lambda: title_of(pane) == "Acme Ltd")
    acme = idle_bot.account.dossiers[1]
    assert (acme.title, str(acme.template.id)) == ("Acme Ltd", other)
    assert "title" in (await idle_bot.say("audit", user="adrien")).text


async def test_a_pane_ten_minutes_old_is_compared_with_what_it_opened_with(idle_bot: RunningBot) -> None:
    """It is still edited, and what others changed since is asked about, not overwritten (rule M3)."""
    pane, quiet = await opened(idle_bot), await opened(idle_bot, "bruno")
    await ten_minutes_pass(idle_bot)
    await idle_bot.slack.save(quiet, title="Bruno's")
    await idle_bot.slack.wait_for(lambda: title_of(quiet) == "Bruno's")
    await idle_bot.slack.save(pane, title="Mei's")
    assert "“Bruno's”" in pane.errors[TITLE]
    assert (writes(idle_bot), idle_bot.account.dossiers[1].title) == (1, "Bruno's")


async def ten_minutes_pass(bot: RunningBot) -> None:
    """Let each pane have been opened ten minutes earlier."""
    ago = timedelta(minutes=10)
    store = open_store(bot.settings.database_url, posts_per_minute=300)
    async with store.database.write() as tx:
        for row in (await tx.execute(drafts.select())).mappings().all():
            earlier = {"created_at": row["created_at"] - ago, "expires_at": row["expires_at"] - ago}
            await tx.execute(drafts.update().where(drafts.c.id == row["id"]).values(earlier))
    await store.database.close()


async def test_viewers_read_and_guests_are_refused(idle_bot: RunningBot) -> None:
    """A pane of a viewer has nothing to edit, and a role that was lost since counts when it is saved."""
    await idle_bot.say("roles set @bruno viewer", user="adrien")
    assert dict((await opened(idle_bot, "bruno")).editable()) == {}
    pane = await opened(idle_bot)
    await idle_bot.say("roles set @mei viewer", user="adrien")
    await idle_bot.slack.save(pane, title="Mine")
    assert "only editors" in pane.errors[TITLE]
    assert writes(idle_bot) == 0


async def test_an_edit_counts_with_the_role_that_the_person_has_when_they_save(idle_bot: RunningBot) -> None:
    """W1: taken away while the pane is open, nothing is saved. Given again, the same pane saves."""
    await idle_bot.say("roles set @gustav editor", user="adrien")
    pane = await opened(idle_bot, "gustav")
    await idle_bot.say("roles remove @gustav", user="adrien")
    await idle_bot.slack.save(pane, title="Gustav's")
    assert "only members of this workspace" in pane.errors[TITLE]
    assert (writes(idle_bot), title_of(pane)) == (0, "Acme")
    await idle_bot.say("roles set @gustav editor", user="adrien")
    await idle_bot.slack.save(pane, title="Gustav's")
    await idle_bot.slack.wait_for(lambda: title_of(pane) == "Gustav's")
    assert writes(idle_bot) == 1


async def test_invalid_edits_are_refused_below_their_field(idle_bot: RunningBot) -> None:
    """As in the Update window."""
    pane = await opened(idle_bot)
    await idle_bot.slack.save(pane, title="x" * 300)
    assert "at most 255 characters" in pane.errors[TITLE]
    await idle_bot.slack.save(pane, title="Fine")
    await idle_bot.slack.wait_for(lambda: title_of(pane) == "Fine")


async def test_a_conflict_names_the_present_value_and_saving_again_decides(idle_bot: RunningBot) -> None:
    """M3: what someone else changed since the pane opened isn't overwritten unasked."""
    pane = await opened(idle_bot)
    idle_bot.account.rename(1, "Theirs")
    await idle_bot.slack.save(pane, title="Mine")
    assert "“Theirs”" in pane.errors[TITLE]
    assert (writes(idle_bot), idle_bot.account.dossiers[1].title) == (0, "Theirs")
    await idle_bot.slack.save(pane, title="Mine")
    await idle_bot.slack.wait_for(lambda: title_of(pane) == "Mine")
    assert idle_bot.account.dossiers[1].title == "Mine"


async def test_an_edit_sent_twice_is_saved_once(idle_bot: RunningBot) -> None:
    """M2: of two submissions of one pane one is sent. A pane of which nothing is known any more says so."""
    pane = await opened(idle_bot)
    await asyncio.gather(*(idle_bot.slack.save(pane, title="Once") for _ in range(2)))
    await idle_bot.slack.wait_for(lambda: title_of(pane) == "Once")
    assert writes(idle_bot) == 1
    stranger = Pane(idle_bot.slack.workspace.second_member.id, ACME, {"id": "1:1"}, entity=pane.entity)
    await idle_bot.slack.save(stranger, title="Mine")
    assert "more than a day old" in stranger.errors[TITLE]


async def test_a_late_outcome_comes_by_direct_message(idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pane says so at once, but a refusal that comes late can be resumed."""
    pane = await opened(idle_bot)
    monkeypatch.setattr("bot.slack.listeners.links.pane_editing.PATIENCE_SECONDS", NONE)
    idle_bot.account.faults.delay_seconds = 0.3
    await idle_bot.slack.save(pane, title="Slow")
    await idle_bot.slack.wait_for(lambda: pane.trouble)
    assert "I'll send you a message" in pane.trouble
    await idle_bot.direct_messages("mei", "Slow")


async def test_a_late_refusal_is_resumed(idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed in the pane stands in the Update window that *Resume* opens, and is saved from there."""
    pane = await opened(idle_bot)
    monkeypatch.setattr("bot.slack.listeners.links.pane_editing.PATIENCE_SECONDS", NONE)
    idle_bot.account.faults.delay_seconds, idle_bot.account.faults.down = 0.3, True
    await idle_bot.slack.save(pane, title="Slow")
    await idle_bot.slack.wait_for(lambda: pane.trouble)
    (message,) = await idle_bot.direct_messages("mei", "")
    idle_bot.account.faults.delay_seconds, idle_bot.account.faults.down = 0, False
    await idle_bot.press(message, "Resume", user="mei")
    view = await window_with(idle_bot, '"initial_value": "Slow"')
    await idle_bot.slack.submit(view, {})
    await idle_bot.window("mei", "Acme → Slow")
    assert (writes(idle_bot), idle_bot.account.dossiers[1].title) == (1, "Slow")
