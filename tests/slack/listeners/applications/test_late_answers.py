"""Forms while Clust takes its time, or is away: they open, wait, and tell the result later."""

from __future__ import annotations

from tests.patience import late
from tests.slack.conftest import World
from tests.slack.listeners.windows import opened, shown, text_of


async def test_a_late_update_and_a_late_deletion_are_told_by_direct_message(calm: World) -> None:
    """M1: whoever closed the window while Clust took its time learns what became of it."""
    view = await opened(calm, "update 1")
    with late(calm.account):
        exchange = await calm.slack.submit(view, {"title": "Acme 2"})
        assert exchange.view
        await calm.slack.close_view(exchange.view)
    await calm.told("mei", "Acme → Acme 2")
    admin = calm.slack.workspace.admin
    await calm.ask("delete 2", user=admin)
    await calm.window("adrien", "Recipient")
    question = calm.slack.views.of(admin.id)
    assert question
    with late(calm.account):
        exchange = await calm.slack.submit(question)
        assert exchange.view
        await calm.slack.close_view(exchange.view)
    await calm.told("adrien", "Deleted *Birch*")


async def test_the_form_opens_while_clust_is_slow(calm: World) -> None:
    """The window is there while Clust takes 6 s for its templates, and is filled afterwards."""
    with late(calm.account):
        await calm.ask("create", command="/clust")
        await shown(calm, "One moment")
    await shown(calm, "first_name")


async def test_retry_fills_a_form_that_could_not_be_filled(calm: World) -> None:
    """L1: what could not be fetched is told in the window, and Retry fills that window."""
    calm.account.faults.refuse_token = True
    await calm.ask("update 1")
    view = await shown(calm, "Retry")
    calm.account.faults.refuse_token = False
    await calm.press(view, "Retry")
    assert "Acme" in text_of(await shown(calm, "first_name"))
