"""Carrying out actions on one application or several, whatever Clust or the person does during it (issue 19)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.core.applications.model import StatusClass
from bot.sandbox.slack.block_kit.elements import elements
from bot.sandbox.slack.views import View
from bot.slack.listeners import modals
from bot.slack.listeners.actions import execution
from bot.slack.views.building import ids
from bot.slack.views.form_drafts import DraftSummary, uncertain
from bot.store.engine.tables import drafts
from tests.conftest import NOON
from tests.patience import NONE, late
from tests.slack.conftest import RunningBot, Start
from tests.slack.listeners.actions.test_managing import ADMIN, application, new_form
from tests.slack.listeners.actions.test_using import (
    APPROVE,
    CLOSE,
    KEY,
    REMIND,
    acting,
    audit_entries,
    opened,
    save,
    text,
    writes,
)

__all__ = ["acting"]


async def test_a_refusal_shows_the_window_again(acting: RunningBot) -> None:
    """Clust's message is shown, and the input can be sent again."""
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
    assert [row[1] for row in await audit_entries(acting)] == ["refused", "ok"]


@pytest.mark.parametrize("fault", ["disconnect_writes", "down"])
async def test_an_unknown_outcome_is_reported_and_not_retried(acting: RunningBot, fault: str) -> None:
    """After a broken connection or a 503, the outcome is unknown and the call isn't repeated."""
    await save(acting, CLOSE)
    await acting.ask("do 1 close")
    view = await opened(acting, "exactly what will be sent")
    setattr(acting.account.faults, fault, True)
    exchange = await acting.slack.submit(view)
    assert "couldn't confirm whether" in text(exchange.view)
    assert "haven't retried" in text(exchange.view)
    assert len(writes(acting)) == 1
    assert [row[:2] for row in await audit_entries(acting)] == [("do", "unknown")]


async def test_a_slow_or_busy_clust_is_reported(acting: RunningBot) -> None:
    """If Clust is busy, nothing was done. If it is slow, the window shows that it works, and then the result."""
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


async def chosen(bot: RunningBot, title: str, *applications: str) -> View:
    """Choose an action and applications of a list, and return the window as it is then."""
    answer = await bot.say("list")
    await bot.press(answer, "Act on these…")
    view = await opened(bot, "Act on these", "Applications")
    options = [option for _, one in elements(view.blocks) for option in one.get("options", ())]
    keys = [option["value"] for option in options if option["text"]["text"] == title]
    exchange = await bot.slack.submit(view, {"applications": list(applications), "action": keys[0]})
    assert not exchange.errors
    return view


async def test_several_are_confirmed_once_and_each_has_its_result(acting: RunningBot) -> None:
    """One confirmation lists them. A refusal doesn't stop the others, and the audit log has each."""
    await save(acting, replace(APPROVE, asks_first=True))
    acting.account.submit(1)
    acting.account.submit(3)
    view = await chosen(acting, "Approve", "1", "2", "3")
    for words in ("Acme", "Birch", "Cedar", "POST /dossiers/1/approve", "call for the first one"):
        assert words in text(view)
    assert writes(acting) == []
    exchange = await acting.slack.submit(view)
    assert "done for 2 of 3 applications" in text(exchange.view)
    assert "Only a submitted dossier can be approved" in text(exchange.view)
    assert [path for _, path, _ in writes(acting)] == [f"/dossiers/{number}/approve" for number in (1, 2, 3)]
    assert [row[1:3] for row in await audit_entries(acting)] == [("ok", "1"), ("refused", "2"), ("ok", "3")]
    assert len(await acting.rows(sa.select(drafts).where(drafts.c.owed_since.is_not(None)))) <= 1


async def test_a_text_is_asked_once_for_all(acting: RunningBot) -> None:
    """The text is sent for each application."""
    await save(acting, REMIND)
    view = await chosen(acting, "Remind", "1", "2")
    await acting.slack.submit(view, {"text": "Please sign"})
    assert "/dossiers/1/reminders" in text(view)
    exchange = await acting.slack.submit(view)
    assert "done for 2 of 2" in text(exchange.view)
    assert [number for _, number, _ in acting.account.acts] == [1, 2]


async def test_a_429_is_waited_for(acting: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same application is retried when Clust allows it, and the others follow."""
    monkeypatch.setattr(execution, "USUAL_WAIT_SECONDS", 0.0)
    await save(acting, CLOSE)
    view = await chosen(acting, "Close", "1", "2")
    acting.account.faults.fail_next, acting.account.faults.fail_status = 1, 429
    exchange = await acting.slack.submit(view)
    assert "done for 2 of 2" in text(exchange.view)
    assert [number for _, number, _ in acting.account.acts] == [1, 2]


async def test_closing_the_window_stops_nothing(acting: RunningBot) -> None:
    """The window shows the progress. If it is closed, the result comes as a direct message."""
    await save(acting, CLOSE)
    view = await chosen(acting, "Close", "1", "2", "3")
    with late(acting.account):
        exchange = await acting.slack.submit(view)
        assert "0 of 3 done" in text(exchange.view)
        await acting.slack.close_view(view, everything=True)
    (message,) = await acting.direct_messages("mei", "done for 3 of 3 applications")
    assert len(acting.account.acts) == 3
    assert "Acme" in message.text


async def test_stop_finishes_what_is_on_its_way_and_says_what_was_done(acting: RunningBot) -> None:
    """The remaining calls aren't sent, and the window lists both."""
    await save(acting, CLOSE)
    view = await chosen(acting, "Close", "1", "2", "3")
    with late(acting.account):
        exchange = await acting.slack.submit(view)
        assert exchange.view
        await acting.slack.wait_for(lambda: writes(acting) or None, timeout=15)
        await acting.press(exchange.view, "Stop")
        assert "Stopping" in text(await opened(acting, "already on its way"))
    view = await opened(acting, "done for 1 of 3 applications", "Not done, because you clicked Stop")
    assert text(view).count("because you clicked Stop") == 2
    assert [number for _, number, _ in acting.account.acts] == [1]
    assert [row[1:3] for row in await audit_entries(acting)] == [("ok", "1")]


async def test_stop_ends_a_wait(acting: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Clust asks to wait, no call is on its way, so none is sent after *Stop*."""
    monkeypatch.setattr(execution, "SLICE_SECONDS", 0.05)
    monkeypatch.setattr(modals, "PATIENCE_SECONDS", NONE)
    await save(acting, CLOSE)
    view = await chosen(acting, "Close", "1", "2")
    acting.account.faults.throttle = {"retry-after": "100"}
    exchange = await acting.slack.submit(view)
    assert exchange.view
    await acting.press(exchange.view, "Stop")
    await opened(acting, "done for 0 of 2 applications")
    acting.account.faults.throttle = None
    assert acting.account.acts == []


async def test_a_draft_of_several_is_sent_once(acting: RunningBot) -> None:
    """M2: forty submissions at once are one run."""
    await save(acting, CLOSE)
    view = await chosen(acting, "Close", "1", "2")
    await asyncio.gather(*(acting.slack.submit(view) for _ in range(40)))
    await acting.slack.wait_for(lambda: len(acting.account.acts) == 2 or None, timeout=15)
    assert len(writes(acting)) == 2


def test_progress_is_reported_after_a_crash() -> None:
    """After a crash in the middle, the person learns how far it came. Nothing is sent again."""
    draft = DraftSummary("d", ids.ACTION, {"applications": ["1", "2", "3"], "done": ["1", "2"]}, None, None, NOON)
    assert "3 applications (done: #1, #2)" in uncertain(draft).text


@pytest.mark.long
async def test_progress_is_reported_after_a_stop(acting: RunningBot) -> None:
    """If the bot is stopped during a call, its outcome is unknown.

    The rest isn't sent, and the person gets a message.
    """
    await save(acting, CLOSE)
    view = await chosen(acting, "Close", "1", "2", "3")
    with late(acting.account):
        await acting.slack.submit(view)
        await acting.slack.wait_for(lambda: acting.account.acts or None, timeout=15)
        acting.stop.set()
        async with asyncio.timeout(30):
            unknown = sa.select(drafts).where(drafts.c.state == "unknown")
            while not (rows := await acting.rows(unknown)):  # noqa: ASYNC110  a row can't notify
                await asyncio.sleep(0.05)
    assert [number for _, number, _ in acting.account.acts] == [1]
    assert [row["form"] for row in rows] == [ids.ACTION]
    assert [row[1:3] for row in await audit_entries(acting)] == [("unknown", "1")]


async def test_an_unsuitable_action_is_refused_below_its_field(acting: RunningBot) -> None:
    """An action for submitted applications can't be used on others."""
    await save(acting, replace(APPROVE, classes=frozenset({StatusClass.SUBMITTED})))
    await acting.press(await acting.say("list"), "Act on these…")
    view = await opened(acting, "Act on these", "Applications")
    exchange = await acting.slack.submit(view, {"applications": ["1"], "action": "1.1"})
    assert "isn't available for Acme" in exchange.errors["action"]


@pytest.mark.long
async def test_an_admin_keeps_an_action_and_uses_it_on_five_late_applications(start: Start) -> None:
    """Issue 19, the whole way: saved, used from `/clust late`, in the audit log and in the cards' threads."""
    running = await start(secret_key=KEY)
    await running.baseline()
    for title in ("Delta", "Elm"):
        running.account.add(title=title)
    await running.say("subscribe late")
    for number in range(1, 6):
        running.account.make_late(number)
    cards = await running.posted("onboarding", *["*Late*"] * 5)
    form = await new_form(running)
    text_asked = {"name": "Remind the client", "path": "/dossiers/{id}/reminders", "body": '{"message": "{text}"}'}
    await running.slack.submit(form, {**text_asked, **await application(running, form)})
    await running.slack.submit(form)
    await running.slack.close_view(form, everything=True)
    await running.press(await running.say("late", user=ADMIN), "Act on these…", user=ADMIN)
    view = await opened(running, "Act on these", "Applications", user=ADMIN)
    await running.slack.submit(view, {"applications": [str(number) for number in range(1, 6)], "action": "1.1"})
    await running.slack.submit(view, {"text": "Please sign"})
    exchange = await running.slack.submit(view)
    assert exchange.status == 200
    await opened(running, "done for 5 of 5 applications", user=ADMIN)
    assert running.account.acts == [("reminders", number, {"message": "Please sign"}) for number in range(1, 6)]
    replies = (await running.posted("onboarding", *["*Late*"] * 5, *["used *Remind the client*"] * 5))[5:]
    assert {reply.thread_ts for reply in replies} == {card.ts for card in cards}
    assert "Please sign" not in str([reply.blocks for reply in replies])
    log = (await running.say("audit action:do", user=ADMIN)).text
    assert log.count("Remind the client") == 5
    assert "Please sign" not in log
