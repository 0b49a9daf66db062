"""Who may send what a form holds, and press its buttons (rules M2, W1)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from bot.store.engine.tables import drafts
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, opened, text_of, window_with, written


async def test_rights_are_checked_when_a_form_is_submitted(idle_bot: RunningBot) -> None:
    """W1: who lost the role while filling in the form is refused, and nothing is sent."""
    view = await opened(idle_bot)
    await idle_bot.say(f"roles set @{idle_bot.slack.workspace.member.id} viewer", user=idle_bot.slack.workspace.admin)
    exchange = await idle_bot.slack.submit(view, needed(idle_bot))
    assert exchange.view
    assert "Sorry, only" in text_of(exchange.view)
    assert written(idle_bot) == []


async def test_rights_are_checked_at_each_button_of_a_window(idle_bot: RunningBot) -> None:
    """W1: a button in a window that was opened with rights does nothing without them, and the window says so."""
    view = await opened(idle_bot)
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view, needed(idle_bot))
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    await idle_bot.say(f"roles set @{idle_bot.slack.workspace.member.id} viewer", user=idle_bot.slack.workspace.admin)
    await idle_bot.press(exchange.view, "Check")
    await window_with(idle_bot, "Sorry, only")


async def test_the_form_of_another_person_is_not_sent(idle_bot: RunningBot) -> None:
    """M2: an id in a view proves nothing: a draft is sent by the person who opened it, and by no one else."""
    own_form = await opened(idle_bot)
    await idle_bot.ask("create", user="bruno")
    bruno = idle_bot.slack.workspace.user("bruno").id

    def there() -> View | None:
        open_view = idle_bot.slack.views.of(bruno)
        return open_view if open_view and "first_name" in text_of(open_view) else None

    other = await idle_bot.slack.wait_for(there)
    assert other
    other.sent = {**other.sent, "private_metadata": own_form.sent["private_metadata"]}
    exchange = await idle_bot.slack.submit(other, needed(idle_bot))
    assert exchange.view
    assert "isn't yours" in text_of(exchange.view)
    assert written(idle_bot) == []


async def test_nobody_reopens_the_draft_of_another_person(idle_bot: RunningBot) -> None:
    """M2: a button with another person's draft is refused, and that draft is as unsure as it was."""
    view = await opened(idle_bot)
    draft_id = view.sent["private_metadata"]
    idle_bot.account.faults.disconnect = True
    await idle_bot.slack.submit(view, needed(idle_bot))
    idle_bot.account.faults.disconnect = False
    for kind in (ids.BACK_TO_FORM, ids.SEND_AGAIN, ids.CHECK, ids.RESUME, ids.OVERWRITE, ids.KEEP_THEIRS):
        message = idle_bot.put(section("x", button("Click", kind, draft_id)))
        assert "isn't yours" in (await idle_bot.click(message, "Click", user="bruno")).text
    assert [row["state"] for row in await idle_bot.rows(sa.select(drafts))] == ["unknown"]
    assert len(written(idle_bot)) == 1


async def test_an_id_in_a_button_reaches_no_other_path(idle_bot: RunningBot) -> None:
    """Whatever a button carries as an application, Clust is asked for applications alone."""
    admin, before = idle_bot.slack.workspace.admin, len(idle_bot.account.requests)

    def filled() -> View | None:
        view = idle_bot.slack.views.of(admin.id)
        return view if view and "Reading from Clust" not in text_of(view) else None

    for kind in (ids.DETAILS, ids.UPDATE, ids.DELETE):
        for value in ("../users", "1/../../users", "..", "%2e%2e/users", "1?a=b", "1#x"):
            message = idle_bot.put(section("x", button("Click", kind, value)))
            await idle_bot.press(message, "Click", user=admin)
            view = await idle_bot.slack.wait_for(filled)
            assert view
            await idle_bot.slack.close_view(view, everything=True)
    addresses = {each.path.partition("/dossiers")[0] for each in list(idle_bot.account.requests)[before:]}
    assert addresses <= {"", "/templates"}
    assert written(idle_bot) == []
