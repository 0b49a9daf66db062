"""The work of requests: every error is an answer, a person's requests wait for each other, and shutdown ends all."""

from __future__ import annotations

import sys
from contextlib import closing

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot.slack.request.person_queues import MAX_AT_ONCE
from bot.slack.views.building.blocks import button, section
from bot.slack.views.building.ids import DETAILS
from tests.slack.conftest import RunningBot, Start
from tests.slack.second_connection import database, execute, opened


async def test_an_unexpected_error_is_answered_with_a_reference(idle_bot: RunningBot) -> None:
    """Any error becomes an answer with a reference that is in the log too, and the app goes on."""
    with closing(database(idle_bot)) as other:
        await execute(other, "UPDATE applications SET snapshot = '[]'")
    with capture_logs(processors=[merge_contextvars]) as logs:
        answer = await idle_bot.say("list")
    assert "Something went wrong" in answer.text
    (logged,) = [entry for entry in logs if entry["event"] == "a request failed in an unforeseen way"]
    assert f"`{logged['reference']}`" in answer.text
    assert (logged["surface"], logged["word"], len(logged["request"])) == ("command", "list", 8)
    assert (await idle_bot.say("help")).text.startswith("*Clust for Slack*")


async def test_a_database_error_is_answered_without_sql(idle_bot: RunningBot) -> None:
    """A database error becomes one sentence for the person, without any SQL."""
    with closing(database(idle_bot)) as other:
        await execute(other, "ALTER TABLE subscriptions RENAME TO elsewhere")
        answer = await idle_bot.say("subscriptions")
        await execute(other, "ALTER TABLE elsewhere RENAME TO subscriptions")
    assert answer.text.startswith("⚠️ ")
    assert "subscriptions" not in answer.text
    assert "This channel has no subscriptions." in (await idle_bot.say("subscriptions")).text


async def test_acknowledged_work_is_finished_at_shutdown(idle_bot: RunningBot) -> None:
    """Acknowledged work is finished before shutdown: `show` while Clust is slow, and Details."""
    idle_bot.account.faults.delay_seconds = 0.5
    answered = await idle_bot.ask("show 1")
    await idle_bot.press(idle_bot.put(section("x", button("Details", DETAILS, "2"))), "Details")
    idle_bot.stop.set()
    assert "Acme" in (await answered.answer()).text
    await idle_bot.slack.wait_for(lambda: idle_bot.slack.called("views.update"))


async def test_work_that_shutdown_cuts_short_is_answered(
    start: Start, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work that shutdown cuts short is answered with a sentence, even if it had not started."""
    monkeypatch.setattr(sys.modules["bot.wiring.serving"], "MAX_DRAIN_SECONDS", 0.01)
    with closing(opened(sqlite_url)) as other:
        await execute(other, "ALTER TABLE connections RENAME TO elsewhere")
    bot = await start()
    exchange = await bot.ask("subscribe late")
    bot.stop.set()
    text = (await exchange.answer()).text
    assert text.startswith("⚠️ I'm restarting and may not have finished this. Check whether it was done")


async def test_many_requests_of_one_person_delay_nobody_else(idle_bot: RunningBot) -> None:
    """B10: a few of one person's commands run at a time, however often another person's are answered during that."""
    path, requests = "/dossiers/1", idle_bot.account.requests
    idle_bot.account.faults.delay_seconds = 3600
    shows = [await idle_bot.ask("show 1", user="mei") for _ in range(20)]
    await idle_bot.account.asked_for(path, MAX_AT_ONCE)
    # Without the limit, all that Mei asked for would come to Clust long before the last of these is answered.
    for _ in range(10):
        assert "/clust list" in (await idle_bot.say("help", user="adrien")).text
    assert sum(request.path == path for request in requests) == MAX_AT_ONCE
    idle_bot.account.faults.delay_seconds = 0.0
    for one in shows:
        assert "Acme" in (await one.answer()).text
