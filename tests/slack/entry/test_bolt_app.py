"""The app as a whole: acknowledgement, the error boundary, draining, and limits."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing

import pytest
import sqlalchemy as sa
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot.accounts import OWN
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import Channel, User
from bot.slack.views.building.blocks import button, section
from bot.slack.views.building.ids import DETAILS
from bot.store import Store, open_store
from bot.store.engine.tables import connections, metadata
from tests.slack.conftest import RunningBot, Start


def opened(url: str) -> sqlite3.Connection:
    """Open the bot's database in a second connection."""
    return sqlite3.connect(url.partition("///")[2], timeout=60, isolation_level=None, check_same_thread=False)


def database(bot: RunningBot) -> sqlite3.Connection:
    """Open the database of a running bot."""
    return opened(bot.settings.database_url)


@asynccontextmanager
async def closing_store(url: str) -> AsyncIterator[Store]:
    """Open a store in which new accounts have a first contact, and close it."""
    store = open_store(url, posts_per_minute=300, first_contact=True)
    try:
        yield store
    finally:
        await store.database.close()


def rename_tables(other: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Rename tables in one transaction."""
    other.execute("BEGIN IMMEDIATE")
    for before, after in names.items():
        other.execute(f"ALTER TABLE {before} RENAME TO {after}")
    other.execute("COMMIT")


async def execute(other: sqlite3.Connection, statement: str) -> None:
    """Run a statement off the event loop, because the bot in this loop may hold the lock it waits for."""
    await asyncio.to_thread(other.execute, statement)


async def test_an_acknowledgement_waits_for_no_network(start: Start, slack: SandboxSlack) -> None:
    """K1, W5: `/healthz` and acknowledgements do not wait for auth.test; the answer follows."""
    slack.faults.down = True
    bot = await start()
    exchange = await bot.ask("help")
    assert exchange.answers == []
    slack.faults.down = False
    assert "Clust for Slack" in (await exchange.answer()).text


async def test_an_acknowledgement_waits_for_no_database(idle_bot: RunningBot) -> None:
    """K1: a command is acknowledged while another process locks the database, and answered afterwards."""
    with closing(database(idle_bot)) as other:
        await execute(other, "BEGIN IMMEDIATE")
        exchange = await idle_bot.ask("subscribe late", user="bruno")
        assert exchange.answers == []
        await execute(other, "ROLLBACK")
    assert "This channel is now subscribed to *late*" in (await exchange.answer()).text


async def test_an_unforeseen_error_is_an_answer_with_a_reference(idle_bot: RunningBot) -> None:
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


async def test_a_database_that_fails_is_an_answer(idle_bot: RunningBot) -> None:
    """A database error becomes one sentence for the person, without any SQL."""
    with closing(database(idle_bot)) as other:
        await execute(other, "ALTER TABLE subscriptions RENAME TO elsewhere")
        answer = await idle_bot.say("subscriptions")
        await execute(other, "ALTER TABLE elsewhere RENAME TO subscriptions")
    assert answer.text.startswith("⚠️ ")
    assert "subscriptions" not in answer.text
    assert "This channel has no subscriptions." in (await idle_bot.say("subscriptions")).text


async def test_an_event_that_fails_disturbs_nothing(idle_bot: RunningBot) -> None:
    """An error in an event is logged, and the next event is handled."""
    await idle_bot.say("subscribe late")
    idle_bot.slack.fail_next("conversations.info", "internal_error")
    await idle_bot.slack.remove_bot("onboarding")
    await idle_bot.slack.wait_for(lambda: idle_bot.slack.calls[-1].answer.get("error") == "internal_error")
    idle_bot.slack.workspace.onboarding.members.add(idle_bot.slack.workspace.bot.id)
    await idle_bot.slack.remove_bot("onboarding")
    await idle_bot.direct_messages("mei", "is on hold. I'm not in the channel.")


async def test_work_under_way_is_finished_at_the_end(idle_bot: RunningBot) -> None:
    """Acknowledged work is finished before shutdown: `show` while Clust is slow, and Details."""
    idle_bot.account.faults.delay = 0.5
    answered = await idle_bot.ask("show 1")
    await idle_bot.press(idle_bot.put(section("x", button("Details", DETAILS, "2"))), "Details")
    idle_bot.stop.set()
    assert "Acme" in (await answered.answer()).text
    await idle_bot.slack.wait_for(lambda: idle_bot.slack.called("views.update"))


async def test_work_that_can_not_be_finished_at_the_end_says_so(
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


async def test_a_database_that_fails_at_the_start_is_tried_again(
    start: Start, slack: SandboxSlack, sqlite_url: str
) -> None:
    """No statement between the migration and the loops ends the process, whichever table it is about.

    When the database works again, requests are answered and the first contacts from before are ended.
    """
    held = sa.select(connections.c.id).where(connections.c.first_contact.is_not(None))
    async with closing_store(sqlite_url) as store:
        team_id = slack.workspace.bot.team_id
        assert (await store.connections.ensure(team_id, OWN, "http://clust/api", "another token")).first_contact
    with closing(opened(sqlite_url)) as other:
        await asyncio.to_thread(rename_tables, other, {name: f"lost_{name}" for name in metadata.tables})
        with capture_logs() as logs:
            bot = await start()
            exchange = await bot.ask("help")
            await slack.wait_for(lambda: len(slack.called("auth.test")) > 1)
        await asyncio.to_thread(rename_tables, other, {f"lost_{name}": name for name in metadata.tables})
    assert "Clust for Slack" in (await exchange.answer()).text
    assert {entry["event"] for entry in logs if entry["log_level"] == "warning"} == {
        "the database does not take the account of the settings",
        "first contacts can't be ended",
    }
    await bot.baseline()
    async with asyncio.timeout(60):
        while await bot.rows(held):
            await bot.account.read(1)


async def test_a_method_that_slack_slows_down_is_waited_for(idle_bot: RunningBot) -> None:
    """P2: a 429 for a method is waited out once, and the answer comes a little later."""
    idle_bot.slack.rate_limit_method("users.info", 0.5)
    assert "3 applications" in (await idle_bot.say("list", user="bruno")).text
    assert [call.status for call in idle_bot.slack.called("users.info")][-2:] == [429, 200]


@pytest.mark.parametrize("odd", ["not an id", "u1", "U1\n", "<@U1>", "C" * 41, "Ü1", "None"])
async def test_ids_of_another_form_are_not_asked_about(idle_bot: RunningBot, odd: str) -> None:
    """D6: malformed ids of people and channels are never sent to Slack, and the person reads why."""
    asked = len(idle_bot.slack.calls)
    stranger = await idle_bot.slack.command("/clust", "subscribe late", user=User(odd, "x", "X"))
    assert "Slack didn't tell me who you are" in (await stranger.answer()).text
    assert len(idle_bot.slack.calls) == asked
    nowhere = await idle_bot.slack.command("/clust", "subscribe late", channel=Channel(odd, "x"))
    assert "which channel this is about" in (await nowhere.answer()).text
    assert {call.method for call in list(idle_bot.slack.calls)[asked:]} <= {"users.info"}
