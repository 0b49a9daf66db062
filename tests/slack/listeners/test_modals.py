"""Windows: the outcome of a form finds the person, whatever became of the window (rule M1)."""

from __future__ import annotations

import asyncio

import pytest

from tests.patience import late
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, opened


def back(bot: RunningBot) -> None:
    """Let Clust work again."""
    faults = bot.account.faults
    faults.refuse_token = faults.down = faults.disconnect = False
    faults.rate_limit, faults.delay_seconds = None, 0


async def test_a_window_closed_while_it_is_sent(idle_bot: RunningBot) -> None:
    """C3: if the window is closed before Clust responds, a success or failure comes by direct message."""
    for is_refused, words in ((False, ["Created"]), (True, ["Created", "kept for a day"])):
        view = await opened(idle_bot)
        idle_bot.account.faults.delay_seconds, idle_bot.account.faults.refuse_token = 20, is_refused
        before = len(idle_bot.account.requests)
        sending = asyncio.create_task(idle_bot.slack.submit(view, needed(idle_bot)))
        while len(idle_bot.account.requests) == before:  # noqa: ASYNC110  the account tells no one
            await asyncio.sleep(0)
        await idle_bot.slack.close_view(view)
        back(idle_bot)
        await sending
        await idle_bot.direct_messages("mei", *words)


@pytest.mark.parametrize("code", ["not_found", "internal_error", "fatal_error"])
async def test_a_window_that_slack_does_not_update(idle_bot: RunningBot, code: str) -> None:
    """C3: an outcome that can't be shown in the window comes by message, whatever views.update returns."""
    view = await opened(idle_bot)
    with late(idle_bot.account):
        await idle_bot.slack.submit(view, needed(idle_bot))
        idle_bot.slack.fail_next("views.update", code)
    await idle_bot.direct_messages("mei", "Created")


async def test_slow_updates_and_deletions_are_reported_by_direct_message(idle_bot: RunningBot) -> None:
    """M1: a person who closed the window while Clust was slow gets the outcome by direct message."""
    view = await opened(idle_bot, "update 1")
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view, {"title": "Acme 2"})
        assert exchange.view
        await idle_bot.slack.close_view(exchange.view)
    await idle_bot.direct_messages("mei", "Acme → Acme 2")
    admin = idle_bot.slack.workspace.admin
    await idle_bot.ask("delete 2", user=admin)
    await idle_bot.window("adrien", "Recipient")
    question = idle_bot.slack.views.of(admin.id)
    assert question
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(question)
        assert exchange.view
        await idle_bot.slack.close_view(exchange.view)
    await idle_bot.direct_messages("adrien", "Deleted *Birch*")


async def test_clicks_in_a_window_are_answered_in_it(idle_bot: RunningBot) -> None:
    """C5: *Why this?* and *Mute* in Details are answered above them, but a mute is for a channel, so it says where."""
    for words, sentence in (("Why this?", "*Why?*"), ("Mute this application", "Mutes apply to one channel.")):
        await idle_bot.press(await idle_bot.say("list id:1"), "Details")
        await idle_bot.window("mei", "Read from Clust")
        view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
        assert view
        await idle_bot.press(view, words)
        await idle_bot.window("mei", sentence)
        top = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
        assert top
        await idle_bot.slack.close_view(top, everything=True)
