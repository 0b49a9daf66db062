"""What becomes of an action that can't be done, or not any more: nothing is sent, or nothing twice (issue 19)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction
from bot.store.engine.tables import saved_actions
from tests.patience import late
from tests.slack.conftest import RunningBot
from tests.slack.listeners.applications.test_acting import (
    APPROVE,
    CLOSE,
    REMIND,
    acting,
    change,
    deeds,
    opened,
    save,
    text,
    writes,
)

__all__ = ["acting"]


async def test_a_refusal_shows_the_window_again(acting: RunningBot) -> None:
    """What Clust says is told, and what was typed can be sent again."""
    await save(acting, REMIND)
    await acting.ask("do 1 remind")
    view = await opened(acting, "Remind", "Acme")
    acting.account.faults.fail_next, acting.account.faults.fail_status = 1, 403
    exchange = await acting.slack.submit(view, {"text": "Please sign"})
    assert "isn't allowed" in text(exchange.view)
    assert "Please sign" in text(exchange.view)
    exchange = await acting.slack.submit(view)
    assert "Reminder sent." in text(exchange.view)
    assert acting.account.acts == [("reminders", 1, {"message": "Please sign"})]
    assert [row[1] for row in await deeds(acting)] == ["refused", "ok"]


@pytest.mark.parametrize("fault", ["disconnect_writes", "down"])
async def test_an_unknown_outcome_is_told_and_not_repeated(acting: RunningBot, fault: str) -> None:
    """After a broken connection, or an answer of 503, nobody knows; it was sent once."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    setattr(acting.account.faults, fault, True)
    exchange = await acting.slack.submit(view)
    assert "couldn't confirm whether" in text(exchange.view)
    assert "haven't retried" in text(exchange.view)
    assert len(writes(acting)) == 1
    assert [row[:2] for row in await deeds(acting)] == [("do", "unknown")]


async def test_an_action_without_a_question_is_done_at_once(acting: RunningBot) -> None:
    """Its window says how it went: here that Clust rejects it."""
    await save(acting, APPROVE)
    await acting.ask("do 1 approve")
    await opened(acting, "Only a submitted dossier can be approved")
    acting.account.submit(2)
    await acting.ask("do 2 approve")
    await opened(acting, "Clust accepted it", "Approved")


@pytest.mark.parametrize("change_of", ["DELETE FROM saved_actions", "UPDATE saved_actions SET revision = 2"])
async def test_what_was_changed_while_its_window_was_open(acting: RunningBot, change_of: str) -> None:
    """Removed or changed, nothing is sent, and the sentence says so."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    await change(acting, sa.text(change_of))
    exchange = await acting.slack.submit(view)
    assert "changed or removed" in text(exchange.view)
    assert writes(acting) == []


async def test_an_application_that_is_gone(acting: RunningBot) -> None:
    """Before: it is refused. Meanwhile: Clust says so."""
    await save(acting, CLOSE)
    assert "haven't seen" in (await acting.say("do 77 close")).text
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    acting.account.remove(1)
    exchange = await acting.slack.submit(view)
    assert "can't find this" in text(exchange.view)


async def test_a_role_that_was_taken_away_meanwhile(acting: RunningBot) -> None:
    """W1: the role is checked when it is sent, not only when the window opens."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    mei = acting.slack.workspace.user("mei").id
    await acting.say(f"roles set @{mei} viewer", user=acting.slack.workspace.admin)
    exchange = await acting.slack.submit(view)
    assert "only editors and admins" in text(exchange.view)
    assert writes(acting) == []


async def test_what_is_for_admins_is_for_admins(acting: RunningBot) -> None:
    """An editor is offered nothing else, and a button that says otherwise proves nothing."""
    await save(acting, SavedAction("Erase", CLOSE.request, role=Role.ADMIN))
    await acting.ask("do 1")
    await opened(acting, "There are no actions for this application")
    assert "only admins" in (await acting.say("do 1 erase")).text


async def test_resting_and_untried_actions(acting: RunningBot) -> None:
    """What rests can't be used; what was imported can be tried by an admin alone, and is ready then."""
    await save(acting, CLOSE)
    await change(acting, saved_actions.update().values(is_tried=False))
    assert "hasn't been tried" in (await acting.say("do 1 close")).text
    admin = acting.slack.workspace.admin
    await acting.ask("do 1 close", user=admin)
    await acting.slack.submit(await opened(acting, "exactly what will be sent", user=admin.name))
    await acting.ask("do 2 close")
    await opened(acting, "exactly what will be sent", "Birch")
    await change(acting, saved_actions.update().values(base_url="http://before"))
    assert "is paused" in (await acting.say("do 1 close")).text


async def test_a_value_that_would_leave_its_place(acting: RunningBot) -> None:
    """The sentence stands below the field, and nothing is sent."""
    await save(acting, SavedAction("Move", RequestTemplate.parse("POST", "/dossiers/{id}/{text}")))
    await acting.ask("do 1 move")
    view = await opened(acting, "Acme")
    for typed in ("../users", "..", "%2f", "a/b"):
        exchange = await acting.slack.submit(view, {"text": typed})
        assert "can't be part of a path" in exchange.errors["text"]
    assert writes(acting) == []


async def test_clust_busy_or_slow(acting: RunningBot) -> None:
    """Busy: nothing was done. Slow: the window says that it works, and then how it went."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    acting.account.faults.throttle = {"retry-after": "3"}
    exchange = await acting.slack.submit(view)
    assert "too many requests right now" in text(exchange.view)
    acting.account.faults.throttle = None
    with late(acting.account):
        exchange = await acting.slack.submit(view)
        assert "Working" in text(exchange.view)
    await opened(acting, "The client is told.")
    assert acting.account.acts == [("close", 1, {})]
