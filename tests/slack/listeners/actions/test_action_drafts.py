"""If something has changed since a window was opened, nothing is sent (issue 19, Bad input)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.core.applications.model import StatusClass
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button
from bot.store.engine.tables import applications
from tests.conftest import NOON
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_execution import chosen
from tests.slack.listeners.actions.test_using import (
    CLOSE,
    acting,
    change,
    opened,
    save,
    text,
    writes,
)

__all__ = ["acting"]


@pytest.mark.parametrize("change_of", ["DELETE FROM saved_actions", "UPDATE saved_actions SET revision = 2"])
async def test_an_action_that_changed_while_its_window_was_open_is_not_sent(acting: RunningBot, change_of: str) -> None:
    """An action that was removed or changed isn't sent, and the window says so."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    await change(acting, sa.text(change_of))
    exchange = await acting.slack.submit(view)
    assert "changed or removed" in text(exchange.view)
    assert writes(acting) == []


async def test_an_action_on_an_unknown_application_is_refused(acting: RunningBot) -> None:
    """An unknown application is refused at once. If it disappears later, Clust's answer is shown."""
    await save(acting, CLOSE)
    assert "haven't seen" in (await acting.say("do 77 close")).text
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    acting.account.remove(1)
    exchange = await acting.slack.submit(view)
    assert "can't find this" in text(exchange.view)


async def test_no_action_is_sent_for_an_application_that_is_gone(acting: RunningBot) -> None:
    """Nothing is sent to Clust from a window that was already open, nor from a new one, for one or several."""
    await save(acting, CLOSE)
    gone = applications.update().values(gone=True, gone_at=NOON)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    await change(acting, gone.where(applications.c.id == "1"))
    assert "Application `1` is no longer in Clust. Nothing was sent." in text((await acting.slack.submit(view)).view)
    view = await chosen(acting, "Close", "2", "3")
    await change(acting, gone.where(applications.c.id == "3"))
    assert "Application `3` is no longer in Clust. Nothing was sent." in text((await acting.slack.submit(view)).view)
    for command in ("do 1", "do 1 close", "do 1 mute"):
        assert "Application `1` is no longer in Clust. Nothing was sent." in (await acting.say(command)).text
    await acting.press(await acting.say("list"), "Act on these…")
    assert "Acme" not in text(await opened(acting, "Act on these", "Birch"))
    assert writes(acting) == []


async def test_an_act_is_for_its_status_classes_however_it_is_called(acting: RunningBot) -> None:
    """By command, from an old card, or if the status changed while its window was open: nothing is sent."""
    await save(acting, replace(CLOSE, classes=frozenset({StatusClass.OPEN})))
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    status = applications.update().where(applications.c.id == "1")
    await change(acting, status.values(status_class=StatusClass.APPROVED))
    assert "“Close” isn't available for Acme." in text((await acting.slack.submit(view)).view)
    assert "“Close” isn't available for Acme." in (await acting.say("do 1 close")).text
    card = acting.put({"type": "actions", "elements": [button("Close", ids.ACTION, "1 1")]})
    assert "“Close” isn't available for Acme." in (await acting.click(card, "Close")).text
    assert writes(acting) == []


async def test_a_role_that_was_removed_meanwhile(acting: RunningBot) -> None:
    """W1: the role is checked when the action is sent, not only when its window opens."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    mei = acting.slack.workspace.user("mei").id
    await acting.say(f"roles set @{mei} viewer", user=acting.slack.workspace.admin)
    exchange = await acting.slack.submit(view)
    assert "only editors and admins" in text(exchange.view)
    assert writes(acting) == []
