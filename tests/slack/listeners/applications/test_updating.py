"""Applications updated by the real app: each test checks what Clust received (rule M3)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import audit
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import opened, text_of, window_with, written


async def test_an_update_sends_what_changed(idle_bot: RunningBot) -> None:
    """M3: one changed field is one sent field. The summary shows old and new, the audit log the name alone."""
    view = await opened(idle_bot, "update 1")
    exchange = await idle_bot.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    assert "Acme → Acme 2" in text_of(exchange.view)
    assert written(idle_bot) == [("PUT", "/dossiers/1", {"title": "Acme 2"})]
    (row,) = await idle_bot.rows(sa.select(audit))
    assert (row["action"], row["target"], row["detail"]) == ("update", "1", "title")


async def test_nothing_changed_sends_nothing(idle_bot: RunningBot) -> None:
    """M3: a form without changes sends nothing."""
    exchange = await idle_bot.slack.submit(await opened(idle_bot, "update 1"))
    assert exchange.view
    assert "No changes to save" in text_of(exchange.view)
    assert written(idle_bot) == []


async def test_a_conflict_is_settled_by_the_person(idle_bot: RunningBot) -> None:
    """M3: others' changes are overwritten only if the person says so."""
    for choice, title in (("Overwrite", "Mine"), ("Keep theirs", "Theirs")):
        view = await opened(idle_bot, "update 1")
        idle_bot.account.rename(1, "Theirs")
        exchange = await idle_bot.slack.submit(view, {"title": "Mine", "external_id": choice})
        assert exchange.view
        assert "Changed in Clust" in text_of(exchange.view)
        assert idle_bot.account.dossiers[1].title == "Theirs"
        await idle_bot.press(exchange.view, choice)
        await window_with(idle_bot, "Updated")
        assert (idle_bot.account.dossiers[1].title, idle_bot.account.dossiers[1].external_id) == (title, choice)
        idle_bot.account.rename(1, "Acme")


async def test_a_put_that_erases_is_reported(idle_bot: RunningBot) -> None:
    """M3: a change that we did not send is reported at once, with the setting that may help."""
    idle_bot.account.change(1, external_id="CRM-1")
    idle_bot.account.faults.put_replaces = True
    exchange = await idle_bot.slack.submit(await opened(idle_bot, "update 1"), {"title": "Acme 2"})
    assert exchange.view
    assert "CLUST_UPDATE_METHOD" in text_of(exchange.view)


async def test_an_update_whose_outcome_nobody_knows(idle_bot: RunningBot) -> None:
    """M1: after a broken connection the update is not sent again, and the message asks the person to check."""
    view = await opened(idle_bot, "update 1")
    idle_bot.account.faults.disconnect_writes = True
    exchange = await idle_bot.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    assert "couldn't confirm whether Clust did this" in text_of(exchange.view)
    assert written(idle_bot) == [("PUT", "/dossiers/1", {"title": "Acme 2"})]
    assert [row["outcome"] for row in await idle_bot.rows(sa.select(audit))] == ["unknown"]


async def test_a_second_conflict_while_overwriting(idle_bot: RunningBot) -> None:
    """M3: overwriting covers what the person has seen, but newer changes are shown first."""
    view = await opened(idle_bot, "update 1")
    idle_bot.account.rename(1, "Theirs")
    exchange = await idle_bot.slack.submit(view, {"title": "Mine"})
    assert exchange.view
    idle_bot.account.rename(1, "Theirs again")
    await idle_bot.press(exchange.view, "Overwrite")
    view = await window_with(idle_bot, "Theirs again")
    assert idle_bot.account.dossiers[1].title == "Theirs again"
    await idle_bot.press(view, "Overwrite")
    await window_with(idle_bot, "Updated")
    assert idle_bot.account.dossiers[1].title == "Mine"


async def test_an_update_makes_its_new_template_once(idle_bot: RunningBot) -> None:
    """M2: if it is unknown whether the template was created, the next submission looks for it first."""
    view = await opened(idle_bot, "update 1")
    await idle_bot.slack.click(view, "template_id", value="new")
    view = await window_with(idle_bot, "New template title")
    idle_bot.account.faults.disconnect_writes = True
    exchange = await idle_bot.slack.submit(view, {"template_id": "new", "new_template": "KYC 2"})
    assert exchange.view
    assert "won't apply the same change twice" in text_of(exchange.view)
    idle_bot.account.faults.disconnect_writes = False
    exchange = await idle_bot.slack.submit(exchange.view)
    assert exchange.view
    assert "→ KYC 2" in text_of(exchange.view)
    assert [(method, path) for method, path, _ in written(idle_bot)] == [("POST", "/templates"), ("PUT", "/dossiers/1")]
