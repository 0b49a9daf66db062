"""Applications updated by the real app: each test checks what Clust received (rule M3)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import audit
from tests.slack.conftest import World
from tests.slack.listeners.windows import opened, shown, text_of, written


async def test_an_update_sends_what_changed(calm: World) -> None:
    """M3: one changed field is one sent field; the summary shows old and new, the audit log the name alone."""
    view = await opened(calm, "update 1")
    exchange = await calm.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    assert "Acme → Acme 2" in text_of(exchange.view)
    assert written(calm) == [("PUT", "/dossiers/1", {"title": "Acme 2"})]
    (row,) = await calm.rows(sa.select(audit))
    assert (row["action"], row["target"], row["detail"]) == ("update", "1", "title")


async def test_nothing_changed_sends_nothing(calm: World) -> None:
    """M3: a form without changes sends nothing."""
    exchange = await calm.slack.submit(await opened(calm, "update 1"))
    assert exchange.view
    assert "No changes to save" in text_of(exchange.view)
    assert written(calm) == []


async def test_a_conflict_is_settled_by_the_person(calm: World) -> None:
    """M3: others' changes are overwritten only if the person says so."""
    for choice, title in (("Overwrite", "Mine"), ("Keep theirs", "Theirs")):
        view = await opened(calm, "update 1")
        calm.account.rename(1, "Theirs")
        exchange = await calm.slack.submit(view, {"title": "Mine", "external_id": choice})
        assert exchange.view
        assert "Changed in Clust" in text_of(exchange.view)
        assert calm.account.dossiers[1].title == "Theirs"
        await calm.press(exchange.view, choice)
        await shown(calm, "Updated")
        assert (calm.account.dossiers[1].title, calm.account.dossiers[1].external_id) == (title, choice)
        calm.account.rename(1, "Acme")


async def test_a_put_that_erases_is_reported(calm: World) -> None:
    """M3: a change that we did not send is reported at once, with the setting that may help."""
    calm.account.change(1, external_id="CRM-1")
    calm.account.faults.put_replaces = True
    exchange = await calm.slack.submit(await opened(calm, "update 1"), {"title": "Acme 2"})
    assert exchange.view
    assert "CLUST_UPDATE_METHOD" in text_of(exchange.view)


async def test_an_update_whose_outcome_nobody_knows(calm: World) -> None:
    """M1: after a broken connection the update is not sent again, and the person is told to check."""
    view = await opened(calm, "update 1")
    calm.account.faults.disconnect_writes = True
    exchange = await calm.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    assert "couldn't confirm whether Clust did this" in text_of(exchange.view)
    assert written(calm) == [("PUT", "/dossiers/1", {"title": "Acme 2"})]
    assert [row["outcome"] for row in await calm.rows(sa.select(audit))] == ["unknown"]


async def test_a_second_conflict_while_overwriting(calm: World) -> None:
    """M3: overwriting covers what the person has seen; newer changes are shown first."""
    view = await opened(calm, "update 1")
    calm.account.rename(1, "Theirs")
    exchange = await calm.slack.submit(view, {"title": "Mine"})
    assert exchange.view
    calm.account.rename(1, "Theirs again")
    await calm.press(exchange.view, "Overwrite")
    view = await shown(calm, "Theirs again")
    assert calm.account.dossiers[1].title == "Theirs again"
    await calm.press(view, "Overwrite")
    await shown(calm, "Updated")
    assert calm.account.dossiers[1].title == "Mine"


async def test_an_update_makes_its_new_template_once(calm: World) -> None:
    """M2: if it is unknown whether the template was created, the next submission looks for it first."""
    view = await opened(calm, "update 1")
    await calm.slack.click(view, "template_id", value="new")
    view = await shown(calm, "New template title")
    calm.account.faults.disconnect_writes = True
    exchange = await calm.slack.submit(view, {"template_id": "new", "new_template": "KYC 2"})
    assert exchange.view
    assert "won't apply the same change twice" in text_of(exchange.view)
    calm.account.faults.disconnect_writes = False
    exchange = await calm.slack.submit(exchange.view)
    assert exchange.view
    assert "→ KYC 2" in text_of(exchange.view)
    assert [(method, path) for method, path, _ in written(calm)] == [("POST", "/templates"), ("PUT", "/dossiers/1")]
